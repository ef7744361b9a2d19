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
    private final int most;
    private final ReadParts parts;

    /** For a thread that has nothing to do: the next table, or that there is none. */
    private final BlockingQueue<Optional<Task>> tasks = new LinkedBlockingQueue<>();

    private final List<ReadingThread> threads = new CopyOnWriteArrayList<>();
    private int reading;
    private int idle;

    /** @param from the position before its first row; says how far the table is, and nothing of others */
    private record Task(DueTable table, Position from) {}

    ReadingThreads(PreparedSource prepared, Function<Connection, TableReader> readers, int most) {
        this.prepared = prepared;
        this.readers = readers;
        this.most = most;
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
        if (idle > 0) {
            idle--;
            return;
        }
        var work = new ReadingThread("paillette-reading-" + prepared.name() + "-" + (threads.size() + 1), this::work);
        threads.add(work);
        work.start();
    }

    /** No table waits any more: whoever has nothing to do ends, and its connection with it. */
    void dismissIdle() {
        for (; idle > 0; idle--) {
            tasks.add(Optional.empty());
        }
    }

    /** What was read next, of whatever table; waits for it. What ended the reading of one is thrown. */
    ReadPart next(Outlet.Waiting waiting) throws CaptureException, InterruptedException {
        while (true) {
            if (!waiting.goOn()) {
                throw new InterruptedException("closing");
            }
            Optional<ReadPart> part = parts.poll(STEP);
            if (part.isEmpty()) {
                continue;
            }
            if (part.get() instanceof ReadPart.Failure failure) {
                throw thrown(failure.cause());
            }
            if (part.get() instanceof ReadPart.End) {
                reading--;
                idle++;
            }
            return part.get();
        }
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
        try (var connection = self.connect(prepared, most)) {
            TableReader reader = readers.apply(connection);
            for (Optional<Task> task = tasks.take(); task.isPresent(); task = tasks.take()) {
                read(reader, task.get());
            }
        } catch (Throwable e) {
            parts.put(new ReadPart.Failure(e));
        }
    }

    private void read(TableReader reader, Task task) throws CaptureException, InterruptedException {
        DueTable table = task.table();
        LOG.info("Source {}: reading the rows of table {}", prepared.name(), Integer.toUnsignedString(table.oid()));
        var batch = new RowBatch((rows, bytes) -> parts.offer(new ReadPart.Rows(table, rows, bytes), STEP));
        parts.put(new ReadPart.End(table, reader.read(table.oid(), table.mark(), task.from(), batch)));
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
