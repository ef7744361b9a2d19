package io.paillette.capture.type;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a column's text into a Java value, by Debezium's mapping; {@link Form} tells of each class what a schema says of it:
 *
 * <table>
 * <caption>Java class by literal type</caption>
 * <tr><td>BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, STRING, BYTES</td><td>Boolean, Short, Integer, Long, Float, Double,
 *     String, byte[]</td></tr>
 * <tr><td>DECIMAL, VARIABLE_SCALE_DECIMAL</td><td>BigDecimal, with the column's scale, or stripped of trailing zeros</td></tr>
 * <tr><td>POINT</td><td>byte[], its text, for {@link PointText}</td></tr>
 * <tr><td>GEOMETRY</td><td>byte[], its text, for {@link GeometryText}</td></tr>
 * <tr><td>SPARSE_VECTOR</td><td>{@link VectorText.Sparse}</td></tr>
 * <tr><td>MAP</td><td>Map, null for NULL</td></tr>
 * <tr><td>ARRAY</td><td>List, one level for each dimension, null for NULL</td></tr>
 * </table>
 */
@FunctionalInterface
public interface ValueReader {

    /** @throws BadValueException when the text does not belong to the type, or the value has no form in the mode chosen */
    Object read(byte[] text);

    /** A reader to make once for each column. Thread-safe. */
    static ValueReader of(ColumnType type, ValueHandling handling) {
        if (type instanceof Scalar scalar) {
            return scalar(scalar, handling);
        }
        if (type instanceof Numeric numeric) {
            return numeric(numeric, handling.decimals());
        }
        if (type instanceof Money money) {
            return money(money.fractionDigits(), handling.decimals());
        }
        if (type instanceof Time time) {
            return time(time, handling.times());
        }
        if (type instanceof Timestamp timestamp) {
            return timestamp(timestamp, handling.times());
        }
        if (type instanceof Bits bits) {
            return bits.length() == 1 ? BitText::single : BitText::littleEndian;
        }
        if (type instanceof Array array) {
            ValueReader element = of(array.element(), handling);
            return text -> array(text, array.delimiter(), element);
        }
        return ScalarText::string;
    }

    private static ValueReader scalar(Scalar type, ValueHandling handling) {
        return switch (type) {
            case BOOL -> ScalarText::bool;
            case INT2 -> text -> (short) ScalarText.integer(text);
            case INT4 -> text -> (int) ScalarText.integer(text);
            case INT8, OID -> ScalarText::integer;
            case FLOAT4 -> ScalarText::float4;
            case FLOAT8 -> ScalarText::float8;
            case BYTEA -> binary(handling.binaries());
            case DATE -> handling.times() == TimePrecision.ISOSTRING ? TemporalText::iso : TemporalText::epochDays;
            case INTERVAL ->
                handling.intervals() == IntervalHandling.NUMERIC ? IntervalText::micros : IntervalText::iso;
            case HSTORE ->
                handling.hstores() == HstoreHandling.MAP
                        ? HstoreText::map
                        : text -> ScalarText.string(HstoreText.json(text));
            case POINT, GEOMETRY, GEOGRAPHY -> text -> text;
            case VECTOR -> text -> VectorText.elements(text, ScalarText::float8);
            case HALFVEC -> text -> VectorText.elements(text, ScalarText::float4);
            case SPARSEVEC -> VectorText::sparse;
            case TEXT, UUID, JSON, XML, TSVECTOR, LTREE, OTHER -> ScalarText::string;
        };
    }

    private static ValueReader binary(BinaryHandling binaries) {
        return switch (binaries) {
            case BYTES -> ScalarText::bytea;
            case BASE64 -> text -> Base64.getEncoder().encodeToString(ScalarText.bytea(text));
            case BASE64_URL_SAFE -> text -> Base64.getUrlEncoder().encodeToString(ScalarText.bytea(text));
            case HEX -> ScalarText::hex;
        };
    }

    private static ValueReader numeric(Numeric type, DecimalHandling decimals) {
        return switch (decimals) {
            case DOUBLE -> ScalarText::float8;
            case STRING -> ScalarText::string;
            case PRECISE ->
                type.precision() < 0
                        ? text -> stripped(ScalarText.numeric(text))
                        : text -> ScalarText.numeric(text).setScale(type.scale(), RoundingMode.UNNECESSARY);
        };
    }

    private static ValueReader money(int digits, DecimalHandling decimals) {
        return switch (decimals) {
            case PRECISE -> text -> MoneyText.decimal(text, digits);
            case DOUBLE -> text -> MoneyText.decimal(text, digits).doubleValue();
            case STRING -> text -> MoneyText.decimal(text, digits).toPlainString();
        };
    }

    private static BigDecimal stripped(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    private static ValueReader time(Time type, TimePrecision mode) {
        if (type.zoned()) {
            return TemporalText::zonedTime;
        }
        if (mode == TimePrecision.ISOSTRING) {
            return TemporalText::iso;
        }
        TemporalUnit unit = TemporalUnit.of(type, mode);
        return unit == TemporalUnit.MILLIS || unit == TemporalUnit.CONNECT_MILLIS
                ? text -> (int) unit.ofDay(text)
                : unit::ofDay;
    }

    private static ValueReader timestamp(Timestamp type, TimePrecision mode) {
        if (type.zoned()) {
            return text -> ScalarText.string(TemporalText.zonedTimestamp(text, type.precision()));
        }
        return mode == TimePrecision.ISOSTRING ? TemporalText::iso : TemporalUnit.of(type, mode)::ofEpoch;
    }

    private static List<@Nullable Object> array(byte[] text, char delimiter, ValueReader elements) {
        Deque<List<@Nullable Object>> open = new ArrayDeque<>();
        List<@Nullable Object> root = new ArrayList<>(1);
        open.push(root);
        ArrayText.read(text, delimiter, new ArrayText.Sink() {
            @Override
            public void begin() {
                List<@Nullable Object> dimension = new ArrayList<>();
                open.element().add(dimension);
                open.push(dimension);
            }

            @Override
            public void element(byte @Nullable [] element) {
                open.element().add(element == null ? null : elements.read(element));
            }

            @Override
            public void end() {
                open.pop();
            }
        });
        @SuppressWarnings("unchecked") // begin() put it there
        List<@Nullable Object> array = (List<@Nullable Object>) java.util.Objects.requireNonNull(root.get(0));
        return array;
    }
}
