package io.paillette.capture.type;

import java.util.List;

/**
 * The meaning of a column's values. Values themselves travel in Postgres's text output form (session settings: ISO
 * DateStyle, UTC, hex bytea, extra_float_digits 3), from the WAL and from snapshots alike.
 */
public sealed interface ColumnType {

    /** A scalar that needs no parameters. */
    enum Scalar implements ColumnType {
        BOOL,
        INT2,
        INT4,
        INT8,
        /** Unsigned 32 bit, carried as INT64. */
        OID,
        FLOAT4,
        FLOAT8,
        TEXT,
        BYTEA,
        DATE,
        UUID,
        JSON,
        XML,
        TSVECTOR,
        LTREE,
        /** Two float8. */
        POINT,
        INTERVAL,
        HSTORE,
        /** PostGIS's. */
        GEOMETRY,
        /** PostGIS's. */
        GEOGRAPHY,
        /** pgvector's, of float4. */
        VECTOR,
        /** pgvector's, of half as many bits. */
        HALFVEC,
        /** pgvector's, of at most 32,767 dimensions. */
        SPARSEVEC,
        /** Any type without a mapping of its own: its text form. Never dropped. */
        OTHER
    }

    /** {@code precision} and {@code scale} are -1 when the column was declared without them. */
    record Numeric(int precision, int scale) implements ColumnType {}

    /** @param fractionDigits by the database's locale */
    record Money(int fractionDigits) implements ColumnType {}

    /** @param precision fractional digits, 0 to 6 */
    record Time(int precision, boolean zoned) implements ColumnType {}

    /** @param precision fractional digits, 0 to 6 */
    record Timestamp(int precision, boolean zoned) implements ColumnType {}

    /** @param length in bits, at least 1 */
    record Bits(int length) implements ColumnType {}

    /** @param labels in enumsortorder */
    record Enumeration(List<String> labels) implements ColumnType {
        public Enumeration {
            labels = List.copyOf(labels);
        }
    }

    /** @param element type of the elements, whatever the number of dimensions */
    record Array(ColumnType element) implements ColumnType {

        /** What stands between the elements. */
        public char delimiter() {
            return element == Scalar.GEOMETRY || element == Scalar.GEOGRAPHY ? ':' : ',';
        }
    }
}
