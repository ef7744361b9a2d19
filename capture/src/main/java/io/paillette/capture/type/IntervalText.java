package io.paillette.capture.type;

import java.nio.charset.StandardCharsets;

/**
 * Reads an interval's text in IntervalStyle {@code postgres}: {@code 1 year -2 mons +3 days -04:05:06.789}. Source:
 * Postgres docs 8.5.5.
 */
public final class IntervalText {

    /** {@code infinity} in microseconds: the mark that Postgres itself stores in an interval's time (17 and newer). */
    public static final long INFINITY = Long.MAX_VALUE;

    public static final long MINUS_INFINITY = Long.MIN_VALUE;

    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND;
    private static final long MICROS_PER_HOUR = 60 * MICROS_PER_MINUTE;
    private static final long MICROS_PER_DAY = 24 * MICROS_PER_HOUR;

    /** 365.25 / 12 days, Debezium's average. */
    private static final long MICROS_PER_MONTH = 2_629_800L * MICROS_PER_SECOND;

    private final String text;
    private long years;
    private long months;
    private long days;
    private long micros;

    private IntervalText(String text) {
        this.text = text;
        read();
    }

    /** Microseconds, with a month of 365.25 / 12 days. */
    public static long micros(byte[] text) {
        String interval = ScalarText.string(text);
        if (isInfinite(interval)) {
            return interval.charAt(0) == '-' ? MINUS_INFINITY : INFINITY;
        }
        var in = new IntervalText(interval);
        try {
            long months = Math.multiplyExact(in.years * 12 + in.months, MICROS_PER_MONTH);
            long days = Math.multiplyExact(in.days, MICROS_PER_DAY);
            long micros = Math.addExact(Math.addExact(months, days), in.micros);
            if (micros != INFINITY && micros != MINUS_INFINITY) {
                return micros;
            }
        } catch (ArithmeticException e) {
            // Told below, as what lies on the marks of infinity is.
        }
        throw new BadValueException("interval \"" + interval
                + "\" is beyond 64 bits of microseconds; set interval.handling.mode to string");
    }

    /** ISO-8601 with every field, as Debezium's Interval: {@code P1Y2M3DT4H5M6.789S}; infinity stays as it is. */
    public static String iso(byte[] text) {
        String interval = ScalarText.string(text);
        if (isInfinite(interval)) {
            return interval;
        }
        var in = new IntervalText(interval);
        var out = new StringBuilder(32);
        out.append('P')
                .append(in.years)
                .append('Y')
                .append(in.months)
                .append('M')
                .append(in.days);
        out.append("DT").append(in.micros / MICROS_PER_HOUR).append('H');
        out.append(in.micros % MICROS_PER_HOUR / MICROS_PER_MINUTE).append('M');
        seconds(out, in.micros % MICROS_PER_MINUTE);
        return out.append('S').toString();
    }

    private static void seconds(StringBuilder out, long micros) {
        long positive = Math.abs(micros);
        out.append(micros < 0 ? "-" : "").append(positive / MICROS_PER_SECOND);
        long fraction = positive % MICROS_PER_SECOND;
        if (fraction != 0) {
            String digits = Long.toString(MICROS_PER_SECOND + fraction).substring(1);
            out.append('.').append(digits.replaceAll("0+$", ""));
        }
    }

    private void read() {
        String[] words = text.split(" ", -1);
        for (int i = 0; i < words.length; i++) {
            if (words[i].indexOf(':') > 0) {
                micros = time(words[i]);
            } else if (i + 1 < words.length) {
                field(number(words[i]), words[++i]);
            } else {
                throw bad();
            }
        }
    }

    private void field(long value, String unit) {
        switch (unit) {
            case "year", "years" -> years = value;
            case "mon", "mons" -> months = value;
            case "day", "days" -> days = value;
            default -> throw bad();
        }
    }

    /** Summed below zero, because only there is room for the smallest. */
    private long time(String clock) {
        boolean negative = clock.charAt(0) == '-';
        String[] parts = (negative || clock.charAt(0) == '+' ? clock.substring(1) : clock).split(":", -1);
        if (parts.length != 3) {
            throw bad();
        }
        int point = parts[2].indexOf('.');
        String fraction = point < 0 ? "0" : parts[2].substring(point + 1);
        long seconds = number(point < 0 ? parts[2] : parts[2].substring(0, point));
        if (fraction.isEmpty() || fraction.length() > 6) {
            throw bad();
        }
        try {
            long below = Math.multiplyExact(number(parts[0]), -MICROS_PER_HOUR);
            below = Math.subtractExact(below, number(parts[1]) * MICROS_PER_MINUTE);
            below = Math.subtractExact(below, seconds * MICROS_PER_SECOND);
            below = Math.subtractExact(below, number((fraction + "00000").substring(0, 6)));
            return negative ? below : Math.negateExact(below);
        } catch (ArithmeticException e) {
            throw bad();
        }
    }

    private long number(String digits) {
        return ScalarText.integer(
                (digits.startsWith("+") ? digits.substring(1) : digits).getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean isInfinite(String interval) {
        return interval.equals("infinity") || interval.equals("-infinity");
    }

    private BadValueException bad() {
        return new BadValueException(
                "\"" + text + "\" is not an interval; the session must run with IntervalStyle postgres");
    }
}
