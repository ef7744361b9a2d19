package io.paillette.capture.type;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Scalars from Postgres's text output, straight from its bytes. All throw {@link BadValueException} on anything else. */
public final class ScalarText {

    private ScalarText() {}

    /** {@code t} or {@code f}. */
    public static boolean bool(byte[] text) {
        if (text.length == 1 && text[0] == 't') {
            return true;
        }
        if (text.length == 1 && text[0] == 'f') {
            return false;
        }
        throw bad(text, "boolean");
    }

    /** int2, int4, int8, oid: decimal digits with an optional minus, within 64 bits. */
    public static long integer(byte[] text) {
        boolean negative = text.length > 0 && text[0] == '-';
        int start = negative ? 1 : 0;
        if (text.length == start || text.length - start > 19) {
            throw bad(text, "integer");
        }
        // Summed below zero, because only there is room for the smallest int8.
        long value = 0;
        for (int i = start; i < text.length; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                throw bad(text, "integer");
            }
            value = value * 10 - digit;
            if (value > 0) {
                throw bad(text, "integer");
            }
        }
        if (!negative && value == Long.MIN_VALUE) {
            throw bad(text, "integer");
        }
        return negative ? value : -value;
    }

    /** The text of such an integer as it is, which is how JSON writes it too. */
    public static byte[] integerText(byte[] text) {
        for (int i = text.length > 0 && text[0] == '-' ? 1 : 0; i < text.length; i++) {
            if (text[i] < '0' || text[i] > '9') {
                throw bad(text, "integer");
            }
        }
        if (text.length == 0 || text[text.length - 1] == '-') {
            throw bad(text, "integer");
        }
        return text;
    }

    /** The text of a finite numeric as it is, which is how JSON writes it too. */
    public static byte[] numericText(byte[] text) {
        int start = text.length > 0 && text[0] == '-' ? 1 : 0;
        int point = -1;
        for (int i = start; i < text.length; i++) {
            boolean isDigit = text[i] >= '0' && text[i] <= '9';
            if (!isDigit && (text[i] != '.' || point >= 0 || i == start || i == text.length - 1)) {
                throw bad(text, "numeric");
            }
            point = isDigit ? point : i;
        }
        if (text.length == start) {
            throw bad(text, "numeric");
        }
        return text;
    }

    /** What {@link #shortUnscaled} gives for all that is not short, or not a finite number. */
    public static final long NOT_SHORT = Long.MIN_VALUE;

    /** The digits of a numeric of at most 18 of them, without its point. */
    public static long shortUnscaled(byte[] text) {
        boolean negative = text.length > 0 && text[0] == '-';
        long value = 0;
        int digits = 0;
        for (int i = negative ? 1 : 0; i < text.length; i++) {
            int digit = text[i] - '0';
            if (digit >= 0 && digit <= 9 && digits < 18) {
                value = value * 10 + digit;
                digits++;
            } else if (text[i] != '.' || digits == 0) {
                return NOT_SHORT;
            }
        }
        return digits == 0 ? NOT_SHORT : negative ? -value : value;
    }

    /** Digits after the point. */
    public static int scale(byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '.') {
                return text.length - i - 1;
            }
        }
        return 0;
    }

    public static float float4(byte[] text) {
        try {
            return Float.parseFloat(string(text));
        } catch (NumberFormatException e) {
            throw bad(text, "float");
        }
    }

    /** float8, or numeric as the nearest double; NaN and ±Infinity are spelt as in Java. */
    public static double float8(byte[] text) {
        try {
            return Double.parseDouble(string(text));
        } catch (NumberFormatException e) {
            throw bad(text, "float");
        }
    }

    /** A numeric with the scale its text shows. NaN and ±Infinity have no such form and are refused with what to do. */
    public static BigDecimal numeric(byte[] text) {
        if (isSpecial(text)) {
            throw new BadValueException(
                    "numeric " + string(text) + " has no exact form; set decimal.handling.mode to string or double");
        }
        try {
            return new BigDecimal(string(text));
        } catch (NumberFormatException e) {
            throw bad(text, "numeric");
        }
    }

    /** {@code \xDEADBEEF}. */
    public static byte[] bytea(byte[] text) {
        if (text.length < 2 || text[0] != '\\' || text[1] != 'x') {
            throw bad(text, "bytea in hex form (the session must run with bytea_output hex)");
        }
        if (text.length % 2 != 0) {
            throw bad(text, "bytea in hex form");
        }
        byte[] value = new byte[text.length / 2 - 1];
        for (int i = 0; i < value.length; i++) {
            value[i] = (byte) (hex(text, 2 * i + 2) << 4 | hex(text, 2 * i + 3));
        }
        return value;
    }

    /** A bytea as two lower-case hex digits for each byte. */
    public static String hex(byte[] text) {
        return HexFormat.of().formatHex(bytea(text));
    }

    public static String string(byte[] text) {
        return new String(text, StandardCharsets.UTF_8);
    }

    /** Part of a text without the backslashes that escape something in it, which are so many. */
    static byte[] unescaped(byte[] text, int start, int end, int escapes) {
        if (escapes == 0) {
            return Arrays.copyOfRange(text, start, end);
        }
        byte[] plain = new byte[end - start - escapes];
        int to = 0;
        for (int from = start; from < end; from++) {
            if (text[from] == '\\') {
                from++;
            }
            plain[to++] = text[from];
        }
        return plain;
    }

    /** NaN, Infinity, -Infinity. */
    public static boolean isSpecial(byte[] text) {
        int first = text.length > 1 && text[0] == '-' ? text[1] : text.length > 0 ? text[0] : 0;
        return first == 'N' || first == 'I';
    }

    private static int hex(byte[] text, int at) {
        if (!HexFormat.isHexDigit(text[at])) {
            throw bad(text, "bytea in hex form");
        }
        return HexFormat.fromHexDigit(text[at]);
    }

    static BadValueException bad(byte[] text, String type) {
        return new BadValueException(
                "\"" + string(text.length > 80 ? Arrays.copyOf(text, 80) : text) + "\" is not a " + type);
    }
}
