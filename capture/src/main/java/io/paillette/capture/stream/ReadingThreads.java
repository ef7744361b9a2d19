package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Position;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.snapshot.TableReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables that are read at the same time, each on a thread and a connection of its own, which go on with the next table as long
 * as there is one. What they read waits here until it is asked for. Owned by one thread, but for {@link #abort}.
 */
final class ReadingThreads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingThreads.class);
    private static final Duration STEP = Duration.ofMillis(50);

    /** Until whoever has rows to hand over has seen that nobody wants them; longer takes only who waits for the server. */
    private static final Duration WILLING = Duration.ofMillis(200);

    private static final Duration FORCED = Duration.ofSeconds(5);

    /** As rows that wait for the caller: see {@link EventQueue}. */
    private static final long MOST_BYTES = 2 << 20;

    private final PreparedSource prepared;
    private final Function<Connection, TableReader> readers;
    private final int asked;
    private final ReadParts parts;

    /** For a thread that has nothing to do: the next table, or that there is none. */
    private final BlockingQueue<Optional<Task>> tasks = new LinkedBlockingQueue<>();

    private final List<ReadingThread> threads = new CopyOnWriteArrayList<>();

    /** Tables that threads have, or that wait for one. */
    private int reading;

    /** Threads that have a table, or wait for one. */
    private int living;

    private int most;

    /** @param from the position before its first row; says how far the table is, and nothing of others */
    private record Task(DueTable table, Position from) {}

    ReadingThreads(PreparedSource prepared, Function<Connection, TableReader> readers, int asked) {
        this.prepared = prepared;
        this.readers = readers;
        this.asked = asked;
        this.most = asked;
        this.parts = new ReadParts(Math.min(prepared.source().settings().queueBytes(), MOST_BYTES));
    }

    /** Whether another table can be read now. */
    boolean haveRoom() {
        return reading < most;
    }

    boolean areReading() {
        return reading > 0;
    }

    /** @param from see {@link Task} */
    void read(DueTable table, Position from) {
        reading++;
        tasks.add(Optional.of(new Task(table, from)));
        if (reading > living) {
            var work =
                    new ReadingThread("paillette-reading-" + prepared.name() + "-" + (threads.size() + 1), this::work);
            threads.add(work);
            work.start();
            living++;
        }
    }

    /** No table waits any more: whoever has nothing to do ends, and its connection with it. */
    void dismissIdle() {
        for (; living > reading; living--) {
            tasks.add(Optional.empty());
        }
    }

    /** What was read next, of whatever table; waits for it. What ended the reading of one is thrown. */
    ReadPart next(Outlet.Waiting waiting) throws CaptureException, InterruptedException {
        while (true) {
            if (!waiting.goOn()) {
                throw new InterruptedException("closing");
            }
            // Asked for first: what a thread leaves behind is there before it ends.
            boolean complete = areAlive();
            Optional<ReadPart> part = parts.poll(STEP);
            if (part.isEmpty()) {
                if (!complete) {
                    throw new CaptureException(
                            "A thread that read tables of source " + prepared.name() + " is gone, and did not say why.",
                            true,
                            null);
                }
            } else if (part.get() instanceof ReadPart.Failure failure) {
                throw thrown(failure.cause());
            } else if (part.get() instanceof ReadPart.NoConnection none) {
                goOnWithFewer(none.cause());
            } else {
                if (part.get() instanceof ReadPart.Left) {
                    reading--;
                }
                return part.get();
            }
        }
    }

    private boolean areAlive() {
        return threads.stream().filter(ReadingThread::isAlive).count() >= living;
    }

    /** The table waits for whichever thread is free next. */
    private void goOnWithFewer(CaptureException cause) throws CaptureException {
        boolean dismissed = tasks.remove(Optional.<Task>empty());
        if (!dismissed) {
            living--;
        }
        if (living == 0) {
            throw cause;
        }
        if (most == asked) {
            LOG.warn("Source {}: tables are read by fewer threads. {}", prepared.name(), cause.getMessage());
        }
        most = living;
    }

    /** As if it had been met on the owner's thread. */
    private CaptureException thrown(Throwable cause) {
        if (cause instanceof RuntimeException unforeseen) {
            throw unforeseen;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        if (cause instanceof SQLException e) {
            return Faults.of("The capture of source " + prepared.name() + " lost its database", e);
        }
        return cause instanceof CaptureException known
                ? known
                : new CaptureException("The capture of source " + prepared.name() + " was closed.", true, cause);
    }

    /** What a thread does. */
    @SuppressWarnings("checkstyle:IllegalCatch") // the owner throws it
    private void work(ReadingThread self) {
        try {
            readWith(self);
        } catch (Throwable e) {
            parts.put(new ReadPart.Failure(e));
        }
    }

    private void readWith(ReadingThread self) throws CaptureException, SQLException, InterruptedException {
        Connection made;
        try {
            made = self.connect(prepared, asked);
        } catch (CaptureException e) {
            if (e.getCause() instanceof SQLException refusal && Faults.isFull(refusal)) {
                parts.put(new ReadPart.NoConnection(e));
                return;
            }
            throw e;
        }
        try (var connection = made) {
            TableReader reader = readers.apply(connection);
            for (Optional<Task> task = tasks.take(); task.isPresent(); task = tasks.take()) {
                parts.put(left(reader, task.get()));
            }
        }
    }

    /** Whoever waits for a lock does it here: the owner has the rows of other tables to hand over. */
    private ReadPart.Left left(TableReader reader, Task task)
            throws CaptureException, SQLException, InterruptedException {
        DueTable table = task.table();
        try {
            return reader.isReadBesideOthers(table.oid()) ? read(reader, task) : new ReadPart.Alone(table);
        } catch (SQLException e) {
            if (Faults.isLocked(e)) {
                return new ReadPart.Locked(
                        table, Faults.of("Table " + Integer.toUnsignedString(table.oid()) + " cannot be read yet", e));
            }
            throw e;
        } catch (CaptureException e) {
            if (e.getCause() instanceof SQLException cause && Faults.isLocked(cause)) {
                return new ReadPart.Locked(table, e);
            }
            throw e;
        } finally {
            parts.leave(table);
        }
    }

    private ReadPart.End read(TableReader reader, Task task) throws CaptureException, InterruptedException {
        DueTable table = task.table();
        LOG.info("Source {}: reading the rows of table {}", prepared.name(), Integer.toUnsignedString(table.oid()));
        var batch = new RowBatch((rows, bytes) -> parts.offer(new ReadPart.Rows(table, rows, bytes), STEP));
        return new ReadPart.End(table, reader.read(table.oid(), table.mark(), task.from(), batch));
    }

    /** From any thread: makes whatever the threads wait for fail. */
    void abort() {
        for (ReadingThread thread : threads) {
            thread.abort();
        }
    }

    /** Nothing of what they read is wanted any more. */
    @Override
    public void close() {
        threads.forEach(ReadingThread::interrupt);
        boolean interrupted = awaitEnd(WILLING);
        if (threads.stream().anyMatch(ReadingThread::isAlive)) {
            abort();
            interrupted |= awaitEnd(FORCED);
        }
        threads.stream()
                .filter(ReadingThread::isAlive)
                .forEach(thread -> LOG.warn("{} did not end; it ends with its connection", thread.name()));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this thread was interrupted, and so did not wait for longer. */
    private boolean awaitEnd(Duration longest) {
        long end = System.nanoTime() + longest.toNanos();
        try {
            for (ReadingThread thread : threads) {
                thread.join(
                        Math.max(1, Duration.ofNanos(end - System.nanoTime()).toMillis()));
            }
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }
}
