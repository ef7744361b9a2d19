package io.paillette.capture.envelope;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.Column;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.column.Exposure;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Scalar;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Tables, rows and events in few words. */
final class Rows {

    static final Position START = Position.between(new Lsn(100), SnapshotProgress.DONE);
    static final TransactionInfo TRANSACTION =
            new TransactionInfo(571, new Lsn(300), Instant.parse("2024-02-29T12:34:56.789012Z"), START);

    /** {@code orders(id int primary key, note text)}. */
    static final Relation ORDERS =
            table("orders", ReplicaIdentity.DEFAULT, key("id", Scalar.INT4), column("note", Scalar.TEXT));

    private static final Column.Declaration UNDECLARED = new Column.Declaration(0, -1, "text", Optional.empty());

    private Rows() {}

    /** The columns that {@link #key} made are the key. */
    static Relation table(String name, ReplicaIdentity identity, Column... columns) {
        List<Integer> key = IntStream.range(0, columns.length)
                .filter(i -> !columns[i].nullable())
                .boxed()
                .toList();
        return new Relation(name.hashCode(), new TableName("public", name), identity, List.of(columns), key, key);
    }

    static Column key(String name, ColumnType type) {
        return new Column(name, UNDECLARED, type, false, Exposure.WHOLE);
    }

    static Column column(String name, ColumnType type) {
        return new Column(name, UNDECLARED, type, true, Exposure.WHOLE);
    }

    /** {@code "?"} stands for an unchanged TOASTed value. */
    static Tuple row(@Nullable String... values) {
        List<byte[]> bytes = new ArrayList<>();
        for (String value : values) {
            bytes.add(
                    value == null
                            ? null
                            : value.equals("?") ? Tuple.unchanged() : value.getBytes(StandardCharsets.UTF_8));
        }
        return new Tuple(bytes.toArray(byte[][]::new));
    }

    static CaptureEvent.Row event(
            Kind kind, Relation table, @Nullable Tuple before, boolean beforeIsKeyOnly, @Nullable Tuple after) {
        return new CaptureEvent.Row(
                kind,
                table,
                before,
                beforeIsKeyOnly,
                after,
                TRANSACTION,
                new Lsn(200),
                1,
                START.inside(new Lsn(300), 1));
    }
}
