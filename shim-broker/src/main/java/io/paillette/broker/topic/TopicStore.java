package io.paillette.broker.topic;

import io.paillette.broker.store.StoreException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/** Keeps topics. Every call blocks until the store has answered, and throws {@link StoreException} when it does not. */
public interface TopicStore {

    List<Topic> all();

    /** Moves with every change of a topic, by whatever broker. */
    long revision();

    /** @return false when the name is taken */
    boolean create(Topic topic);

    /** The log of the topic is freed later, in the background. */
    void delete(Uuid topicId);

    /** Raises the number of partitions to {@code total}; fewer than there are changes nothing. */
    void addPartitions(Uuid topicId, int total);

    /** Sets (present) or resets (empty) configs; the others stay. */
    void alterConfigs(Uuid topicId, Map<String, Optional<String>> changes);
}
