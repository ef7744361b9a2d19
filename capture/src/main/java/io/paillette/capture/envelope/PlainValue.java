package io.paillette.capture.envelope;

import io.paillette.capture.type.ArrayText;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.MoneyText;
import io.paillette.capture.type.PointText;
import io.paillette.capture.type.ScalarText;
import io.paillette.capture.type.TemporalText;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;

/**
 * Writes a column's text as the JSON that a reader without a schema expects: exact numbers as numbers with Postgres's digits,
 * JSON as itself and not as a string, dates and times without zone without a Z that they do not mean, bits as their digits.
 * What is not different here is as {@link JsonValue} writes it.
 */
final class PlainValue {

    private static final byte[] X = JsonBytes.ascii("{\"x\":");
    private static final byte[] Y = JsonBytes.ascii(",\"y\":");

    private PlainValue() {}

    /** A writer to make once for each column. */
    static JsonValue of(ColumnType type, ValueHandling handling) {
        boolean iso = handling.times() == TimePrecision.ISOSTRING;
        if (type instanceof Numeric && handling.decimals() == DecimalHandling.PRECISE) {
            return PlainValue::number;
        }
        if (type instanceof Money money && handling.decimals() == DecimalHandling.PRECISE) {
            return (out, text) -> out.raw(JsonBytes.ascii(
                    MoneyText.decimal(text, money.fractionDigits()).toPlainString()));
        }
        if (iso && (type == Scalar.DATE || isZoneless(type))) {
            return PlainValue::zoneless;
        }
        if (type instanceof Bits) {
            return JsonBytes::string;
        }
        if (type instanceof Array array) {
            JsonValue element = of(array.element(), handling);
            return (out, text) -> ArrayText.read(text, array.delimiter(), new JsonValue.ArrayWriter(out, element));
        }
        if (type == Scalar.JSON) {
            return JsonBytes::raw;
        }
        return type == Scalar.POINT ? PlainValue::point : JsonValue.of(type, handling);
    }

    private static boolean isZoneless(ColumnType type) {
        return (type instanceof Time time && !time.zoned())
                || (type instanceof Timestamp timestamp && !timestamp.zoned());
    }

    /** JSON has no number for NaN and the infinities: they are strings, as those of floats are. */
    private static void number(JsonBytes out, byte[] text) {
        if (ScalarText.isSpecial(text)) {
            out.string(text);
        } else {
            out.raw(ScalarText.numericText(text));
        }
    }

    private static void zoneless(JsonBytes out, byte[] text) {
        int end = text.length;
        boolean usual = end >= 10 && text[4] == '-' && text[7] == '-' && text[end - 1] <= '9';
        if (usual && end == 10) {
            out.string(text);
            return;
        }
        if (usual && text[10] == ' ') {
            byte[] iso = text.clone();
            iso[10] = 'T';
            out.string(iso);
            return;
        }
        String iso = TemporalText.iso(text);
        out.string(iso.endsWith("Z") ? iso.substring(0, iso.length() - 1) : iso);
    }

    private static void point(JsonBytes out, byte[] text) {
        out.raw(X);
        JsonValue.floating(out, PointText.x(text));
        out.raw(Y);
        JsonValue.floating(out, PointText.y(text));
        out.raw('}');
    }
}
