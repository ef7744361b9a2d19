package io.paillette.capture.type;

import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;

/** What times and timestamps without zone are counted in. */
public enum TemporalUnit {
    MILLIS,
    /** What Connect's Time can hold: a time of day before the end of the day. */
    CONNECT_MILLIS,
    MICROS,
    NANOS;

    private static final long MILLIS_PER_DAY = 86_400_000L;

    /** @param mode not {@link TimePrecision#ISOSTRING}, under which nothing is counted */
    public static TemporalUnit of(Time type, TimePrecision mode) {
        return mode == TimePrecision.ADAPTIVE_TIME_MICROSECONDS ? MICROS : of(type.precision(), mode);
    }

    /** @param mode not {@link TimePrecision#ISOSTRING}, under which nothing is counted */
    public static TemporalUnit of(Timestamp type, TimePrecision mode) {
        return of(type.precision(), mode);
    }

    private static TemporalUnit of(int precision, TimePrecision mode) {
        return switch (mode) {
            case ADAPTIVE, ADAPTIVE_TIME_MICROSECONDS -> precision <= 3 ? MILLIS : MICROS;
            case CONNECT -> CONNECT_MILLIS;
            case MICROSECONDS -> MICROS;
            case NANOSECONDS -> NANOS;
            case ISOSTRING -> throw new IllegalArgumentException("text has no unit");
        };
    }

    /** Since midnight. */
    public long ofDay(byte[] time) {
        long micros = TemporalText.microsOfDay(time);
        return switch (this) {
            case MILLIS -> micros / 1000;
            case CONNECT_MILLIS -> {
                if (micros / 1000 >= MILLIS_PER_DAY) {
                    throw new BadValueException("time " + ScalarText.string(time)
                            + " has no form in Connect's Time; set time.precision.mode to adaptive or isostring");
                }
                yield micros / 1000;
            }
            case MICROS -> micros;
            case NANOS -> micros * 1000;
        };
    }

    /** Since 1970; infinity by the marks of {@link TemporalText}, in nanoseconds the ends of 64 bits. */
    public long ofEpoch(byte[] timestamp) {
        long micros = TemporalText.epochMicros(timestamp);
        return switch (this) {
            case MILLIS, CONNECT_MILLIS -> Math.floorDiv(micros, 1000L);
            case MICROS -> micros;
            case NANOS -> nanos(micros, timestamp);
        };
    }

    private static long nanos(long micros, byte[] timestamp) {
        if (micros == TemporalText.TIMESTAMP_INFINITY) {
            return Long.MAX_VALUE;
        }
        if (micros == TemporalText.TIMESTAMP_MINUS_INFINITY) {
            return Long.MIN_VALUE;
        }
        try {
            return Math.multiplyExact(micros, 1000L);
        } catch (ArithmeticException e) {
            throw new BadValueException("timestamp \"" + ScalarText.string(timestamp)
                    + "\" is beyond 64 bits of nanoseconds (1677 to 2262); set time.precision.mode to microseconds or"
                    + " isostring");
        }
    }
}
