package io.paillette.capture.stream;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.snapshot.Chunk;
import io.paillette.capture.snapshot.ChunkReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads chunks on a thread and a connection of its own, so that the stream goes on meanwhile. Both are there only as long as
 * there is something to read.
 */
final class BackfillReader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BackfillReader.class);
    private static final Duration REST = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final String FLUSHED = SqlText.load("wal_flushed");

    /** Docs: Asynchronous Commit. */
    private static final int FLUSHED_WITHIN_DELAYS = 3;

    /** A condition that few rows meet takes its time. */
    private static final int LONGEST_ANSWER_MILLIS = 3_600_000;

    private final PreparedSource prepared;
    private final int chunkRows;
    private final ThreadPoolExecutor thread;
    private final EarlierWriters earlierWriters = new EarlierWriters();
    private volatile @Nullable Connection connection;

    /** What a backfill begins with, and the table that it is of. */
    record Beginning(int oid, ChunkReader.Beginning of) {}

    @FunctionalInterface
    private interface Work<T> {
        T run(Connection connection) throws CaptureException, SQLException, InterruptedException;
    }

    BackfillReader(PreparedSource prepared, int chunkRows) {
        this.prepared = prepared;
        this.chunkRows = chunkRows;
        this.thread = new ThreadPoolExecutor(
                1, 1, REST.toMillis(), TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread created = new Thread(work, "paillette-backfill-" + prepared.name());
                    created.setDaemon(true);
                    return created;
                });
        thread.allowCoreThreadTimeOut(true);
    }

    /** Fails with a {@link CaptureException}: one that is transient where trying again will help. */
    CompletableFuture<Beginning> begin(BackfillProgress progress) {
        return work(on -> {
            Backfill asked = progress.asked();
            int oid = progress.oid() == 0 ? captured(on, asked).oid() : progress.oid();
            awaitEarlierWriters(on, oid, asked);
            return new Beginning(oid, new ChunkReader(on, prepared.server(), chunkRows).begin(oid, asked));
        });
    }

    /** What they did may have been delivered before this capture began, and would not be among the rows. */
    private void awaitEarlierWriters(Connection on, int oid, Backfill asked) throws CaptureException, SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!earlierWriters.areDone(on, oid, 0)) {
            if (System.nanoTime() - deadline >= 0) {
                throw new CaptureException(
                        "it begins once the transactions that write table " + asked.table()
                                + " have ended; see pg_locks for relation " + Integer.toUnsignedString(oid),
                        true,
                        null);
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
        earlierWriters.forget(oid);
    }

    /** Fails as {@link #begin} does. */
    CompletableFuture<Chunk> read(BackfillProgress progress, Set<Long> delivered) {
        return work(on -> new ChunkReader(on, prepared.server(), chunkRows).read(progress, delivered));
    }

    /** How far the WAL is flushed, once all that has committed until now is. Fails as {@link #begin} does. */
    CompletableFuture<Lsn> flushed() {
        return work(on -> {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(
                    FLUSHED_WITHIN_DELAYS * flushed(on).delayMillis()));
            return flushed(on).lsn();
        });
    }

    private record Flushed(Lsn lsn, long delayMillis) {}

    private static Flushed flushed(Connection on) throws SQLException {
        try (var statement = on.createStatement();
                var row = statement.executeQuery(FLUSHED)) {
            row.next();
            return new Flushed(Lsn.parse(row.getString("flushed")), row.getLong("delay_millis"));
        }
    }

    private CapturedTable captured(Connection on, Backfill asked) throws CaptureException, SQLException {
        CapturedTable table = prepared.publications().tables(on).stream()
                .filter(one -> one.captured() && one.name().equals(asked.table()))
                .findFirst()
                .orElseThrow(() -> Faults.fatal("Table " + asked.table() + " of backfill " + asked.id()
                        + " is not one that source " + prepared.name() + " captures."));
        if (table.joining() || !table.inPlace()) {
            throw new CaptureException(
                    "Backfill " + asked.id() + " begins once table " + asked.table() + " was read at first.",
                    true,
                    null);
        }
        return table;
    }

    private <T> CompletableFuture<T> work(Work<T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.run(connected());
                    } catch (SQLException e) {
                        drop();
                        throw new CompletionException(Faults.of("A backfill could not be read", e));
                    } catch (CaptureException e) {
                        drop();
                        throw new CompletionException(e);
                    } catch (InterruptedException e) {
                        throw new CompletionException(new CaptureException("The capture was closed.", true, e));
                    }
                },
                thread);
    }

    private Connection connected() throws CaptureException, SQLException {
        Connection current = connection;
        if (current == null) {
            current = prepared.source().connect();
            connection = current;
            current.setNetworkTimeout(Runnable::run, LONGEST_ANSWER_MILLIS);
        }
        return current;
    }

    /** Nothing is left to read for now. */
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

    /** From another thread: what it does now fails, and the server does not go on with it either. */
    void abort() {
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
