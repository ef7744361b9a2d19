package io.paillette.broker;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/** Inserts rows 1, 2, ... one by one. */
final class SteadyWriter implements AutoCloseable {

    private static final Duration PACE = Duration.ofMillis(2);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Database database;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private volatile int last;
    private final Thread thread = new Thread(this::run, "writer");

    SteadyWriter(Database database) {
        this.database = database;
        thread.start();
    }

    private void run() {
        try (var connection = database.connect();
                var insert = connection.prepareStatement("insert into t values (?, 0)")) {
            for (int id = 1; !stopping.get(); id++) {
                LockSupport.parkNanos(PACE.toNanos());
                insert.setInt(1, id);
                insert.executeUpdate();
                last = id;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void atLeast(int more) {
        int from = last;
        Awaitility.await().atMost(PATIENCE).until(() -> last >= from + more);
    }

    int stop() throws InterruptedException {
        stopping.set(true);
        thread.join();
        return last;
    }

    @Override
    public void close() {
        stopping.set(true);
    }
}
