package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Topic ids to names as the map that Kafka's fetch classes ask for, without copying the topics for every request. */
final class TopicNames extends AbstractMap<Uuid, String> {

    private final Topics topics;

    TopicNames(Topics topics) {
        this.topics = topics;
    }

    @Override
    public @Nullable String get(@Nullable Object id) {
        return id instanceof Uuid uuid ? topics.find(uuid).map(Topic::name).orElse(null) : null;
    }

    @Override
    public boolean containsKey(@Nullable Object id) {
        return get(id) != null;
    }

    @Override
    public Set<Map.Entry<Uuid, String>> entrySet() {
        return topics.all().stream()
                .map(topic -> Map.entry(topic.id(), topic.name()))
                .collect(Collectors.toSet());
    }
}
