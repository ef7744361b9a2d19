package io.paillette.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;

/**
 * What a consumer without a group is given of committed records: each time anew, from the beginning of a topic to its last
 * stable offset.
 */
final class TopicReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaConsumer<String, String> consumer;
    private final Duration patience;

    /** @param patience with a topic that has not all that is waited for yet */
    TopicReader(String bootstrap, Duration patience) {
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "isolation.level", "read_committed",
                        "enable.auto.commit", "false",
                        "allow.auto.create.topics", "false"),
                new StringDeserializer(),
                new StringDeserializer());
        this.patience = patience;
    }

    /** All records of a topic, partition by partition, once there are so many. */
    List<ConsumerRecord<String, String>> all(String topic, int count) {
        return read(awaitPartitions(topic), count);
    }

    /** Those of one partition, once there are so many. */
    List<ConsumerRecord<String, String>> partition(String topic, int partition, int count) {
        var only = new TopicPartition(topic, partition);
        if (!awaitPartitions(topic).contains(only)) {
            throw new AssertionError("there is no " + only);
        }
        return read(List.of(only), count);
    }

    private List<TopicPartition> awaitPartitions(String topic) {
        return Awaitility.await(topic)
                .atMost(patience)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .pollInSameThread() // whose the consumer is
                .until(
                        () -> consumer.listTopics().getOrDefault(topic, List.of()).stream()
                                .map(info -> new TopicPartition(topic, info.partition()))
                                .toList(),
                        partitions -> !partitions.isEmpty());
    }

    private List<ConsumerRecord<String, String>> read(List<TopicPartition> partitions, int count) {
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        var records = new ArrayList<ConsumerRecord<String, String>>();
        long began = System.nanoTime();
        while (records.size() < count || !isAtEnd(partitions)) {
            if (System.nanoTime() - began > patience.toNanos()) {
                throw new AssertionError("after %s %d of %d records of %s, the last ones %s"
                        .formatted(
                                patience,
                                records.size(),
                                count,
                                partitions,
                                records.subList(Math.max(0, records.size() - 3), records.size())));
            }
            consumer.poll(POLL).forEach(records::add);
        }
        records.sort(Comparator.comparingInt(ConsumerRecord::partition)); // each stays in the order of its offsets
        return records;
    }

    private boolean isAtEnd(List<TopicPartition> partitions) {
        return consumer.endOffsets(partitions).entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
