package io.paillette.capture.type;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Bits;
import io.paillette.capture.type.ColumnType.Enumeration;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What stands for a TOASTed value that a change did not touch and that the WAL therefore does not carry. It is given as
 * Postgres text, so that every format makes of it a value that its schema allows:
 *
 * <ul>
 *   <li>text, JSON, enums, other types: {@code __debezium_unavailable_value} (P), as in Debezium
 *   <li>bytea: the bytes of P, in the form that is chosen; Debezium writes P itself as hex
 *   <li>bits: those of P, again and again; Debezium never has them
 *   <li>hstore: P under the key P, as in Debezium
 *   <li>numeric: PRECISE the bytes of P as unscaled value; DOUBLE NaN; STRING P
 *   <li>geometry, geography: the bytes of P as their binary, without SRID
 *   <li>vectors: one number for each byte of P
 *   <li>arrays of those: one element, that of its type; of uuid the name UUID of P
 *   <li>arrays of other numbers, points, dates and times: one element for each byte of P, as Debezium does for int4, int8, date
 *   <li>arrays of bool: one NULL
 * </ul>
 *
 * Scalars of fixed size are never TOASTed.
 */
public final class Unavailable {

    /** P. */
    public static final String PLACEHOLDER = "__debezium_unavailable_value";

    private static final String PAIR = "\"" + PLACEHOLDER + "\"=>\"" + PLACEHOLDER + "\"";
    private static final Set<Scalar> IS_TEXT =
            Set.of(Scalar.TEXT, Scalar.JSON, Scalar.XML, Scalar.TSVECTOR, Scalar.LTREE, Scalar.OTHER);
    private static final byte[] BYTES = PLACEHOLDER.getBytes(UTF_8);

    private Unavailable() {}

    /** @throws BadValueException when values of the type are never TOASTed */
    public static byte[] text(ColumnType type, DecimalHandling decimals) {
        if (type instanceof Array array) {
            return ("{" + elements(array.element(), decimals) + "}").getBytes(UTF_8);
        }
        if (type instanceof Enumeration || (type instanceof Scalar scalar && IS_TEXT.contains(scalar))) {
            return BYTES.clone();
        }
        if (type instanceof Bits bits) {
            return bits(bits.length());
        }
        if (type == Scalar.BYTEA) {
            return ("\\x" + HexFormat.of().formatHex(BYTES)).getBytes(UTF_8);
        }
        if (type instanceof Numeric numeric) {
            return numeric(numeric, decimals).getBytes(UTF_8);
        }
        if (type == Scalar.HSTORE) {
            return PAIR.getBytes(UTF_8);
        }
        if (type == Scalar.GEOMETRY || type == Scalar.GEOGRAPHY) {
            return HexFormat.of().formatHex(BYTES).getBytes(UTF_8);
        }
        if (type == Scalar.VECTOR || type == Scalar.HALFVEC) {
            return ("[" + eachByte(Integer::toString) + "]").getBytes(UTF_8);
        }
        if (type == Scalar.SPARSEVEC) {
            return IntStream.range(0, BYTES.length)
                    .mapToObj(i -> (i + 1) + ":" + BYTES[i])
                    .collect(Collectors.joining(",", "{", "}/" + BYTES.length))
                    .getBytes(UTF_8);
        }
        throw new BadValueException("the WAL lacks a value of type " + type + ", which is never TOASTed");
    }

    private static String elements(ColumnType element, DecimalHandling decimals) {
        if (element instanceof Time time) {
            return eachByte(b -> "00:00:00" + fraction(b, time.precision()) + (time.zoned() ? "+00" : ""));
        }
        if (element instanceof Timestamp stamp) {
            String zone = stamp.zoned() ? "+00\"" : "\"";
            return eachByte(b -> "\"1970-01-01 00:00:00" + fraction(b, stamp.precision()) + zone);
        }
        if (element instanceof Scalar scalar) {
            return switch (scalar) {
                case BOOL -> "NULL";
                case INT2, INT4, INT8, OID, FLOAT4, FLOAT8 -> eachByte(Integer::toString);
                case INTERVAL -> eachByte(b -> "00:00:00" + fraction(b, 6));
                case HSTORE -> '"' + PAIR.replace("\"", "\\\"") + '"';
                case DATE -> eachByte(b -> LocalDate.ofEpochDay(b).toString());
                case UUID -> UUID.nameUUIDFromBytes(BYTES).toString();
                case BYTEA -> "\"\\" + ScalarText.string(text(element, decimals)) + "\"";
                case POINT -> eachByte(b -> "\"(" + b + ",0)\"");
                case GEOMETRY, GEOGRAPHY -> ScalarText.string(text(element, decimals));
                case TEXT, JSON, XML, TSVECTOR, LTREE, VECTOR, HALFVEC, SPARSEVEC, OTHER -> PLACEHOLDER;
            };
        }
        if (element instanceof Bits bits) {
            return ScalarText.string(bits(bits.length()));
        }
        if (element instanceof Money) {
            return eachByte(b -> "$" + b + ".00");
        }
        return element instanceof Numeric numeric ? numeric(numeric, decimals) : PLACEHOLDER;
    }

    /** Those of P from the lowest on, again and again. */
    private static byte[] bits(int length) {
        byte[] text = new byte[length];
        for (int bit = 0; bit < length; bit++) {
            int of = BYTES[bit / Byte.SIZE % BYTES.length];
            text[length - 1 - bit] = (byte) ((of >> bit % Byte.SIZE & 1) == 1 ? '1' : '0');
        }
        return text;
    }

    private static String numeric(Numeric type, DecimalHandling decimals) {
        return switch (decimals) {
            case PRECISE ->
                new BigDecimal(new BigInteger(BYTES), type.precision() < 0 ? 0 : type.scale()).toPlainString();
            case DOUBLE -> "NaN";
            case STRING -> PLACEHOLDER;
        };
    }

    private static String fraction(int value, int precision) {
        return String.format(Locale.ROOT, precision <= 3 ? ".%03d" : ".%06d", value);
    }

    private static String eachByte(IntFunction<String> element) {
        return IntStream.range(0, BYTES.length)
                .mapToObj(i -> element.apply(BYTES[i]))
                .collect(Collectors.joining(","));
    }
}
