package io.paillette.testkit.numbers;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;

/** Reads partitions with {@code read_committed} from their beginning, as one consumer that never goes back, on a thread of its own. */
final class CommittedRecords implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final List<TopicPartition> partitions;
    private final Consumer<ConsumerRecord<Long, Long>> seen;
    private final Consumer<String> failed;
    private final KafkaConsumer<Long, Long> consumer;
    private final Thread thread = new Thread(this::run, "committed-records");
    private volatile boolean stopping;

    private CommittedRecords(
            String bootstrap,
            List<TopicPartition> partitions,
            Consumer<ConsumerRecord<Long, Long>> seen,
            Consumer<String> failed) {
        this.partitions = List.copyOf(partitions);
        this.seen = seen;
        this.failed = failed;
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                bootstrap,
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "none",
                "enable.auto.commit",
                false,
                "request.timeout.ms",
                5_000,
                "reconnect.backoff.max.ms",
                200,
                "fetch.max.wait.ms",
                200);
        this.consumer = new KafkaConsumer<>(config, new LongDeserializer(), new LongDeserializer());
    }

    /**
     * @param seen   is given each record, on that thread
     * @param failed is told why no more will come
     */
    static CommittedRecords start(
            String bootstrap,
            List<TopicPartition> partitions,
            Consumer<ConsumerRecord<Long, Long>> seen,
            Consumer<String> failed) {
        var records = new CommittedRecords(bootstrap, partitions, seen, failed);
        records.thread.start();
        return records;
    }

    private void run() {
        try (consumer) {
            consumer.assign(partitions);
            partitions.forEach(partition -> consumer.seek(partition, 0));
            while (!stopping) {
                consumer.poll(POLL).forEach(seen);
            }
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(POLL).forEach(seen);
            }
        } catch (RuntimeException e) {
            failed.accept("the reader has ended: " + e);
        }
    }

    /** Reads to the end and ends. */
    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
