package io.paillette.broker.topic;

import java.util.Collection;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.server.immutable.ImmutableMap;

/**
 * All topics at one moment. The next one shares with it whatever has not changed.
 *
 * @param byUnifiedName names with '.' as '_', as metrics write them
 */
record Picture(
        ImmutableMap<String, Topic> byName, ImmutableMap<Uuid, Topic> byId, ImmutableMap<String, Topic> byUnifiedName) {

    static final Picture EMPTY = new Picture(ImmutableMap.empty(), ImmutableMap.empty(), ImmutableMap.empty());

    static Picture of(Collection<Topic> topics) {
        Picture picture = EMPTY;
        for (Topic topic : topics) {
            picture = picture.with(topic);
        }
        return picture;
    }

    Picture with(Topic topic) {
        return new Picture(
                byName.updated(topic.name(), topic),
                byId.updated(topic.id(), topic),
                byUnifiedName.updated(unified(topic.name()), topic));
    }

    Picture without(Topic topic) {
        return new Picture(
                byName.removed(topic.name()), byId.removed(topic.id()), byUnifiedName.removed(unified(topic.name())));
    }

    /** Metrics would take it for the other one (KAFKA-2337). */
    Optional<Topic> collidingWith(String name) {
        return Optional.ofNullable(byUnifiedName.get(unified(name)))
                .filter(other -> !other.name().equals(name));
    }

    Collection<Topic> all() {
        return byName.values();
    }

    TopicChange since(Picture before) {
        return new TopicChange(
                before.all().stream()
                        .filter(topic -> !byId.containsKey(topic.id()))
                        .toList(),
                all().stream()
                        .filter(topic -> !topic.equals(before.byId().get(topic.id())))
                        .toList());
    }

    private static String unified(String name) {
        return org.apache.kafka.common.internals.Topic.unifyCollisionChars(name);
    }
}
