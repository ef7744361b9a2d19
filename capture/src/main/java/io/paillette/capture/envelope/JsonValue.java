package io.paillette.capture.envelope;

import static io.paillette.capture.type.ScalarText.NOT_SHORT;

import io.paillette.capture.type.ArrayText;
import io.paillette.capture.type.BinaryHandling;
import io.paillette.capture.type.BitText;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.GeometryText;
import io.paillette.capture.type.HstoreHandling;
import io.paillette.capture.type.HstoreText;
import io.paillette.capture.type.IntervalHandling;
import io.paillette.capture.type.IntervalText;
import io.paillette.capture.type.MoneyText;
import io.paillette.capture.type.PointText;
import io.paillette.capture.type.ScalarText;
import io.paillette.capture.type.TemporalText;
import io.paillette.capture.type.TemporalUnit;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;
import io.paillette.capture.type.ValueReader;
import io.paillette.capture.type.VectorText;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a column's text as the JSON that Connect's JsonConverter without schemas makes of {@link ValueReader}'s value:
 * bytes and Decimal as base64, NaN and infinite floats as strings, JSON as a string. Numbers keep Postgres's digits.
 */
@FunctionalInterface
interface JsonValue {

    void write(JsonBytes out, byte[] text);

    /** A writer to make once for each column. */
    static JsonValue of(ColumnType type, ValueHandling handling) {
        if (type instanceof Scalar scalar) {
            return scalar(scalar, handling);
        }
        if (type instanceof Numeric numeric) {
            return numeric(numeric, handling);
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
            return bits.length() == 1
                    ? (out, text) -> out.raw(BitText.single(text) ? ArrayWriter.TRUE : ArrayWriter.FALSE)
                    : (out, text) -> out.base64(BitText.littleEndian(text));
        }
        if (type instanceof Array array) {
            JsonValue element = of(array.element(), handling);
            return (out, text) -> ArrayText.read(text, array.delimiter(), new ArrayWriter(out, element));
        }
        return JsonBytes::string;
    }

    private static JsonValue scalar(Scalar type, ValueHandling handling) {
        return switch (type) {
            case BOOL -> (out, text) -> out.raw(ScalarText.bool(text) ? ArrayWriter.TRUE : ArrayWriter.FALSE);
            case INT2, INT4, INT8, OID -> (out, text) -> out.raw(ScalarText.integerText(text));
            case FLOAT4, FLOAT8 -> JsonValue::floating;
            case BYTEA -> binary(handling.binaries());
            case DATE ->
                handling.times() == TimePrecision.ISOSTRING
                        ? (out, text) -> out.string(TemporalText.iso(text))
                        : (out, text) -> out.number(TemporalText.epochDays(text));
            case INTERVAL ->
                handling.intervals() == IntervalHandling.NUMERIC
                        ? (out, text) -> out.number(IntervalText.micros(text))
                        : (out, text) -> out.string(IntervalText.iso(text));
            case HSTORE ->
                handling.hstores() == HstoreHandling.MAP
                        ? (out, text) -> out.raw(HstoreText.json(text))
                        : (out, text) -> out.string(HstoreText.json(text));
            case POINT -> JsonValue::point;
            case GEOMETRY, GEOGRAPHY -> JsonValue::geometry;
            case VECTOR, HALFVEC -> JsonValue::vector;
            case SPARSEVEC -> JsonValue::sparseVector;
            case TEXT, UUID, JSON, XML, TSVECTOR, LTREE, OTHER -> JsonBytes::string;
        };
    }

    private static JsonValue binary(BinaryHandling binaries) {
        return switch (binaries) {
            case BYTES, BASE64 -> (out, text) -> out.base64(ScalarText.bytea(text));
            case BASE64_URL_SAFE ->
                (out, text) -> out.string(Base64.getUrlEncoder().encode(ScalarText.bytea(text)));
            case HEX -> (out, text) -> out.string(ScalarText.hex(text));
        };
    }

    private static JsonValue time(Time type, TimePrecision mode) {
        if (type.zoned()) {
            return (out, text) -> out.string(TemporalText.zonedTime(text));
        }
        if (mode == TimePrecision.ISOSTRING) {
            return (out, text) -> out.string(TemporalText.iso(text));
        }
        TemporalUnit unit = TemporalUnit.of(type, mode);
        return (out, text) -> out.number(unit.ofDay(text));
    }

    private static JsonValue timestamp(Timestamp type, TimePrecision mode) {
        if (type.zoned()) {
            return (out, text) -> out.string(TemporalText.zonedTimestamp(text, type.precision()));
        }
        if (mode == TimePrecision.ISOSTRING) {
            return (out, text) -> out.string(TemporalText.iso(text));
        }
        TemporalUnit unit = TemporalUnit.of(type, mode);
        return (out, text) -> out.number(unit.ofEpoch(text));
    }

    private static JsonValue numeric(Numeric type, ValueHandling handling) {
        DecimalHandling decimals = handling.decimals();
        if (decimals == DecimalHandling.STRING) {
            return JsonBytes::string;
        }
        if (decimals == DecimalHandling.DOUBLE) {
            return (out, text) -> floating(out, JsonBytes.ascii(Double.toString(ScalarText.float8(text))));
        }
        ValueReader reader = ValueReader.of(type, handling);
        if (type.precision() >= 0) {
            return (out, text) -> {
                long unscaled = ScalarText.scale(text) == type.scale() ? ScalarText.shortUnscaled(text) : NOT_SHORT;
                unscaled(out, unscaled, () -> (BigDecimal) reader.read(text));
            };
        }
        return (out, text) -> {
            int scale = ScalarText.scale(text);
            boolean isStripped = scale == 0 || text[text.length - 1] != '0';
            long known = isStripped ? ScalarText.shortUnscaled(text) : NOT_SHORT;
            BigDecimal value = known == NOT_SHORT ? (BigDecimal) reader.read(text) : BigDecimal.ZERO;
            out.raw(ArrayWriter.SCALE)
                    .number(known == NOT_SHORT ? value.scale() : scale)
                    .raw(ArrayWriter.VALUE);
            unscaled(out, known, () -> value);
            out.raw('}');
        };
    }

    private static JsonValue money(int digits, DecimalHandling decimals) {
        return switch (decimals) {
            case PRECISE ->
                (out, text) -> unscaled(out, MoneyText.unscaled(text), () -> MoneyText.decimal(text, digits));
            case DOUBLE ->
                (out, text) -> floating(
                        out,
                        JsonBytes.ascii(
                                Double.toString(MoneyText.decimal(text, digits).doubleValue())));
            case STRING ->
                (out, text) -> out.string(MoneyText.decimal(text, digits).toPlainString());
        };
    }

    private static void unscaled(JsonBytes out, long known, Supplier<BigDecimal> value) {
        if (known == NOT_SHORT) {
            out.base64(value.get().unscaledValue().toByteArray());
        } else {
            out.base64(known);
        }
    }

    private static void point(JsonBytes out, byte[] text) {
        out.raw(ArrayWriter.X);
        floating(out, PointText.x(text));
        out.raw(ArrayWriter.Y);
        floating(out, PointText.y(text));
        out.raw(ArrayWriter.WKB).base64(PointText.wkb(text)).raw(ArrayWriter.NO_SRID);
    }

    private static void geometry(JsonBytes out, byte[] text) {
        byte[] wkb = GeometryText.wkb(text);
        out.raw(ArrayWriter.ONLY_WKB).base64(wkb);
        OptionalInt srid = GeometryText.srid(wkb);
        if (srid.isPresent()) {
            out.raw(ArrayWriter.SRID).number(srid.getAsInt()).raw('}');
        } else {
            out.raw(ArrayWriter.NO_SRID);
        }
    }

    private static void vector(JsonBytes out, byte[] text) {
        var array = new ArrayWriter(out, JsonValue::floating);
        array.begin();
        VectorText.eachElement(text, array::element);
        array.end();
    }

    /** Of a map whose keys are no strings JsonConverter makes an array of pairs. */
    private static void sparseVector(JsonBytes out, byte[] text) {
        out.raw(ArrayWriter.DIMENSIONS).number(VectorText.dimensions(text)).raw(ArrayWriter.VECTOR);
        var pairs = new ArrayWriter(out, (to, pair) -> to.raw(pair));
        pairs.begin();
        VectorText.eachPair(text, (index, value) -> {
            var pair = new JsonBytes();
            pair.raw('[').number(index).raw(',');
            floating(pair, value);
            pairs.element(pair.raw(']').toBytes());
        });
        pairs.end();
        out.raw('}');
    }

    /** Postgres writes 1 for 1.0: the fraction is added, so that readers without a schema see a float every time. */
    static void floating(JsonBytes out, byte[] text) {
        if (ScalarText.isSpecial(text)) {
            out.string(text);
            return;
        }
        out.raw(text);
        for (byte b : text) {
            if (b == '.' || b == 'e' || b == 'E') {
                return;
            }
        }
        out.raw('.').raw('0');
    }

    /** Writes an array's elements with the commas between them. */
    final class ArrayWriter implements ArrayText.Sink {

        static final byte[] TRUE = JsonBytes.ascii("true");
        static final byte[] FALSE = JsonBytes.ascii("false");
        static final byte[] SCALE = JsonBytes.ascii("{\"scale\":");
        static final byte[] X = JsonBytes.ascii("{\"x\":");
        static final byte[] Y = JsonBytes.ascii(",\"y\":");
        static final byte[] WKB = JsonBytes.ascii(",\"wkb\":");
        static final byte[] ONLY_WKB = JsonBytes.ascii("{\"wkb\":");
        static final byte[] SRID = JsonBytes.ascii(",\"srid\":");
        static final byte[] DIMENSIONS = JsonBytes.ascii("{\"dimensions\":");
        static final byte[] VECTOR = JsonBytes.ascii(",\"vector\":");
        static final byte[] NO_SRID = JsonBytes.ascii(",\"srid\":null}");
        static final byte[] VALUE = JsonBytes.ascii(",\"value\":");

        private final JsonBytes out;
        private final JsonValue element;
        private boolean first = true;

        ArrayWriter(JsonBytes out, JsonValue element) {
            this.out = out;
            this.element = element;
        }

        @Override
        public void begin() {
            separate();
            out.raw('[');
            first = true;
        }

        @Override
        public void element(byte @Nullable [] text) {
            separate();
            if (text == null) {
                out.nil();
            } else {
                element.write(out, text);
            }
        }

        @Override
        public void end() {
            out.raw(']');
            first = false;
        }

        private void separate() {
            if (!first) {
                out.raw(',');
            }
            first = false;
        }
    }
}
