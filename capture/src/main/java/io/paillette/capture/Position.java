package io.paillette.capture;

/**
 * Where capture stands (design section 5): what was delivered up to here needs no second delivery.
 *
 * @param end      end LSN of the last fully delivered transaction: replication starts here
 * @param commit   commit LSN of the transaction in progress, or {@link Lsn#NONE} between transactions
 * @param ordinal  row and truncate messages delivered of the transaction in progress, counted as the protocol sends them,
 *                 before any filter of ours
 * @param snapshot how far the initial snapshot is
 */
public record Position(Lsn end, Lsn commit, long ordinal, SnapshotProgress snapshot) {

    /** Between transactions. */
    public static Position between(Lsn end, SnapshotProgress snapshot) {
        return new Position(end, Lsn.NONE, 0, snapshot);
    }

    /** Inside a transaction. */
    public Position inside(Lsn commit, long ordinal) {
        return new Position(end, commit, ordinal, snapshot);
    }
}
