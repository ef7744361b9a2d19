package io.paillette.capture.pgoutput;

import io.paillette.capture.Lsn;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Receives one decoded logical replication stream, in WAL order, from a single thread. One method per message: a new
 * message kind breaks every sink at compile time instead of falling into a default.
 */
public interface WalSink {

    /** BEGIN. {@code commitLsn} is the LSN of the commit record (the message's "final LSN"). */
    void begin(Lsn commitLsn, Instant committed, long xid);

    /** COMMIT. {@code endLsn} is where the next transaction can begin. */
    void commit(Lsn commitLsn, Lsn endLsn, Instant committed);

    /** RELATION: comes before the first change of a table and whenever its shape changed. */
    void relation(int oid, String schema, String table, ReplicaIdentity identity, List<RelationColumn> columns);

    /** TYPE: names a type that is not built in. */
    void type(int oid, String schema, String name);

    void insert(int relation, Tuple after);

    /** {@code before} is null unless the message carries an old row. */
    void update(int relation, @Nullable Tuple before, boolean beforeIsKeyOnly, Tuple after);

    void delete(int relation, Tuple before, boolean beforeIsKeyOnly);

    void truncate(List<Integer> relations, boolean cascade, boolean restartIdentity);

    void origin(Lsn commitLsn, String name);

    /** pg_logical_emit_message (14+, when asked for). */
    void message(boolean transactional, Lsn lsn, String prefix, byte[] content);

    /** A column as RELATION tells it. {@code identity}: part of the replica identity. */
    record RelationColumn(String name, boolean identity, int typeOid, int typeModifier) {}
}
