package io.paillette.broker.log;

import java.security.DigestException;
import java.util.Set;
import org.apache.kafka.common.record.internal.MemoryRecords.RecordFilter;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.OffsetMap;

/**
 * What Kafka's cleaner keeps: of every key the newest record, tombstones until their batch's delete horizon (KIP-534), and the
 * header of the last batch of each producer and of the pass, so that sequences and offsets go on from there.
 *
 * <p>Batches of transactions are kept as they are: whether they were aborted is not known here.
 */
final class CompactionFilter extends RecordFilter {

    private final OffsetMap newest;
    private final Set<Long> lastOfProducers;
    private final long endOffset;

    CompactionFilter(long nowMs, long deleteRetentionMs, OffsetMap newest, Set<Long> lastOfProducers, long endOffset) {
        super(nowMs, deleteRetentionMs);
        this.newest = newest;
        this.lastOfProducers = lastOfProducers;
        this.endOffset = endOffset;
    }

    @Override
    protected BatchRetentionResult checkBatchRetention(RecordBatch batch) {
        boolean keepHeader = batch.isTransactional()
                || batch.nextOffset() == endOffset
                || (batch.hasProducerId() && lastOfProducers.contains(batch.lastOffset()));
        return new BatchRetentionResult(keepHeader ? BatchRetention.RETAIN_EMPTY : BatchRetention.DELETE_EMPTY, false);
    }

    @Override
    protected boolean shouldRetainRecord(RecordBatch batch, Record record) {
        if (batch.isTransactional() || record.offset() >= endOffset) {
            return true;
        }
        if (!record.hasKey()) {
            return false; // Kafka lets none into a compacted topic; it was not always compacted
        }
        try {
            boolean isNewest = record.offset() >= newest.get(record.key());
            boolean horizonPassed = batch.deleteHorizonMs().isPresent()
                    && batch.deleteHorizonMs().getAsLong() <= currentTime;
            return isNewest && (record.hasValue() || !horizonPassed);
        } catch (DigestException e) {
            throw new IllegalStateException("keys cannot be hashed", e);
        }
    }
}
