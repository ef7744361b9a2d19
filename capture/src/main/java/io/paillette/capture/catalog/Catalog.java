package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.TableName;
import io.paillette.capture.column.ColumnRules;
import io.paillette.capture.pgoutput.WalSink.RelationColumn;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes the shape of a table with what the WAL does not say: what types mean, which columns are the primary key, which
 * may be null; and with what is to be told of it. The catalog is that of now, which may be later than the WAL's: where the
 * two disagree the WAL is right, and a column the catalog no longer knows may be null and has no key.
 */
public final class Catalog {

    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);
    private static final String COLUMNS = SqlText.load("relation_columns");
    private static final String TYPE_NAME = SqlText.load("type_name");
    private static final String UNSENT_KEY = SqlText.load("unsent_key");

    private final Connection connection;
    private final TypeCatalog types;
    private final ColumnRules rules;
    private final MoneyDigits money;

    public Catalog(Connection connection, ColumnRules rules) {
        this.connection = connection;
        this.types = new TypeCatalog(connection);
        this.rules = rules;
        this.money = new MoneyDigits(connection);
    }

    /**
     * The relation of a RELATION message.
     *
     * @throws CaptureException when the rules for columns do not go with the table
     */
    public Relation relation(int oid, TableName name, ReplicaIdentity identity, List<RelationColumn> wire)
            throws CaptureException, SQLException {
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
        var shape = new RelationShape(
                name, types.load(wire.stream().map(RelationColumn::typeOid).toList()), rules, money);
        for (RelationColumn column : wire) {
            CatalogColumn now = known.get(column.name());
            CatalogColumn same = now != null && now.isOfType(column) ? now : null;
            shape.column(
                    column,
                    same == null ? typeName(column) : same.typeName(),
                    now == null || !now.notNull(),
                    same == null ? Optional.empty() : Optional.ofNullable(same.defaultText()),
                    marksAreTheKey ? column.identity() : primaryKeySent && now != null && now.inPrimaryKey());
        }
        return shape.relation(oid, identity);
    }

    /**
     * The relation as it is now, with the columns that pgoutput sends; empty when there is no such table.
     *
     * @throws CaptureException when the rules for columns do not go with the table
     */
    public Optional<Relation> relationNow(int oid) throws CaptureException, SQLException {
        Optional<TableIdentity> found = TableIdentity.find(connection, oid);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        TableIdentity identity = found.get();
        List<CatalogColumn> known = columns(oid);
        boolean hasPrimaryKey = known.stream().anyMatch(CatalogColumn::inPrimaryKey);
        Predicate<CatalogColumn> key = hasPrimaryKey
                ? CatalogColumn::inPrimaryKey
                : column -> identity.replica() == ReplicaIdentity.INDEX && column.inIdentityIndex();
        var shape = new RelationShape(
                identity.name(),
                types.load(known.stream().map(CatalogColumn::typeOid).toList()),
                rules,
                money);
        for (CatalogColumn column : known) {
            if (column.sent()) {
                var wire = new RelationColumn(
                        column.name(), column.isOf(identity.replica()), column.typeOid(), column.typeModifier());
                shape.column(
                        wire,
                        column.typeName(),
                        !column.notNull(),
                        Optional.ofNullable(column.defaultText()),
                        key.test(column));
            }
        }
        return Optional.of(shape.relation(oid, identity.replica()));
    }

    /** Whether the table has a key now all of whose columns are generated, and not among those of a shape. */
    public boolean hasUnsentKey(Relation shape) throws SQLException {
        try (var query = connection.prepareStatement(UNSENT_KEY)) {
            query.setLong(1, Integer.toUnsignedLong(shape.oid()));
            query.setArray(
                    2,
                    connection.createArrayOf(
                            "text", shape.columns().stream().map(Column::name).toArray()));
            try (var row = query.executeQuery()) {
                row.next();
                return row.getBoolean("unsent");
            }
        }
    }

    private String typeName(RelationColumn column) throws SQLException {
        try (var query = connection.prepareStatement(TYPE_NAME)) {
            query.setLong(1, Integer.toUnsignedLong(column.typeOid()));
            query.setInt(2, column.typeModifier());
            try (var row = query.executeQuery()) {
                row.next();
                return row.getString(1);
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
                            row.getString("type_name"),
                            row.getBoolean("not_null"),
                            row.getBoolean("in_primary_key"),
                            row.getBoolean("in_identity_index"),
                            row.getBoolean("sent"),
                            row.getString("fixed_default")));
                }
                return withDefaults(columns);
            }
        }
    }

    /**
     * Evaluates the defaults. Where one of them fails the table has none: they are only a help for readers.
     */
    private List<CatalogColumn> withDefaults(List<CatalogColumn> columns) throws SQLException {
        List<CatalogColumn> having =
                columns.stream().filter(column -> column.defaultText() != null).toList();
        if (having.isEmpty()) {
            return columns;
        }
        Map<String, String> values = new HashMap<>();
        boolean committed = connection.getAutoCommit();
        Savepoint before = committed ? null : connection.setSavepoint();
        String query = having.stream()
                .map(column -> "format('%s', " + column.defaultText() + ")")
                .collect(Collectors.joining(", ", "SELECT ", ""));
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            for (int i = 0; i < having.size(); i++) {
                values.put(having.get(i).name(), row.getString(i + 1));
            }
        } catch (SQLException e) {
            if (Faults.isTransient(e)) {
                throw e;
            }
            LOG.debug("a default could not be evaluated", e);
            if (before != null) {
                connection.rollback(before);
            }
        }
        return columns.stream()
                .map(column -> column.withDefault(values.get(column.name())))
                .toList();
    }

    private record CatalogColumn(
            String name,
            int typeOid,
            int typeModifier,
            String typeName,
            boolean notNull,
            boolean inPrimaryKey,
            boolean inIdentityIndex,
            boolean sent,
            @Nullable String defaultText) {

        /** What was written before a change of the type has another, of which the default may be none. */
        boolean isOfType(RelationColumn column) {
            return typeOid == column.typeOid() && typeModifier == column.typeModifier();
        }

        CatalogColumn withDefault(@Nullable String text) {
            return new CatalogColumn(
                    name, typeOid, typeModifier, typeName, notNull, inPrimaryKey, inIdentityIndex, sent, text);
        }

        /** As a RELATION message would mark it. */
        boolean isOf(ReplicaIdentity identity) {
            return switch (identity) {
                case DEFAULT -> inPrimaryKey;
                case NOTHING -> false;
                case FULL -> true;
                case INDEX -> inIdentityIndex;
            };
        }
    }
}
