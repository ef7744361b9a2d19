package io.paillette.capture.filter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.type.ColumnTypes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A condition on the rows of one shape of one table, as a statement that takes the values of the columns it may read. */
final class ConditionStatement implements AutoCloseable {

    /** Their values are in memory already. */
    private static final int MOST_ROWS = 5_000;

    private static final String EVALUATE = SqlText.load("evaluate_condition");
    private static final String COLLATIONS = SqlText.load("column_collations");
    private static final String CONDITION = "${condition}";

    private final Relation relation;
    private final int[] row;
    private final int[] now;
    private final int[] was;
    private final int conditionAt;
    private final ReadOnlyQuery query;
    private int rowsAtOnce = MOST_ROWS;

    ConditionStatement(Connection connection, SqlCondition condition, Relation relation) throws SQLException {
        this.relation = relation;
        var mentions = Mentions.of(condition.text());
        this.row = columns(mentions.row());
        this.now = columns(mentions.now());
        this.was = columns(mentions.was());
        Map<String, String> collations = collations(connection, relation);
        var lists = Map.of(
                "row", list("row", row, collations),
                "new", list("new", now, collations),
                "old", list("old", was, collations),
                "arrays", ", ?::text[]".repeat(row.length + now.length + was.length),
                "names", names("row", row) + names("new", now) + names("old", was));
        this.conditionAt = SqlText.fill(EVALUATE.substring(0, EVALUATE.indexOf(CONDITION)), lists)
                        .length()
                + ReadOnlyQuery.numbers(1 + row.length + now.length + was.length);
        this.query = new ReadOnlyQuery(
                connection,
                SqlText.fill(
                        SqlText.fill(EVALUATE, lists),
                        Map.of("condition", ConditionWords.withoutParameters(condition.expression()))));
    }

    /** How many are to be asked about at once. */
    int rowsAtOnce() {
        return rowsAtOnce;
    }

    /** Of so many rows the server did not say it in time: the next time fewer are asked about. */
    void tookTooLong(int rows) {
        rowsAtOnce = Math.max(1, Math.min(rowsAtOnce, rows / 2));
    }

    Relation relation() {
        return relation;
    }

    /** On which it is prepared. */
    Connection connection() {
        return query.connection();
    }

    /** How many characters of the statement come before the condition. */
    int conditionAt() {
        return conditionAt;
    }

    /** Empty: nothing that it may read is unknown. */
    Optional<Column> unknown(RowValues values) {
        Predicate<Integer> known = values::isRowKnown;
        return first(row, known).or(() -> values.after() == null ? Optional.empty() : first(now, known));
    }

    Optional<Column> unknownOld(RowValues values) {
        return first(was, values::isOldKnown);
    }

    /** A column of {@code old} that updates do not carry. */
    Optional<Column> unknownOldOfUpdates() {
        return first(was, column -> RowValues.isInOldRowOfUpdates(relation, column));
    }

    boolean readsMoreThanKey() {
        Predicate<Integer> inKey = column -> relation.ownKey().contains(column);
        return first(row, inKey).or(() -> first(was, inKey)).isPresent();
    }

    /** Whether each value that it reads is told as it is, so that what Postgres says of it may be said too. */
    boolean mayShowValues() {
        Predicate<Integer> told = column -> {
            Column read = relation.columns().get(column);
            return read.exposure().mask().isEmpty()
                    && (read.exposure().inRow() || relation.key().contains(column));
        };
        return first(row, told)
                .or(() -> first(now, told))
                .or(() -> first(was, told))
                .isEmpty();
    }

    private Optional<Column> first(int[] columns, Predicate<Integer> known) {
        for (int column : columns) {
            if (!known.test(column)) {
                return Optional.of(relation.columns().get(column));
            }
        }
        return Optional.empty();
    }

    /** Whether each row meets the condition. */
    boolean[] evaluate(List<RowValues> rows) throws SQLException {
        int[] ordinals = IntStream.range(0, rows.size()).toArray();
        query.statement()
                .setArray(1, query.connection().unwrap(PGConnection.class).createArrayOf("int4", ordinals));
        int parameter = 2;
        parameter = set(parameter, row, rows, RowValues::rowValue);
        parameter = set(parameter, now, rows, RowValues::newValue);
        set(parameter, was, rows, RowValues::oldValue);
        boolean[] met = new boolean[rows.size()];
        query.run(ordinal -> {
            while (ordinal.next()) {
                met[ordinal.getInt(1)] = true;
            }
        });
        return met;
    }

    private int set(
            int from, int[] columns, List<RowValues> rows, BiFunction<RowValues, Integer, byte @Nullable []> value)
            throws SQLException {
        int parameter = from;
        for (int column : columns) {
            Object[] texts = new Object[rows.size()];
            for (int i = 0; i < texts.length; i++) {
                byte[] text = value.apply(rows.get(i), column);
                texts[i] = text == null ? null : new String(text, UTF_8);
            }
            query.statement().setArray(parameter++, query.connection().createArrayOf("text", texts));
        }
        return parameter;
    }

    private int[] columns(Mentions.Columns mentioned) {
        return IntStream.range(0, relation.columns().size())
                .filter(i -> mentioned.has(relation.columns().get(i).name()))
                .toArray();
    }

    private static String given(String prefix, int column) {
        return "\"" + prefix + " " + column + "\"";
    }

    private static String names(String prefix, int[] columns) {
        return joined(columns, column -> ", " + given(prefix, column), "");
    }

    private String list(String prefix, int[] columns, Map<String, String> collations) {
        return joined(columns, i -> value(prefix, i, collations), ", ");
    }

    /** NULL is not cast to a type that somebody made: a domain may refuse it, and where there is no row there is no value. */
    private String value(String prefix, int i, Map<String, String> collations) {
        Column column = relation.columns().get(i);
        String text = given(prefix, i);
        String value = text + "::" + column.declared().typeName();
        if (Integer.compareUnsigned(column.declared().typeOid(), ColumnTypes.FIRST_CATALOG_OID) >= 0) {
            value = "CASE WHEN " + text + " IS NOT NULL THEN " + value + " END";
        }
        String collation = collations.get(column.name());
        return (collation == null ? value : "(" + value + ") COLLATE " + collation) + " AS "
                + SqlText.identifier(column.name());
    }

    private static Map<String, String> collations(Connection connection, Relation relation) throws SQLException {
        Map<String, String> collations = new HashMap<>();
        try (var query = connection.prepareStatement(COLLATIONS)) {
            query.setLong(1, Integer.toUnsignedLong(relation.oid()));
            try (var column = query.executeQuery()) {
                while (column.next()) {
                    collations.put(column.getString(1), column.getString(2));
                }
            }
        }
        return collations;
    }

    private static String joined(int[] columns, Function<Integer, String> text, String separator) {
        return IntStream.of(columns).boxed().map(text).collect(Collectors.joining(separator));
    }

    @Override
    public void close() throws SQLException {
        query.close();
    }
}
