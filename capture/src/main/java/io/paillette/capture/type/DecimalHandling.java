package io.paillette.capture.type;

/** How {@code numeric} travels, by the name and meaning of Debezium's {@code decimal.handling.mode}. */
public enum DecimalHandling {
    /** Exact, in the bytes of Connect's Decimal or, where the column has no scale, Debezium's VariableScaleDecimal. */
    PRECISE,
    /** The nearest double. */
    DOUBLE,
    /** Postgres's own text. */
    STRING
}
