package io.paillette.connect.transforms;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * A number as JSON has written it. Nothing is computed of it until it is known to be small: a few characters of an exponent can stand
 * for a gigabyte of digits.
 */
record JsonNumber(String text) {

    /** Each double can be written in fewer characters, whole or as a fraction; a text of more is not looked at. */
    private static final int MOST_OF_A_DOUBLE = 1_100;

    private static final Pattern ZERO = Pattern.compile("-?[0.]++(?:[eE].*+)?");

    /** The double that is written with the same digits, or the text. */
    Object held() {
        double value = Double.parseDouble(text);
        if (value == 0) {
            return ZERO.matcher(text).matches() ? (Object) value : text;
        }
        // Finite, not zero and short: so the exponent is small too, and BigDecimal has little to do.
        boolean isShort = Double.isFinite(value) && text.length() <= MOST_OF_A_DOUBLE;
        return isShort && new BigDecimal(text).compareTo(new BigDecimal(Double.toString(value))) == 0
                ? (Object) value
                : text;
    }
}
