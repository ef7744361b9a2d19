package io.paillette.capture.type;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Enumeration;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;

/**
 * What a schema says of a column's values: the literal type, and the name that tells what they mean. The names are
 * Debezium's, so that what reads its records reads ours.
 *
 * @param semantic the schema's name, or empty
 */
public record Form(Literal literal, String semantic) {

    /** Connect's types of schemas, and the two forms of an exact number. */
    public enum Literal {
        BOOLEAN,
        INT16,
        INT32,
        INT64,
        FLOAT32,
        FLOAT64,
        STRING,
        BYTES,
        /** Bytes of the unscaled number; the schema knows the scale. */
        DECIMAL,
        /** A struct of scale and the bytes of the unscaled number. */
        VARIABLE_SCALE_DECIMAL,
        /** A struct of x, y, both in well-known binary, and no SRID. */
        POINT,
        /** A struct of well-known binary and SRID. */
        GEOMETRY,
        /** A struct of the number of dimensions and a map from their numbers to values. */
        SPARSE_VECTOR,
        /** From string to string or null. */
        MAP,
        ARRAY
    }

    /** The form of a column's values under what the user chose. */
    public static Form of(ColumnType type, ValueHandling handling) {
        if (type instanceof Scalar scalar) {
            return scalar(scalar, handling);
        }
        if (type instanceof Numeric numeric) {
            return numeric(numeric, handling.decimals());
        }
        if (type instanceof Money money) {
            return numeric(new Numeric(0, money.fractionDigits()), handling.decimals());
        }
        if (type instanceof Time time) {
            return time(time, handling.times());
        }
        if (type instanceof Timestamp timestamp) {
            return timestamp(timestamp, handling.times());
        }
        if (type instanceof Enumeration) {
            return new Form(Literal.STRING, "io.debezium.data.Enum");
        }
        if (type instanceof Bits bits) {
            return bits.length() == 1 ? plain(Literal.BOOLEAN) : new Form(Literal.BYTES, "io.debezium.data.Bits");
        }
        if (type instanceof Array) {
            return plain(Literal.ARRAY);
        }
        throw new IllegalArgumentException("no form of " + type);
    }

    private static Form scalar(Scalar type, ValueHandling handling) {
        return switch (type) {
            case BOOL -> plain(Literal.BOOLEAN);
            case INT2 -> plain(Literal.INT16);
            case INT4 -> plain(Literal.INT32);
            case INT8, OID -> plain(Literal.INT64);
            case FLOAT4 -> plain(Literal.FLOAT32);
            case FLOAT8 -> plain(Literal.FLOAT64);
            case BYTEA -> plain(handling.binaries() == BinaryHandling.BYTES ? Literal.BYTES : Literal.STRING);
            case DATE -> date(handling.times());
            case UUID -> new Form(Literal.STRING, "io.debezium.data.Uuid");
            case JSON -> new Form(Literal.STRING, "io.debezium.data.Json");
            case XML -> new Form(Literal.STRING, "io.debezium.data.Xml");
            case TSVECTOR -> new Form(Literal.STRING, "io.debezium.data.Tsvector");
            case LTREE -> new Form(Literal.STRING, "io.debezium.data.Ltree");
            case POINT -> new Form(Literal.POINT, "io.debezium.data.geometry.Point");
            case GEOMETRY -> new Form(Literal.GEOMETRY, "io.debezium.data.geometry.Geometry");
            case GEOGRAPHY -> new Form(Literal.GEOMETRY, "io.debezium.data.geometry.Geography");
            case VECTOR -> new Form(Literal.ARRAY, "io.debezium.data.DoubleVector");
            case HALFVEC -> new Form(Literal.ARRAY, "io.debezium.data.FloatVector");
            case SPARSEVEC -> new Form(Literal.SPARSE_VECTOR, "io.debezium.data.SparseDoubleVector");
            case INTERVAL ->
                handling.intervals() == IntervalHandling.NUMERIC
                        ? new Form(Literal.INT64, "io.debezium.time.MicroDuration")
                        : new Form(Literal.STRING, "io.debezium.time.Interval");
            case HSTORE ->
                handling.hstores() == HstoreHandling.MAP
                        ? plain(Literal.MAP)
                        : new Form(Literal.STRING, "io.debezium.data.Json");
            case TEXT, OTHER -> plain(Literal.STRING);
        };
    }

    private static Form numeric(Numeric type, DecimalHandling decimals) {
        return switch (decimals) {
            case PRECISE ->
                type.precision() < 0
                        ? new Form(Literal.VARIABLE_SCALE_DECIMAL, "io.debezium.data.VariableScaleDecimal")
                        : new Form(Literal.DECIMAL, "org.apache.kafka.connect.data.Decimal");
            case DOUBLE -> plain(Literal.FLOAT64);
            case STRING -> plain(Literal.STRING);
        };
    }

    private static Form date(TimePrecision mode) {
        return switch (mode) {
            case ISOSTRING -> new Form(Literal.STRING, "io.debezium.time.IsoDate");
            case CONNECT -> new Form(Literal.INT32, "org.apache.kafka.connect.data.Date");
            case ADAPTIVE, ADAPTIVE_TIME_MICROSECONDS, MICROSECONDS, NANOSECONDS ->
                new Form(Literal.INT32, "io.debezium.time.Date");
        };
    }

    private static Form time(Time type, TimePrecision mode) {
        if (type.zoned()) {
            return new Form(Literal.STRING, "io.debezium.time.ZonedTime");
        }
        if (mode == TimePrecision.ISOSTRING) {
            return new Form(Literal.STRING, "io.debezium.time.IsoTime");
        }
        return switch (TemporalUnit.of(type, mode)) {
            case MILLIS -> new Form(Literal.INT32, "io.debezium.time.Time");
            case CONNECT_MILLIS -> new Form(Literal.INT32, "org.apache.kafka.connect.data.Time");
            case MICROS -> new Form(Literal.INT64, "io.debezium.time.MicroTime");
            case NANOS -> new Form(Literal.INT64, "io.debezium.time.NanoTime");
        };
    }

    private static Form timestamp(Timestamp type, TimePrecision mode) {
        if (type.zoned()) {
            return new Form(Literal.STRING, "io.debezium.time.ZonedTimestamp");
        }
        if (mode == TimePrecision.ISOSTRING) {
            return new Form(Literal.STRING, "io.debezium.time.IsoTimestamp");
        }
        return switch (TemporalUnit.of(type, mode)) {
            case MILLIS -> new Form(Literal.INT64, "io.debezium.time.Timestamp");
            case CONNECT_MILLIS -> new Form(Literal.INT64, "org.apache.kafka.connect.data.Timestamp");
            case MICROS -> new Form(Literal.INT64, "io.debezium.time.MicroTimestamp");
            case NANOS -> new Form(Literal.INT64, "io.debezium.time.NanoTimestamp");
        };
    }

    private static Form plain(Literal literal) {
        return new Form(literal, "");
    }
}
