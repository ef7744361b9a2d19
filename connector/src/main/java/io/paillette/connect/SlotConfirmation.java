package io.paillette.connect;

import io.paillette.capture.BackfillProgress;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.connect.RecordBatches.Batch;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
 * handed over is either written or dropped, the slot may let go of it all the same, one {@code commit} later: by then the
 * offsets of what was written are stored. But not of the rest of a transaction that the stored offset is in the middle of,
 * which a restart would take for a loss.
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

    /** Sequences of records that Connect has and is not done with; only without transactions of ours. */
    private final Set<Long> outstanding = new HashSet<>();

    /** Where everything was written or dropped when offsets were stored last, and what of that may be confirmed. */
    private @Nullable Position settled;

    private @Nullable Position settledBefore;

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
        if (storedOffset != null) {
            batch.records().forEach(record -> outstanding.add(record.sequence()));
        }
        if (!batch.records().isEmpty()) {
            CapturedRecord last = batch.records().get(batch.records().size() - 1);
            returned = last.sequence();
            returnedOffset = last.position();
        }
        if (batch.position() != null) {
            returnedPosition = batch.position();
        }
    }

    /** Connect calls {@code commitRecord}, for what was written as for what was dropped. */
    synchronized void committed(CapturedRecord record) {
        if (storedOffset != null) {
            outstanding.remove(record.sequence());
        } else if (record.sequence() > committed) {
            committed = record.sequence();
            committedPosition = record.position();
        }
    }

    /** Connect says that offsets were stored. Blocks for a read of them where that is needed. */
    void flushed() {
        if (storedOffset != null) {
            storedOffset.get().ifPresent(this::stored);
            settle();
        }
    }

    private synchronized void stored(Position offset) {
        committedPosition = offset;
        if (offset.equals(returnedOffset)) {
            committed = returned;
        }
    }

    private synchronized void settle() {
        boolean inside =
                committedPosition != null && !committedPosition.commit().equals(Lsn.NONE);
        settledBefore = inside ? null : settled;
        settled = outstanding.isEmpty() ? returnedPosition : null;
    }

    /** The position to confirm, past the last record where nothing is outstanding; empty when nothing is durable yet. */
    synchronized Optional<Position> durable() {
        Position reached = committed == returned ? returnedPosition : settledBefore;
        boolean further = reached != null
                && asksForTheSame(reached)
                && (committed == returned || committedPosition == null || reached.isBeyond(committedPosition));
        return Optional.ofNullable(further ? reached : committedPosition);
    }

    /** A signal without a record is in no stored offset yet; the slot has to give it once more after a restart. */
    private boolean asksForTheSame(Position reached) {
        List<BackfillProgress> stored = committedPosition == null
                ? List.of()
                : committedPosition.snapshot().backfills();
        List<BackfillProgress> now = reached.snapshot().backfills();
        return stored == now
                || (now.stream().filter(one -> !one.hasEnded()).allMatch(one -> stored.stream()
                                .anyMatch(other -> other.asked().equals(one.asked())))
                        && stored.stream().filter(one -> !one.hasEnded()).allMatch(one -> now.stream()
                                .anyMatch(other -> other.asked().isSameAs(one.asked()))));
    }
}
