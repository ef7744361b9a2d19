package io.paillette.connect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A real consumer of committed records that remembers everything it read. */
final class TopicReader implements AutoCloseable {

    private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

    static {
        KAFKA.setLevel(Level.WARNING);
    }

    /** The question waits behind the fetch that waits for records. */
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final Pattern topics;
    private long lastLook = System.nanoTime() - LOOK_NANOS;
    private final KafkaConsumer<String, String> consumer;
    private final List<ConsumerRecord<String, String>> records = new ArrayList<>();

    TopicReader(String bootstrap, String topics) {
        this(bootstrap, topics, "read_committed");
    }

    /** One that sees records as they come, those of transactions that will be aborted too. */
    static TopicReader ofAllWritten(String bootstrap, String topics) {
        return new TopicReader(bootstrap, topics, "read_uncommitted");
    }

    private TopicReader(String bootstrap, String topics, String isolation) {
        this.topics = Pattern.compile(topics);
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "isolation.level", isolation, "max.poll.records", "5000"),
                new StringDeserializer(),
                new StringDeserializer());
    }

    /** Reads on until {@code enough} says so of everything read so far, or fails with what there is. */
    List<ConsumerRecord<String, String>> until(Predicate<List<ConsumerRecord<String, String>>> enough, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!enough.test(records)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not enough within " + limit + ": " + records.size() + " records, last ones "
                        + records.subList(Math.max(0, records.size() - 5), records.size()));
            }
            if (System.nanoTime() - lastLook >= LOOK_NANOS) {
                takeNewTopics();
            }
            if (!consumer.assignment().isEmpty()) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return List.copyOf(records);
    }

    /** Everything that is in the topics now, behind what was read before. */
    List<ConsumerRecord<String, String>> toTheEnd(Duration limit) {
        takeNewTopics();
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        return until(
                read -> ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue()),
                limit);
    }

    /** Of all partitions together, the places up to which this reader may read. */
    long ends() {
        return consumer.endOffsets(consumer.assignment()).values().stream()
                .mapToLong(end -> end)
                .sum();
    }

    /** No group, so that nothing but this reader decides where it reads. */
    private void takeNewTopics() {
        lastLook = System.nanoTime();
        Set<TopicPartition> known = consumer.assignment();
        List<TopicPartition> appeared = consumer.listTopics().entrySet().stream()
                .filter(entry -> topics.matcher(entry.getKey()).matches())
                .flatMap(entry -> entry.getValue().stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .filter(partition -> !known.contains(partition))
                .toList();
        if (!appeared.isEmpty()) {
            var all = new HashSet<>(known);
            all.addAll(appeared);
            consumer.assign(all);
            consumer.seekToBeginning(appeared);
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
