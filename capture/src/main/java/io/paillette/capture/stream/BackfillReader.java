package io.paillette.capture.stream;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.snapshot.Chunk;
import io.paillette.capture.snapshot.ChunkReader;
import io.paillette.capture.snapshot.MvccSnapshot;
import io.paillette.capture.snapshot.Visibility;
import io.paillette.capture.stream.BackfillThread.Work;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * What backfills ask of the server, answered on {@link BackfillThread} while the stream goes on. Answers fail with a
 * {@link CaptureException}: one that is transient where trying again will help.
 */
final class BackfillReader implements AutoCloseable {

    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final String FLUSHED = SqlText.load("wal_flushed");
    private static final String WRITER_DELAY = SqlText.load("wal_writer_delay");

    /** Docs: Asynchronous Commit. */
    private static final int FLUSHED_WITHIN_DELAYS = 3;

    private final PreparedSource prepared;
    private final BackfillThread thread;

    /** Written by the thread. */
    private volatile Optional<MvccSnapshot> seen = Optional.empty();

    /** Of the thread. */
    private final EarlierWriters earlierWriters = new EarlierWriters();

    /** What a backfill begins with, and the table that it is of. */
    record Beginning(int oid, ChunkReader.Beginning of) {}

    BackfillReader(PreparedSource prepared) {
        this.prepared = prepared;
        this.thread = new BackfillThread(prepared);
    }

    /** @param attempt the same as long as all transactions that were delivered since are remembered */
    CompletableFuture<Beginning> begin(BackfillProgress progress, long attempt) {
        return thread.work(on -> {
            seen = Optional.of(new Visibility(on, prepared.server()).now());
            Backfill asked = progress.asked();
            int oid = captured(on, progress).oid();
            awaitEarlierWriters(on, oid, asked, attempt);
            return new Beginning(oid, reader(on).begin(oid, asked));
        });
    }

    private ChunkReader reader(Connection on) {
        return new ChunkReader(
                on, prepared.server(), prepared.source().settings().told().columns());
    }

    /** What any snapshot sees that is taken from now on, as it was when a backfill was begun, or was to be, last. */
    Optional<MvccSnapshot> seen() {
        return seen;
    }

    /** Empty when so many rows take too long. */
    CompletableFuture<Optional<Chunk>> read(BackfillProgress progress, int rows, Set<Long> delivered) {
        return thread.work(on -> reader(on).read(progress, rows, delivered));
    }

    /** How far the server has something to send, once all that has committed until now is flushed. */
    CompletableFuture<Lsn> flushed(int senderPid) {
        Work<Lsn> ask = on -> {
            try (var query = on.prepareStatement(FLUSHED)) {
                query.setInt(1, senderPid);
                try (var row = query.executeQuery()) {
                    row.next();
                    String allRead = row.getString("all_read");
                    return Lsn.parse(allRead == null ? row.getString("flushed") : allRead);
                }
            }
        };
        return thread.work(BackfillReader::writerDelay)
                .thenCompose(delay -> thread.work(delay.multipliedBy(FLUSHED_WITHIN_DELAYS), ask));
    }

    private static Duration writerDelay(Connection on) throws SQLException {
        try (var statement = on.createStatement();
                var row = statement.executeQuery(WRITER_DELAY)) {
            row.next();
            return Duration.ofMillis(row.getLong(1));
        }
    }

    /** Once it has begun its table is that one whatever its name. */
    private CapturedTable captured(Connection on, BackfillProgress progress) throws CaptureException, SQLException {
        Backfill asked = progress.asked();
        CapturedTable table = prepared.publications().tables(on).stream()
                .filter(CapturedTable::captured)
                .filter(one -> progress.oid() == 0 ? one.name().equals(asked.table()) : one.oid() == progress.oid())
                .findFirst()
                .orElseThrow(() -> Faults.fatal("Table " + asked.table() + " of backfill " + asked.id()
                        + " is not one that source " + prepared.name() + " captures."));
        if (table.joining() || !table.inPlace()) {
            throw new CaptureException(
                    "it begins once the rows that table " + asked.table() + " had before are read", true, null);
        }
        return table;
    }

    /** What they did may have been delivered before this capture began, and would not be among the rows. */
    private void awaitEarlierWriters(Connection on, int oid, Backfill asked, long attempt)
            throws CaptureException, SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!earlierWriters.areDone(on, oid, attempt)) {
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

    /** Nothing is left to read for now. */
    void rest() {
        thread.rest();
    }

    /** What was asked for is not wanted any more. */
    void abort() {
        thread.abort();
    }

    @Override
    public void close() {
        thread.close();
    }
}
