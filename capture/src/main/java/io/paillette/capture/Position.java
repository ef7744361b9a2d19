package io.paillette.capture;

import java.util.List;
import java.util.Optional;

/**
 * Where capture stands (design section 5): what was delivered up to here needs no second delivery.
 *
 * @param end      end LSN of the last fully delivered transaction, or logical message outside of one: replication starts
 *                 here, and the server sends nothing again whose WAL record begins before
 * @param commit   commit LSN of the transaction in progress, or {@link Lsn#NONE} between transactions; with ordinal 0 no more
 *                 is delivered of it than its begin
 * @param ordinal  rows, truncates and logical messages delivered of the transaction in progress, counted as the protocol
 *                 sends them, before any filter of ours
 * @param snapshot how far the initial snapshot is
 * @param predecessor whose slot is still read; it has its own LSNs of the same WAL
 * @param server   where the LSNs belong; empty when the position was stored before that was remembered
 */
public record Position(
        Lsn end,
        Lsn commit,
        long ordinal,
        SnapshotProgress snapshot,
        Optional<ServerIdentity> server,
        Optional<Predecessor> predecessor) {

    /** Between transactions, on a server that is not remembered. */
    public static Position between(Lsn end, SnapshotProgress snapshot) {
        return new Position(end, Lsn.NONE, 0, snapshot, Optional.empty(), Optional.empty());
    }

    /** Between transactions, on the same server. */
    public Position moved(Lsn end, SnapshotProgress snapshot) {
        return new Position(end, Lsn.NONE, 0, snapshot, server, predecessor);
    }

    /** The same place, with tables read so far. */
    public Position with(SnapshotProgress progress) {
        return new Position(end, commit, ordinal, progress, server, predecessor);
    }

    /** Inside a transaction. */
    public Position inside(Lsn commit, long ordinal) {
        return new Position(end, commit, ordinal, snapshot, server, predecessor);
    }

    /**
     * Whether it is later in the order of delivery than {@code other} of the same source. The end does not tell: it also moves
     * over WAL that holds nothing, which two runs need not do at the same places.
     */
    public boolean isBeyond(Position other) {
        int places = place().compareTo(other.place());
        if (places == 0 && isInside() != other.isInside()) {
            return isInside(); // a transaction may commit right where the one before ended
        }
        return places > 0 || (places == 0 && ordinal > other.ordinal());
    }

    private boolean isInside() {
        return !commit.equals(Lsn.NONE);
    }

    private Lsn place() {
        return isInside() ? commit : end;
    }

    /** The same place, known to be on {@code identity}. */
    public Position on(ServerIdentity identity) {
        return new Position(end, commit, ordinal, snapshot, Optional.of(identity), predecessor);
    }

    /** The same place, from which on a table is to be read from the beginning. */
    public Position anew(int oid) {
        return new Position(end, commit, ordinal, snapshot.anew(oid), server, predecessor);
    }

    /** The same place for people to see: how far tables are read is said by the keys of their rows. */
    public Position withoutKeys() {
        return new Position(
                end,
                commit,
                ordinal,
                new SnapshotProgress(snapshot.complete(), List.of()).signalled(snapshot.nextSignal()),
                server,
                predecessor);
    }

    /** The same place, reached by another reader whose slot is read first. */
    public Position after(Predecessor other) {
        return new Position(end, commit, ordinal, snapshot, server, Optional.of(other));
    }

    /** Where our own slot takes over from that of the predecessor. */
    public Position takenOver(Predecessor from) {
        return new Position(from.until(), Lsn.NONE, 0, snapshot, server, Optional.empty());
    }
}
