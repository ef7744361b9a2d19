package io.paillette.capture.catalog;

import io.paillette.capture.type.CatalogType;
import io.paillette.capture.type.ColumnTypes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks what types that are not built in mean. Nothing is kept: an enum can get another label any time. */
final class TypeCatalog {

    private static final String QUERY = SqlText.load("catalog_types");

    private final Connection connection;

    TypeCatalog(Connection connection) {
        this.connection = connection;
    }

    /** By OID, every type among {@code oids} that is not built in and all those are over. */
    Map<Integer, CatalogType> load(Collection<Integer> oids) throws SQLException {
        Object[] unknown = oids.stream()
                .filter(oid -> Integer.compareUnsigned(oid, ColumnTypes.FIRST_CATALOG_OID) >= 0)
                .map(Integer::toUnsignedLong)
                .toArray();
        Map<Integer, CatalogType> types = new HashMap<>();
        if (unknown.length == 0) {
            return types;
        }
        try (var query = connection.prepareStatement(QUERY)) {
            query.setArray(1, connection.createArrayOf("int8", unknown));
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    int oid = (int) row.getLong("oid");
                    types.put(
                            oid,
                            new CatalogType(
                                    oid,
                                    row.getString("kind").charAt(0),
                                    (int) row.getLong("array_of"),
                                    row.getString("delimiter").charAt(0),
                                    (int) row.getLong("base_type"),
                                    row.getInt("base_type_modifier"),
                                    row.getString("extension_type"),
                                    labels(row.getArray("labels"))));
                }
            }
        }
        return types;
    }

    private static List<String> labels(java.sql.Array labels) throws SQLException {
        return Arrays.stream((Object[]) labels.getArray()).map(String::valueOf).toList();
    }
}
