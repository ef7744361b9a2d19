package io.paillette.connect;

import io.paillette.capture.Lsn;
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
 *
 * <p>Of a record that a transform dropped no offset is stored, and a filter may drop all there is. Once everything that was
 * handed over is either stored or dropped, the slot may let go of it all the same; but not of the rest of a transaction that
 * the stored offset is in the middle of, which a restart would take for a loss.
 */
final class SlotConfirmation {

    private final @Nullable Supplier<Optional<Position>> storedOffset;

    /** Sequence and position of the last record that went to Connect, and the position reached with it. */
    private long returned;

    private @Nullable Position returnedOffset;
    private @Nullable Position returnedPosition;

    /** Sequence and position of the last record that is durable. */
    private long committed;

    private @Nullable Position committedPosition;

    /** Records that went to Connect, and those of them that it is done with. */
    private long handedOver;

    private long settled;

    /** Sequence and position of the last record that was not dropped, and the sequence of the last such that is stored. */
    private long kept;

    private @Nullable Position keptPosition;
    private long keptStored;

    private SlotConfirmation(Optional<Position> start, @Nullable Supplier<Optional<Position>> storedOffset) {
        this.storedOffset = storedOffset;
        this.returnedOffset = start.orElse(null);
        this.returnedPosition = start.orElse(null);
        this.committedPosition = start.orElse(null);
    }

    /** For transactions whose boundaries we define; {@code start} is the stored offset that the task starts with. */
    static SlotConfirmation ofTransactions(Optional<Position> start) {
        return new SlotConfirmation(start, null);
    }

    /** For everything else; {@code stored} reads the offset that Connect has stored. */
    static SlotConfirmation ofStoredOffsets(Optional<Position> start, Supplier<Optional<Position>> stored) {
        return new SlotConfirmation(start, stored);
    }

    /** A batch goes to Connect. */
    synchronized void returned(Batch batch) {
        handedOver += batch.records().size();
        if (!batch.records().isEmpty()) {
            CapturedRecord last = batch.records().get(batch.records().size() - 1);
            returned = last.sequence();
            returnedOffset = last.position();
        }
        if (batch.position() != null) {
            returnedPosition = batch.position();
        }
    }

    /** Connect calls {@code commitRecord}; {@code written}: unless a transform dropped it, or an error that is tolerated. */
    synchronized void committed(CapturedRecord record, boolean written) {
        settled++;
        if (written && record.sequence() > kept) {
            kept = record.sequence();
            keptPosition = record.position();
        }
        if (storedOffset == null && record.sequence() > committed) {
            committed = record.sequence();
            committedPosition = record.position();
        }
    }

    /** Connect says that offsets were stored. Blocks for a read of them where that is needed. */
    void flushed() {
        if (storedOffset != null) {
            storedOffset.get().ifPresent(this::stored);
        }
    }

    private synchronized void stored(Position offset) {
        committedPosition = offset;
        if (offset.equals(returnedOffset)) {
            committed = returned;
        }
        if (offset.equals(keptPosition)) {
            keptStored = kept;
        }
    }

    /** The position to confirm, past the last record where nothing is outstanding; empty when nothing is durable yet. */
    synchronized Optional<Position> durable() {
        return Optional.ofNullable(committed == returned || othersWereDropped() ? returnedPosition : committedPosition);
    }

    private boolean othersWereDropped() {
        boolean inside =
                committedPosition != null && !committedPosition.commit().equals(Lsn.NONE);
        return storedOffset != null && settled == handedOver && kept == keptStored && !inside;
    }
}
