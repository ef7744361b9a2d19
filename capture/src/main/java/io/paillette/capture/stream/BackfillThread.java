package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread and a connection that are there only as long as there is something to do, one thing after the other. */
final class BackfillThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BackfillThread.class);
    private static final Duration REST = Duration.ofSeconds(5);
    private static final String END_WITH_US = SqlText.load("end_with_client");

    /** A condition that few rows meet takes its time. */
    private static final int LONGEST_ANSWER_MILLIS = 3_600_000;

    private final PreparedSource prepared;
    private final ThreadPoolExecutor thread;
    private volatile @Nullable Connection connection;

    /** What was asked for before it changed is not wanted any more. Changed by the owner alone. */
    private volatile int generation;

    /** Something to do. */
    @FunctionalInterface
    interface Work<T> {
        T run(Connection connection) throws CaptureException, SQLException, InterruptedException;
    }

    BackfillThread(PreparedSource prepared) {
        this.prepared = prepared;
        this.thread = new ThreadPoolExecutor(
                1, 1, REST.toMillis(), TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread created = new Thread(work, "paillette-backfill-" + prepared.name());
                    created.setDaemon(true);
                    return created;
                });
        thread.allowCoreThreadTimeOut(true);
    }

    /** Fails with a {@link CaptureException}: one that is transient where trying again will help. */
    <T> CompletableFuture<T> work(Work<T> work) {
        int wanted = generation;
        return CompletableFuture.supplyAsync(() -> run(work, wanted), thread);
    }

    /** The same, some time from now on; other work may come before it. */
    <T> CompletableFuture<T> work(Duration from, Work<T> work) {
        int wanted = generation;
        return CompletableFuture.supplyAsync(
                () -> run(work, wanted),
                CompletableFuture.delayedExecutor(from.toMillis(), TimeUnit.MILLISECONDS, thread));
    }

    @SuppressWarnings("checkstyle:IllegalCatch") // whatever is wrong with a backfill, its source goes on
    private <T> T run(Work<T> work, int wanted) {
        try {
            requireWanted(wanted);
            Connection on = connected();
            requireWanted(wanted);
            return work.run(on);
        } catch (SQLException e) {
            throw failed(Faults.of("A backfill could not be read", e));
        } catch (CaptureException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            throw failed(new CaptureException("The capture was closed.", true, e));
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("Source {}: a backfill met what it does not understand", prepared.name(), e);
            throw failed(new CaptureException("It met what it does not understand: " + e, false, e));
        }
    }

    private CompletionException failed(CaptureException fault) {
        drop();
        return new CompletionException(fault);
    }

    private void requireWanted(int wanted) throws CaptureException {
        if (wanted != generation) {
            throw new CaptureException("It is not wanted any more.", true, null);
        }
    }

    private Connection connected() throws CaptureException, SQLException {
        Connection current = connection;
        if (current == null) {
            current = prepared.source().connect();
            connection = current;
            current.setNetworkTimeout(Runnable::run, LONGEST_ANSWER_MILLIS);
            try (var statement = current.createStatement()) {
                statement.execute(END_WITH_US);
            }
        }
        return current;
    }

    /** Nothing is left to do for now. */
    void rest() {
        thread.execute(this::drop);
    }

    /** Of its own thread. */
    private void drop() {
        Connection dropped = connection;
        connection = null;
        if (dropped != null) {
            try {
                dropped.close();
            } catch (SQLException e) {
                LOG.warn("Source {}: a connection did not close", prepared.name(), e);
            }
        }
    }

    /** From the owner's thread: what was asked for is not wanted any more, and the server does not go on with it either. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the owner alone changes it
    void abort() {
        generation++;
        Connection current = connection;
        if (current == null || thread.getActiveCount() == 0) {
            return;
        }
        try {
            current.unwrap(PGConnection.class).cancelQuery();
            current.abort(Runnable::run);
        } catch (SQLException e) {
            LOG.warn("Source {}: a backfill could not be interrupted", prepared.name(), e);
        }
    }

    @Override
    public void close() {
        abort();
        rest();
        thread.shutdown();
    }
}
