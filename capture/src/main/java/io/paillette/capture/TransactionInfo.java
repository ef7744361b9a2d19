package io.paillette.capture;

import java.time.Instant;
import java.util.Optional;

/**
 * The source transaction that an event belongs to.
 *
 * @param xid       32-bit transaction id, unsigned
 * @param commit    LSN of the commit record
 * @param committed when it committed, microseconds, by the source's clock; for snapshot rows the time they were read
 * @param start     position before the first message of this transaction
 * @param origin    where it was replicated from; empty for one of the source itself
 * @param annotations what was written down beside the change, as JSON; changes of one transaction may have different ones
 */
public record TransactionInfo(
        long xid,
        Lsn commit,
        Instant committed,
        Position start,
        Optional<Origin> origin,
        Optional<String> annotations) {

    /** Of the source itself, or not known to come from elsewhere. */
    public TransactionInfo(long xid, Lsn commit, Instant committed, Position start) {
        this(xid, commit, committed, start, Optional.empty(), Optional.empty());
    }

    /**
     * A replication origin (docs: Replication Progress Tracking).
     *
     * @param name   as in pg_replication_origin
     * @param commit where the transaction committed there, {@link Lsn#NONE} when that was not told
     */
    public record Origin(String name, Lsn commit) {}

    /** As transaction metadata names it; the same in every record of the transaction. */
    public String id() {
        return xid + ":" + commit.value();
    }

    /** The same, replicated from {@code where}. */
    public TransactionInfo from(Origin where) {
        return new TransactionInfo(xid, commit, committed, start, Optional.of(where), annotations);
    }

    /** The same from where it is annotated so, or no longer. */
    public TransactionInfo annotated(Optional<String> json) {
        return new TransactionInfo(xid, commit, committed, start, origin, json);
    }
}
