package io.paillette.broker.topic;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;

/**
 * The broker's view of all topics: an immutable picture replaced at each change, so reads never wait. Changes go to the
 * store first and complete once they are committed <em>and</em> visible here and in {@code Logs}. Refusals fail the future
 * with Kafka's own {@code ApiException}s (TopicExistsException, InvalidTopicException, InvalidConfigurationException,
 * InvalidPartitionsException, UnknownTopicOrPartitionException, ...).
 */
public final class Topics {

    public Optional<Topic> find(String name) {
        throw new UnsupportedOperationException("not built yet" + name);
    }

    public Optional<Topic> find(Uuid id) {
        throw new UnsupportedOperationException("not built yet" + id);
    }

    public Collection<Topic> all() {
        throw new UnsupportedOperationException("not built yet");
    }

    public CompletableFuture<Topic> create(NewTopic topic) {
        throw new UnsupportedOperationException("not built yet" + topic);
    }

    /** Refuses what {@link #create} would refuse, without creating (CreateTopics validate_only). */
    public void validate(NewTopic topic) {
        throw new UnsupportedOperationException("not built yet" + topic);
    }

    public CompletableFuture<Void> delete(String name) {
        throw new UnsupportedOperationException("not built yet" + name);
    }

    /** Raises the number of partitions to {@code total}. */
    public CompletableFuture<Topic> addPartitions(String name, int total) {
        throw new UnsupportedOperationException("not built yet" + name + total);
    }

    /** Sets (present) or resets (empty) configs; the others stay. */
    public CompletableFuture<Topic> alterConfigs(String name, Map<String, Optional<String>> changes) {
        throw new UnsupportedOperationException("not built yet" + name + changes);
    }

    /** Calls back, in order, with the full new picture after each change; also once at registration. */
    public void onChange(Consumer<Collection<Topic>> listener) {
        throw new UnsupportedOperationException("not built yet" + listener);
    }
}
