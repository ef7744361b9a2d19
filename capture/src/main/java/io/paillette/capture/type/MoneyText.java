package io.paillette.capture.type;

import java.math.BigDecimal;

/**
 * money from its text output under {@code lc_monetary = 'C'}: {@code -$1,234.56}. Postgres keeps a whole number, and the locale
 * says how many of its digits are a fraction: under C they are two, whatever they are to those who wrote it.
 */
public final class MoneyText {

    private MoneyText() {}

    /** @param fractionDigits of the locale under which the values are written */
    public static BigDecimal decimal(byte[] text, int fractionDigits) {
        return BigDecimal.valueOf(unscaled(text), fractionDigits);
    }

    /** The whole number. */
    public static long unscaled(byte[] text) {
        boolean negative = text.length > 0 && text[0] == '-';
        int start = negative ? 2 : 1;
        if (text.length < start + 4 || text[start - 1] != '$' || text[text.length - 3] != '.') {
            throw ScalarText.bad(text, "money as the session must write it (with lc_monetary C)");
        }
        byte[] digits = new byte[text.length];
        int length = 0;
        for (int i = 0; i < text.length; i++) {
            if (i != start - 1 && i != text.length - 3 && text[i] != ',') {
                digits[length++] = text[i];
            }
        }
        return ScalarText.integer(java.util.Arrays.copyOf(digits, length));
    }
}
