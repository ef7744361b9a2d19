package io.paillette.function;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.regex.Pattern;

/**
 * Numbers of JSON that a number of a language cannot hold, such as bigints beyond 2^53 in JavaScript: made strings, with all their
 * digits, so that a function which only passes them on does not round them.
 */
final class ExactNumbers {

    /** So many digits are always held; where signs and points are counted as well, it only means a second look. */
    private static final int SURE = 15;

    private static final Pattern MANTISSA_OF_ZERO = Pattern.compile("-?[0.]++(?![1-9])");

    private static final Pattern WHOLE = Pattern.compile("-?\\d{1,19}");

    private static final ExactNumbers DOUBLES = new ExactNumbers(false);
    private static final ExactNumbers DOUBLES_AND_LONGS = new ExactNumbers(true);

    private final boolean longs;

    private ExactNumbers(boolean longs) {
        this.longs = longs;
    }

    static ExactNumbers ofDoubles() {
        return DOUBLES;
    }

    /** A language whose whole numbers have 64 bits, and whose others are doubles. */
    static ExactNumbers ofDoublesAndLongs() {
        return DOUBLES_AND_LONGS;
    }

    /** The same array where there are none. */
    byte[] quoted(byte[] json) {
        ByteArrayOutputStream out = null;
        int copied = 0;
        int i = 0;
        while (i < json.length) {
            byte at = json[i];
            if (at == '"') {
                i = endOfString(json, i);
            } else if (at == '-' || (at >= '0' && at <= '9')) {
                int end = endOfNumber(json, i);
                if (!isHeld(json, i, end)) {
                    out = out == null ? new ByteArrayOutputStream(json.length + 16) : out;
                    out.write(json, copied, i - copied);
                    out.write('"');
                    out.write(json, i, end - i);
                    out.write('"');
                    copied = end;
                }
                i = end;
            } else {
                i++;
            }
        }
        if (out == null) {
            return json;
        }
        out.write(json, copied, json.length - copied);
        return out.toByteArray();
    }

    private static int endOfString(byte[] json, int quote) {
        int i = quote + 1;
        while (i < json.length && json[i] != '"') {
            i += json[i] == '\\' ? 2 : 1;
        }
        return i + 1;
    }

    private static int endOfNumber(byte[] json, int from) {
        int i = from + 1;
        while (i < json.length && ((json[i] >= '0' && json[i] <= '9') || isSign(json[i]))) {
            i++;
        }
        return i;
    }

    private static boolean isSign(byte at) {
        return at == '.' || at == 'e' || at == 'E' || at == '+' || at == '-';
    }

    private boolean isHeld(byte[] json, int from, int to) {
        if (to - from <= SURE && !hasExponent(json, from, to)) {
            return true;
        }
        String text = new String(json, from, to - from, US_ASCII);
        if (longs && isLong(text)) {
            return true;
        }
        double held = Double.parseDouble(text);
        if (held == 0) {
            return MANTISSA_OF_ZERO.matcher(text).lookingAt();
        }
        if (!Double.isFinite(held)) {
            return false;
        }
        var written = new BigDecimal(text);
        boolean sure = written.stripTrailingZeros().precision() <= SURE && Math.abs(held) >= Double.MIN_NORMAL;
        return sure || written.compareTo(new BigDecimal(Double.toString(held))) == 0;
    }

    private static boolean isLong(String text) {
        if (!WHOLE.matcher(text).matches()) {
            return false;
        }
        return new BigInteger(text).bitLength() < Long.SIZE;
    }

    private static boolean hasExponent(byte[] json, int from, int to) {
        for (int i = from; i < to; i++) {
            if (json[i] == 'e' || json[i] == 'E') {
                return true;
            }
        }
        return false;
    }
}
