package io.paillette.struct;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.TableName;
import io.paillette.capture.Tuple;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.Unavailable;
import io.paillette.capture.type.ValueHandling;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/** The Connect schemas of one shape of one table, made once, and the structs that have them. */
public final class TableShape {

    private final Relation relation;
    private final String topic;
    private final ValueHandling handling;
    private final StructNames names;
    private final ColumnValue[] values;
    private final int[] keyColumns;
    private final int[] rowColumns;
    private final Schema row;
    private final Schema rowAlone;
    private final @Nullable Schema key;

    private TableShape(Relation relation, StructNames names, ValueHandling handling) {
        this.relation = relation;
        this.topic = names.topicOf(relation.name());
        this.handling = handling;
        this.names = names;
        List<Column> columns = relation.columns();
        this.values =
                columns.stream().map(column -> ColumnValue.of(column, handling)).toArray(ColumnValue[]::new);
        this.keyColumns = relation.key().stream().mapToInt(i -> i).toArray();
        this.rowColumns = IntStream.range(0, columns.size())
                .filter(i -> columns.get(i).exposure().inRow())
                .toArray();
        this.row = struct(topic + ".Value", rowColumns).optional().build();
        this.rowAlone = struct(topic + ".Value", rowColumns).build();
        this.key = keyColumns.length == 0
                ? null
                : struct(topic + ".Key", keyColumns).build();
    }

    public static TableShape of(Relation relation, StructNames names, ValueHandling handling) {
        return new TableShape(relation, names, handling);
    }

    /** Whether {@code other} is the table as it is known here: then schemas stay the same objects. */
    boolean isOf(Relation other) {
        return relation.equals(other);
    }

    TableName table() {
        return relation.name();
    }

    public String topic() {
        return topic;
    }

    @Nullable
    Schema key() {
        return key;
    }

    /** Struct {@code <topic>.Value}, optional, as part of another. */
    public Schema row() {
        return row;
    }

    /** The same by itself. */
    Schema rowAlone() {
        return rowAlone;
    }

    /** Struct {@code <topic>.<called>} of the row, optional. */
    Schema rowCalled(String called) {
        return struct(topic + "." + called, rowColumns).optional().build();
    }

    /** What schema {@code <topic>.<called>} is called. */
    public String schemaName(String called) {
        return names.schema(topic + "." + called);
    }

    /** Indexes of the columns that rows have. */
    int[] rowColumns() {
        return rowColumns.clone();
    }

    /**
     * Whether a whole row fits. It does not when a column that is NOT NULL now was not when the row was written, because
     * the catalog is read later than the WAL was written.
     */
    boolean admits(Tuple tuple) {
        for (int i : rowColumns) {
            if (told(tuple, i) == null && values[i].isRequired()) {
                return false;
            }
        }
        return true;
    }

    /** The shape in which each column that is null in {@code tuple} may be null. */
    TableShape admitting(Tuple tuple) {
        return allowingNull(column -> tuple.value(column) == null);
    }

    /** The shape in which each column may be null. */
    TableShape withOptionalColumns() {
        return allowingNull(column -> true);
    }

    private TableShape allowingNull(IntPredicate which) {
        List<Column> columns = IntStream.range(0, values.length)
                .mapToObj(i -> {
                    Column c = relation.columns().get(i);
                    return which.test(i) ? new Column(c.name(), c.declared(), c.type(), true, c.exposure()) : c;
                })
                .toList();
        return new TableShape(
                new Relation(
                        relation.oid(),
                        relation.name(),
                        relation.identity(),
                        columns,
                        relation.ownKey(),
                        relation.key()),
                names,
                handling);
    }

    /** @throws BadValueException naming table and column */
    @Nullable
    Struct row(@Nullable Tuple tuple) {
        return tuple == null ? null : struct(row, tuple);
    }

    /** As {@link #row}, of the schema {@link #rowAlone()}. */
    Struct rowAlone(Tuple tuple) {
        return struct(rowAlone, tuple);
    }

    /** As {@link #row}, of a schema that {@link #rowCalled} made. */
    Struct struct(Schema of, Tuple tuple) {
        var struct = new Struct(of);
        List<Field> fields = of.fields();
        for (int i = 0; i < rowColumns.length; i++) {
            put(struct, fields.get(i), rowColumns[i], tuple);
        }
        return struct;
    }

    /** Null for a table without a key, else as {@link #row}. */
    @Nullable
    Struct key(@Nullable Tuple tuple) {
        if (key == null || tuple == null) {
            return null;
        }
        var struct = new Struct(key);
        for (int i = 0; i < keyColumns.length; i++) {
            put(struct, key.fields().get(i), keyColumns[i], tuple);
        }
        return struct;
    }

    /** Puts the value of one column into a struct of this shape. */
    void put(Struct struct, Field field, int column, Tuple tuple) {
        try {
            struct.put(field, values[column].of(told(tuple, column)));
        } catch (BadValueException e) {
            throw new BadValueException(place(column), e);
        } catch (DataException e) {
            throw new BadValueException(place(column) + ": " + e.getMessage());
        }
    }

    private byte @Nullable [] told(Tuple tuple, int column) {
        Column of = relation.columns().get(column);
        return tuple.isUnchanged(column)
                ? Unavailable.text(of.type(), handling.decimals())
                : of.told(tuple.value(column));
    }

    private String place(int column) {
        return "column " + relation.name() + "."
                + relation.columns().get(column).name();
    }

    private SchemaBuilder struct(String name, int[] columns) {
        SchemaBuilder struct = SchemaBuilder.struct().name(names.schema(name));
        for (int column : columns) {
            String field = names.field(relation.columns().get(column).name());
            if (struct.field(field) != null) {
                throw new BadValueException(place(column) + " becomes field " + field + ", as another column does: set "
                        + "field.name.adjustment.mode=avro_unicode, or rename one of them");
            }
            struct.field(field, values[column].schema());
        }
        return struct;
    }
}
