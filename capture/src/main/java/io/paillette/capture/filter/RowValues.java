package io.paillette.capture.filter;

import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a row before and after its change.
 *
 * @param row   the new one, or the old one where there is none
 * @param after null for a delete
 */
record RowValues(Row change, Tuple row, @Nullable Tuple after) {

    static RowValues of(Row change) {
        Tuple before = change.before();
        Tuple after = change.after();
        if (after != null) {
            Tuple filled = before == null ? after : after.filledFrom(before);
            return new RowValues(change, filled, filled);
        }
        if (before == null) {
            throw new IllegalArgumentException(
                    change.kind() + " without a row: " + change.relation().name());
        }
        return new RowValues(change, before, null);
    }

    boolean isRowKnown(int column) {
        return !row.isUnchanged(column) && (after != null || isOldKnown(column));
    }

    /** What is not known counts as NULL until somebody asks {@link #isRowKnown}. */
    byte @Nullable [] rowValue(int column) {
        return row.isUnchanged(column) ? null : row.value(column);
    }

    byte @Nullable [] newValue(int column) {
        return after == null ? null : rowValue(column);
    }

    /** The old row of an insert is known: there is none. */
    boolean isOldKnown(int column) {
        Tuple before = change.before();
        if (hasNoOld()) {
            return true;
        }
        if (before == null) {
            return isUnchangedKey(column);
        }
        return !before.isUnchanged(column) && (!change.beforeIsKeyOnly() || before.value(column) != null);
    }

    byte @Nullable [] oldValue(int column) {
        Tuple before = change.before();
        if (hasNoOld()) {
            return null;
        }
        if (before == null) {
            return isUnchangedKey(column) ? rowValue(column) : null;
        }
        return before.isUnchanged(column) ? null : before.value(column);
    }

    private boolean hasNoOld() {
        return change.kind() == Kind.INSERT || change.kind().isRead();
    }

    private boolean isUnchangedKey(int column) {
        return isInOldRowOfUpdates(change.relation(), column);
    }

    /** The WAL has the old row of an update only where its replica identity's columns changed: otherwise they are as before. */
    static boolean isInOldRowOfUpdates(Relation relation, int column) {
        return relation.identity() == ReplicaIdentity.FULL
                || (relation.identity() == ReplicaIdentity.DEFAULT
                        && relation.ownKey().contains(column));
    }
}
