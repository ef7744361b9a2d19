package io.paillette.capture.type;

import java.util.List;

/**
 * What {@code pg_type} and {@code pg_enum} tell of a type that is not built in.
 *
 * @param kind             {@code typtype}: b base, c composite, d domain, e enum, p pseudo, r range, m multirange
 * @param arrayOf          {@code typelem} where {@code typcategory} is 'A', else 0
 * @param delimiter        {@code typdelim}: between the elements of an array of this type
 * @param baseType         {@code typbasetype}: what a domain is over, else 0
 * @param baseTypeModifier {@code typtypmod} of a domain, else -1
 * @param extensionType    the type's name when it is one that an extension brought and that has a form of its own, as hstore; else empty
 * @param labels           of an enum in {@code enumsortorder}, else empty
 */
public record CatalogType(
        int oid,
        char kind,
        int arrayOf,
        char delimiter,
        int baseType,
        int baseTypeModifier,
        String extensionType,
        List<String> labels) {

    public CatalogType {
        labels = List.copyOf(labels);
    }
}
