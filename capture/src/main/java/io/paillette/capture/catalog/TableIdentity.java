package io.paillette.capture.catalog;

import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** What a table is called now, and what Postgres writes of its old rows. */
public record TableIdentity(TableName name, ReplicaIdentity replica, boolean partitioned) {

    private static final String QUERY = SqlText.load("table_identity");

    /** Empty when there is no such table. */
    public static Optional<TableIdentity> find(Connection connection, int oid) throws SQLException {
        try (var query = connection.prepareStatement(QUERY)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                var replica =
                        switch (row.getString("identity")) {
                            case "f" -> ReplicaIdentity.FULL;
                            case "n" -> ReplicaIdentity.NOTHING;
                            case "i" -> ReplicaIdentity.INDEX;
                            default -> ReplicaIdentity.DEFAULT;
                        };
                return Optional.of(new TableIdentity(
                        new TableName(row.getString("schema"), row.getString("name")),
                        replica,
                        row.getString("kind").equals("p")));
            }
        }
    }

    /** The table as a FROM clause names it: without tables that inherit from it, but with its partitions. */
    public String expression() {
        return (partitioned ? "" : "ONLY ") + SqlText.identifier(name.schema()) + "."
                + SqlText.identifier(name.table());
    }
}
