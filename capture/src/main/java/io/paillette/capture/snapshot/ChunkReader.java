package io.paillette.capture.snapshot;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.column.ColumnRules;
import io.paillette.capture.snapshot.ChunkSource.Held;
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
import org.postgresql.util.PSQLException;

/** Reads the rows of a backfill, chunk by chunk, each in a transaction that is over before the chunk goes anywhere. */
public final class ChunkReader {

    private static final String EXPLAIN = SqlText.load("explain_backfill");
    private static final String BY_INDEX = SqlText.load("read_by_index");
    private static final String PRINTS_NAMES = SqlText.load("prints_names");
    private static final String CONDITION = "${condition}";
    private static final String OWN_SEARCH_PATH = "SET LOCAL search_path TO DEFAULT";
    private static final Pattern EXPECTED_ROWS = Pattern.compile(" rows=(\\d+)");

    /** Whoever wants to change the table waits as long as a chunk is read. */
    private static final Duration LONGEST = Duration.ofSeconds(4);

    /** And so long are the transactions remembered that are delivered meanwhile. */
    private static final Duration LONGEST_ROW = Duration.ofSeconds(60);

    private final Connection connection;
    private final ServerFacts server;
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
        this.server = server;
        this.rules = rules;
        this.place = Visibility.place(server);
        this.visibility = new Visibility(connection, server);
    }

    /** @throws CaptureException when the table can be read neither by a key nor by the place of its rows, or the condition is none */
    public Beginning begin(int oid, Backfill asked) throws CaptureException, InterruptedException {
        return inTransaction(asked, () -> {
            Held table = table(oid, asked);
            ChunkSource source = source(table, asked);
            prepare(oid, asked);
            return new Beginning(source.order(), expectedRows(source, asked), table.seen(), table.until());
        });
    }

    private long expectedRows(ChunkSource source, Backfill asked) throws CaptureException, SQLException {
        List<Long> expected = new ArrayList<>();
        for (String expression : source.expressions()) {
            expected.add(expectedRows(expression, asked));
        }
        return expected.get(0);
    }

    private long expectedRows(String from, Backfill asked) throws CaptureException, SQLException {
        Map<String, String> table = Map.of("table", from);
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
            ChunkSource source = sourceAsBefore(table(progress.oid(), asked), progress);
            prepare(progress.oid(), asked);
            limit(mostRows > 1 ? LONGEST : LONGEST_ROW);
            try {
                return Optional.of(source.read(progress, mostRows));
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

    private Held table(int oid, Backfill asked) throws CaptureException, SQLException {
        Optional<String> expression = new TableLock(connection).take(oid);
        MvccSnapshot seen;
        Lsn until;
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(place)) {
            row.next();
            seen = MvccSnapshot.parse(row.getString(1));
            until = Lsn.parse(row.getString(2));
        }
        Optional<Relation> relation =
                expression.isEmpty() ? Optional.empty() : new Catalog(connection, rules).relationNow(oid);
        if (relation.isEmpty()) {
            throw Faults.fatal("Table " + asked.table() + " of " + named(asked) + " was dropped.");
        }
        return new Held(relation.get(), expression.get(), seen, until);
    }

    /** By its key where it has one that its changes tell, else by the place of its rows. */
    private ChunkSource source(Held table, Backfill asked) throws CaptureException, SQLException {
        Optional<KeyOrder> order = KeyOrder.ofTable(connection, table.relation());
        return order.isPresent()
                ? new KeyChunks(connection, table, order.get(), expression(asked))
                : placed(table, asked);
    }

    /** Also where it has a key by now: the places go on to mean what they meant. */
    private ChunkSource sourceAsBefore(Held table, BackfillProgress progress) throws CaptureException, SQLException {
        Backfill asked = progress.asked();
        if (RowPlace.isOrder(progress.key())) {
            return placed(table, asked);
        }
        ChunkSource source = source(table, asked);
        if (!source.order().equals(progress.key())) {
            throw Faults.fatal("The key of table " + table.relation().name() + " was changed in the middle of "
                    + named(asked) + ": ask for it once more, under another id.");
        }
        return source;
    }

    private ChunkSource placed(Held table, Backfill asked) throws CaptureException, SQLException {
        var places = new PlaceChunks(connection, server, table, expression(asked));
        places.require(asked);
        return places;
    }

    private static String expression(Backfill asked) {
        return "(" + condition(asked).expression() + ")";
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
}
