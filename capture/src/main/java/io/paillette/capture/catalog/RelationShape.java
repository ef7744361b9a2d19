package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.TableName;
import io.paillette.capture.column.ColumnRules;
import io.paillette.capture.column.Exposure;
import io.paillette.capture.pgoutput.WalSink.RelationColumn;
import io.paillette.capture.type.CatalogType;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ColumnTypes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects the columns of a table, with what is to be told of them. */
final class RelationShape {

    private final TableName name;
    private final Map<Integer, CatalogType> types;
    private final ColumnRules rules;
    private final MoneyDigits money;
    private final List<Column> columns = new ArrayList<>();
    private final List<Integer> ownKey = new ArrayList<>();

    /** @param types those that are not built in, by OID */
    RelationShape(TableName name, Map<Integer, CatalogType> types, ColumnRules rules, MoneyDigits money) {
        this.name = name;
        this.types = types;
        this.rules = rules;
        this.money = money;
    }

    /**
     * @param typeName    see {@link Column.Declaration}
     * @param defaultText see {@link Column.Declaration}
     * @param ofKey       whether it belongs to the key that the table itself has
     */
    void column(RelationColumn column, String typeName, boolean nullable, Optional<String> defaultText, boolean ofKey)
            throws CaptureException, SQLException {
        ColumnType type = ColumnTypes.of(column.typeOid(), column.typeModifier(), types::get);
        if (ColumnTypes.isMoney(type)) {
            type = ColumnTypes.withFractionDigits(type, money.get());
        }
        Exposure exposure;
        try {
            exposure = rules.exposure(name, column.name(), column.typeOid(), column.typeModifier(), type);
        } catch (IllegalArgumentException e) {
            throw Faults.fatal(String.valueOf(e.getMessage()));
        }
        if (ofKey) {
            ownKey.add(columns.size());
        }
        columns.add(new Column(
                column.name(),
                new Column.Declaration(column.typeOid(), column.typeModifier(), typeName, defaultText),
                exposure.mask().isPresent() ? Scalar.TEXT : type,
                nullable,
                exposure));
    }

    Relation relation(int oid, ReplicaIdentity identity) throws CaptureException {
        Optional<List<String>> chosen = rules.key(name);
        List<Integer> key = new ArrayList<>();
        if (chosen.isPresent()) {
            for (String column : chosen.get()) {
                key.add(indexOf(column));
            }
        } else {
            key.addAll(ownKey);
        }
        for (int index : key) {
            columns.get(index).requireApart(name);
        }
        return new Relation(oid, name, identity, columns, ownKey, key);
    }

    private int indexOf(String column) throws CaptureException {
        List<String> names = columns.stream().map(Column::name).toList();
        int index = names.indexOf(column);
        if (index < 0) {
            throw Faults.fatal(CaptureOption.MESSAGE_KEY_COLUMNS.key() + " names column \"" + column + "\" of table "
                    + name + ", which has only " + names + ": correct it.");
        }
        return index;
    }
}
