package io.paillette.capture.type;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns a column's text into a Java value, by Debezium's mapping with its default temporal mode ({@code adaptive}):
 *
 * <table>
 * <caption>Java class by type</caption>
 * <tr><td>bool</td><td>Boolean</td></tr>
 * <tr><td>int2, int4, int8 and oid</td><td>Short, Integer, Long</td></tr>
 * <tr><td>float4, float8</td><td>Float, Double</td></tr>
 * <tr><td>numeric</td><td>PRECISE: BigDecimal, with the column's scale, or without one stripped of trailing zeros;
 *     DOUBLE: Double; STRING: String</td></tr>
 * <tr><td>bytea</td><td>byte[]</td></tr>
 * <tr><td>date</td><td>Integer, days since 1970</td></tr>
 * <tr><td>time(0-3), time(4-6)</td><td>Integer milliseconds, Long microseconds, since midnight</td></tr>
 * <tr><td>timestamp(0-3), timestamp(4-6)</td><td>Long milliseconds, Long microseconds, since 1970</td></tr>
 * <tr><td>timetz, timestamptz</td><td>String, ISO-8601 in UTC</td></tr>
 * <tr><td>arrays</td><td>List, one level for each dimension, null for NULL</td></tr>
 * <tr><td>all others</td><td>String</td></tr>
 * </table>
 */
@FunctionalInterface
public interface ValueReader {

    /** @throws BadValueException when the text does not belong to the type, or the value has no form in the mode chosen */
    Object read(byte[] text);

    /** A reader to make once for each column. Thread-safe. */
    static ValueReader of(ColumnType type, DecimalHandling decimals) {
        if (type instanceof Scalar scalar) {
            return scalar(scalar);
        }
        if (type instanceof Numeric numeric) {
            return numeric(numeric, decimals);
        }
        if (type instanceof Time time) {
            return time(time);
        }
        if (type instanceof Timestamp timestamp) {
            return timestamp(timestamp);
        }
        if (type instanceof Array array) {
            ValueReader element = of(array.element(), decimals);
            return text -> array(text, element);
        }
        return ScalarText::string;
    }

    private static ValueReader scalar(Scalar type) {
        return switch (type) {
            case BOOL -> ScalarText::bool;
            case INT2 -> text -> (short) ScalarText.integer(text);
            case INT4 -> text -> (int) ScalarText.integer(text);
            case INT8, OID -> ScalarText::integer;
            case FLOAT4 -> ScalarText::float4;
            case FLOAT8 -> ScalarText::float8;
            case BYTEA -> ScalarText::bytea;
            case DATE -> TemporalText::epochDays;
            case TEXT, UUID, JSON, OTHER -> ScalarText::string;
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

    private static BigDecimal stripped(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    private static ValueReader time(Time type) {
        if (type.zoned()) {
            return TemporalText::zonedTime;
        }
        return type.precision() <= 3
                ? text -> (int) (TemporalText.microsOfDay(text) / 1000)
                : TemporalText::microsOfDay;
    }

    private static ValueReader timestamp(Timestamp type) {
        if (type.zoned()) {
            return text -> ScalarText.string(TemporalText.zonedTimestamp(text, type.precision()));
        }
        return type.precision() <= 3
                ? text -> Math.floorDiv(TemporalText.epochMicros(text), 1000L)
                : TemporalText::epochMicros;
    }

    private static List<@Nullable Object> array(byte[] text, ValueReader elements) {
        Deque<List<@Nullable Object>> open = new ArrayDeque<>();
        List<@Nullable Object> root = new ArrayList<>(1);
        open.push(root);
        ArrayText.read(text, new ArrayText.Sink() {
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
