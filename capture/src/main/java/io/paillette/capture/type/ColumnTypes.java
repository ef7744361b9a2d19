package io.paillette.capture.type;

import io.paillette.capture.type.ColumnType.Array;
import io.paillette.capture.type.ColumnType.Enumeration;
import io.paillette.capture.type.ColumnType.Money;
import io.paillette.capture.type.ColumnType.Scalar;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** From a type's OID and modifier, as RELATION tells them, to its meaning. */
public final class ColumnTypes {

    /** OIDs below are written into Postgres's source and never change (transam.h, FirstGenbkiObjectId). */
    public static final int FIRST_CATALOG_OID = 10_000;

    private static final Set<Scalar> VECTORS = EnumSet.of(Scalar.VECTOR, Scalar.HALFVEC, Scalar.SPARSEVEC);

    private ColumnTypes() {}

    /**
     * A built-in type; {@link Scalar#OTHER} when it has no mapping of its own.
     *
     * @param typeModifier {@code atttypmod}, -1 for none; for an array that of its elements
     */
    public static ColumnType builtIn(int oid, int typeModifier) {
        ColumnType meaning = BuiltInType.meaning(oid, typeModifier);
        return meaning == null ? Scalar.OTHER : meaning;
    }

    /**
     * Any type: enums, domains over anything, arrays of both, built-in types.
     *
     * @param catalog knows the types that are not built in, and what they are over; a type it does not know (null) is
     *                {@link Scalar#OTHER}
     */
    public static ColumnType of(int oid, int typeModifier, IntFunction<@Nullable CatalogType> catalog) {
        if (Integer.compareUnsigned(oid, FIRST_CATALOG_OID) < 0) {
            return builtIn(oid, typeModifier);
        }
        CatalogType type = catalog.apply(oid);
        if (type == null) {
            return Scalar.OTHER;
        }
        if (type.kind() == 'e') {
            return new Enumeration(type.labels());
        }
        if (!type.extensionType().isEmpty()) {
            return ofExtension(type.extensionType(), typeModifier);
        }
        if (type.kind() == 'd') {
            int modifier = type.baseTypeModifier() != -1 ? type.baseTypeModifier() : typeModifier;
            return of(type.baseType(), modifier, catalog);
        }
        if (type.arrayOf() == 0) {
            return Scalar.OTHER;
        }
        Array array = arrayOf(of(type.arrayOf(), typeModifier, catalog));
        return array.delimiter() == type.delimiter() ? array : Scalar.OTHER;
    }

    /** Whether it is money, or an array of it. */
    public static boolean isMoney(ColumnType type) {
        return type instanceof Money || (type instanceof Array array && array.element() instanceof Money);
    }

    /** The same type, where it is money with so many fraction digits. */
    public static ColumnType withFractionDigits(ColumnType type, int digits) {
        if (!isMoney(type)) {
            return type;
        }
        return type instanceof Array ? new Array(new Money(digits)) : new Money(digits);
    }

    /** The form of a sparse vector counts in 16 bits: where there may be more dimensions it is text. */
    private static ColumnType ofExtension(String name, int typeModifier) {
        return switch (name) {
            case "hstore" -> Scalar.HSTORE;
            case "ltree" -> Scalar.LTREE;
            case "geometry" -> Scalar.GEOMETRY;
            case "geography" -> Scalar.GEOGRAPHY;
            case "vector" -> Scalar.VECTOR;
            case "halfvec" -> Scalar.HALFVEC;
            case "sparsevec" -> typeModifier > 0 && typeModifier <= Short.MAX_VALUE ? Scalar.SPARSEVEC : Scalar.OTHER;
            default -> Scalar.OTHER;
        };
    }

    /** An array of a domain over an array has no element that one can be told apart by; it travels as text. So do vectors, which
     * are arrays themselves in their form. */
    private static Array arrayOf(ColumnType element) {
        boolean asText = element instanceof Array || (element instanceof Scalar scalar && VECTORS.contains(scalar));
        return new Array(asText ? Scalar.OTHER : element);
    }
}
