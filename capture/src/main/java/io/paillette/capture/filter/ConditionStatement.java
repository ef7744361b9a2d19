package io.paillette.capture.filter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.catalog.SqlFragment;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.catalog.SqlWords;
import io.paillette.capture.type.ColumnTypes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/** A condition and expressions on the rows of one shape of one table, as a statement that takes the values of the columns they may read. */
final class ConditionStatement implements AutoCloseable {

    /** Their values are in memory already. */
    private static final int MOST_ROWS = 5_000;

    private static final String EVALUATE = SqlText.load("evaluate_condition");
    private static final String COLLATIONS = SqlText.load("column_collations");
    private static final String CONDITION = "${condition}";

    private final Relation relation;
    private final ReadColumns all;
    private final ReadColumns condition;
    private final ReadColumns results;
    private final int width;
    private final int conditionAt;
    private final ReadOnlyQuery query;
    private int rowsAtOnce = MOST_ROWS;

    /** @param where in parentheses, or a word */
    ConditionStatement(Connection connection, String where, List<SqlFragment> results, Relation relation)
            throws SQLException {
        this.relation = relation;
        List<Mentions> ofResults =
                results.stream().map(one -> Mentions.of(one.text())).toList();
        Mentions ofWhere = Mentions.of(where);
        this.condition = new ReadColumns(relation, List.of(ofWhere));
        this.results = new ReadColumns(relation, ofResults);
        this.all = new ReadColumns(
                relation, Stream.concat(Stream.of(ofWhere), ofResults.stream()).toList());
        this.width = results.size();
        Map<String, String> collations = collations(connection, relation);
        var parts = new HashMap<>(Map.of(
                "row", list("row", all.row, collations),
                "new", list("new", all.now, collations),
                "old", list("old", all.was, collations),
                "arrays", ", ?::text[]".repeat(all.count()),
                "names", names("row", all.row) + names("new", all.now) + names("old", all.was),
                "answers", numbered(i -> ", \"what meets it\"." + result(i), ""),
                "results", numbered(i -> results.get(i).expression() + "::text AS " + result(i), ", ")));
        this.conditionAt = SqlText.fill(EVALUATE.substring(0, EVALUATE.indexOf(CONDITION)), parts)
                        .length()
                + ReadOnlyQuery.numbers(1 + all.count());
        parts.computeIfPresent("results", (key, sql) -> SqlWords.withoutParameters(sql));
        parts.put("condition", SqlWords.withoutParameters(where));
        this.query = new ReadOnlyQuery(connection, SqlText.fill(EVALUATE, parts));
    }

    private String numbered(IntFunction<String> text, String separator) {
        return IntStream.range(0, width).mapToObj(text).collect(Collectors.joining(separator));
    }

    private static String result(int i) {
        return "\"result " + i + "\"";
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

    /** What the condition may read. */
    ReadColumns condition() {
        return condition;
    }

    /** What the expressions may read. */
    ReadColumns results() {
        return results;
    }

    boolean mayShowValues() {
        return all.mayBeShown();
    }

    /** Of each row that meets the condition what the expressions say; null for the others. */
    List<@Nullable List<@Nullable String>> evaluate(List<RowValues> rows) throws SQLException {
        int[] ordinals = IntStream.range(0, rows.size()).toArray();
        query.statement()
                .setArray(1, query.connection().unwrap(PGConnection.class).createArrayOf("int4", ordinals));
        int parameter = 2;
        parameter = set(parameter, all.row, rows, RowValues::rowValue);
        parameter = set(parameter, all.now, rows, RowValues::newValue);
        set(parameter, all.was, rows, RowValues::oldValue);
        List<@Nullable List<@Nullable String>> met = new ArrayList<>(Collections.nCopies(rows.size(), null));
        query.run(row -> {
            while (row.next()) {
                met.set(row.getInt(1), texts(row));
            }
        });
        return met;
    }

    private List<@Nullable String> texts(ResultSet row) throws SQLException {
        if (width == 0) {
            return List.of();
        }
        List<@Nullable String> texts = new ArrayList<>(width);
        for (int i = 0; i < width; i++) {
            texts.add(row.getString(2 + i));
        }
        return texts;
    }

    private int set(
            int from, int[] columns, List<RowValues> rows, BiFunction<RowValues, Integer, byte @Nullable []> value)
            throws SQLException {
        int parameter = from;
        for (int column : columns) {
            // Of this type: an array of objects would be sent as one quoted text, slow to write and to read.
            String[] texts = new String[rows.size()];
            for (int i = 0; i < texts.length; i++) {
                byte[] text = value.apply(rows.get(i), column);
                texts[i] = text == null ? null : new String(text, UTF_8);
            }
            query.statement().setArray(parameter++, query.connection().createArrayOf("text", texts));
        }
        return parameter;
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
