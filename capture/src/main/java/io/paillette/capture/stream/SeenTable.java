package io.paillette.capture.stream;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import io.paillette.capture.pgoutput.WalSink.RelationColumn;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Enumeration;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnTypes;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which values of a table's rows are remembered, and by what a row is known again. Rows belong to an instance: whoever takes
 * another one for the same table has forgotten them all.
 *
 * <p>A row is known by its replica identity and by nothing else, because of that alone the WAL always tells the old value
 * when it changes. Text that another session can change without touching the row, such as the label of an enum, neither
 * identifies a row nor is remembered.
 */
final class SeenTable {

    /** A shorter value is not worth its place: what stands in the row for one that is out of line takes 18 bytes itself. */
    private static final int LEAST_VALUE_BYTES = 32;

    /**
     * Values are moved out of line where a row takes about 2,000 bytes (docs: TOAST); text that is shorter than what it
     * means is so by a factor of six at most.
     */
    private static final int LEAST_ROW_BYTES = 300;

    private static final Set<Scalar> OF_FIXED_SIZE = EnumSet.of(
            Scalar.BOOL,
            Scalar.INT2,
            Scalar.INT4,
            Scalar.INT8,
            Scalar.OID,
            Scalar.FLOAT4,
            Scalar.FLOAT8,
            Scalar.DATE,
            Scalar.UUID,
            Scalar.POINT,
            Scalar.INTERVAL);

    private final int[] key;
    private final int[] columns;

    /** Of this instance's rows, how many are remembered now. */
    private int rows;

    private SeenTable(int[] key, int[] columns) {
        this.key = key;
        this.columns = columns;
    }

    /** Empty where nothing can be remembered of the table. */
    static Optional<SeenTable> of(Relation relation, List<RelationColumn> wire) {
        // With FULL the old row has what the new one lacks; with NOTHING there are no updates.
        boolean identified =
                relation.identity() == ReplicaIdentity.DEFAULT || relation.identity() == ReplicaIdentity.INDEX;
        int[] key = IntStream.range(0, wire.size())
                .filter(i -> wire.get(i).identity())
                .toArray();
        int[] columns = IntStream.range(0, wire.size())
                .filter(i -> isTold(relation, i)
                        && mayBeOutOfLine(meaning(relation.columns().get(i))))
                .filter(i -> isLasting(relation.columns().get(i)))
                .toArray();
        boolean known = IntStream.of(key)
                .allMatch(i -> identifies(meaning(relation.columns().get(i))));
        return identified && key.length > 0 && known && columns.length > 0
                ? Optional.of(new SeenTable(key, columns))
                : Optional.empty();
    }

    private static boolean isTold(Relation relation, int column) {
        return relation.columns().get(column).exposure().inRow()
                || relation.key().contains(column);
    }

    /** Of the values themselves: those of a masked column are told as text. */
    private static ColumnType meaning(Column column) {
        Column.Declaration declared = column.declared();
        return column.exposure().mask().isPresent()
                ? ColumnTypes.builtIn(declared.typeOid(), declared.typeModifier())
                : column.type();
    }

    private static boolean mayBeOutOfLine(ColumnType type) {
        return !(type instanceof ColumnType.Time
                        || type instanceof ColumnType.Timestamp
                        || type instanceof ColumnType.Money)
                && !(type instanceof Scalar scalar && OF_FIXED_SIZE.contains(scalar));
    }

    /** Whether the same value has the same text for ever. */
    private static boolean isLasting(Column column) {
        ColumnType type = meaning(column);
        boolean builtIn = Integer.compareUnsigned(column.declared().typeOid(), ColumnTypes.FIRST_CATALOG_OID) < 0;
        return type == Scalar.OTHER
                ? builtIn && column.exposure().mask().isEmpty()
                : identifies(type) || (type instanceof Array array && identifies(array.element()));
    }

    private static boolean identifies(ColumnType type) {
        return type != Scalar.OTHER && !(type instanceof Enumeration) && !(type instanceof Array);
    }

    /** The same table of which nothing is remembered. */
    SeenTable forgotten() {
        return new SeenTable(key, columns);
    }

    boolean isEmpty() {
        return rows == 0;
    }

    void count(int change) {
        rows += change;
    }

    /** Empty where the change does not tell it. */
    Optional<ByteBuffer> keyOf(Tuple row) {
        int length = 0;
        for (int column : key) {
            byte[] value = row.value(column);
            if (value == null || row.isUnchanged(column)) {
                return Optional.empty();
            }
            length += Integer.BYTES + value.length;
        }
        ByteBuffer text = ByteBuffer.allocate(length);
        for (int column : key) {
            byte[] value = row.value(column);
            if (value != null) {
                text.putInt(value.length).put(value);
            }
        }
        return Optional.of(text.flip());
    }

    /** What is remembered of a row; null for nothing. */
    @Nullable
    Tuple remembered(Tuple row) {
        long bytes = 0;
        for (int i = 0; i < row.size(); i++) {
            byte[] value = row.value(i);
            bytes += value == null ? 0 : row.isUnchanged(i) ? LEAST_ROW_BYTES : value.length;
        }
        if (bytes < LEAST_ROW_BYTES) {
            return null;
        }
        boolean worth = false;
        byte[][] values = new byte[row.size()][];
        for (int column : columns) {
            byte[] value = row.value(column);
            if (value != null && value.length >= LEAST_VALUE_BYTES) {
                values[column] = value;
                worth = true;
            }
        }
        return worth ? new Tuple(values) : null;
    }
}
