package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** When something came true in a database, to a few milliseconds. */
final class Moment {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

    private Moment() {}

    /**
     * @param question answers true, false or NULL
     * @return {@link System#nanoTime} when it first answered true
     */
    static long when(Database database, String question, Duration limit) {
        try (var connection = database.connect();
                var query = connection.prepareStatement(question)) {
            long deadline = System.nanoTime() + limit.toNanos();
            while (System.nanoTime() < deadline) {
                try (var rows = query.executeQuery()) {
                    if (rows.next() && rows.getBoolean(1)) {
                        return System.nanoTime();
                    }
                }
                pause();
            }
            throw new IllegalStateException("not true within " + limit + ": " + question);
        } catch (SQLException e) {
            throw new IllegalStateException("the database cannot be asked: " + question, e);
        }
    }

    static void pause() {
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
}
