package io.paillette.connect;

import io.paillette.capture.Position;
import io.paillette.connect.RecordBatches.Batch;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which position is durable: records and offset both. Only that may be confirmed to the slot. Called from the task's
 * thread, the producer's and the offset committer's.
 *
 * <p>Under exactly-once with boundaries of ours, Connect calls {@code commitRecord} for the records of a transaction after
 * it committed with their offsets, in any order, then {@code commit}; they were dispatched in our order, so the highest
 * of them is the answer. In every other mode {@code commitRecord} only says that a record was acknowledged, and {@code
 * commit} that some offsets were flushed: there the stored offset is read back, which is all that can be relied upon.
 */
final class SlotConfirmation {

    private final @Nullable Supplier<Optional<Position>> storedOffset;

    private long returned;
    private Position returnedOffset;
    private Position returnedPosition;
    private long committed;
    private Position committedPosition;

    private SlotConfirmation(Position start, @Nullable Supplier<Optional<Position>> storedOffset) {
        this.storedOffset = storedOffset;
        this.returnedOffset = start;
        this.returnedPosition = start;
        this.committedPosition = start;
    }

    /** For transactions whose boundaries we define. */
    static SlotConfirmation ofTransactions(Position start) {
        return new SlotConfirmation(start, null);
    }

    /** For everything else. @param stored reads the offset that Connect has stored */
    static SlotConfirmation ofStoredOffsets(Position start, Supplier<Optional<Position>> stored) {
        return new SlotConfirmation(start, stored);
    }

    /** A batch goes to Connect. */
    synchronized void returned(Batch batch) {
        if (!batch.records().isEmpty()) {
            CapturedRecord last = batch.records().get(batch.records().size() - 1);
            returned = last.sequence();
            returnedOffset = last.position();
        }
        returnedPosition = batch.position();
    }

    synchronized void committed(CapturedRecord record) {
        if (storedOffset == null && record.sequence() > committed) {
            committed = record.sequence();
            committedPosition = record.position();
        }
    }

    /** Connect says that offsets were stored. Blocks for a read of them where that is needed. */
    void flushed() {
        Optional<Position> stored = storedOffset == null ? Optional.empty() : storedOffset.get();
        synchronized (this) {
            stored.ifPresent(position -> {
                committedPosition = position;
                if (position.equals(returnedOffset)) {
                    committed = returned;
                }
            });
        }
    }

    /** The position to confirm; past the last record where nothing is outstanding. */
    synchronized Position durable() {
        return committed == returned ? returnedPosition : committedPosition;
    }
}
