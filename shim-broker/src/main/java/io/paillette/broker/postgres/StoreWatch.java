package io.paillette.broker.postgres;

import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks now and then whether the store still takes writes, so that {@link StoreHealth} knows it also while nobody writes.
 * One thread, {@code paillette-store-watch}; one statement without a table each time.
 */
final class StoreWatch implements AutoCloseable {

    static final Duration EVERY = Duration.ofSeconds(10);

    private static final Duration STATISTICS_EVERY = Duration.ofSeconds(30);

    private final Connections connections;
    private final NamedQueries statisticsQueries = NamedQueries.load("statistics.sql");
    private volatile StoreStatistics statistics = StoreStatistics.NONE;
    private volatile boolean asked = true;
    private long lookedNanos; // of the thread alone
    private final String isReadOnly = NamedQueries.load("probe.sql").get("isReadOnly");
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        var watch = new Thread(task, "paillette-store-watch");
        watch.setDaemon(true);
        return watch;
    });

    StoreWatch(Connections connections) {
        this.connections = connections;
    }

    void start() {
        lookedNanos = System.nanoTime() - STATISTICS_EVERY.toNanos();
        var unused = thread.scheduleWithFixedDelay(this::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Asks for the next one: without anybody who asks, Postgres is not asked either. */
    StoreStatistics statistics() {
        asked = true;
        return statistics;
    }

    private void look() {
        try {
            var unused = connections.call("looking whether the store takes writes", connection -> {
                try (var statement = connection.createStatement();
                        var row = statement.executeQuery(isReadOnly)) {
                    row.next();
                    if (row.getBoolean(1)) {
                        throw Faults.readOnly();
                    }
                }
                if (asked && System.nanoTime() - lookedNanos >= STATISTICS_EVERY.toNanos()) {
                    asked = false;
                    lookedNanos = System.nanoTime();
                    statistics = StoreStatistics.read(connection, statisticsQueries);
                }
                return true;
            });
        } catch (StoreException e) {
            // StoreHealth has been told, and has logged it once
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
