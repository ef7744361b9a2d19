package io.paillette.broker.log;

import java.time.Duration;

/**
 * How room is made.
 *
 * @param segmentBytes   size at which a segment table is written to no more
 * @param retentionCheck how often it is looked for records to be deleted
 * @param compactionPause how often it is looked for topics to be compacted
 * @param keyBytes       memory for the keys of one compaction, held only while one runs
 */
public record HousekeepingSettings(long segmentBytes, Duration retentionCheck, Duration compactionPause, int keyBytes) {

    /** Kafka's defaults, except for the keys: its 128 MiB are half of what this broker takes in all. */
    public static HousekeepingSettings defaults() {
        return new HousekeepingSettings(1L << 30, Duration.ofMinutes(5), Duration.ofSeconds(15), 16 << 20);
    }
}
