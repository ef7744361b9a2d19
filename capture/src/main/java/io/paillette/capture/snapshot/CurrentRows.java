package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.catalog.TableIdentity;
import io.paillette.capture.column.ColumnRules;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for some columns of some rows as they are now. */
public final class CurrentRows {

    private static final Logger LOG = LoggerFactory.getLogger(CurrentRows.class);
    private static final String KEY = SqlText.load("row_key");
    private static final String ROWS = SqlText.load("copy_row");
    private static final String DENIED = "42501";

    private final Connection connection;
    private final Catalog catalog;

    private record KeyPart(String name, int typeOid, String type, String operators) {}

    public CurrentRows(Connection connection) {
        this.connection = connection;
        this.catalog = new Catalog(connection, ColumnRules.NONE);
    }

    /**
     * The rows found, by their keys.
     *
     * @param key     indexes of the columns that are the table's own key
     * @param columns indexes of those that are wanted; a row that is found has all columns, the others as null
     * @param keys    their text, in the order of {@code key}
     * @return empty where the table, or a column that matters, is not there any more or is another by now
     * @throws CaptureException when the server cannot be asked, or the role may not
     */
    public Map<List<String>, Tuple> rows(
            Relation relation, List<Integer> key, List<Integer> columns, Collection<List<String>> keys)
            throws CaptureException {
        try {
            connection.setAutoCommit(false);
            try {
                return ask(relation, key, columns, keys);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            if (!Faults.isNotUnderstood(e) || Faults.state(e).equals(DENIED)) {
                throw Faults.of("Values of table " + relation.name() + " that the WAL leaves out cannot be read", e);
            }
            LOG.debug("table {} is another by now", relation.name(), e);
            return Map.of();
        }
    }

    private Map<List<String>, Tuple> ask(
            Relation relation, List<Integer> key, List<Integer> columns, Collection<List<String>> keys)
            throws SQLException, CaptureException {
        Optional<TableIdentity> table = TableIdentity.find(connection, relation.oid());
        List<Integer> read = IntStream.concat(
                        key.stream().mapToInt(i -> i), columns.stream().mapToInt(i -> i))
                .distinct()
                .boxed()
                .toList();
        Optional<String> condition = condition(relation, key, keys);
        if (table.isEmpty() || condition.isEmpty()) {
            return Map.of();
        }
        CopyOut copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut(SqlText.fill(
                        ROWS,
                        Map.of(
                                "columns",
                                read.stream()
                                        .map(i -> SqlText.identifier(
                                                relation.columns().get(i).name()))
                                        .collect(Collectors.joining(", ")),
                                "table",
                                table.get().expression(),
                                "key",
                                condition.get())));
        Map<List<String>, Tuple> found = new HashMap<>();
        for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
            Tuple part = CopyText.parse(line, read.size());
            byte[][] values = new byte[relation.columns().size()][];
            for (int i = 0; i < read.size(); i++) {
                values[read.get(i)] = part.value(i);
            }
            var row = new Tuple(values);
            keyOf(key, row).ifPresent(text -> found.put(text, row));
        }
        return isStillSo(relation, table.get(), read) ? found : Map.of();
    }

    /** The text of a row's key; empty where the row does not tell it. */
    public static Optional<List<String>> keyOf(List<Integer> key, Tuple row) {
        List<String> text = new ArrayList<>(key.size());
        for (int column : key) {
            byte[] value = row.value(column);
            if (value == null || row.isUnchanged(column)) {
                return Optional.empty();
            }
            text.add(new String(value, StandardCharsets.UTF_8));
        }
        return Optional.of(List.copyOf(text));
    }

    /**
     * Asked once the rows were read, whose lock keeps things as they are: names may have gone to other tables and columns just
     * before.
     */
    private boolean isStillSo(Relation relation, TableIdentity read, List<Integer> columns)
            throws CaptureException, SQLException {
        Optional<Relation> now = catalog.relationNow(relation.oid());
        if (now.isEmpty() || !now.get().name().equals(read.name())) {
            return false;
        }
        Map<String, Column.Declaration> declared =
                now.get().columns().stream().collect(Collectors.toMap(Column::name, Column::declared));
        return columns.stream().map(relation.columns()::get).allMatch(column -> {
            Column.Declaration is = declared.get(column.name());
            return is != null
                    && is.typeOid() == column.declared().typeOid()
                    && is.typeModifier() == column.declared().typeModifier();
        });
    }

    /** Empty where the key is another by now. */
    private Optional<String> condition(Relation relation, List<Integer> key, Collection<List<String>> keys)
            throws SQLException {
        Map<String, KeyPart> parts = parts(relation.oid());
        List<KeyPart> ordered = new ArrayList<>();
        for (int column : key) {
            KeyPart part = parts.get(relation.columns().get(column).name());
            if (part == null
                    || part.typeOid()
                            != relation.columns().get(column).declared().typeOid()) {
                return Optional.empty();
            }
            ordered.add(part);
        }
        if (ordered.isEmpty() || ordered.size() != parts.size()) {
            return Optional.empty();
        }
        // One range of an index for each value of the array; of several columns there is no such thing.
        return Optional.of(
                ordered.size() == 1
                        ? isAmong(ordered.get(0), keys)
                        : keys.stream().map(text -> equal(ordered, text)).collect(Collectors.joining(" OR ")));
    }

    private static String isAmong(KeyPart part, Collection<List<String>> keys) {
        return keys.stream()
                .map(text -> SqlText.literal(text.get(0)) + "::" + part.type())
                .collect(Collectors.joining(
                        ", ",
                        SqlText.identifier(part.name()) + " OPERATOR(" + part.operators() + ".=) ANY (ARRAY[",
                        "])"));
    }

    private static String equal(List<KeyPart> parts, List<String> text) {
        return IntStream.range(0, parts.size())
                .mapToObj(i -> SqlText.identifier(parts.get(i).name()) + " OPERATOR("
                        + parts.get(i).operators() + ".=) " + SqlText.literal(text.get(i)) + "::"
                        + parts.get(i).type())
                .collect(Collectors.joining(" AND ", "(", ")"));
    }

    private Map<String, KeyPart> parts(int oid) throws SQLException {
        Map<String, KeyPart> parts = new HashMap<>();
        try (var query = connection.prepareStatement(KEY)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    parts.put(
                            row.getString("name"),
                            new KeyPart(
                                    row.getString("name"),
                                    (int) row.getLong("type_oid"),
                                    row.getString("type"),
                                    row.getString("operators")));
                }
            }
        }
        return parts;
    }
}
