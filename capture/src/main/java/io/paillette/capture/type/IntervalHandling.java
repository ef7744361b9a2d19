package io.paillette.capture.type;

/** How {@code interval} travels, by the name and meaning of Debezium's {@code interval.handling.mode}. */
public enum IntervalHandling {
    /** Microseconds, with a month of 365.25 / 12 days. */
    NUMERIC,
    /** ISO-8601 with every field, exact: {@code P1Y2M3DT4H5M6.789S}. */
    STRING
}
