package io.paillette.broker.log;

import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

/**
 * How a producer's transaction ends in a partition (KIP-98, control records).
 *
 * @param transactionVersion of the client that began it: with 2 every transaction has an epoch of its own (KIP-890)
 */
public record TransactionMarker(long producerId, short producerEpoch, boolean commit, short transactionVersion) {

    /** Markers are ordered by their transaction's row, not by the epoch of a coordinator. */
    private static final int COORDINATOR_EPOCH = 0;

    private static final int EPOCH_PER_TRANSACTION = 2;

    /** Of a producer of this broker's own: it has one transaction only. */
    static final short ONLY_EPOCH = 0;

    /** Ends a transaction of this broker's own. */
    public static TransactionMarker own(long producerId, boolean commit) {
        return new TransactionMarker(producerId, ONLY_EPOCH, commit, (short) 0);
    }

    /**
     * Whether what a producer writes under that epoch belongs to the transaction that this ends, or to an older one. Where each
     * transaction has an epoch of its own, the marker of one has that of the next.
     */
    public boolean ends(long writerId, short writerEpoch) {
        boolean epochPerTransaction = transactionVersion >= EPOCH_PER_TRANSACTION;
        return writerId == producerId
                && (writerEpoch < producerEpoch || (writerEpoch == producerEpoch && !epochPerTransaction));
    }

    EndTransactionMarker kafka() {
        return new EndTransactionMarker(commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT, COORDINATOR_EPOCH);
    }

    MutableRecordBatch batch(long offset, int leaderEpoch, long timestampMs) {
        return MemoryRecords.withEndTransactionMarker(
                        offset, timestampMs, leaderEpoch, producerId, producerEpoch, kafka())
                .batches()
                .iterator()
                .next();
    }
}
