package io.paillette.capture.stream;

import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import io.paillette.capture.UnavailableValues;
import io.paillette.capture.pgoutput.WalSink;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts into updates the values that they leave out, as far as earlier changes of the stream told them, and passes all on.
 *
 * <p>What is put in is never wrong: every change of a table comes by here, told or not, in the order of the WAL, and what is
 * remembered of a row is replaced, moved or forgotten with each. Whatever could hide a change forgets a table as a whole: a
 * RELATION message (its shape, its identity or its publication was changed, or its rows rewritten), TRUNCATE, and a change
 * that does not tell whose it is. Of partitioned tables nothing is remembered, because each partition has an identity of its
 * own. Rows that are read are none of the stream, and their place in it is not a point.
 */
final class SeenValues implements WalSink {

    private final WalSink sink;
    private final IntFunction<@Nullable Relation> shapes;
    private final IntPredicate partitioned;
    private final SeenRows rows;
    private final Map<Integer, SeenTable> tables = new HashMap<>();

    /**
     * @param shapes      what {@code sink} has made of the last RELATION message of a table
     * @param partitioned whether a table is, or is not known
     */
    SeenValues(WalSink sink, IntFunction<@Nullable Relation> shapes, IntPredicate partitioned, long maxBytes) {
        this.sink = sink;
        this.shapes = shapes;
        this.partitioned = partitioned;
        this.rows = new SeenRows(maxBytes);
    }

    /** Before the assembler of a stream, where the settings ask for it; else the assembler. */
    static WalSink around(TransactionAssembler assembler, RelationLookup lookup, PreparedSource prepared) {
        UnavailableValues values = prepared.source().settings().told().unavailable();
        return values.remembers()
                ? new SeenValues(assembler, assembler::shape, lookup::mayBePartitioned, values.memoryBytes())
                : assembler;
    }

    @Override
    public void relation(int oid, String schema, String table, ReplicaIdentity identity, List<RelationColumn> columns) {
        sink.relation(oid, schema, table, identity, columns);
        tables.remove(oid);
        Relation shape = shapes.apply(oid);
        if (shape != null && !partitioned.test(oid)) {
            SeenTable.of(shape, columns).ifPresent(seen -> tables.put(oid, seen));
        }
    }

    @Override
    public void insert(int oid, Tuple after) {
        sink.insert(oid, after);
        SeenTable table = tables.get(oid);
        if (table != null) {
            Tuple worth = table.remembered(after);
            if (worth != null || !table.isEmpty()) {
                keep(oid, table, table.keyOf(after), worth);
            }
        }
    }

    @Override
    public void update(int oid, @Nullable Tuple before, boolean beforeIsKeyOnly, Tuple after) {
        sink.update(oid, before, beforeIsKeyOnly, whole(oid, before, after));
    }

    private Tuple whole(int oid, @Nullable Tuple before, Tuple after) {
        SeenTable table = tables.get(oid);
        if (table == null) {
            return after;
        }
        Tuple worth = table.remembered(after);
        if (worth == null && table.isEmpty()) {
            return after;
        }
        Optional<ByteBuffer> now = table.keyOf(before == null ? after : after.filledFrom(before));
        Optional<ByteBuffer> was = before == null ? now : table.keyOf(before);
        if (now.isEmpty() || was.isEmpty()) {
            forget(oid, table);
            return after;
        }
        Tuple seen = rows.take(table, was.get());
        Tuple whole = seen == null ? after : after.filledFrom(seen);
        keep(oid, table, now, seen == null ? worth : table.remembered(whole));
        return whole;
    }

    @Override
    public void delete(int oid, Tuple before, boolean beforeIsKeyOnly) {
        sink.delete(oid, before, beforeIsKeyOnly);
        SeenTable table = tables.get(oid);
        if (table != null && !table.isEmpty()) {
            keep(oid, table, table.keyOf(before), null);
        }
    }

    @Override
    public void truncate(List<Integer> relations, boolean cascade, boolean restartIdentity) {
        sink.truncate(relations, cascade, restartIdentity);
        for (int oid : relations) {
            SeenTable table = tables.get(oid);
            if (table != null) {
                forget(oid, table);
            }
        }
    }

    /** Instead of whatever is remembered under this key, which is no row's any more. */
    private void keep(int oid, SeenTable table, Optional<ByteBuffer> key, @Nullable Tuple worth) {
        if (key.isEmpty()) {
            forget(oid, table);
            return;
        }
        rows.take(table, key.get());
        if (worth != null) {
            rows.put(table, key.get(), worth);
        }
    }

    /** What it had goes as what is eldest. */
    private void forget(int oid, SeenTable table) {
        tables.put(oid, table.forgotten());
    }

    @Override
    public void begin(Lsn commitLsn, Instant committed, long xid) {
        sink.begin(commitLsn, committed, xid);
    }

    @Override
    public void commit(Lsn commitLsn, Lsn endLsn, Instant committed) {
        sink.commit(commitLsn, endLsn, committed);
    }

    @Override
    public void type(int oid, String schema, String name) {
        sink.type(oid, schema, name);
    }

    @Override
    public void origin(Lsn commitLsn, String name) {
        sink.origin(commitLsn, name);
    }

    @Override
    public void message(boolean transactional, Lsn lsn, String prefix, byte[] content) {
        sink.message(transactional, lsn, prefix, content);
    }
}
