package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.catalog.TableIdentity;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Postgres to which segment of its table a changed row belongs. */
public final class KeyComparison {

    private static final Logger LOG = LoggerFactory.getLogger(KeyComparison.class);
    private static final String ROW = SqlText.load("copy_row");

    private final Connection connection;
    private final Map<List<KeyColumn>, Optional<KeyOrder>> orders = new HashMap<>();

    /** Whether {@code value} comes after {@code bound}, both of a key with these columns. */
    public record Question(List<KeyColumn> key, List<String> value, List<String> bound) {}

    public KeyComparison(Connection connection) {
        this.connection = connection;
    }

    /**
     * The key of a changed row.
     *
     * @param instead where a value is that the change did not touch
     * @return empty when the change does not tell it, or the columns are others by now
     */
    public static Optional<List<String>> keyOf(
            List<KeyColumn> key, Relation relation, Tuple row, @Nullable Tuple instead) {
        Optional<int[]> indexes = KeyOrder.indexes(key, relation);
        if (indexes.isEmpty()) {
            return Optional.empty();
        }
        List<String> values = new ArrayList<>(key.size());
        for (int index : indexes.get()) {
            Tuple from = row.isUnchanged(index) && instead != null ? instead : row;
            byte[] value = from.value(index);
            if (value == null || from.isUnchanged(index)) {
                return Optional.empty();
            }
            values.add(new String(value, StandardCharsets.UTF_8));
        }
        return Optional.of(List.copyOf(values));
    }

    /**
     * The answers in order, from one question to the server where all can be answered.
     *
     * @return empty where the server does not understand the key any more
     */
    public List<Optional<Boolean>> answers(List<Question> questions) throws CaptureException {
        try {
            return ask(questions);
        } catch (SQLException e) {
            unlessUnderstood(e);
        }
        List<Optional<Boolean>> answers = new ArrayList<>(questions.size());
        for (Question question : questions) {
            orders.clear();
            try {
                answers.addAll(ask(List.of(question)));
            } catch (SQLException e) {
                unlessUnderstood(e);
                answers.add(Optional.empty());
            }
        }
        return answers;
    }

    private List<Optional<Boolean>> ask(List<Question> questions) throws SQLException {
        List<String> terms = new ArrayList<>(questions.size());
        for (Question question : questions) {
            Optional<KeyOrder> order = order(question.key());
            terms.add(order.map(known -> known.isBeyond(question.value(), question.bound()))
                    .orElse("NULL::bool"));
        }
        String query = terms.stream().collect(Collectors.joining(", ", "SELECT ARRAY[", "]"));
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            List<Optional<Boolean>> answers = new ArrayList<>(questions.size());
            for (Object answer : (Object[]) row.getArray(1).getArray()) {
                answers.add(Optional.ofNullable((Boolean) answer));
            }
            return answers;
        }
    }

    private Optional<KeyOrder> order(List<KeyColumn> key) throws SQLException {
        Optional<KeyOrder> known = orders.get(key);
        if (known == null) {
            known = KeyOrder.of(connection, key);
            orders.put(key, known);
        }
        return known;
    }

    /** The row with this key as it is now; empty when there is none, or the table has another shape by now. */
    public Optional<Tuple> row(Relation relation, List<KeyColumn> key, List<String> value) throws CaptureException {
        try {
            Optional<String> table =
                    TableIdentity.find(connection, relation.oid()).map(TableIdentity::expression);
            Optional<KeyOrder> order = order(key);
            if (table.isEmpty() || order.isEmpty()) {
                return Optional.empty();
            }
            CopyOut copy = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyOut(SqlText.fill(
                            ROW,
                            Map.of(
                                    "columns",
                                    TableReader.columns(relation),
                                    "table",
                                    table.get(),
                                    "key",
                                    order.get().equal(value))));
            Optional<Tuple> found = Optional.empty();
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                found = Optional.of(CopyText.parse(line, relation.columns().size()));
            }
            return found;
        } catch (SQLException e) {
            unlessUnderstood(e);
            return Optional.empty();
        }
    }

    /** Only what the server cannot make sense of is an answer. */
    private static void unlessUnderstood(SQLException e) throws CaptureException {
        if (!Faults.isNotUnderstood(e)) {
            throw Faults.of("The server could not be asked about the key of a table", e);
        }
        LOG.debug("a key is not understood any more", e);
    }
}
