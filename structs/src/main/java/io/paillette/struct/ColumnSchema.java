package io.paillette.struct;

import io.paillette.capture.Column;
import io.paillette.capture.column.ColumnMask;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnTypes;
import io.paillette.capture.type.Form;
import io.paillette.capture.type.ValueHandling;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Connect schema of a column: its {@link Form} and what the column adds to it. */
final class ColumnSchema {

    private static final Logger log = LoggerFactory.getLogger(ColumnSchema.class);

    private static final Set<Form.Literal> WITHOUT_DEFAULT = Set.of(
            Form.Literal.ARRAY,
            Form.Literal.POINT,
            Form.Literal.GEOMETRY,
            Form.Literal.SPARSE_VECTOR,
            Form.Literal.VARIABLE_SCALE_DECIMAL);
    private static final Set<ColumnType> TYPES_WITHOUT_DEFAULT = Set.of(
            ColumnType.Scalar.BYTEA,
            ColumnType.Scalar.OID,
            ColumnType.Scalar.TSVECTOR,
            ColumnType.Scalar.LTREE,
            ColumnType.Scalar.OTHER);

    private ColumnSchema() {}

    static Schema of(Column column, ValueHandling handling) {
        Form form = Form.of(column.type(), handling);
        SchemaBuilder schema = builder(form, column.type(), handling);
        column.exposure().mask().ifPresent(mask -> mark(schema, mask));
        Schema plain = named(schema, form, column.nullable());
        Optional<String> text = column.declared().defaultText();
        if (text.isEmpty() || !tellsDefault(column, form)) {
            return plain;
        }
        try {
            return schema.defaultValue(ColumnValue.reader(column.type(), plain, handling)
                            .read(text.get().getBytes(StandardCharsets.UTF_8)))
                    .build();
        } catch (BadValueException | ArithmeticException e) {
            // NaN where numbers are exact, for example: as long as no row has it, nobody misses it.
            log.debug("The default of column {} has no form", column.name(), e);
            return plain;
        }
    }

    /**
     * Connect's converters tell the default where a value is null: a column that may be null must have none. Where Debezium
     * tells no default there is none either, since who takes over from it should find the same schemas.
     */
    private static boolean tellsDefault(Column column, Form form) {
        if (column.nullable() || column.exposure().mask().isPresent()) {
            return false;
        }
        ColumnType type = column.type();
        if (type instanceof ColumnType.Enumeration) {
            return true;
        }
        boolean domain = Integer.compareUnsigned(column.declared().typeOid(), ColumnTypes.FIRST_CATALOG_OID) >= 0;
        boolean zonedTime = type instanceof ColumnType.Time time && time.zoned();
        return !domain
                && !zonedTime
                && !(type instanceof ColumnType.Money)
                && !WITHOUT_DEFAULT.contains(form.literal())
                && !TYPES_WITHOUT_DEFAULT.contains(type);
    }

    /** What Debezium says of masked columns. */
    private static void mark(SchemaBuilder schema, ColumnMask mask) {
        if (mask instanceof ColumnMask.Beginning beginning) {
            schema.parameter("truncateLength", Integer.toString(beginning.characters()));
        } else {
            schema.parameter("masked", "true");
        }
    }

    private static Schema element(ColumnType type, ValueHandling handling) {
        Form form = Form.of(type, handling);
        return named(builder(form, type, handling), form, true);
    }

    private static Schema named(SchemaBuilder schema, Form form, boolean optional) {
        if (!form.semantic().isEmpty() && form.literal() != Form.Literal.DECIMAL) {
            schema.name(form.semantic()).version(1);
        }
        return optional ? schema.optional().build() : schema.build();
    }

    private static SchemaBuilder builder(Form form, ColumnType type, ValueHandling handling) {
        return switch (form.literal()) {
            case BOOLEAN -> SchemaBuilder.bool();
            case INT16 -> SchemaBuilder.int16();
            case INT32 -> SchemaBuilder.int32();
            case INT64 -> SchemaBuilder.int64();
            case FLOAT32 -> SchemaBuilder.float32();
            case FLOAT64 -> SchemaBuilder.float64();
            case BYTES ->
                type instanceof ColumnType.Bits bits
                        ? SchemaBuilder.bytes().parameter("length", Integer.toString(bits.length()))
                        : SchemaBuilder.bytes();
            case MAP -> SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.OPTIONAL_STRING_SCHEMA);
            case ARRAY -> array(type, handling);
            case DECIMAL ->
                type instanceof ColumnType.Money money
                        ? Decimal.builder(money.fractionDigits())
                        : decimal((ColumnType.Numeric) type);
            case VARIABLE_SCALE_DECIMAL -> variableScaleDecimal();
            case POINT -> point();
            case GEOMETRY -> geometry(type);
            case SPARSE_VECTOR -> sparseVector();
            case STRING ->
                type instanceof ColumnType.Enumeration enumeration
                        ? SchemaBuilder.string().parameter("allowed", String.join(",", enumeration.labels()))
                        : SchemaBuilder.string();
        };
    }

    private static SchemaBuilder decimal(ColumnType.Numeric type) {
        return Decimal.builder(type.scale()).parameter("connect.decimal.precision", Integer.toString(type.precision()));
    }

    private static SchemaBuilder point() {
        return SchemaBuilder.struct()
                .doc("Geometry (POINT)")
                .field("x", Schema.FLOAT64_SCHEMA)
                .field("y", Schema.FLOAT64_SCHEMA)
                .field("wkb", Schema.OPTIONAL_BYTES_SCHEMA)
                .field("srid", Schema.OPTIONAL_INT32_SCHEMA);
    }

    private static SchemaBuilder array(ColumnType type, ValueHandling handling) {
        if (type instanceof ColumnType.Array array) {
            return SchemaBuilder.array(element(array.element(), handling));
        }
        return SchemaBuilder.array(type == ColumnType.Scalar.HALFVEC ? Schema.FLOAT32_SCHEMA : Schema.FLOAT64_SCHEMA);
    }

    /** A geometry may always be null in Debezium's schema, a geography as its column. */
    private static SchemaBuilder geometry(ColumnType type) {
        boolean geometry = type == ColumnType.Scalar.GEOMETRY;
        SchemaBuilder struct = SchemaBuilder.struct()
                .doc(geometry ? "Geometry" : "Geography")
                .field("wkb", Schema.BYTES_SCHEMA)
                .field("srid", Schema.OPTIONAL_INT32_SCHEMA);
        return geometry ? struct.optional() : struct;
    }

    private static SchemaBuilder sparseVector() {
        return SchemaBuilder.struct()
                .doc("Sparse double vector")
                .field("dimensions", Schema.INT16_SCHEMA)
                .field(
                        "vector",
                        SchemaBuilder.map(Schema.INT16_SCHEMA, Schema.FLOAT64_SCHEMA)
                                .build());
    }

    /** A number and its scale, for {@code numeric} without one. */
    private static SchemaBuilder variableScaleDecimal() {
        return SchemaBuilder.struct()
                .doc("Variable scaled decimal")
                .field("scale", Schema.INT32_SCHEMA)
                .field("value", Schema.BYTES_SCHEMA);
    }
}
