package io.paillette.broker.cli.remote;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads partitions from one offset of each to another. */
final class TopicScan {

    private static final Duration POLL = Duration.ofMillis(500);

    private final KafkaConsumer<byte[], byte[]> consumer;

    TopicScan(KafkaConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /**
     * @param to   exclusive
     * @param done partitions of which no more is wanted, as {@code each} finds out
     */
    void over(
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> to,
            Collection<TopicPartition> done,
            Consumer<ConsumerRecord<byte[], byte[]>> each) {
        Set<TopicPartition> left = new HashSet<>(from.keySet());
        consumer.assign(left);
        from.forEach(consumer::seek);
        while (true) {
            left.removeIf(partition ->
                    done.contains(partition) || consumer.position(partition) >= to.getOrDefault(partition, 0L));
            if (left.isEmpty()) {
                return;
            }
            if (!left.equals(consumer.assignment())) {
                consumer.assign(left);
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                var partition = new TopicPartition(record.topic(), record.partition());
                if (!done.contains(partition) && record.offset() < to.getOrDefault(partition, 0L)) {
                    each.accept(record);
                }
            }
        }
    }
}
