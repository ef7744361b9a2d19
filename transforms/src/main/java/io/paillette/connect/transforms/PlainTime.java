package io.paillette.connect.transforms;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** Days and fractions of seconds since 1970, or of a day, as the ISO-8601 that the broker writes. */
final class PlainTime {

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** As Debezium tells the infinities of Postgres, in microseconds. */
    private static final long INFINITY_MICROS = 9_223_372_036_825_200_000L;

    private static final long MINUS_INFINITY_MICROS = -9_223_372_036_832_400_000L;

    private PlainTime() {}

    static String date(long days) {
        String infinity = infinity(days, Integer.MAX_VALUE, Integer.MIN_VALUE);
        return infinity == null ? LocalDate.ofEpochDay(days).toString() : infinity;
    }

    /** The end of a day is a time to Postgres, and none to Java; to MySQL what is before or beyond the day is one as well. */
    static String time(long value, long perSecond) {
        long seconds = Math.abs(value / perSecond);
        int nanos = (int) (Math.abs(value % perSecond) * (1_000_000_000 / perSecond));
        String ofTheHour = DateTimeFormatter.ISO_LOCAL_TIME.format(
                LocalTime.of(0, (int) (seconds / 60 % 60), (int) (seconds % 60), nanos));
        long hours = seconds / 3_600;
        return (value < 0 ? "-" : "") + (hours < 10 ? "0" : "") + hours + ofTheHour.substring(2);
    }

    static String timestamp(long value, long perSecond) {
        long scale = 1_000_000 / Math.min(perSecond, 1_000_000);
        String infinity = perSecond > 1_000_000
                ? infinity(value, Long.MAX_VALUE, Long.MIN_VALUE)
                : infinity(value, Math.floorDiv(INFINITY_MICROS, scale), Math.floorDiv(MINUS_INFINITY_MICROS, scale));
        return infinity == null
                ? DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(LocalDateTime.ofEpochSecond(
                        Math.floorDiv(value, perSecond),
                        (int) (Math.floorMod(value, perSecond) * (1_000_000_000 / perSecond)),
                        ZoneOffset.UTC))
                : infinity;
    }

    private static @Nullable String infinity(long value, long most, long least) {
        if (value == most) {
            return "infinity";
        }
        return value == least ? "-infinity" : null;
    }

    /** With six digits, from microseconds or, where there are none, milliseconds. */
    static @Nullable String commit(@Nullable Object micros, @Nullable Object millis) {
        if (micros instanceof Number number) {
            long value = number.longValue();
            return MICROS.format(
                    Instant.ofEpochSecond(Math.floorDiv(value, 1_000_000), Math.floorMod(value, 1_000_000) * 1_000L));
        }
        return millis instanceof Number number ? MICROS.format(Instant.ofEpochMilli(number.longValue())) : null;
    }
}
