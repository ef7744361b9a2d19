package io.paillette.capture.type;

import static java.util.Map.entry;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Enumeration;
import io.paillette.capture.type.ColumnType.Numeric;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnType.Time;
import io.paillette.capture.type.ColumnType.Timestamp;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** From a type's OID and modifier, as RELATION tells them, to its meaning. Source: {@code pg_type.dat} and the types' typmod functions. */
public final class ColumnTypes {

    /** OIDs below are assigned by Postgres itself and never change (transam.h). */
    public static final int FIRST_USER_OID = 16_384;

    private static final int NUMERIC = 1700;
    private static final int TIME = 1083;
    private static final int TIMETZ = 1266;
    private static final int TIMESTAMP = 1114;
    private static final int TIMESTAMPTZ = 1184;

    private static final Map<Integer, Scalar> SCALARS = Map.ofEntries(
            entry(16, Scalar.BOOL),
            entry(17, Scalar.BYTEA),
            entry(18, Scalar.TEXT), // "char"
            entry(19, Scalar.TEXT), // name
            entry(20, Scalar.INT8),
            entry(21, Scalar.INT2),
            entry(23, Scalar.INT4),
            entry(25, Scalar.TEXT),
            entry(26, Scalar.OID),
            entry(114, Scalar.JSON),
            entry(700, Scalar.FLOAT4),
            entry(701, Scalar.FLOAT8),
            entry(1042, Scalar.TEXT), // bpchar
            entry(1043, Scalar.TEXT), // varchar
            entry(1082, Scalar.DATE),
            entry(2950, Scalar.UUID),
            entry(3802, Scalar.JSON)); // jsonb

    /** Array type to element type, where elements have a mapping of their own. */
    private static final Map<Integer, Integer> ARRAYS = Map.ofEntries(
            entry(199, 114),
            entry(1000, 16),
            entry(1001, 17),
            entry(1002, 18),
            entry(1003, 19),
            entry(1005, 21),
            entry(1007, 23),
            entry(1009, 25),
            entry(1014, 1042),
            entry(1015, 1043),
            entry(1016, 20),
            entry(1021, 700),
            entry(1022, 701),
            entry(1028, 26),
            entry(1115, TIMESTAMP),
            entry(1182, 1082),
            entry(1183, TIME),
            entry(1185, TIMESTAMPTZ),
            entry(1231, NUMERIC),
            entry(1270, TIMETZ),
            entry(2951, 2950),
            entry(3807, 3802));

    /**
     * Arrays of what travels as text: money, xml, bit, inet, interval, ranges, geometry, text search, reg types and more, of
     * Postgres 12 to 18. Not among them box[], whose elements are divided by ';'.
     */
    private static final Set<Integer> ARRAYS_OF_TEXT = Set.of(
            143, 271, 629, 651, 719, 775, 791, 1006, 1008, 1010, 1011, 1012, 1013, 1017, 1018, 1019, 1027, 1034, 1040,
            1041, 1187, 1561, 1563, 2201, 2207, 2208, 2209, 2210, 2211, 2949, 3221, 3643, 3644, 3645, 3735, 3770, 3905,
            3907, 3909, 3911, 3913, 3927, 4073, 4090, 4097, 4192, 5039, 6150, 6151, 6152, 6153, 6155, 6157);

    private ColumnTypes() {}

    /**
     * A built-in type; {@link Scalar#OTHER} when it has no mapping of its own.
     *
     * @param typeModifier {@code atttypmod}, -1 for none; for an array that of its elements
     */
    public static ColumnType builtIn(int oid, int typeModifier) {
        Scalar scalar = SCALARS.get(oid);
        if (scalar != null) {
            return scalar;
        }
        Integer element = ARRAYS.get(oid);
        if (element != null) {
            return new Array(builtIn(element, typeModifier));
        }
        return switch (oid) {
            case NUMERIC -> numeric(typeModifier);
            case TIME, TIMETZ -> new Time(precision(typeModifier), oid == TIMETZ);
            case TIMESTAMP, TIMESTAMPTZ -> new Timestamp(precision(typeModifier), oid == TIMESTAMPTZ);
            default -> ARRAYS_OF_TEXT.contains(oid) ? new Array(Scalar.OTHER) : Scalar.OTHER;
        };
    }

    /**
     * Any type: enums, domains over anything, arrays of both, built-in types.
     *
     * @param catalog knows the types that are not built in, and what they are over; a type it does not know (null) is
     *                {@link Scalar#OTHER}
     */
    public static ColumnType of(int oid, int typeModifier, IntFunction<@Nullable CatalogType> catalog) {
        if (Integer.compareUnsigned(oid, FIRST_USER_OID) < 0) {
            return builtIn(oid, typeModifier);
        }
        CatalogType type = catalog.apply(oid);
        if (type == null) {
            return Scalar.OTHER;
        }
        if (type.kind() == 'e') {
            return new Enumeration(type.labels());
        }
        if (type.kind() == 'd') {
            int modifier = type.baseTypeModifier() != -1 ? type.baseTypeModifier() : typeModifier;
            return of(type.baseType(), modifier, catalog);
        }
        if (type.arrayOf() != 0 && type.delimiter() == ',') {
            return arrayOf(of(type.arrayOf(), typeModifier, catalog));
        }
        return Scalar.OTHER;
    }

    /** An array of a domain over an array has no element that one can be told apart by; it travels as text. */
    private static ColumnType arrayOf(ColumnType element) {
        return element instanceof Array ? new Array(Scalar.OTHER) : new Array(element);
    }

    /** numeric_typmod: precision in the upper half, scale in 11 signed bits (15+ has negative ones), plus VARHDRSZ. */
    private static ColumnType numeric(int typeModifier) {
        if (typeModifier < 4) {
            return new Numeric(-1, -1);
        }
        int packed = typeModifier - 4;
        return new Numeric(packed >> 16 & 0xFFFF, ((packed & 0x7FF) ^ 1024) - 1024);
    }

    private static int precision(int typeModifier) {
        return typeModifier < 0 ? 6 : typeModifier;
    }
}
