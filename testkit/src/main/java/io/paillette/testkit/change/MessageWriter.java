package io.paillette.testkit.change;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/**
 * One session that writes logical messages ({@code pg_logical_emit_message}), of transactions among rows and of none, and knows
 * in which order they must be read and how many records each transaction has.
 */
public final class MessageWriter {

    private static final String TABLE = "create table t (id serial primary key, v text)";
    private static final String INSERT = "insert into t (v) select repeat('x', 1000) from generate_series(1, ?)";

    private static final Duration TOLD = Duration.ofSeconds(60);

    private final Database database;
    private final Random random;
    private final int total;
    private final List<String> messages = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final AtomicInteger steps = new AtomicInteger();

    /** @param steps each a transaction, or a message of none */
    public MessageWriter(Database database, long seed, int steps) {
        this.database = database;
        this.random = new Random(seed);
        this.total = steps;
    }

    /** Makes table {@code t}, where rows are written. */
    public void makeTable() {
        database.execute(TABLE);
    }

    /**
     * Waits until every change of the table is told: where the capture's event trigger could not have it join at once, its
     * rows are read a moment later, and those are of no transaction.
     */
    public void awaitTold(String publication) {
        Awaitility.await().atMost(TOLD).until(() -> isListed(publication) && !isListed(publication + "_joining"));
    }

    private boolean isListed(String publication) {
        return database.query("select count(*) from pg_publication_tables where tablename = 't' and pubname = '"
                        + publication + "'")
                .equals("1");
    }

    /** Done when all is written. */
    public CompletableFuture<Void> start() {
        return CompletableFuture.runAsync(this::run);
    }

    /** How many steps are done. */
    public int steps() {
        return steps.get();
    }

    /** Contents in order, once all is written. */
    public List<String> messages() {
        return List.copyOf(messages);
    }

    /** Of each transaction in order, its message counted as a record, once all is written. */
    public List<Integer> counts() {
        return List.copyOf(counts);
    }

    private void run() {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            while (steps.get() < total) {
                if (random.nextInt(3) == 0) {
                    emit(connection, false, "n" + steps);
                    connection.rollback();
                } else {
                    transaction(connection);
                    connection.commit();
                }
                steps.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    /** Some are larger than what a reader hands over at once, so that kills meet their middle. */
    private void transaction(Connection connection) throws SQLException {
        int before = random.nextInt(5);
        int after = random.nextInt(10) == 0 ? 1000 : 1 + random.nextInt(5);
        insert(connection, before);
        emit(connection, true, "t" + steps);
        insert(connection, after);
        counts.add(before + 1 + after);
    }

    private void emit(Connection connection, boolean transactional, String content) throws SQLException {
        try (var emit = connection.prepareStatement("select pg_logical_emit_message(?, 'p', ?)")) {
            emit.setBoolean(1, transactional);
            emit.setString(2, content);
            emit.execute();
        }
        messages.add(content);
    }

    private static void insert(Connection connection, int rows) throws SQLException {
        try (var insert = connection.prepareStatement(INSERT)) {
            insert.setInt(1, rows);
            insert.execute();
        }
    }
}
