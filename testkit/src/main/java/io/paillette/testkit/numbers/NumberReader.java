package io.paillette.testkit.numbers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.LongDeserializer;

/**
 * A consumer group that reads numbers and commits behind them. A partition may be read again from where a commit was
 * acknowledged last, never from before; and nothing may be skipped.
 */
public final class NumberReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final List<KafkaConsumer<Long, Long>> members = new ArrayList<>();
    private final List<Future<?>> ends = new ArrayList<>();
    private final ExecutorService threads;
    private final Map<Integer, TreeMap<Long, Long>> seen = new HashMap<>(); // number by offset, by partition
    private final Map<Integer, Long> committed = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private long redelivered;

    private NumberReader(int members) {
        this.threads = Executors.newFixedThreadPool(members, work -> new Thread(work, "number-reader"));
    }

    public static NumberReader start(String bootstrap, String topic, String group, int members) {
        var reader = new NumberReader(members);
        for (int i = 0; i < members; i++) {
            Map<String, Object> config = Map.of(
                    "bootstrap.servers", bootstrap,
                    "group.id", group,
                    "auto.offset.reset", "earliest",
                    "enable.auto.commit", false,
                    "request.timeout.ms", 5_000,
                    "default.api.timeout.ms", 20_000,
                    "session.timeout.ms", 10_000,
                    "reconnect.backoff.max.ms", 200,
                    "fetch.max.wait.ms", 200);
            var consumer = new KafkaConsumer<>(config, new LongDeserializer(), new LongDeserializer());
            consumer.subscribe(List.of(topic));
            reader.members.add(consumer);
            reader.ends.add(reader.threads.submit(() -> reader.read(consumer)));
        }
        reader.threads.shutdown();
        return reader;
    }

    private void read(KafkaConsumer<Long, Long> consumer) {
        try (consumer) {
            while (!Thread.currentThread().isInterrupted()) {
                var polled = consumer.poll(POLL);
                var next = new HashMap<TopicPartition, OffsetAndMetadata>();
                for (ConsumerRecord<Long, Long> record : polled) {
                    process(record);
                    next.put(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1));
                }
                commit(consumer, next);
            }
        } catch (WakeupException e) {
            // Asked to end.
            return;
        }
    }

    private void commit(KafkaConsumer<Long, Long> consumer, Map<TopicPartition, OffsetAndMetadata> next) {
        if (next.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(next);
            synchronized (this) {
                next.forEach((partition, offset) -> committed.merge(partition.partition(), offset.offset(), Math::max));
            }
        } catch (RetriableException | CommitFailedException e) {
            // A broker was killed or the group rebalanced: these may come again.
            return;
        }
    }

    private synchronized void process(ConsumerRecord<Long, Long> record) {
        var offsets = seen.computeIfAbsent(record.partition(), partition -> new TreeMap<>());
        long expected = offsets.isEmpty() ? 0 : offsets.lastKey() + 1;
        String what = "partition " + record.partition() + " offset " + record.offset();
        if (record.offset() > expected) {
            faults.add(what + " came where " + expected + " was due");
        } else if (record.offset() < expected) {
            redelivered++;
            if (record.offset() < committed.getOrDefault(record.partition(), 0L)) {
                faults.add(what + " came again although " + committed.get(record.partition()) + " was committed");
            }
        }
        Long before = offsets.put(record.offset(), record.value());
        if (before != null && !before.equals(record.value())) {
            faults.add(what + " was " + before + " and became " + record.value());
        }
    }

    public synchronized long read() {
        return seen.values().stream().mapToLong(TreeMap::size).sum();
    }

    public synchronized long redelivered() {
        return redelivered;
    }

    /** How far each partition was read, exclusive. */
    synchronized long end(int partition) {
        return Optional.ofNullable(seen.get(partition))
                .map(offsets -> offsets.lastKey() + 1)
                .orElse(0L);
    }

    synchronized SortedMap<Long, Long> numbers(int partition) {
        return new TreeMap<>(seen.getOrDefault(partition, new TreeMap<>()));
    }

    synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    @Override
    public void close() {
        members.forEach(KafkaConsumer::wakeup);
        for (Future<?> end : ends) {
            try {
                end.get(60, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("a member of the group did not end well", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
