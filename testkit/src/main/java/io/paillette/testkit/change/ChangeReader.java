package io.paillette.testkit.change;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer group that processes into {@link ProcessedRecords} and commits behind it, through kills of its broker. Its
 * members are ordinary consumers, one thread each.
 */
public final class ChangeReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);

    private final List<Member> members = new ArrayList<>();
    private final List<Future<?>> ends = new ArrayList<>();
    private final ExecutorService threads;
    private final AtomicLong failedCommits = new AtomicLong();

    private ChangeReader(ExecutorService threads) {
        this.threads = threads;
    }

    /**
     * Starts the members.
     *
     * @param consumer bootstrap.servers, group.id and whatever else of the consumer's configuration shall differ
     */
    public static ChangeReader start(
            int members, Map<String, String> consumer, List<String> topics, ProcessedRecords processed) {
        var config = new HashMap<String, Object>();
        config.put("auto.offset.reset", "earliest");
        config.put("enable.auto.commit", "false");
        config.put("default.api.timeout.ms", "20000");
        config.putAll(consumer);
        var reader = new ChangeReader(
                Executors.newFixedThreadPool(members, runnable -> new Thread(runnable, "change-reader")));
        for (int i = 0; i < members; i++) {
            var member = reader.new Member(config, topics, processed);
            reader.members.add(member);
            reader.ends.add(reader.threads.submit(member));
        }
        reader.threads.shutdown();
        return reader;
    }

    /** Commits that the broker did not acknowledge: their records may come again. */
    public long failedCommits() {
        return failedCommits.get();
    }

    /** @throws IllegalStateException when a member ended by itself */
    public void expectAlive() {
        for (var end : ends) {
            if (end.isDone()) {
                join(end);
            }
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < members.size(); i++) {
            if (!ends.get(i).isDone()) {
                members.get(i).consumer.wakeup();
            }
            join(ends.get(i));
        }
    }

    private static void join(Future<?> end) {
        try {
            end.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a member of the group did not end well", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the group", e);
        }
    }

    private final class Member implements Runnable {

        private final KafkaConsumer<byte[], byte[]> consumer;
        private final List<String> topics;
        private final ProcessedRecords processed;
        private final ChangeRecords records = new ChangeRecords();

        Member(Map<String, Object> config, List<String> topics, ProcessedRecords processed) {
            this.consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
            this.topics = topics;
            this.processed = processed;
        }

        @Override
        public void run() {
            try (consumer) {
                consumer.subscribe(topics);
                while (!Thread.currentThread().isInterrupted()) {
                    pollOnce();
                }
            } catch (WakeupException e) {
                // Asked to end.
                return;
            }
        }

        private void pollOnce() {
            var polled = consumer.poll(POLL);
            if (polled.isEmpty()) {
                return;
            }
            polled.forEach(record -> processed.process(records.read(record)));
            var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
            for (TopicPartition partition : polled.partitions()) {
                var last = polled.records(partition);
                offsets.put(
                        partition,
                        new OffsetAndMetadata(last.get(last.size() - 1).offset() + 1));
            }
            try {
                consumer.commitSync(offsets);
                offsets.forEach((partition, offset) ->
                        processed.committed(partition.topic(), partition.partition(), offset.offset()));
            } catch (RetriableException | CommitFailedException e) {
                // The broker was killed meanwhile: nobody knows whether these offsets are committed.
                failedCommits.incrementAndGet();
            }
        }
    }
}
