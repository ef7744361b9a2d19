package io.paillette.connect;

import io.paillette.capture.Column;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.ValueReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a column's text the value that its {@link ColumnSchema} allows.
 *
 * @param absent what stands for a value that the WAL does not carry: null where the column may be null; else, because the
 *               schema says that there is one, the type's zero, as in Debezium
 */
record ColumnValue(Schema schema, ValueReader reader, @Nullable Object absent) {

    static ColumnValue of(Column column, DecimalHandling decimals) {
        Schema schema = ColumnSchema.of(column, decimals);
        ValueReader reader = reader(column.type(), schema, decimals);
        return new ColumnValue(schema, reader, column.nullable() ? null : zero(column.type(), schema, decimals));
    }

    @Nullable
    Object of(byte @Nullable [] text) {
        return text == null ? absent : reader.read(text);
    }

    boolean isRequired() {
        return absent != null;
    }

    private static ValueReader reader(ColumnType type, Schema schema, DecimalHandling decimals) {
        ValueReader plain = ValueReader.of(type, decimals);
        if (isVariableScale(type, decimals)) {
            return text -> variableScale((BigDecimal) plain.read(text), schema);
        }
        if (type instanceof ColumnType.Array array) {
            boolean variableScale = isVariableScale(array.element(), decimals);
            return text -> elements((List<?>) plain.read(text), variableScale);
        }
        return plain;
    }

    private static boolean isVariableScale(ColumnType type, DecimalHandling decimals) {
        return type instanceof ColumnType.Numeric numeric
                && numeric.precision() < 0
                && decimals == DecimalHandling.PRECISE;
    }

    private static Struct variableScale(BigDecimal value, Schema schema) {
        return new Struct(schema)
                .put("scale", value.scale())
                .put("value", value.unscaledValue().toByteArray());
    }

    private static List<@Nullable Object> elements(List<?> values, boolean variableScale) {
        var elements = new ArrayList<@Nullable Object>(values.size());
        for (Object value : values) {
            if (value instanceof List<?>) {
                throw new BadValueException("an array of several dimensions has no Connect schema");
            }
            elements.add(
                    variableScale && value instanceof BigDecimal number
                            ? variableScale(number, ColumnSchema.OPTIONAL_VARIABLE_SCALE_DECIMAL)
                            : value);
        }
        return elements;
    }

    private static Object zero(ColumnType type, Schema schema, DecimalHandling decimals) {
        if (type instanceof ColumnType.Numeric numeric && decimals == DecimalHandling.PRECISE) {
            return numeric.precision() < 0
                    ? variableScale(BigDecimal.ZERO, schema)
                    : BigDecimal.ZERO.setScale(numeric.scale());
        }
        if (type instanceof ColumnType.Time time && time.zoned()) {
            return "00:00:00Z";
        }
        if (type instanceof ColumnType.Timestamp timestamp && timestamp.zoned()) {
            return "1970-01-01T00:00:00.000000Z";
        }
        if (type == ColumnType.Scalar.JSON) {
            return "{}";
        }
        return switch (schema.type()) {
            case BOOLEAN -> false;
            case INT16 -> (short) 0;
            case INT32 -> 0;
            case INT64 -> 0L;
            case FLOAT32 -> 0f;
            case FLOAT64 -> 0d;
            case BYTES -> new byte[0];
            case ARRAY -> List.of();
            default -> "";
        };
    }
}
