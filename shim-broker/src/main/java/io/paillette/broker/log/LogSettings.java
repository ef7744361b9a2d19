package io.paillette.broker.log;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.coordinator.transaction.TransactionLogConfig;

/**
 * What the log may use of memory and patience.
 *
 * @param tailCacheBytes   newest batches kept in memory, over all partitions
 * @param appendQueueBytes appends waiting for their commit; a client's append beyond that is refused, retriably
 * @param appendPatience   how long an append is retried while the store cannot be reached
 * @param readThreads      reads that ask the store at once
 * @param topicDefaults    topic configs (Kafka's names) where the broker's default differs from Kafka's
 * @param producerExpiry   an idempotent producer that is silent for longer is forgotten
 * @param housekeeping     how room is made
 */
public record LogSettings(
        long tailCacheBytes,
        long appendQueueBytes,
        Duration appendPatience,
        int readThreads,
        Map<String, String> topicDefaults,
        Duration producerExpiry,
        HousekeepingSettings housekeeping) {

    public LogSettings {
        topicDefaults = Map.copyOf(topicDefaults);
    }

    public LogSettings(
            long tailCacheBytes,
            long appendQueueBytes,
            Duration appendPatience,
            int readThreads,
            Map<String, String> topicDefaults) {
        this(
                tailCacheBytes,
                appendQueueBytes,
                appendPatience,
                readThreads,
                topicDefaults,
                Duration.ofMillis(TransactionLogConfig.PRODUCER_ID_EXPIRATION_MS_DEFAULT),
                HousekeepingSettings.defaults());
    }

    public static LogSettings defaults() {
        return new LogSettings(64L << 20, 64L << 20, Duration.ofSeconds(20), 4, Map.of());
    }
}
