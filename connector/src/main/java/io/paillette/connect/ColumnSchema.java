package io.paillette.connect;

import io.paillette.capture.Column;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.DecimalHandling;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;

/** The Connect schema of a column, by Debezium's mapping with its default temporal mode ({@code adaptive}). */
final class ColumnSchema {

    /** A number and its scale, for {@code numeric} without one. */
    static final Schema VARIABLE_SCALE_DECIMAL = variableScaleDecimal().build();

    static final Schema OPTIONAL_VARIABLE_SCALE_DECIMAL =
            variableScaleDecimal().optional().build();

    private ColumnSchema() {}

    static Schema of(Column column, DecimalHandling decimals) {
        return of(column.type(), column.nullable(), decimals);
    }

    private static Schema of(ColumnType type, boolean optional, DecimalHandling decimals) {
        if (type instanceof ColumnType.Numeric numeric
                && numeric.precision() < 0
                && decimals == DecimalHandling.PRECISE) {
            return optional ? OPTIONAL_VARIABLE_SCALE_DECIMAL : VARIABLE_SCALE_DECIMAL;
        }
        SchemaBuilder schema = builder(type, decimals);
        return optional ? schema.optional().build() : schema.build();
    }

    private static SchemaBuilder builder(ColumnType type, DecimalHandling decimals) {
        if (type instanceof ColumnType.Scalar scalar) {
            return scalar(scalar);
        }
        if (type instanceof ColumnType.Numeric numeric) {
            return numeric(numeric, decimals);
        }
        if (type instanceof ColumnType.Time time) {
            return time(time);
        }
        if (type instanceof ColumnType.Timestamp timestamp) {
            return timestamp(timestamp);
        }
        if (type instanceof ColumnType.Enumeration enumeration) {
            return named(SchemaBuilder.string(), "io.debezium.data.Enum")
                    .parameter("allowed", String.join(",", enumeration.labels()));
        }
        ColumnType element = ((ColumnType.Array) type).element();
        return SchemaBuilder.array(of(element, true, decimals));
    }

    private static SchemaBuilder scalar(ColumnType.Scalar type) {
        return switch (type) {
            case BOOL -> SchemaBuilder.bool();
            case INT2 -> SchemaBuilder.int16();
            case INT4 -> SchemaBuilder.int32();
            case INT8, OID -> SchemaBuilder.int64();
            case FLOAT4 -> SchemaBuilder.float32();
            case FLOAT8 -> SchemaBuilder.float64();
            case BYTEA -> SchemaBuilder.bytes();
            case DATE -> named(SchemaBuilder.int32(), "io.debezium.time.Date");
            case UUID -> named(SchemaBuilder.string(), "io.debezium.data.Uuid");
            case JSON -> named(SchemaBuilder.string(), "io.debezium.data.Json");
            case TEXT, OTHER -> SchemaBuilder.string();
        };
    }

    private static SchemaBuilder numeric(ColumnType.Numeric type, DecimalHandling decimals) {
        return switch (decimals) {
            case PRECISE ->
                Decimal.builder(type.scale())
                        .parameter("connect.decimal.precision", Integer.toString(type.precision()));
            case DOUBLE -> SchemaBuilder.float64();
            case STRING -> SchemaBuilder.string();
        };
    }

    private static SchemaBuilder time(ColumnType.Time type) {
        if (type.zoned()) {
            return named(SchemaBuilder.string(), "io.debezium.time.ZonedTime");
        }
        return type.precision() <= 3
                ? named(SchemaBuilder.int32(), "io.debezium.time.Time")
                : named(SchemaBuilder.int64(), "io.debezium.time.MicroTime");
    }

    private static SchemaBuilder timestamp(ColumnType.Timestamp type) {
        if (type.zoned()) {
            return named(SchemaBuilder.string(), "io.debezium.time.ZonedTimestamp");
        }
        return named(
                SchemaBuilder.int64(),
                type.precision() <= 3 ? "io.debezium.time.Timestamp" : "io.debezium.time.MicroTimestamp");
    }

    private static SchemaBuilder named(SchemaBuilder schema, String name) {
        return schema.name(name).version(1);
    }

    private static SchemaBuilder variableScaleDecimal() {
        return named(SchemaBuilder.struct(), "io.debezium.data.VariableScaleDecimal")
                .doc("Variable scaled decimal")
                .field("scale", Schema.INT32_SCHEMA)
                .field("value", Schema.BYTES_SCHEMA);
    }
}
