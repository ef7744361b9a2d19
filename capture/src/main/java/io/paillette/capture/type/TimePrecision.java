package io.paillette.capture.type;

/** How dates, and times and timestamps without zone travel, by the names and meaning of Debezium's {@code time.precision.mode}. */
public enum TimePrecision {
    /** Days; milliseconds where the column has at most three fractional digits, else microseconds. */
    ADAPTIVE,
    /** As {@link #ADAPTIVE}, but times always in microseconds. */
    ADAPTIVE_TIME_MICROSECONDS,
    /** Connect's own Date, Time and Timestamp: milliseconds, what is finer is cut off. */
    CONNECT,
    /** ISO-8601 text in UTC. */
    ISOSTRING,
    /** Days; microseconds. */
    MICROSECONDS,
    /** Days; nanoseconds. */
    NANOSECONDS
}
