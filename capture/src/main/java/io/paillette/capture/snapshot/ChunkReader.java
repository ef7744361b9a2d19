package io.paillette.capture.snapshot;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.column.ColumnRules;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.postgresql.util.PSQLException;

/** Reads the rows of a backfill, chunk by chunk, each in a transaction that is over before the chunk goes anywhere. */
public final class ChunkReader {

    private static final String EXPLAIN = SqlText.load("explain_backfill");
    private static final String BOUND = SqlText.load("chunk_bound");
    private static final String COPY = SqlText.load("copy_chunk");
    private static final String BY_INDEX = SqlText.load("read_by_index");
    private static final String PRINTS_NAMES = SqlText.load("prints_names");
    private static final String CONDITION = "${condition}";
    private static final String OWN_SEARCH_PATH = "SET LOCAL search_path TO DEFAULT";
    private static final Pattern EXPECTED_ROWS = Pattern.compile(" rows=(\\d+)");

    /** Whoever wants to change the table waits as long as a chunk is read. */
    private static final Duration LONGEST = Duration.ofSeconds(4);

    /** And so long are the transactions remembered that are delivered meanwhile. */
    private static final Duration LONGEST_ROW = Duration.ofSeconds(60);

    /** A chunk is in memory, and what comes of the stream waits until it is handed over. */
    private static final int MOST_BYTES = 512 << 10;

    private final Connection connection;
    private final ColumnRules rules;
    private final String place;
    private final Visibility visibility;

    /**
     * What a backfill begins with.
     *
     * @param seen what any chunk sees
     * @param here where the WAL was when it did
     */
    public record Beginning(List<KeyColumn> key, long expectedRows, MvccSnapshot seen, Lsn here) {}

    @FunctionalInterface
    private interface Work<T> {
        T run() throws CaptureException, SQLException, InterruptedException;
    }

    public ChunkReader(Connection connection, ServerFacts server, ColumnRules rules) {
        this.connection = connection;
        this.rules = rules;
        this.place = Visibility.place(server);
        this.visibility = new Visibility(connection, server);
    }

    /** @throws CaptureException when the table has no key to be read by, or the condition is none */
    public Beginning begin(int oid, Backfill asked) throws CaptureException, InterruptedException {
        return inTransaction(asked, () -> {
            Table table = table(oid, asked);
            KeyOrder order = order(table, asked);
            prepare(oid, asked);
            return new Beginning(
                    order.columns(),
                    expectedRows(table, asked),
                    table.seen().snapshot(),
                    table.seen().until());
        });
    }

    private long expectedRows(Table from, Backfill asked) throws CaptureException, SQLException {
        Map<String, String> table = Map.of("table", from.expression());
        String before = SqlText.fill(EXPLAIN.substring(0, EXPLAIN.indexOf(CONDITION)), table);
        try (var statement = connection.createStatement();
                var plan = statement.executeQuery(before + condition(asked).expression())) {
            plan.next();
            Matcher rows = EXPECTED_ROWS.matcher(plan.getString(1));
            return rows.find() ? Long.parseLong(rows.group(1)) : 0;
        } catch (PSQLException e) {
            Optional<CaptureException> fault = condition(asked).fault(e, before.length());
            if (fault.isPresent()) {
                throw fault.get();
            }
            throw e;
        }
    }

    /**
     * The rows after {@code progress.upTo()}; empty when so many take too long.
     *
     * @param mostRows  that are looked at
     * @param delivered transactions whose changes were delivered: the chunk is read once all of them can be seen
     * @throws CaptureException among others when the key is another one by now
     */
    public Optional<Chunk> read(BackfillProgress progress, int mostRows, Collection<Long> delivered)
            throws CaptureException, InterruptedException {
        Backfill asked = progress.asked();
        try {
            visibility.await(delivered);
        } catch (SQLException e) {
            throw fault(asked, e);
        }
        return inTransaction(asked, () -> {
            Table table = table(progress.oid(), asked);
            KeyOrder order = order(table, asked);
            if (!order.columns().equals(progress.key())) {
                throw Faults.fatal("The key of table " + table.relation().name() + " was changed in the middle of "
                        + named(asked) + ": ask for it once more, under another id.");
            }
            prepare(progress.oid(), asked);
            limit(mostRows > 1 ? LONGEST : LONGEST_ROW);
            try {
                return Optional.of(chunk(table, order, progress, mostRows));
            } catch (SQLException e) {
                if (!Faults.isCanceled(e)) {
                    throw e;
                }
                if (mostRows > 1) {
                    return Optional.empty();
                }
                throw new CaptureException(
                        "The condition of " + named(asked) + " takes more than " + LONGEST_ROW.toSeconds()
                                + " s for a single row, the next after the " + progress.rows() + " that were told.",
                        false,
                        e);
            }
        });
    }

    private void limit(Duration longest) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("SET LOCAL statement_timeout = " + longest.toMillis());
        }
    }

    private Chunk chunk(Table table, KeyOrder order, BackfillProgress progress, int mostRows)
            throws CaptureException, SQLException, InterruptedException {
        Relation relation = table.relation();
        int[] indexes = KeyOrder.indexes(order.columns(), relation).orElseThrow();
        List<String> bound = bound(table, order, progress.upTo(), mostRows);
        String sql = SqlText.fill(
                COPY,
                Map.of(
                        "columns", TableReader.columns(relation),
                        "table", table.expression(),
                        "beyond", beyond(order, progress.upTo()),
                        "up_to", bound.isEmpty() ? "true" : order.upTo(bound),
                        "key", order.list(),
                        "condition", "(" + condition(progress.asked()).expression() + ")"));
        var rows = new Rows(relation.columns().size(), indexes);
        boolean all = new CopyLines(connection).copy(sql, rows);
        return new Chunk(
                relation,
                table.seen().snapshot(),
                table.seen().until(),
                rows.taken,
                all ? bound : rows.lastKey(),
                !all);
    }

    /** Empty when no more rows follow than fit. */
    private List<String> bound(Table table, KeyOrder order, List<String> upTo, int mostRows)
            throws CaptureException, SQLException, InterruptedException {
        int columns = order.columns().size();
        var keys = new Rows(columns, IntStream.range(0, columns).toArray());
        String sql = SqlText.fill(
                BOUND,
                Map.of(
                        "key", order.list(),
                        "table", table.expression(),
                        "beyond", beyond(order, upTo),
                        "rows", String.valueOf(mostRows)));
        new CopyLines(connection).copy(sql, keys);
        return keys.taken.isEmpty() ? List.of() : keys.lastKey();
    }

    private static String beyond(KeyOrder order, List<String> upTo) {
        return upTo.isEmpty() ? "true" : order.beyond(upTo);
    }

    private static SqlCondition condition(Backfill asked) {
        return new SqlCondition(named(asked), asked.where());
    }

    /**
     * Names in the condition mean what they mean to the role, as with any client of its own; but where the table has values
     * that are printed with the search path, ours stays.
     */
    private void prepare(int oid, Backfill asked) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(BY_INDEX);
            if (!asked.where().isBlank() && !printsNames(oid)) {
                statement.execute(OWN_SEARCH_PATH);
            }
        }
    }

    private boolean printsNames(int oid) throws SQLException {
        try (var query = connection.prepareStatement(PRINTS_NAMES)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private record Seen(MvccSnapshot snapshot, Lsn until) {}

    private record Table(Relation relation, String expression, Seen seen) {}

    private Table table(int oid, Backfill asked) throws CaptureException, SQLException {
        Optional<String> expression = new TableLock(connection).take(oid);
        Seen seen;
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(place)) {
            row.next();
            seen = new Seen(MvccSnapshot.parse(row.getString(1)), Lsn.parse(row.getString(2)));
        }
        Optional<Relation> relation =
                expression.isEmpty() ? Optional.empty() : new Catalog(connection, rules).relationNow(oid);
        if (relation.isEmpty()) {
            throw Faults.fatal("Table " + asked.table() + " of " + named(asked) + " was dropped.");
        }
        return new Table(relation.get(), expression.get(), seen);
    }

    private KeyOrder order(Table table, Backfill asked) throws CaptureException, SQLException {
        return KeyOrder.ofTable(connection, table.relation())
                .orElseThrow(() -> Faults.fatal("Table " + asked.table() + " of " + named(asked)
                        + " has no primary key that its changes tell, in whose order its rows could be read beside them:"
                        + " give it one."));
    }

    private <T> T inTransaction(Backfill asked, Work<T> work) throws CaptureException, InterruptedException {
        condition(asked).requireOne();
        try {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            try {
                return work.run();
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw fault(asked, e);
        }
    }

    private static CaptureException fault(Backfill asked, SQLException e) {
        return Faults.of("The rows of " + named(asked) + " could not be read", e);
    }

    private static String named(Backfill asked) {
        return "backfill " + asked.id();
    }

    /** Takes rows until they are enough. */
    private static final class Rows implements CopyLines.Taker {

        private final List<KeyedRow> taken = new ArrayList<>();
        private final int columns;
        private final int[] key;
        private long bytes;

        Rows(int columns, int[] key) {
            this.columns = columns;
            this.key = key;
        }

        @Override
        public boolean line(byte[] line) {
            Tuple row = CopyText.parse(line, columns);
            taken.add(new KeyedRow(row, KeyOrder.key(row, key), line.length));
            bytes += line.length;
            return bytes < MOST_BYTES;
        }

        List<String> lastKey() {
            return taken.get(taken.size() - 1).key();
        }
    }
}
