package io.paillette.broker.log;

import io.paillette.broker.log.PendingAppend.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * What this broker itself appends to a partition.
 *
 * @param beside what changes beside the log; nothing where a transaction is ended
 * @param ending the marker that ends a transaction of this broker's own, behind the records
 */
record OwnAppend(List<MemoryRecords> records, SideRows beside, Optional<TransactionMarker> ending) {

    OwnAppend {
        records = List.copyOf(records);
    }

    static OwnAppend taking(List<MemoryRecords> records, List<Long> published) {
        return new OwnAppend(records, SideRows.taking(published), Optional.empty());
    }

    static OwnAppend ending(TransactionMarker marker) {
        return new OwnAppend(List.of(), SideRows.NONE, Optional.of(marker));
    }

    static OwnAppend of(MemoryRecords records, Optional<TransactionMarker> ending) {
        return new OwnAppend(List.of(records), SideRows.NONE, ending);
    }

    OwnAppend and(MemoryRecords more) {
        var all = new ArrayList<>(records);
        all.add(more);
        return new OwnAppend(all, beside, ending);
    }

    /** With the marker behind its records, where there is one. */
    Part ended(Part part, Producers known, long timestampMs) {
        if (ending.isEmpty()) {
            return part;
        }
        long offset = part.nextOffset();
        var batch = ending.get().batch(offset, part.log().leaderEpoch(), timestampMs);
        List<AbortedTransaction> aborted = known.abortedBy(ending.get(), offset).stream()
                .map(gone -> transaction().isPresent() ? gone.notStableBeyond(part.baseOffset()) : gone)
                .toList();
        return part.and(StoredBatch.copyOf(batch)).beside(SideRows.aborting(aborted));
    }

    boolean isTransactional() {
        return ending.isPresent() || transaction().isPresent();
    }

    /** A marker that would end the transaction of its records; all are of one. */
    Optional<TransactionMarker> transaction() {
        for (MemoryRecords some : records) {
            for (RecordBatch batch : some.batches()) {
                if (batch.isTransactional() && !batch.isControlBatch()) {
                    return Optional.of(TransactionMarker.own(batch.producerId(), true));
                }
            }
        }
        return Optional.empty();
    }

    /** Of transactions that nobody else may have ended: that of its records, and one that it commits. */
    List<TransactionMarker> unended() {
        return Stream.concat(transaction().stream(), ending.filter(TransactionMarker::commit).stream())
                .toList();
    }

    /** What was published has been accepted then. */
    boolean mustFit() {
        return beside.published().isEmpty();
    }
}
