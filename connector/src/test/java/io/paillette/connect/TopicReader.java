package io.paillette.connect;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A real consumer of committed records that remembers everything it read. */
final class TopicReader implements AutoCloseable {

    private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

    static {
        KAFKA.setLevel(Level.WARNING);
    }

    private final KafkaConsumer<String, String> consumer;
    private final List<ConsumerRecord<String, String>> records = new ArrayList<>();

    TopicReader(String bootstrap, String topics) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "group.id",
                        "reader-" + topics.hashCode(),
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        "false",
                        "isolation.level",
                        "read_committed",
                        "metadata.max.age.ms",
                        "500"),
                new StringDeserializer(),
                new StringDeserializer());
        consumer.subscribe(Pattern.compile(topics));
    }

    /** Reads on until {@code enough} says so of everything read so far, or fails with what there is. */
    List<ConsumerRecord<String, String>> until(
            Predicate<List<ConsumerRecord<String, String>>> enough, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!enough.test(records)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not enough within " + limit + ": " + records.size() + " records, last ones "
                        + records.subList(Math.max(0, records.size() - 5), records.size()));
            }
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            // A topic that appears moves the group to a new generation, which goes on from here.
            consumer.commitSync();
        }
        return List.copyOf(records);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
