package io.paillette.capture.pgoutput;

import io.paillette.capture.Lsn;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what a sink was told, one line each. */
final class Recorder implements WalSink {

    final List<String> lines = new ArrayList<>();

    @Override
    public void begin(Lsn commitLsn, Instant committed, long xid) {
        lines.add("begin " + commitLsn + " " + committed + " " + xid);
    }

    @Override
    public void commit(Lsn commitLsn, Lsn endLsn, Instant committed) {
        lines.add("commit " + commitLsn + " " + endLsn + " " + committed);
    }

    @Override
    public void relation(int oid, String schema, String table, ReplicaIdentity identity, List<RelationColumn> columns) {
        var line = new StringBuilder("relation " + schema + "." + table + " " + identity);
        columns.forEach(c -> line.append(' ')
                .append(c.name())
                .append(c.identity() ? "*" : "")
                .append(':')
                .append(c.typeOid())
                .append(':')
                .append(c.typeModifier()));
        lines.add(line.toString());
    }

    @Override
    public void type(int oid, String schema, String name) {
        lines.add("type " + schema + "." + name);
    }

    @Override
    public void insert(int relation, Tuple after) {
        lines.add("insert " + text(after));
    }

    @Override
    public void update(int relation, @Nullable Tuple before, boolean beforeIsKeyOnly, Tuple after) {
        String old = before == null ? "" : (beforeIsKeyOnly ? "key" : "") + text(before) + " -> ";
        lines.add("update " + old + text(after));
    }

    @Override
    public void delete(int relation, Tuple before, boolean beforeIsKeyOnly) {
        lines.add("delete " + (beforeIsKeyOnly ? "key" : "") + text(before));
    }

    @Override
    public void truncate(List<Integer> relations, boolean cascade, boolean restartIdentity) {
        lines.add("truncate " + relations.size() + (cascade ? " cascade" : "") + (restartIdentity ? " restart" : ""));
    }

    @Override
    public void origin(Lsn commitLsn, String name) {
        lines.add("origin " + commitLsn + " " + name);
    }

    @Override
    public void message(boolean transactional, Lsn lsn, String prefix, byte[] content) {
        lines.add("message " + transactional + " " + prefix + " " + new String(content, StandardCharsets.UTF_8));
    }

    private static String text(Tuple tuple) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < tuple.size(); i++) {
            byte[] value = tuple.value(i);
            values.add(
                    value == null
                            ? "NULL"
                            : tuple.isUnchanged(i) ? "UNCHANGED" : new String(value, StandardCharsets.UTF_8));
        }
        return values.toString();
    }
}
