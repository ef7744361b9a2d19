package io.paillette.capture;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Several applications that change rows and shapes of a database's tables at random, all from one seed. */
final class RandomWorkload implements AutoCloseable {

    /** So that values and their texts are the same in the source, its capture and the replica. */
    static final List<String> TEXT_SETTINGS = List.of(
            "set timezone = 'UTC'",
            "set datestyle = 'ISO, MDY'",
            "set intervalstyle = 'postgres'",
            "set extra_float_digits = 3",
            "set bytea_output = 'hex'");

    private static final int SESSIONS = 4;
    private static final int TABLES = 4;

    private final Database database;
    private final long seed;
    private final AtomicLong counter = new AtomicLong();
    private final ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
    private final List<Future<Void>> sessions = new ArrayList<>();

    RandomWorkload(Database database, long seed) {
        this.database = database;
        this.seed = seed;
    }

    /** Tables to begin with, some of them with rows. */
    void prepare(boolean withRows) throws SQLException {
        var random = new Random(seed);
        var values = new RandomValues(random, counter);
        try (var connection = connect();
                var statement = connection.createStatement()) {
            statement.execute("create type " + RandomValues.ENUM + " as enum ('sad', 'a,b', 'it''s')");
            statement.execute("create table sentinel (id int primary key)");
            var ddl = new RandomDdl(connection, random, values);
            for (int i = 0; i < TABLES; i++) {
                ddl.create(values.name());
            }
            if (database.major() >= 13) {
                ddl.createPartitioned(); // 12 tells of the partitions, and their rows move from one table to another
            }
            if (withRows) {
                insertInto(connection, values, 50);
            }
        }
    }

    void start(int transactionsPerSession) throws SQLException {
        for (int i = 1; i <= SESSIONS; i++) {
            var random = new Random(seed + i);
            var housekeeping = new Random(seed - i);
            var values = new RandomValues(random, counter);
            sessions.add(
                    threads.submit(new RandomSession(connect(), random, housekeeping, values, transactionsPerSession)));
        }
    }

    /** @return whether every session is at its end; the first that failed throws */
    boolean isOver() throws InterruptedException, ExecutionException {
        for (Future<Void> session : sessions) {
            if (!session.isDone()) {
                return false;
            }
            session.get();
        }
        return true;
    }

    /** One row more for each table, so that the stream has the last shape of all, and a last word. */
    void end(int word) throws SQLException {
        try (var connection = connect();
                var statement = connection.createStatement()) {
            insertInto(connection, new RandomValues(new Random(seed + word), counter), 1);
            statement.execute("insert into sentinel values (" + word + ")");
        }
    }

    Connection connect() throws SQLException {
        Connection connection = database.connect();
        try (var statement = connection.createStatement()) {
            statement.execute("set deadlock_timeout = '50ms'");
            statement.execute("set lock_timeout = '5s'");
            for (String setting : TEXT_SETTINGS) {
                statement.execute(setting);
            }
        }
        return connection;
    }

    private static void insertInto(Connection connection, RandomValues values, int rows) throws SQLException {
        for (SourceTable table : SourceTable.all(connection)) {
            SourceTable now = table.now(connection).orElseThrow();
            try (var statement = connection.createStatement()) {
                statement.execute(RandomSession.insert(now, values, rows));
            }
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
