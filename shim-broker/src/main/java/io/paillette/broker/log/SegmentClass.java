package io.paillette.broker.log;

import java.time.Duration;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Which partitions share segment tables: those whose records expire at about the same time, so that a table can be dropped
 * soon after its first record may go. A table is written to for about a twelfth of the longest retention of its class.
 */
public enum SegmentClass {
    HOUR(Duration.ofHours(1), Duration.ofMinutes(5)),
    DAY(Duration.ofDays(1), Duration.ofHours(2)),
    WEEK(Duration.ofDays(8), Duration.ofHours(14)),
    MONTHS(Duration.ofDays(92), Duration.ofDays(7)),
    /** Kept for longer, or until there are too many bytes. */
    UNLIMITED(Duration.ofMillis(Long.MAX_VALUE), Duration.ofMillis(Long.MAX_VALUE)),
    /** Batches are replaced and deleted one by one: a single table, whose free space is used again. */
    COMPACTED(Duration.ofMillis(Long.MAX_VALUE), Duration.ofMillis(Long.MAX_VALUE));

    private final long longestRetentionMs;
    private final long oldestMs;

    SegmentClass(Duration longestRetention, Duration oldest) {
        this.longestRetentionMs = longestRetention.toMillis();
        this.oldestMs = oldest.toMillis();
    }

    public static SegmentClass of(LogConfig config) {
        if (config.compact) {
            return COMPACTED;
        }
        long retentionMs = config.retentionMs < 0 ? Long.MAX_VALUE : config.retentionMs;
        for (SegmentClass some : values()) {
            if (retentionMs <= some.longestRetentionMs) {
                return some;
            }
        }
        return UNLIMITED;
    }

    /**
     * Whether a table has been written to for long enough.
     *
     * @param bytes of the table, 0 as long as it has no row
     */
    public boolean isFull(long ageMs, long bytes, long maxBytes) {
        return this != COMPACTED && bytes > 0 && (ageMs > oldestMs || bytes >= maxBytes);
    }
}
