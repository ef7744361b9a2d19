package io.paillette.broker.log;

import java.time.Duration;
import java.util.Map;

/**
 * What the log may use of memory and patience.
 *
 * @param tailCacheBytes   newest batches kept in memory, over all partitions
 * @param appendQueueBytes appends waiting for their commit; a client's append beyond that is refused, retriably
 * @param appendPatience   how long an append is retried while the store cannot be reached
 * @param readThreads      reads that ask the store at once
 * @param topicDefaults    topic configs (Kafka's names) where the broker's default differs from Kafka's
 * @param housekeeping     how room is made
 */
public record LogSettings(
        int brokerId,
        long tailCacheBytes,
        long appendQueueBytes,
        Duration appendPatience,
        int readThreads,
        Map<String, String> topicDefaults,
        HousekeepingSettings housekeeping) {

    public LogSettings {
        topicDefaults = Map.copyOf(topicDefaults);
    }

    public LogSettings(
            int brokerId,
            long tailCacheBytes,
            long appendQueueBytes,
            Duration appendPatience,
            int readThreads,
            Map<String, String> topicDefaults) {
        this(
                brokerId,
                tailCacheBytes,
                appendQueueBytes,
                appendPatience,
                readThreads,
                topicDefaults,
                HousekeepingSettings.defaults());
    }

    public static LogSettings of(int brokerId) {
        return new LogSettings(brokerId, 64L << 20, 64L << 20, Duration.ofSeconds(20), 4, Map.of());
    }
}
