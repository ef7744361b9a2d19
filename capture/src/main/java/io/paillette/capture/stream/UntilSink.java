package io.paillette.capture.stream;

import io.paillette.capture.Lsn;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import io.paillette.capture.pgoutput.WalSink;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets pass what commits before an LSN. */
final class UntilSink implements WalSink {

    private final WalSink sink;
    private final Lsn until;
    private boolean reached;

    UntilSink(WalSink sink, Lsn until) {
        this.sink = sink;
        this.until = until;
    }

    /** What came since is none of ours. */
    boolean isReached() {
        return reached;
    }

    @Override
    public void begin(Lsn commitLsn, Instant committed, long xid) {
        reached = commitLsn.compareTo(until) >= 0;
        if (!reached) {
            sink.begin(commitLsn, committed, xid);
        }
    }

    @Override
    public void commit(Lsn commitLsn, Lsn endLsn, Instant committed) {
        sink.commit(commitLsn, endLsn, committed);
    }

    @Override
    public void relation(int oid, String schema, String table, ReplicaIdentity identity, List<RelationColumn> columns) {
        sink.relation(oid, schema, table, identity, columns);
    }

    @Override
    public void type(int oid, String schema, String name) {
        sink.type(oid, schema, name);
    }

    @Override
    public void insert(int relation, Tuple after) {
        sink.insert(relation, after);
    }

    @Override
    public void update(int relation, @Nullable Tuple before, boolean beforeIsKeyOnly, Tuple after) {
        sink.update(relation, before, beforeIsKeyOnly, after);
    }

    @Override
    public void delete(int relation, Tuple before, boolean beforeIsKeyOnly) {
        sink.delete(relation, before, beforeIsKeyOnly);
    }

    @Override
    public void truncate(List<Integer> relations, boolean cascade, boolean restartIdentity) {
        sink.truncate(relations, cascade, restartIdentity);
    }

    @Override
    public void origin(Lsn commitLsn, String name) {
        sink.origin(commitLsn, name);
    }

    @Override
    public void message(boolean transactional, Lsn lsn, String prefix, byte[] content) {
        // The end of its record: one that ends there begins before, where our slot does not begin yet.
        reached = !transactional && lsn.compareTo(until) > 0;
        if (!reached) {
            sink.message(transactional, lsn, prefix, content);
        }
    }
}
