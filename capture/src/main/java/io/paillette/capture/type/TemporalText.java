package io.paillette.capture.type;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;

/**
 * Numbers of time from Postgres's ISO output, straight from its bytes: {@code 2024-02-29 12:34:56.789+00 BC}. Dates are
 * proleptic Gregorian, as in Postgres. Source: Postgres docs 8.5.
 */
public final class TemporalText {

    /** {@code infinity} as epoch days: the mark Postgres itself stores. */
    public static final int DATE_INFINITY = Integer.MAX_VALUE;

    public static final int DATE_MINUS_INFINITY = Integer.MIN_VALUE;

    /** {@code infinity} as epoch microseconds: Debezium's mark (pgjdbc's DATE_POSITIVE_INFINITY). */
    public static final long TIMESTAMP_INFINITY = 9_223_372_036_825_200_000L;

    public static final long TIMESTAMP_MINUS_INFINITY = -9_223_372_036_832_400_000L;

    private static final long MICROS_PER_SECOND = 1_000_000L;
    private static final long MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;

    private final byte[] text;
    private int at;
    private long days;
    private long micros;

    private TemporalText(byte[] text) {
        this.text = text;
    }

    /** Days since 1970-01-01. */
    public static int epochDays(byte[] text) {
        if (isInfinity(text)) {
            return DATE_INFINITY;
        }
        if (isMinusInfinity(text)) {
            return DATE_MINUS_INFINITY;
        }
        var in = new TemporalText(text);
        long days = in.day(endsBc(text));
        in.finish(endsBc(text));
        return Math.toIntExact(days);
    }

    /** Microseconds since midnight; {@code 24:00:00} is 86,400,000,000. */
    public static long microsOfDay(byte[] text) {
        var in = new TemporalText(text);
        long micros = in.time();
        in.finish(false);
        return micros;
    }

    /** Microseconds since midnight in UTC of a time with zone: 0 up to a day, a day only for {@code 24:00:00+00}. */
    public static long microsOfDayUtc(byte[] text) {
        var in = new TemporalText(text);
        long local = in.time();
        long utc = local - in.offsetSeconds() * MICROS_PER_SECOND;
        in.finish(false);
        return utc == MICROS_PER_DAY ? utc : Math.floorMod(utc, MICROS_PER_DAY);
    }

    /** Microseconds since 1970-01-01 00:00, a zone applied where there is one. */
    public static long epochMicros(byte[] text) {
        if (isInfinity(text)) {
            return TIMESTAMP_INFINITY;
        }
        if (isMinusInfinity(text)) {
            return TIMESTAMP_MINUS_INFINITY;
        }
        var in = new TemporalText(text);
        in.timestamp();
        try {
            return Math.addExact(Math.multiplyExact(in.days, MICROS_PER_DAY), in.micros);
        } catch (ArithmeticException e) {
            throw new BadValueException(
                    "timestamp \"" + ScalarText.string(text)
                            + "\" is beyond 64 bits of microseconds since 1970 (later than the year 294246); set time.precision.mode to isostring");
        }
    }

    /**
     * ISO-8601 in UTC, as Debezium's ZonedTimestamp: {@code 2024-02-29T12:34:56.789000Z}. Years before 1 and beyond 9999
     * are signed ({@code -0043}, {@code +10000}); infinity stays as it is.
     *
     * @param precision fractional digits to write, 0 to 6
     * @return ASCII
     */
    public static byte[] zonedTimestamp(byte[] text, int precision) {
        int end = text.length - 3;
        boolean usual = end >= 19 && text[end] == '+' && text[end + 1] == '0' && text[end + 2] == '0';
        if (usual && text[4] == '-' && text[10] == ' ' && end <= 20 + precision) {
            return zonedTimestampOfUtc(text, end, precision);
        }
        return unusualZonedTimestamp(text, precision).getBytes(StandardCharsets.US_ASCII);
    }

    /** Postgres in UTC has it nearly written: a T for the blank, zeros up to the precision, Z for +00. */
    private static byte[] zonedTimestampOfUtc(byte[] text, int end, int precision) {
        byte[] iso = new byte[precision == 0 ? 20 : 21 + precision];
        Arrays.fill(iso, (byte) '0');
        System.arraycopy(text, 0, iso, 0, end);
        iso[10] = 'T';
        if (precision > 0) {
            iso[19] = '.';
        }
        iso[iso.length - 1] = 'Z';
        return iso;
    }

    private static String unusualZonedTimestamp(byte[] text, int precision) {
        if (isInfinity(text) || isMinusInfinity(text)) {
            return new String(text, StandardCharsets.US_ASCII);
        }
        var in = new TemporalText(text);
        in.timestamp();
        LocalDate day = LocalDate.ofEpochDay(in.days + Math.floorDiv(in.micros, MICROS_PER_DAY));
        long ofDay = Math.floorMod(in.micros, MICROS_PER_DAY);
        var out = new StringBuilder(27).append(day).append('T');
        clock(out, ofDay);
        if (precision > 0) {
            out.append('.');
            digits(out, ofDay % MICROS_PER_SECOND, 6);
            out.setLength(out.length() - (6 - precision));
        }
        return out.append('Z').toString();
    }

    /**
     * ISO-8601 in UTC of a date, or of a time or timestamp without zone, as Debezium's IsoDate, IsoTime and IsoTimestamp:
     * {@code 2024-02-29T12:34:56.789Z}, no digits beyond the last that counts. Years as in {@link #zonedTimestamp}; infinity
     * stays as it is.
     */
    public static String iso(byte[] text) {
        if (isInfinity(text) || isMinusInfinity(text)) {
            return ScalarText.string(text);
        }
        var in = new TemporalText(text);
        boolean bc = endsBc(text);
        var out = new StringBuilder(32);
        if (text.length > 2 && text[2] == ':') {
            in.time();
            return out.append(ScalarText.string(text)).append('Z').toString();
        }
        out.append(LocalDate.ofEpochDay(in.day(bc)));
        if (in.at < text.length && text[in.at] == ' ' && !(bc && in.at == text.length - 3)) {
            int start = ++in.at;
            in.time();
            out.append('T').append(new String(text, start, in.at - start, StandardCharsets.US_ASCII));
        }
        in.finish(bc);
        return out.append('Z').toString();
    }

    /** ISO-8601 in UTC, as Debezium's ZonedTime: {@code 12:34:56.789Z}, no digits beyond the last that counts. */
    public static String zonedTime(byte[] text) {
        long micros = microsOfDayUtc(text);
        var out = new StringBuilder(16);
        clock(out, micros);
        long fraction = micros % MICROS_PER_SECOND;
        if (fraction != 0) {
            out.append('.');
            digits(out, fraction, 6);
            while (out.charAt(out.length() - 1) == '0') {
                out.setLength(out.length() - 1);
            }
        }
        return out.append('Z').toString();
    }

    private static void clock(StringBuilder out, long microsOfDay) {
        long seconds = microsOfDay / MICROS_PER_SECOND;
        digits(out, seconds / 3600, 2);
        digits(out.append(':'), seconds / 60 % 60, 2);
        digits(out.append(':'), seconds % 60, 2);
    }

    private static void digits(StringBuilder out, long value, int width) {
        long unit = 1;
        for (int i = 1; i < width; i++) {
            unit *= 10;
        }
        for (; unit > 0; unit /= 10) {
            out.append((char) ('0' + value / unit % 10));
        }
    }

    /** Sets days and micros, the latter possibly negative or beyond a day. */
    private void timestamp() {
        boolean bc = endsBc(text);
        days = day(bc);
        expect(' ');
        micros = time();
        if (at < text.length && (text[at] == '+' || text[at] == '-')) {
            micros -= offsetSeconds() * MICROS_PER_SECOND;
        }
        finish(bc);
    }

    private long day(boolean bc) {
        int year = (int) number();
        expect('-');
        int month = (int) number();
        expect('-');
        int day = (int) number();
        if (month < 1 || month > 12 || day < 1 || day > 31) {
            throw bad();
        }
        return days(bc ? 1 - year : year, month, day);
    }

    /** Days from civil date; the year begins in March, so that the leap day is its last. */
    private static long days(int year, int month, int day) {
        long y = month <= 2 ? year - 1L : year;
        long era = Math.floorDiv(y, 400);
        long ofEra = y - era * 400;
        long ofYear = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468;
    }

    private long time() {
        long seconds = number() * 3600;
        expect(':');
        seconds += number() * 60;
        expect(':');
        seconds += number();
        long micros = seconds * MICROS_PER_SECOND;
        if (at < text.length && text[at] == '.') {
            int start = ++at;
            long fraction = number();
            for (int digits = at - start; digits < 6; digits++) {
                fraction *= 10;
            }
            micros += fraction;
        }
        return micros;
    }

    private long offsetSeconds() {
        if (at >= text.length || (text[at] != '+' && text[at] != '-')) {
            throw bad();
        }
        int sign = text[at++] == '-' ? -1 : 1;
        long seconds = number() * 3600;
        for (long unit = 60; unit > 0 && at < text.length && text[at] == ':'; unit /= 60) {
            at++;
            seconds += number() * unit;
        }
        return sign * seconds;
    }

    private long number() {
        int start = at;
        long value = 0;
        while (at < text.length && text[at] >= '0' && text[at] <= '9') {
            value = value * 10 + (text[at++] - '0');
        }
        if (at == start || at - start > 9) {
            throw bad();
        }
        return value;
    }

    private void expect(char c) {
        if (at >= text.length || text[at] != c) {
            throw bad();
        }
        at++;
    }

    private void finish(boolean bc) {
        if (at + (bc ? 3 : 0) != text.length) {
            throw bad();
        }
    }

    private static boolean endsBc(byte[] text) {
        int n = text.length;
        return n > 3 && text[n - 1] == 'C' && text[n - 2] == 'B' && text[n - 3] == ' ';
    }

    private static boolean isInfinity(byte[] text) {
        return text.length == 8 && text[0] == 'i';
    }

    private static boolean isMinusInfinity(byte[] text) {
        return text.length == 9 && text[0] == '-';
    }

    private BadValueException bad() {
        return new BadValueException("\"" + new String(text, StandardCharsets.UTF_8)
                + "\" is not a date or time in ISO DateStyle; the session must run with DateStyle ISO");
    }
}
