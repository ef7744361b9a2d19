package io.paillette.struct;

import io.paillette.capture.Column;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.GeometryText;
import io.paillette.capture.type.PointText;
import io.paillette.capture.type.ScalarText;
import io.paillette.capture.type.ValueHandling;
import io.paillette.capture.type.ValueReader;
import io.paillette.capture.type.VectorText;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a column's text the value that its {@link ColumnSchema} allows.
 *
 * @param absent what stands for a value that the WAL does not carry: null where the column may be null; else, because the
 *               schema says that there is one, its default or else the type's zero, as in Debezium
 */
record ColumnValue(Schema schema, ValueReader reader, @Nullable Object absent) {

    static ColumnValue of(Column column, ValueHandling handling) {
        Schema schema = ColumnSchema.of(column, handling);
        ValueReader reader = reader(column.type(), schema, handling);
        Object absent = schema.defaultValue() != null ? schema.defaultValue() : zero(column.type(), schema, handling);
        return new ColumnValue(schema, reader, column.nullable() ? null : absent);
    }

    @Nullable
    Object of(byte @Nullable [] text) {
        return text == null ? absent : reader.read(text);
    }

    boolean isRequired() {
        return absent != null;
    }

    static ValueReader reader(ColumnType type, Schema schema, ValueHandling handling) {
        ValueReader plain = ValueReader.of(type, handling);
        UnaryOperator<Object> form = form(schema);
        return text -> form.apply(plain.read(text));
    }

    /** From what capture reads to what Connect holds, where the two differ. */
    private static UnaryOperator<Object> form(Schema schema) {
        if (schema.type() == Schema.Type.STRUCT) {
            return value -> struct(value, schema);
        }
        if (schema.type() == Schema.Type.ARRAY) {
            UnaryOperator<Object> element = form(schema.valueSchema());
            return value -> elements((List<?>) value, element);
        }
        if (Date.LOGICAL_NAME.equals(schema.name())) {
            return days -> Date.toLogical(schema, (Integer) days);
        }
        if (Time.LOGICAL_NAME.equals(schema.name())) {
            return millis -> Time.toLogical(schema, (Integer) millis);
        }
        if (Timestamp.LOGICAL_NAME.equals(schema.name())) {
            return millis -> Timestamp.toLogical(schema, (Long) millis);
        }
        return value -> value;
    }

    private static Struct struct(Object value, Schema schema) {
        if (value instanceof BigDecimal number) {
            return variableScale(number, schema);
        }
        if (value instanceof VectorText.Sparse vector) {
            return new Struct(schema).put("dimensions", vector.dimensions()).put("vector", vector.values());
        }
        return schema.field("x") == null ? geometry((byte[]) value, schema) : point((byte[]) value, schema);
    }

    private static Struct geometry(byte[] text, Schema schema) {
        byte[] wkb = GeometryText.wkb(text);
        var struct = new Struct(schema).put("wkb", wkb);
        GeometryText.srid(wkb).ifPresent(srid -> struct.put("srid", srid));
        return struct;
    }

    private static Struct variableScale(BigDecimal value, Schema schema) {
        return new Struct(schema)
                .put("scale", value.scale())
                .put("value", value.unscaledValue().toByteArray());
    }

    private static Struct point(byte[] text, Schema schema) {
        return new Struct(schema)
                .put("x", ScalarText.float8(PointText.x(text)))
                .put("y", ScalarText.float8(PointText.y(text)))
                .put("wkb", PointText.wkb(text));
    }

    private static List<@Nullable Object> elements(List<?> values, UnaryOperator<Object> form) {
        var elements = new ArrayList<@Nullable Object>(values.size());
        for (Object value : values) {
            if (value instanceof List<?>) {
                throw new BadValueException("an array of several dimensions has no Connect schema");
            }
            elements.add(value == null ? null : form.apply(value));
        }
        return elements;
    }

    /** What the type calls nothing, read as any value is. */
    private static Object zero(ColumnType type, Schema schema, ValueHandling handling) {
        return reader(type, schema, handling).read(zero(type).getBytes(StandardCharsets.US_ASCII));
    }

    private static String zero(ColumnType type) {
        if (type instanceof ColumnType.Scalar scalar) {
            return switch (scalar) {
                case BOOL -> "f";
                case INT2, INT4, INT8, OID, FLOAT4, FLOAT8 -> "0";
                case BYTEA -> "\\x";
                case DATE -> "1970-01-01";
                case JSON -> "{}";
                case INTERVAL -> "00:00:00";
                case POINT -> "(0,0)";
                case GEOMETRY, GEOGRAPHY -> GeometryText.EMPTY;
                case VECTOR, HALFVEC -> "[]";
                case SPARSEVEC -> "{}/0";
                case TEXT, UUID, XML, TSVECTOR, LTREE, HSTORE, OTHER -> "";
            };
        }
        if (type instanceof ColumnType.Numeric) {
            return "0";
        }
        if (type instanceof ColumnType.Money) {
            return "$0.00";
        }
        if (type instanceof ColumnType.Bits bits) {
            return "0".repeat(bits.length());
        }
        if (type instanceof ColumnType.Time time) {
            return time.zoned() ? "00:00:00+00" : "00:00:00";
        }
        if (type instanceof ColumnType.Timestamp timestamp) {
            return timestamp.zoned() ? "1970-01-01 00:00:00+00" : "1970-01-01 00:00:00";
        }
        return type instanceof ColumnType.Array ? "{}" : "";
    }
}
