package io.paillette.acceptance;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/** Rows 1, 2, 3 and so on of a table {@code t}, each inserted in a transaction of its own until it is told to stop. */
final class SteadyRows {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final CompletableFuture<Void> written;
    private volatile boolean stopping;
    private volatile int last;

    SteadyRows(Database database) {
        database.execute("create table t (id int primary key)");
        written = CompletableFuture.runAsync(() -> write(database));
    }

    private void write(Database database) {
        try (var connection = database.connect();
                var insert = connection.prepareStatement("insert into t values (?)")) {
            for (int id = 1; !stopping; id++) {
                insert.setInt(1, id);
                insert.executeUpdate();
                last = id;
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Postgres is not killed here", e);
        }
    }

    /** The last one that is committed for certain; the next may be. */
    int last() {
        return last;
    }

    void awaitMore(int more) {
        int from = last;
        Awaitility.await().atMost(LIMIT).until(() -> last >= from + more || written.isDone());
    }

    /** How many there are in the end. */
    int stop() {
        stopping = true;
        written.join();
        return last;
    }

    /** Which rows a topic tells, in its order. */
    static List<Integer> in(BrokerProcess broker, String topic) {
        return Topics.records(broker.bootstrap(), topic).stream()
                .map(record -> Integer.parseInt(record.key().replaceAll("\\D", "")))
                .toList();
    }
}
