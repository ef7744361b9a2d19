package io.paillette.benchmarks;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** One topic on a broker, or several as if they were one, read with Kafka's consumer as it comes. */
final class Topic {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Counting is work for the broker that is measured. */
    private static final Duration BETWEEN_COUNTS = Duration.ofMillis(50);

    private final String bootstrap;
    private final List<String> names;

    /** The table's. */
    Topic(String bootstrap) {
        this(bootstrap, Rows.TOPIC);
    }

    Topic(String bootstrap, String name) {
        this(bootstrap, List.of(name));
    }

    Topic(String bootstrap, List<String> names) {
        this.bootstrap = bootstrap;
        this.names = names;
    }

    /** With one partition, as the table's. */
    void create() {
        try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(names.stream()
                            .map(name -> new NewTopic(name, 1, (short) 1))
                            .toList())
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("topics " + names + " were not made", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** A member of the group that reads from the beginning or where the group has committed; subscribed. */
    KafkaConsumer<byte[], byte[]> member(String group) {
        var consumer = consumer(
                Map.of("group.id", group, "auto.offset.reset", "earliest", "allow.auto.create.topics", "false"));
        consumer.subscribe(names);
        return consumer;
    }

    /** Without a group. */
    KafkaConsumer<byte[], byte[]> observer() {
        return consumer(Map.of("allow.auto.create.topics", "false"));
    }

    private KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> settings) {
        var config = new HashMap<>(settings);
        config.put("bootstrap.servers", bootstrap);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Waits until the topic is there: a consumer that subscribes earlier finds it only at its next look. */
    void await() {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (var observer = observer()) {
            while (!observer.listTopics().keySet().containsAll(names)) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("not all of the topics " + names + " within " + LIMIT);
                }
                Moment.pause();
            }
        }
    }

    /** Polls until a record satisfies {@code last}. */
    static void readUntil(KafkaConsumer<byte[], byte[]> consumer, Predicate<ConsumerRecord<byte[], byte[]>> last) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        boolean found = false;
        while (!found) {
            for (var record : consumer.poll(Duration.ofMillis(100))) {
                found |= last.test(record);
            }
            if (!found && System.nanoTime() > deadline) {
                throw new IllegalStateException("the record did not arrive within " + LIMIT);
            }
        }
    }

    /**
     * Reads {@code count} records from the beginning; some more may be there, and are told. Without a group: a new one waits for
     * others to join before it begins (group.initial.rebalance.delay.ms, 3 s).
     */
    void readAll(long count, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try (var consumer = observer()) {
            consumer.assign(partitions(consumer));
            consumer.seekToBeginning(List.of());
            long records = 0;
            while (records < count) {
                records += consumer.poll(Duration.ofMillis(100)).count();
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(records + " of " + count + " arrived within " + limit);
                }
            }
            if (records > count) {
                Say.note((records - count) + " records too many");
            }
        }
    }

    /** @return {@link System#nanoTime} when the topic had {@code count} records */
    long awaitStored(long count, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        try (var observer = observer()) {
            while (stored(observer) < count) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("not stored within " + limit);
                }
                LockSupport.parkNanos(BETWEEN_COUNTS.toNanos());
            }
            return System.nanoTime();
        }
    }

    /** Sum of the partitions' end offsets. */
    long stored(KafkaConsumer<byte[], byte[]> observer) {
        return observer.endOffsets(partitions(observer)).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
        return names.stream()
                .flatMap(name -> consumer.partitionsFor(name).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }
}
