package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that reads tables, and its connection, which others can end. */
final class ReadingThread {

    private static final Logger LOG = LoggerFactory.getLogger(ReadingThread.class);

    private final Thread thread;
    private volatile @Nullable Connection connection;
    private volatile boolean aborted;

    ReadingThread(String name, Consumer<ReadingThread> work) {
        this.thread = new Thread(() -> work.accept(this), name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Of the thread itself. */
    @SuppressWarnings("MustBeClosed")
    Connection connect(PreparedSource prepared, int threads) throws CaptureException, SQLException {
        Connection made;
        try {
            made = prepared.source().connect();
        } catch (CaptureException e) {
            throw new CaptureException(
                    "One of the connections that " + CaptureOption.SNAPSHOT_MAX_THREADS.key() + "=" + threads
                            + " is for cannot be made. " + e.getMessage(),
                    e.isTransient(),
                    e.getCause());
        }
        connection = made;
        try {
            made.setNetworkTimeout(Runnable::run, SourceReader.LONGEST_ANSWER_MILLIS);
        } catch (SQLException e) {
            abort();
            throw e;
        }
        if (aborted) {
            abort();
        }
        return made;
    }

    /** Ends it where it waits for anything but the server. */
    void interrupt() {
        thread.interrupt();
    }

    /** From any thread: ends it where it waits for the server. */
    void abort() {
        aborted = true;
        Connection current = connection;
        if (current != null) {
            try {
                current.abort(Runnable::run);
            } catch (SQLException e) {
                LOG.warn("The connection of {} did not close", name(), e);
            }
        }
    }

    void join(long millis) throws InterruptedException {
        thread.join(millis);
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    String name() {
        return thread.getName();
    }
}
