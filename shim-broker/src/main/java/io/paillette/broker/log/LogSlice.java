package io.paillette.broker.log;

import org.apache.kafka.common.record.internal.MemoryRecords;

/** Whole batches of one partition as stored, and the offsets at the time they were read. */
public record LogSlice(MemoryRecords records, long highWatermark, long lastStableOffset, long logStartOffset) {}
