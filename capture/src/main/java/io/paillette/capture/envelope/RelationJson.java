package io.paillette.capture.envelope;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.column.ColumnMask;
import io.paillette.capture.type.BadValueException;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes rows of one shape of one table: names escaped and column writers chosen once. */
final class RelationJson {

    final Relation relation;
    final byte[] schemaAndTable;

    private final JsonForms forms;
    private final byte[][] names;
    private final JsonValue[] values;
    private final @Nullable ColumnMask[] masks;
    private final int[] row;
    private final int[] key;

    RelationJson(Relation relation, JsonForms forms) {
        this.relation = relation;
        this.forms = forms;
        List<Column> columns = relation.columns();
        names = columns.stream().map(column -> name(column.name())).toArray(byte[][]::new);
        values = columns.stream().map(column -> forms.of(column.type())).toArray(JsonValue[]::new);
        row = IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).exposure().inRow())
                .toArray();
        key = relation.key().stream().mapToInt(i -> i).toArray();
        masks = columns.stream()
                .map(column -> column.exposure().mask().orElse(null))
                .toArray(ColumnMask[]::new);
        schemaAndTable = SourceJson.schemaAndTable(
                relation.name().schema(), relation.name().table());
    }

    void row(JsonBytes out, Tuple tuple) {
        write(out, tuple, row);
    }

    void key(JsonBytes out, Tuple tuple) {
        write(out, tuple, key);
    }

    /** Of an old row of which the WAL has only the replica identity's columns: these, which are never null. */
    void known(JsonBytes out, Tuple before) {
        char separator = '{';
        for (int i : row) {
            if (before.value(i) != null) {
                out.raw(separator).raw(names[i]);
                value(out, before, i);
                separator = ',';
            }
        }
        close(out, separator);
    }

    /** The old values of what an update changed, as far as the WAL has them. */
    void changed(JsonBytes out, ChangeRecord update, Tuple before) {
        char separator = '{';
        for (int i : row) {
            if (update.tellsChange(i)) {
                out.raw(separator).raw(names[i]);
                value(out, before, i);
                separator = ',';
            }
        }
        close(out, separator);
    }

    private void write(JsonBytes out, Tuple tuple, int[] columns) {
        if (tuple.size() != names.length) {
            throw new BadValueException(
                    "table " + relation.name() + " has " + names.length + " columns, the row " + tuple.size());
        }
        char separator = '{';
        for (int i : columns) {
            out.raw(separator).raw(names[i]);
            value(out, tuple, i);
            separator = ',';
        }
        close(out, separator);
    }

    private static void close(JsonBytes out, char separator) {
        if (separator == '{') {
            out.raw('{');
        }
        out.raw('}');
    }

    private void value(JsonBytes out, Tuple tuple, int i) {
        ColumnMask mask = masks[i];
        byte[] text = mask == null || tuple.isUnchanged(i) ? tuple.value(i) : mask.of(tuple.value(i));
        try {
            if (text == null) {
                out.nil();
            } else if (tuple.isUnchanged(i)) {
                forms.unavailable(out, relation.columns().get(i).type(), values[i]);
            } else {
                values[i].write(out, text);
            }
        } catch (BadValueException e) {
            throw new BadValueException(
                    "column " + relation.name() + "."
                            + relation.columns().get(i).name(),
                    e);
        }
    }

    private static byte[] name(String name) {
        return new JsonBytes().string(name).raw(':').toBytes();
    }
}
