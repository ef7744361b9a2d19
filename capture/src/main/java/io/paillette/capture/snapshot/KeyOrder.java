package io.paillette.capture.snapshot;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.SqlText;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The order of a table's key, in SQL: values are compared by Postgres alone, as the key's index compares them. They are
 * written with their column's type and collation.
 */
final class KeyOrder {

    private static final String KEY = SqlText.load("reading_key");
    private static final String TEXT = SqlText.load("key_text");

    private final List<KeyColumn> columns;

    /** What follows a literal of each column. */
    private final List<String> casts;

    /** The schema of the operators, quoted. */
    private final String operators;

    private KeyOrder(List<KeyColumn> columns, List<String> casts, String operators) {
        this.columns = columns;
        this.casts = casts;
        this.operators = operators;
    }

    /** The key in whose order the table can be read; empty when there is none, or its changes do not tell it. */
    static Optional<KeyOrder> ofTable(Connection connection, Relation relation) throws SQLException {
        List<KeyColumn> columns = key(connection, relation.oid());
        return columns.isEmpty() || indexes(columns, relation).isEmpty() ? Optional.empty() : of(connection, columns);
    }

    /** Whether there is one, as far as the catalog tells. */
    static boolean isThere(Connection connection, int oid) throws SQLException {
        List<KeyColumn> columns = key(connection, oid);
        return !columns.isEmpty() && of(connection, columns).isPresent();
    }

    /** None where the table cannot be read in the order of a key. */
    private static List<KeyColumn> key(Connection connection, int oid) throws SQLException {
        List<KeyColumn> columns = new ArrayList<>();
        try (var query = connection.prepareStatement(KEY)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    columns.add(new KeyColumn(
                            row.getString("name"),
                            (int) row.getLong("type_oid"),
                            row.getInt("type_modifier"),
                            (int) row.getLong("collation"),
                            (int) row.getLong("greater")));
                }
            }
        }
        return columns;
    }

    /** Empty when the columns cannot be compared in one go: operators of several extensions, or one that is gone. */
    static Optional<KeyOrder> of(Connection connection, List<KeyColumn> columns) throws SQLException {
        List<String> casts = new ArrayList<>();
        List<@Nullable String> operators = new ArrayList<>();
        try (var query = connection.prepareStatement(TEXT)) {
            query.setArray(1, array(connection, "int8", columns, column -> Integer.toUnsignedLong(column.typeOid())));
            query.setArray(2, array(connection, "int4", columns, KeyColumn::typeModifier));
            query.setArray(3, array(connection, "int8", columns, column -> Integer.toUnsignedLong(column.collation())));
            query.setArray(4, array(connection, "int8", columns, column -> Integer.toUnsignedLong(column.greater())));
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    String collation = row.getString("collation");
                    casts.add("::" + row.getString("type") + (collation == null ? "" : " COLLATE " + collation));
                    operators.add(row.getString("operators"));
                }
            }
        }
        String first = operators.get(0);
        return first == null || !operators.stream().allMatch(first::equals)
                ? Optional.empty()
                : Optional.of(new KeyOrder(columns, casts, first));
    }

    private static java.sql.Array array(
            Connection connection,
            String type,
            List<KeyColumn> columns,
            java.util.function.Function<KeyColumn, Object> of)
            throws SQLException {
        return connection.createArrayOf(type, columns.stream().map(of).toArray());
    }

    List<KeyColumn> columns() {
        return columns;
    }

    /** For ORDER BY. */
    String list() {
        return columns.stream().map(KeyOrder::quoted).collect(Collectors.joining(", "));
    }

    /** Condition that a row of the table comes after {@code key}. */
    String beyond(List<String> key) {
        return "ROW(" + list() + ") OPERATOR(" + operators + ".>) " + row(key);
    }

    /** Condition that a row of the table has {@code key} or comes before it. */
    String upTo(List<String> key) {
        return "ROW(" + list() + ") OPERATOR(" + operators + ".<=) " + row(key);
    }

    /** Condition that a row of the table has {@code key}. */
    String equal(List<String> key) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> quoted(columns.get(i)) + " OPERATOR(" + operators + ".=) " + literal(i, key))
                .collect(Collectors.joining(" AND "));
    }

    /** Whether {@code key} comes after {@code bound}. */
    String isBeyond(List<String> key, List<String> bound) {
        return row(key) + " OPERATOR(" + operators + ".>) " + row(bound);
    }

    private String row(List<String> key) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> literal(i, key))
                .collect(Collectors.joining(", ", "ROW(", ")"));
    }

    private String literal(int column, List<String> key) {
        return SqlText.literal(key.get(column)) + casts.get(column);
    }

    private static String quoted(KeyColumn column) {
        return SqlText.identifier(column.name());
    }

    /** Where the columns of the key are in a relation; empty when one is not there, or is of another type. */
    static Optional<int[]> indexes(List<KeyColumn> key, Relation relation) {
        int[] indexes = key.stream()
                .mapToInt(column -> index(column, relation.columns()))
                .toArray();
        return IntStream.of(indexes).allMatch(index -> index >= 0) ? Optional.of(indexes) : Optional.empty();
    }

    private static int index(KeyColumn wanted, List<Column> columns) {
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            if (column.name().equals(wanted.name()) && column.declared().typeOid() == wanted.typeOid()) {
                return i;
            }
        }
        return -1;
    }

    /** The key of a row that was read. */
    static List<String> key(Tuple row, int[] indexes) {
        String[] key = new String[indexes.length];
        for (int i = 0; i < key.length; i++) {
            key[i] = new String(java.util.Objects.requireNonNull(row.value(indexes[i])), StandardCharsets.UTF_8);
        }
        return List.of(key);
    }
}
