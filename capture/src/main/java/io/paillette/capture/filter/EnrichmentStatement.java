package io.paillette.capture.filter;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.catalog.SqlWords;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;
import org.postgresql.util.PSQLException;

/** A query for what belongs to rows of one shape of one table, as a statement that takes their keys. */
final class EnrichmentStatement implements AutoCloseable {

    /** As many rows as are asked about at once. */
    private static final int MOST_KEYS = 5_000;

    /** Nobody knows yet how much is found for one. */
    private static final int KEYS_AT_FIRST = 100;

    /**
     * What is found is in memory, and an answer as a whole: after one that is larger fewer keys are asked about, and after one that is not
     * half as large more. What comes of the keys at hand is not bounded by it.
     */
    private static final long LARGE_ANSWER_CHARACTERS = 16 << 20;

    private static final String DESCRIBE = SqlText.load("describe_enrichment");
    private static final String FIND = SqlText.load("find_enrichment");
    private static final String QUERY = "${query}";

    private final Relation relation;
    private final List<Column> key;
    private final List<String> columns;
    private final ReadOnlyQuery query;
    private int mostKeys = MOST_KEYS;
    private int keysAtOnce = KEYS_AT_FIRST;

    /**
     * What a query finds.
     *
     * @param found     for each of the keys, null for nothing
     * @param ambiguous for which of them there is more than one row
     * @param isCut     there are more rows than keys, of which nobody has read the rest
     */
    record Answer(List<@Nullable List<@Nullable String>> found, Set<Integer> ambiguous, boolean isCut) {}

    /** @throws CaptureException saying what is wrong with the query, and where */
    EnrichmentStatement(Connection connection, Enrichment enrichment, Relation relation)
            throws CaptureException, SQLException {
        this.relation = relation;
        this.key = relation.key().stream().map(relation.columns()::get).toList();
        requireParameters(enrichment, key);
        this.columns = others(enrichment, described(connection, enrichment));
        this.query = new ReadOnlyQuery(
                connection,
                filled(
                        FIND,
                        enrichment,
                        Map.of("results", results(enrichment.form(), columns), "matched", matched(key))));
        // The driver waits before and after one that is prepared and whose rows may be of any size. Planned for the
        // keys at
        // hand it costs less than two round trips to another host.
        query.statement().unwrap(PGStatement.class).setPrepareThreshold(0);
        find(enrichment, List.of());
    }

    private static void requireParameters(Enrichment enrichment, List<Column> key) throws CaptureException {
        SortedSet<Integer> parameters = SqlWords.parameters(enrichment.query().text());
        String names = IntStream.range(0, key.size())
                .mapToObj(i -> "$" + (i + 1) + " is an array of " + key.get(i).name())
                .collect(Collectors.joining(", "));
        if (parameters.isEmpty()) {
            throw Faults.fatal(enrichment.query().named()
                    + " takes no keys, and would read the same rows for each batch: " + names + ", as in WHERE "
                    + key.get(0).name() + " = ANY($1).");
        }
        if (parameters.first() < 1 || parameters.last() > key.size()) {
            int wrong = parameters.first() < 1 ? parameters.first() : parameters.last();
            throw Faults.fatal(
                    enrichment.query().named() + " has a parameter $" + wrong + ", which is nothing: " + names + ".");
        }
    }

    private List<String> described(Connection connection, Enrichment enrichment) throws CaptureException, SQLException {
        String text = filled(DESCRIBE, enrichment, Map.of());
        try (var statement = connection.prepareStatement(text)) {
            var described = statement.getMetaData();
            var names = new ArrayList<String>();
            for (int i = 1; i <= described.getColumnCount(); i++) {
                names.add(described.getColumnLabel(i));
            }
            return names;
        } catch (PSQLException e) {
            String before = filled(DESCRIBE.substring(0, DESCRIBE.indexOf(QUERY)), enrichment, Map.of());
            int at = before.length() + ReadOnlyQuery.numbers(key.size());
            throw enrichment.query().fault(e, at).orElseThrow(() -> e);
        }
    }

    /** Those that are not of the key. */
    private List<String> others(Enrichment enrichment, List<String> names) throws CaptureException {
        String named = enrichment.query().named();
        var seen = new HashSet<String>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw Faults.fatal(named + " has two columns called \"" + name + "\": call one otherwise, with AS.");
            }
        }
        List<String> keys = key.stream().map(Column::name).toList();
        for (String column : keys) {
            if (!names.contains(column)) {
                throw Faults.fatal(named + " has no column \"" + column + "\", by which its rows are those of "
                        + relation.name() + "; it has " + String.join(", ", names) + ".");
            }
        }
        List<String> others =
                names.stream().filter(name -> !keys.contains(name)).toList();
        if (others.isEmpty()) {
            throw Faults.fatal(named + " has no column but the key's: add what is to be told.");
        }
        return others;
    }

    private String filled(String sql, Enrichment enrichment, Map<String, String> more) {
        var values = new HashMap<>(more);
        values.put(
                "arrays",
                key.stream()
                        .map(column -> "?::" + column.declared().typeName() + "[]")
                        .collect(Collectors.joining(", ")));
        values.put(
                "keys",
                IntStream.range(0, key.size())
                        .mapToObj(EnrichmentStatement::key)
                        .collect(Collectors.joining(", ")));
        values.put("query", SqlWords.withoutParameters(enrichment.query().expression()));
        return SqlText.fill(sql, values);
    }

    private static String key(int column) {
        return "\"key " + column + "\"";
    }

    private static String matched(List<Column> key) {
        return IntStream.range(0, key.size())
                .mapToObj(i -> found(key.get(i).name()) + " = \"the keys\"." + key(i))
                .collect(Collectors.joining(" AND "));
    }

    private static String results(Enrichment.Form form, List<String> columns) {
        return switch (form) {
            case JSON ->
                columns.stream()
                        .map(EnrichmentStatement::found)
                        .collect(Collectors.joining(
                                ", ", ", (SELECT row_to_json(\"the rest\")::text FROM (SELECT ", ") AS \"the rest\")"));
            case TEXTS ->
                columns.stream().map(column -> ", " + found(column) + "::text").collect(Collectors.joining());
        };
    }

    private static String found(String column) {
        return "\"what is found\"." + SqlText.identifier(column);
    }

    Relation relation() {
        return relation;
    }

    /** On which it is prepared. */
    Connection connection() {
        return query.connection();
    }

    List<String> columns() {
        return columns;
    }

    int keysAtOnce() {
        return keysAtOnce;
    }

    /** For so many keys the server did not find it in time: from now on fewer are asked about. */
    void tookTooLong(int keys) {
        mostKeys = Math.max(1, Math.min(mostKeys, keys / 2));
        keysAtOnce = Math.min(keysAtOnce, mostKeys);
    }

    /** Whether what Postgres says of values may be said too: the query may read the table itself. */
    boolean mayShowValues() {
        return relation.tellsAll();
    }

    Answer find(Enrichment enrichment, List<RowKey> keys) throws SQLException {
        for (int i = 0; i < key.size(); i++) {
            int column = i;
            Object[] texts = keys.stream().map(one -> one.texts().get(column)).toArray();
            // Of a type that is not told, the server takes what the cast says, here and in the query.
            query.statement()
                    .setObject(
                            i + 1,
                            query.connection().createArrayOf("text", texts).toString(),
                            Types.OTHER);
        }
        int width = enrichment.form() == Enrichment.Form.JSON ? 1 : columns.size();
        List<@Nullable List<@Nullable String>> found = new ArrayList<>();
        keys.forEach(one -> found.add(null));
        Set<Integer> ambiguous = new LinkedHashSet<>();
        long[] size = new long[2];
        // The driver reads an answer as a whole: one more than there may be says that there are too many.
        query.statement().setMaxRows(keys.size() + 1);
        query.run(row -> {
            while (row.next()) {
                size[0]++;
                int ordinal = row.getInt(1) - 1;
                if (found.get(ordinal) != null) {
                    ambiguous.add(ordinal);
                }
                @Nullable String[] texts = new @Nullable String[width];
                for (int i = 0; i < width; i++) {
                    String text = row.getString(2 + i);
                    texts[i] = text;
                    size[1] += text == null ? 0 : text.length();
                }
                found.set(ordinal, Arrays.asList(texts));
            }
        });
        took(keys.size(), size[1]);
        return new Answer(found, ambiguous, size[0] > keys.size());
    }

    private void took(int keys, long characters) {
        if (characters > LARGE_ANSWER_CHARACTERS) {
            keysAtOnce = (int) Math.max(1, Math.min(keysAtOnce, keys * LARGE_ANSWER_CHARACTERS / characters));
        } else if (keys >= keysAtOnce && characters <= LARGE_ANSWER_CHARACTERS / 2) {
            keysAtOnce = Math.min(mostKeys, 2 * keysAtOnce);
        }
    }

    @Override
    public void close() throws SQLException {
        query.close();
    }
}
