package io.paillette.capture.catalog;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.TableName;
import io.paillette.capture.pgoutput.WalSink.RelationColumn;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnTypes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Completes the shape of a table with what the WAL does not say: what types mean, which columns are the primary key, which
 * may be null. The catalog is that of now, which may be later than the WAL's: where the two disagree the WAL is right, and
 * a column the catalog no longer knows may be null and has no key.
 */
public final class Catalog {

    private static final String COLUMNS = SqlText.load("relation_columns");
    private static final String IDENTITY = SqlText.load("table_identity");

    private final Connection connection;
    private final TypeCatalog types;

    public Catalog(Connection connection) {
        this.connection = connection;
        this.types = new TypeCatalog(connection);
    }

    /** The relation of a RELATION message. */
    public Relation relation(int oid, TableName name, ReplicaIdentity identity, List<RelationColumn> wire)
            throws SQLException {
        Map<String, CatalogColumn> known = new LinkedHashMap<>();
        for (CatalogColumn column : columns(oid)) {
            known.put(column.name(), column);
        }
        boolean primaryKeySent = known.values().stream().anyMatch(CatalogColumn::inPrimaryKey)
                && known.values().stream().filter(CatalogColumn::inPrimaryKey).allMatch(key -> wire.stream()
                        .anyMatch(column -> column.name().equals(key.name())));
        // DEFAULT: the message marks the primary key as it was then. FULL: it marks every column.
        boolean marksAreTheKey =
                identity == ReplicaIdentity.DEFAULT || (identity == ReplicaIdentity.INDEX && !primaryKeySent);
        var meanings = types.load(wire.stream().map(RelationColumn::typeOid).toList());
        List<Column> columns = new ArrayList<>(wire.size());
        for (RelationColumn column : wire) {
            CatalogColumn now = known.get(column.name());
            boolean key = marksAreTheKey ? column.identity() : primaryKeySent && now != null && now.inPrimaryKey();
            columns.add(new Column(
                    column.name(),
                    column.typeOid(),
                    column.typeModifier(),
                    ColumnTypes.of(column.typeOid(), column.typeModifier(), meanings::get),
                    key,
                    now == null || !now.notNull()));
        }
        return new Relation(oid, name, identity, columns);
    }

    /** The relation as it is now, with the columns that pgoutput sends; empty when there is no such table. */
    public Optional<Relation> relationNow(int oid) throws SQLException {
        Optional<Identity> found = identity(oid);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Identity identity = found.get();
        List<CatalogColumn> known = columns(oid);
        boolean hasPrimaryKey = known.stream().anyMatch(CatalogColumn::inPrimaryKey);
        var meanings = types.load(known.stream().map(CatalogColumn::typeOid).toList());
        List<Column> columns = new ArrayList<>(known.size());
        for (CatalogColumn column : known) {
            if (column.sent()) {
                ColumnType type = ColumnTypes.of(column.typeOid(), column.typeModifier(), meanings::get);
                boolean key = hasPrimaryKey
                        ? column.inPrimaryKey()
                        : identity.replica() == ReplicaIdentity.INDEX && column.inIdentityIndex();
                columns.add(new Column(
                        column.name(), column.typeOid(), column.typeModifier(), type, key, !column.notNull()));
            }
        }
        return Optional.of(new Relation(oid, identity.name(), identity.replica(), columns));
    }

    /** The table as a FROM clause names it: without tables that inherit from it, but with its partitions. */
    public Optional<String> tableExpression(int oid) throws SQLException {
        return identity(oid)
                .map(table -> (table.partitioned() ? "" : "ONLY ")
                        + SqlText.identifier(table.name().schema())
                        + "."
                        + SqlText.identifier(table.name().table()));
    }

    private Optional<Identity> identity(int oid) throws SQLException {
        try (var query = connection.prepareStatement(IDENTITY)) {
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
                return Optional.of(new Identity(
                        new TableName(row.getString("schema"), row.getString("name")),
                        replica,
                        row.getString("kind").equals("p")));
            }
        }
    }

    private List<CatalogColumn> columns(int oid) throws SQLException {
        try (var query = connection.prepareStatement(COLUMNS)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                List<CatalogColumn> columns = new ArrayList<>();
                while (row.next()) {
                    columns.add(new CatalogColumn(
                            row.getString("name"),
                            (int) row.getLong("type_oid"),
                            row.getInt("type_modifier"),
                            row.getBoolean("not_null"),
                            row.getBoolean("in_primary_key"),
                            row.getBoolean("in_identity_index"),
                            row.getBoolean("sent")));
                }
                return columns;
            }
        }
    }

    private record Identity(TableName name, ReplicaIdentity replica, boolean partitioned) {}

    private record CatalogColumn(
            String name,
            int typeOid,
            int typeModifier,
            boolean notNull,
            boolean inPrimaryKey,
            boolean inIdentityIndex,
            boolean sent) {}
}
