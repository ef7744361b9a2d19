package io.paillette.testkit.change;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/**
 * One writer: transactions one after the other until its share is committed. When the connection breaks it comes back and
 * learns from its row in {@code workload.progress}, written in the same transaction, whether that transaction was committed.
 */
final class ChangeWriter implements Callable<List<Change>> {

    /** How long Postgres may be away. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int ROLLED_BACK_PERCENT = 2;

    /** Opens a connection to the source. */
    interface Source {
        Connection connect() throws SQLException;
    }

    /** A connection, and the last transaction of this writer that is known to be committed. */
    private record Session(Connection connection, long lastTransaction) {}

    private final int number;
    private final long share;
    private final Source source;
    private final WriterState state;
    private final Random random;
    private final Runnable pause;
    private final List<Change> committed = new ArrayList<>();
    private volatile long count;

    ChangeWriter(int number, long share, Source source, WriterState state, Random random, Runnable pause) {
        this.number = number;
        this.share = share;
        this.source = source;
        this.state = state;
        this.random = random;
        this.pause = pause;
    }

    /** Changes committed so far; for any thread. */
    long count() {
        return count;
    }

    @Override
    public List<Change> call() throws SQLException {
        Session session = resume();
        try {
            for (long transaction = 1; committed.size() < share; transaction++) {
                if (random.nextInt(100) < ROLLED_BACK_PERCENT) {
                    session = rolledBack(session);
                }
                session = commit(session, transaction, state.plan());
                pause.run();
            }
        } finally {
            session.connection().close();
        }
        return List.copyOf(committed);
    }

    private Session rolledBack(Session session) {
        try {
            write(session.connection(), state.plan());
            session.connection().rollback();
            return session;
        } catch (SQLException e) {
            abandon(session.connection(), e);
            return resume();
        }
    }

    private Session commit(Session begin, long transaction, List<Change> changes) {
        Session session = begin;
        while (session.lastTransaction() < transaction) {
            try {
                write(session.connection(), changes);
                progress(session.connection(), transaction);
                session.connection().commit();
                session = new Session(session.connection(), transaction);
            } catch (SQLException e) {
                abandon(session.connection(), e);
                session = resume();
            }
        }
        state.apply(changes);
        committed.addAll(changes);
        count = committed.size();
        return session;
    }

    /** Postgres was killed or the connection was cut; anything else is an error of the workload itself. */
    private static void abandon(Connection connection, SQLException cause) {
        String sqlState = cause.getSQLState() == null ? "" : cause.getSQLState();
        if (!sqlState.startsWith("08") && !sqlState.startsWith("57")) {
            throw new IllegalStateException("the workload's own SQL failed", cause);
        }
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private Session resume() {
        return Awaitility.await("Postgres is back")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .pollDelay(Duration.ZERO)
                .ignoreException(SQLException.class)
                .until(this::open, session -> true);
    }

    private Session open() throws SQLException {
        Connection connection = source.connect();
        try (var statement = connection.createStatement()) {
            // An acknowledged commit must survive the kill, whatever the server's default is.
            statement.execute("set synchronous_commit = on");
            connection.setAutoCommit(false);
            return new Session(connection, lastTransaction(connection));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Waits for a transaction of ours that may still be ending: it holds the row's lock. */
    private long lastTransaction(Connection connection) throws SQLException {
        try (var query =
                connection.prepareStatement("select transaction from workload.progress where writer = ? for update")) {
            query.setInt(1, number);
            try (var rows = query.executeQuery()) {
                if (!rows.next()) {
                    throw new IllegalStateException("Postgres lost the progress row of writer " + number);
                }
                return rows.getLong(1);
            }
        }
    }

    private void progress(Connection connection, long transaction) throws SQLException {
        try (var update =
                connection.prepareStatement("update workload.progress set transaction = ? where writer = ?")) {
            update.setLong(1, transaction);
            update.setInt(2, number);
            expectOneRow(update, "progress of writer " + number);
        }
    }

    private void write(Connection connection, List<Change> changes) throws SQLException {
        for (Change change : changes) {
            switch (change.kind()) {
                case INSERT -> insert(connection, change);
                case UPDATE -> update(connection, change);
                case DELETE -> delete(connection, change);
                case TOMBSTONE, OTHER -> throw new IllegalArgumentException(change.toString());
            }
        }
    }

    private void insert(Connection connection, Change change) throws SQLException {
        try (var insert = connection.prepareStatement(
                "insert into " + change.table() + " (sequence, version, payload, id) values (?, ?, ?, ?)")) {
            execute(insert, change);
        }
    }

    private void update(Connection connection, Change change) throws SQLException {
        try (var update = connection.prepareStatement(
                "update " + change.table() + " set sequence = ?, version = ?, payload = ? where id = ?")) {
            execute(update, change);
        }
    }

    private void execute(PreparedStatement statement, Change change) throws SQLException {
        statement.setLong(1, change.sequence());
        statement.setLong(2, change.version());
        statement.setString(3, "writer " + number + " ".repeat(random.nextInt(200)));
        statement.setLong(4, change.id());
        expectOneRow(statement, change.toString());
    }

    private static void delete(Connection connection, Change change) throws SQLException {
        try (var delete = connection.prepareStatement("delete from " + change.table() + " where id = ?")) {
            delete.setLong(1, change.id());
            expectOneRow(delete, change.toString());
        }
    }

    private static void expectOneRow(PreparedStatement statement, String what) throws SQLException {
        if (statement.executeUpdate() != 1) {
            throw new IllegalStateException("Postgres lost a committed row before " + what);
        }
    }
}
