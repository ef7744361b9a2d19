package io.paillette.testkit.change;

import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers that change rows of three tables at the same time, each in small transactions over rows of its own, through kills
 * of Postgres; every committed change is known. Inserts, updates, deletes, re-inserts, rows that live for one transaction
 * only, and now and then a rollback.
 */
public final class ChangeWorkload implements AutoCloseable {

    /** In schema public; the last one has full replica identity, so its deletes tell all columns. */
    public static final List<String> TABLES = List.of("change_a", "change_b", "change_c");

    /**
     * @param changes          to commit, all writers together, at least
     * @param changesPerSecond all writers together, about; 0 for as fast as they can
     */
    public record Plan(int writers, long changes, long changesPerSecond, long seed) {}

    private final ExecutorService threads;
    private final List<ChangeWriter> writers = new ArrayList<>();
    private final List<Future<List<Change>>> results = new ArrayList<>();

    private ChangeWorkload(ExecutorService threads) {
        this.threads = threads;
    }

    /** The tables, and the writers' progress in a schema of its own that nobody captures. */
    public static void createTables(Database database, int writers) {
        database.execute(
                "create schema workload",
                "create table workload.progress (writer int primary key, transaction bigint not null)",
                "insert into workload.progress select writer, 0 from generate_series(0, " + (writers - 1) + ") writer");
        for (String table : TABLES) {
            database.execute(
                    "create table " + table
                            + " (id bigint primary key, sequence bigint not null, version bigint not null, payload text not null)");
        }
        database.execute("alter table change_c replica identity full");
    }

    /** Starts the writers over tables made by {@link #createTables}. */
    public static ChangeWorkload start(Database database, Plan plan) {
        var workload = new ChangeWorkload(
                Executors.newFixedThreadPool(plan.writers(), runnable -> new Thread(runnable, "change-writer")));
        for (int number = 0; number < plan.writers(); number++) {
            var random = new Random(plan.seed() * 31 + number);
            var writer = new ChangeWriter(
                    number,
                    (plan.changes() + plan.writers() - 1) / plan.writers(),
                    database::connect,
                    new WriterState(number, plan.writers(), TABLES, random),
                    random,
                    pause(plan));
            workload.writers.add(writer);
            workload.results.add(workload.threads.submit(writer));
        }
        workload.threads.shutdown();
        return workload;
    }

    private static Runnable pause(Plan plan) {
        if (plan.changesPerSecond() == 0) {
            return () -> {};
        }
        // A transaction has about three changes.
        long nanos = 3 * TimeUnit.SECONDS.toNanos(plan.writers()) / plan.changesPerSecond();
        return () -> LockSupport.parkNanos(nanos);
    }

    /** Changes committed so far. */
    public long committed() {
        return writers.stream().mapToLong(ChangeWriter::count).sum();
    }

    /**
     * Waits for the end of all writers and returns every committed change, those of one writer in its order.
     *
     * @throws IllegalStateException when a writer failed or the time is up
     */
    public List<Change> await(Duration limit) {
        var all = new ArrayList<Change>();
        long deadline = System.nanoTime() + limit.toNanos();
        for (var result : results) {
            try {
                all.addAll(result.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS));
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("a writer did not end well; committed so far: " + committed(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for the writers", e);
            }
        }
        return all;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
