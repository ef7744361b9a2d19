package io.paillette.broker.log;

import java.security.DigestException;
import java.util.Map;
import org.apache.kafka.common.record.internal.MemoryRecords.RecordFilter;
import org.apache.kafka.common.record.internal.MemoryRecords.RecordFilter.BatchRetention;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.OffsetMap;

/**
 * What Kafka's cleaner keeps: of every key the newest record, tombstones and the markers of empty transactions until their
 * batch's delete horizon (KIP-534), nothing of aborted transactions, and the header of the last batch of each producer and of the
 * pass, so that sequences, epochs and offsets go on from there.
 */
final class CompactionFilter extends RecordFilter {

    private final OffsetMap newest;
    private final Map<Long, LastOfProducer> lastOfProducers;
    private final CleanedTransactions transactions;
    private final long endOffset;
    private boolean discardRecords; // of the batch that was checked last

    /** @param dataOffset of its last record that is no marker; -1: its marker alone tells the epoch */
    record LastOfProducer(long dataOffset, short epoch) {

        private boolean is(RecordBatch batch) {
            return dataOffset >= 0
                    ? batch.lastOffset() == dataOffset
                    : batch.isControlBatch() && batch.producerEpoch() == epoch;
        }
    }

    /** @param lastOfProducers by producer id */
    CompactionFilter(
            long nowMs,
            long deleteRetentionMs,
            NewestOffsets newest,
            Map<Long, LastOfProducer> lastOfProducers,
            CleanedTransactions transactions) {
        super(nowMs, deleteRetentionMs);
        this.newest = newest.map();
        this.lastOfProducers = lastOfProducers;
        this.transactions = transactions;
        this.endOffset = newest.endOffset();
    }

    @Override
    protected BatchRetentionResult checkBatchRetention(RecordBatch batch) {
        boolean emptyTransaction = batch.isControlBatch() && transactions.sawMarker(batch);
        if (batch.isControlBatch()) {
            discardRecords = emptyTransaction && isPastHorizon(batch);
        } else {
            transactions.sawData(batch);
            discardRecords = transactions.isAborted(batch);
        }
        LastOfProducer last = batch.hasProducerId() ? lastOfProducers.get(batch.producerId()) : null;
        boolean keepHeader = batch.nextOffset() == endOffset || (last != null && last.is(batch));
        return new BatchRetentionResult(
                keepHeader
                        ? BatchRetention.RETAIN_EMPTY
                        : discardRecords ? BatchRetention.DELETE : BatchRetention.DELETE_EMPTY,
                emptyTransaction);
    }

    @Override
    protected boolean shouldRetainRecord(RecordBatch batch, Record record) {
        if (discardRecords) {
            return false;
        }
        if (batch.isControlBatch() || record.offset() >= endOffset) {
            return true;
        }
        if (!record.hasKey()) {
            return false; // Kafka lets none into a compacted topic; it was not always compacted
        }
        try {
            boolean isNewest = record.offset() >= newest.get(record.key());
            return isNewest && (record.hasValue() || !isPastHorizon(batch));
        } catch (DigestException e) {
            throw new IllegalStateException("keys cannot be hashed", e);
        }
    }

    private boolean isPastHorizon(RecordBatch batch) {
        return batch.deleteHorizonMs().isPresent() && batch.deleteHorizonMs().getAsLong() <= currentTime;
    }
}
