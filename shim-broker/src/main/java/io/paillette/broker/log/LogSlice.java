package io.paillette.broker.log;

import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Whole batches of one partition as stored, and the offsets at the time they were read.
 *
 * @param aborted transactions whose records among these a reader of committed ones leaves out, in the order of their first
 *     offsets; empty when all records were asked for
 */
public record LogSlice(
        MemoryRecords records,
        long highWatermark,
        long lastStableOffset,
        long logStartOffset,
        List<AbortedTransaction> aborted) {

    public LogSlice {
        aborted = List.copyOf(aborted);
    }
}
