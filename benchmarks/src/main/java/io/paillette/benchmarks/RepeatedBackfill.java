package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Has a table read into its sequence again and again, until it is closed. */
final class RepeatedBackfill implements AutoCloseable {

    private static final String TABLE = "backfilled";
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

    private final Database database;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "backfills");

    private RepeatedBackfill(Database database) {
        this.database = database;
    }

    /** Before the capture begins. */
    static void createTable(Database database, long rows) {
        database.execute(
                "create table " + TABLE + " " + Rows.COLUMNS,
                Rows.insert(TABLE, "select id, ", " from generate_series(1, " + rows + ") id"),
                "vacuum analyze " + TABLE);
    }

    static RepeatedBackfill start(Database database) {
        var repeated = new RepeatedBackfill(database);
        repeated.thread.setDaemon(true);
        repeated.thread.start();
        return repeated;
    }

    /** Rows that were told until now, and the seconds that it took. */
    String speed() {
        return database.query("select round(sum(rows) / sum(extract(epoch from coalesce(ended_at, clock_timestamp())"
                + " - begun_at))) from paillette.backfills where rows > 0");
    }

    private void run() {
        while (!closesWithin(LOOK)) {
            if (database.query("select count(*) from paillette.backfills where ended_at is null")
                    .equals("0")) {
                database.execute("select paillette.backfill('app', 'public." + TABLE + "')");
            }
        }
    }

    private boolean closesWithin(Duration wait) {
        try {
            return closing.await(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(LONGEST_STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
