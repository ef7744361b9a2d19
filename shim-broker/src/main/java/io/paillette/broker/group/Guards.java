package io.paillette.broker.group;

import io.paillette.broker.log.TransactionMarker;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/**
 * Whose transaction a shard has asked the coordinator about, until its marker comes (KIP-890). What was asked before a marker
 * must not be appended after it: the offsets would wait for the producer's next transaction, and be committed with it. Guarded by
 * the shard's lock.
 */
final class Guards {

    private final Map<Writer, VerificationGuard> open = new HashMap<>();

    private record Writer(long producerId, short epoch) {}

    VerificationGuard asked(long producerId, short epoch) {
        return open.computeIfAbsent(new Writer(producerId, epoch), writer -> new VerificationGuard());
    }

    /** @throws InvalidTxnStateException when the transaction has ended since it was asked about */
    void require(RecordBatch batch, VerificationGuard guard) {
        VerificationGuard known = open.get(new Writer(batch.producerId(), batch.producerEpoch()));
        if (known == null || !known.verify(guard)) {
            throw new InvalidTxnStateException("the transaction was ended before its offsets were stored");
        }
    }

    void end(TransactionMarker marker) {
        open.keySet().removeIf(writer -> marker.ends(writer.producerId(), writer.epoch()));
    }

    void clear() {
        open.clear();
    }
}
