package io.paillette.broker.cli.remote;

import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Partitions of a topic. */
final class Partitions {

    private Partitions() {}

    /** @throws RefusedException when there is no such topic, or no such partition of it */
    static List<TopicPartition> of(KafkaConsumer<?, ?> consumer, String topic, @Nullable Integer wanted)
            throws RefusedException {
        if (!consumer.listTopics().containsKey(topic)) {
            throw noTopic(topic);
        }
        List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        if (wanted == null) {
            return all;
        }
        var only = new TopicPartition(topic, wanted);
        if (!all.contains(only)) {
            throw new RefusedException("topic " + topic + " has partitions 0 to " + (all.size() - 1));
        }
        return List.of(only);
    }

    static RefusedException noTopic(String topic) {
        return new RefusedException("there is no topic " + topic + "; ./paillette topic list names those there are");
    }
}
