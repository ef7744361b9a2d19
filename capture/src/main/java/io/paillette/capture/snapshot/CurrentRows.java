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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for some columns of some rows as they are now. */
public final class CurrentRows {

    private static final Logger LOG = LoggerFactory.getLogger(CurrentRows.class);
    private static final String KEY = SqlText.load("row_key");
    private static final String HOLD = SqlText.load("hold_table");
    private static final String ROWS = SqlText.load("copy_row");

    private final Connection connection;
    private final Catalog catalog;

    /**
     * @param rows  by their keys
     * @param count how many rows came
     * @param bytes that came
     * @param all   what is not among them is not there; otherwise the answer was cut short
     */
    public record Found(Map<List<String>, Tuple> rows, int count, long bytes, boolean all) {

        /** Nothing was asked. */
        public static final Found NOTHING_YET = new Found(Map.of(), 0, 0, false);

        private static final Found NOTHING = new Found(Map.of(), 0, 0, true);
    }

    private record KeyPart(String name, int typeOid, String type, String operators) {}

    public CurrentRows(Connection connection) {
        this.connection = connection;
        this.catalog = new Catalog(connection, ColumnRules.NONE);
    }

    /**
     * The rows found: all, or as many as {@code maxBytes} hold and one more.
     *
     * @param key     indexes of the columns that are the table's own key
     * @param columns indexes of those that are wanted; a row that is found has all columns, the others as null
     * @param keys    their text, in the order of {@code key}
     * @return nothing where the table, or a column that matters, is not there any more or is another by now
     * @throws CaptureException when the server cannot be asked, or the role may not
     */
    public Found rows(
            Relation relation, List<Integer> key, List<Integer> columns, Collection<List<String>> keys, long maxBytes)
            throws CaptureException, InterruptedException {
        try {
            connection.setAutoCommit(false);
            try {
                return ask(relation, key, columns, keys, maxBytes);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            if (!Faults.isNotUnderstood(e) || Faults.isDenied(e)) {
                throw Faults.of("Values of table " + relation.name() + " that the WAL leaves out cannot be read", e);
            }
            LOG.debug("table {} is another by now", relation.name(), e);
            return Found.NOTHING;
        }
    }

    private Found ask(
            Relation relation, List<Integer> key, List<Integer> columns, Collection<List<String>> keys, long maxBytes)
            throws SQLException, CaptureException, InterruptedException {
        Optional<TableIdentity> table = TableIdentity.find(connection, relation.oid());
        List<Integer> read = IntStream.concat(
                        key.stream().mapToInt(i -> i), columns.stream().mapToInt(i -> i))
                .distinct()
                .boxed()
                .toList();
        Optional<String> condition = condition(relation, key, keys);
        if (table.isEmpty() || condition.isEmpty()) {
            return Found.NOTHING;
        }
        Map<String, String> parts = Map.of(
                "columns",
                read.stream()
                        .map(i -> SqlText.identifier(relation.columns().get(i).name()))
                        .collect(Collectors.joining(", ")),
                "table",
                table.get().expression(),
                "key",
                condition.get());
        try (var statement = connection.createStatement()) {
            statement.execute(SqlText.fill(HOLD, parts));
        }
        return isStillSo(relation, table.get(), read)
                ? copy(SqlText.fill(ROWS, parts), new Rows(relation, key, read, keys.size(), maxBytes))
                : Found.NOTHING;
    }

    private Found copy(String sql, Rows rows) throws CaptureException, SQLException, InterruptedException {
        boolean all = new CopyLines(connection).copy(sql, rows);
        return new Found(rows.found, rows.count, rows.bytes, all);
    }

    /** Takes rows until they are too many bytes; the last one that there can be ends nothing. */
    private static final class Rows implements CopyLines.Taker {

        private final Relation relation;
        private final List<Integer> key;
        private final List<Integer> read;
        private final int most;
        private final long maxBytes;
        private final Map<List<String>, Tuple> found = new HashMap<>();
        private int count;
        private long bytes;

        Rows(Relation relation, List<Integer> key, List<Integer> read, int most, long maxBytes) {
            this.relation = relation;
            this.key = key;
            this.read = read;
            this.most = most;
            this.maxBytes = maxBytes;
        }

        @Override
        public boolean line(byte[] line) {
            Tuple part = CopyText.parse(line, read.size());
            byte[][] values = new byte[relation.columns().size()][];
            for (int i = 0; i < read.size(); i++) {
                values[read.get(i)] = part.value(i);
            }
            var row = new Tuple(values);
            keyOf(key, row).ifPresent(text -> found.put(text, row));
            count++;
            bytes += line.length;
            return bytes < maxBytes || count >= most;
        }
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
     * Asked once the table is locked by its name, which keeps things as they are: names may have gone to other tables and
     * columns just before.
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
