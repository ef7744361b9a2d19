package io.paillette.acceptance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What is in a topic, read from its beginning to its last stable offset by a consumer without a group. */
final class Topics {

    private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

    static {
        KAFKA.setLevel(Level.WARNING);
    }

    private Topics() {}

    /** The values of committed records, tombstones left out, partition by partition; none of a topic that is not there yet. */
    static List<String> committed(String bootstrap, String topic) {
        var values = new ArrayList<String>();
        records(bootstrap, topic).forEach(record -> {
            if (record.value() != null) {
                values.add(record.value());
            }
        });
        return values;
    }

    static boolean exists(String bootstrap, String topic) {
        try (var consumer = consumer(bootstrap)) {
            return consumer.listTopics().containsKey(topic);
        }
    }

    /** How many records of partition 0 are committed; none of a topic that is not there yet. */
    static long size(String bootstrap, String topic) {
        try (var consumer = consumer(bootstrap)) {
            var first = new TopicPartition(topic, 0);
            return consumer.listTopics().containsKey(topic)
                    ? consumer.endOffsets(List.of(first)).get(first)
                    : 0;
        }
    }

    private static KafkaConsumer<String, String> consumer(String bootstrap) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "isolation.level",
                        "read_committed",
                        "enable.auto.commit",
                        "false"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    /** The committed records. */
    static List<ConsumerRecord<String, String>> records(String bootstrap, String topic) {
        try (var consumer = consumer(bootstrap)) {
            List<TopicPartition> partitions = consumer.listTopics().getOrDefault(topic, List.of()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            var records = new ArrayList<ConsumerRecord<String, String>>();
            if (partitions.isEmpty()) {
                return records;
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (!ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }
}
