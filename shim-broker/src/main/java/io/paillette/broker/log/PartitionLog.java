package io.paillette.broker.log;

import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * One partition as its leader sees it. All methods return at once; futures complete on store threads.
 *
 * <p>Failures are Kafka's own exceptions: OffsetOutOfRangeException, NotLeaderOrFollowerException (another broker leads it
 * now), CorruptRecordException, RecordTooLargeException, OutOfOrderSequenceException, InvalidProducerEpochException,
 * InvalidTimestampException, KafkaStorageException (the store cannot be reached: retriable).
 */
public final class PartitionLog {

    public TopicPartition partition() {
        throw new UnsupportedOperationException("not built yet");
    }

    public Uuid topicId() {
        throw new UnsupportedOperationException("not built yet");
    }

    public int leaderEpoch() {
        throw new UnsupportedOperationException("not built yet");
    }

    public long logStartOffset() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Offset after the last committed record. */
    public long highWatermark() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Equal to the high watermark as long as there are no transactions. */
    public long lastStableOffset() {
        throw new UnsupportedOperationException("not built yet");
    }

    /**
     * Validates, assigns offsets in call order and queues for the next group commit. Completes after COMMIT.
     *
     * @param records as a client sent them (Produce v3+: exactly what Kafka's LogValidator accepts from a client)
     */
    public CompletableFuture<AppendResult> append(MemoryRecords records) {
        throw new UnsupportedOperationException("not built yet" + records);
    }

    /**
     * Whole batches from the one that contains {@code offset}, below the high watermark, up to {@code maxBytes}; with
     * {@code atLeastOne} the first batch comes even when it is larger. Already complete when served from the tail cache.
     */
    public CompletableFuture<LogSlice> read(long offset, int maxBytes, boolean atLeastOne) {
        throw new UnsupportedOperationException("not built yet" + offset + maxBytes + atLeastOne);
    }

    /** Bytes that {@link #read} could return from {@code offset}, capped at {@code enough}; never asks the store. */
    public long availableBytes(long offset, long enough) {
        throw new UnsupportedOperationException("not built yet" + offset + enough);
    }

    /** The first record whose timestamp is at or after {@code timestamp} (milliseconds). */
    public CompletableFuture<TimestampedOffset> firstAtOrAfter(long timestamp) {
        throw new UnsupportedOperationException("not built yet" + timestamp);
    }

    /** The record with the largest timestamp (ListOffsets -3). */
    public CompletableFuture<TimestampedOffset> latestByTimestamp() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** End offset of the largest epoch at or below {@code epoch} (OffsetForLeaderEpoch); NONE when unknown. */
    public CompletableFuture<TimestampedOffset> endOfEpoch(int epoch) {
        throw new UnsupportedOperationException("not built yet" + epoch);
    }
}
