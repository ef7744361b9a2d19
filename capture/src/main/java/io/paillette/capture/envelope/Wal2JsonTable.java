package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.column.ColumnMask;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.BuiltInType;
import io.paillette.capture.type.ScalarText;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Writes rows of one shape of one table as wal2json does: numbers and booleans as such, all else as Postgres's text. */
final class Wal2JsonTable {

    private static final Set<Integer> NUMBERS = Set.of(
            BuiltInType.INT2.oid(),
            BuiltInType.INT4.oid(),
            BuiltInType.INT8.oid(),
            BuiltInType.OID.oid(),
            BuiltInType.FLOAT4.oid(),
            BuiltInType.FLOAT8.oid(),
            BuiltInType.NUMERIC.oid());

    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");

    /** Both fields, each with the comma before it. */
    final byte[] names;

    private final Relation relation;
    private final int[] row;
    private final int[] told;
    private final int[] key;
    private final byte[][] prefixes;
    private final JsonValue[] values;
    private final @Nullable ColumnMask[] masks;

    Wal2JsonTable(Relation relation) {
        this.relation = relation;
        List<Column> columns = relation.columns();
        names = SourceJson.schemaAndTable(
                relation.name().schema(), relation.name().table());
        row = IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).exposure().inRow())
                .toArray();
        key = relation.key().stream().mapToInt(i -> i).toArray();
        told = IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).exposure().inRow() || relation.key().contains(i))
                .toArray();
        prefixes = columns.stream().map(Wal2JsonTable::prefix).toArray(byte[][]::new);
        values = columns.stream().map(Wal2JsonTable::writer).toArray(JsonValue[]::new);
        masks = columns.stream()
                .map(column -> column.exposure().mask().orElse(null))
                .toArray(ColumnMask[]::new);
    }

    void row(JsonBytes out, Tuple tuple) {
        write(out, tuple, row, false);
    }

    /** The key of a row that changed otherwise. */
    void key(JsonBytes out, Tuple tuple) {
        write(out, tuple, key, false);
    }

    /** Of an old row what the WAL has of it. */
    void old(JsonBytes out, Tuple tuple, boolean keyOnly) {
        write(out, tuple, told, keyOnly);
    }

    private void write(JsonBytes out, Tuple tuple, int[] columns, boolean keyOnly) {
        if (tuple.size() != values.length) {
            throw new BadValueException(
                    "table " + relation.name() + " has " + values.length + " columns, the row " + tuple.size());
        }
        boolean first = true;
        for (int i : columns) {
            if (tuple.isUnchanged(i) || (keyOnly && tuple.value(i) == null)) {
                continue;
            }
            if (!first) {
                out.raw(',');
            }
            first = false;
            out.raw(prefixes[i]);
            value(out, tuple, i);
            out.raw('}');
        }
    }

    private void value(JsonBytes out, Tuple tuple, int i) {
        ColumnMask mask = masks[i];
        byte[] text = mask == null ? tuple.value(i) : mask.of(tuple.value(i));
        if (text == null) {
            out.nil();
            return;
        }
        try {
            values[i].write(out, text);
        } catch (BadValueException e) {
            throw new BadValueException(
                    "column " + relation.name() + "."
                            + relation.columns().get(i).name(),
                    e);
        }
    }

    private static byte[] prefix(Column column) {
        var prefix = new JsonBytes();
        prefix.raw(ascii("{\"name\":")).string(column.name());
        return prefix.raw(ascii(",\"type\":"))
                .string(unquoted(column.declared().typeName()))
                .raw(ascii(",\"value\":"))
                .toBytes();
    }

    /** A name that SQL must quote is told without its quotes. */
    private static String unquoted(String type) {
        if (type.length() < 2 || !type.startsWith("\"") || !type.endsWith("\"")) {
            return type;
        }
        String name = type.substring(1, type.length() - 1);
        boolean one = name.replace("\"\"", "").indexOf('"') < 0; // and not a schema and a name
        return one ? name.replace("\"\"", "\"") : type;
    }

    /** By the type that is declared: to wal2json a domain over a number is none. */
    private static JsonValue writer(Column column) {
        int oid = column.declared().typeOid();
        if (column.exposure().mask().isPresent()) {
            return JsonBytes::string;
        }
        if (NUMBERS.contains(oid)) {
            return Wal2JsonTable::number;
        }
        if (oid == BuiltInType.BOOL.oid()) {
            return (out, text) -> out.raw(ScalarText.bool(text) ? TRUE : FALSE);
        }
        return oid == BuiltInType.BYTEA.oid() ? Wal2JsonTable::hex : JsonBytes::string;
    }

    private static void number(JsonBytes out, byte[] text) {
        if (ScalarText.isSpecial(text)) {
            out.string(text);
        } else {
            out.raw(text);
        }
    }

    private static void hex(JsonBytes out, byte[] text) {
        if (text.length < 2 || text[0] != '\\' || text[1] != 'x') {
            throw new BadValueException("a bytea is not in hex form");
        }
        out.string(Arrays.copyOfRange(text, 2, text.length));
    }
}
