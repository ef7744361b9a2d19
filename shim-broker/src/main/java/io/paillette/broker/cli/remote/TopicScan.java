package io.paillette.broker.cli.remote;

import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads partitions from one offset of each to another. */
final class TopicScan {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaConsumer<byte[], byte[]> consumer;

    TopicScan(KafkaConsumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /**
     * @param to   exclusive
     * @param done whether of a partition no more is wanted, as {@code each} finds out
     */
    void over(
            Map<TopicPartition, Long> from,
            Map<TopicPartition, Long> to,
            Predicate<TopicPartition> done,
            Consumer<ConsumerRecord<byte[], byte[]>> each)
            throws RefusedException {
        Set<TopicPartition> left = new HashSet<>(from.keySet());
        consumer.assign(left);
        from.forEach(consumer::seek);
        long lastProgress = System.nanoTime();
        while (true) {
            left.removeIf(partition ->
                    done.test(partition) || consumer.position(partition) >= to.getOrDefault(partition, 0L));
            if (left.isEmpty()) {
                return;
            }
            if (!left.equals(consumer.assignment())) {
                consumer.assign(left);
            }
            Map<TopicPartition, Long> before = positions(left);
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            if (!positions(left).equals(before)) {
                lastProgress = System.nanoTime();
            } else if (System.nanoTime() - lastProgress > PATIENCE.toNanos()) {
                throw new RefusedException("the broker has answered nothing for " + PATIENCE.toSeconds() + " s, with "
                        + left + " not read to the end: see that it runs");
            }
            for (ConsumerRecord<byte[], byte[]> record : records) {
                var partition = new TopicPartition(record.topic(), record.partition());
                if (!done.test(partition) && record.offset() < to.getOrDefault(partition, 0L)) {
                    each.accept(record);
                }
            }
        }
    }

    private Map<TopicPartition, Long> positions(Set<TopicPartition> partitions) {
        return partitions.stream().collect(Collectors.toMap(Function.identity(), consumer::position));
    }
}
