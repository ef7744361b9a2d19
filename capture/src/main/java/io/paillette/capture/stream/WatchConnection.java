package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.catalog.SourceDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A connection that is kept as long as it works. */
final class WatchConnection {

    static final int NETWORK_TIMEOUT_MILLIS = 10_000;

    private static final String LOCK_TIMEOUT = "SET lock_timeout = '2s'";

    private final SourceDatabase database;

    /** For {@link #abort}; set by the owner's thread. */
    private volatile @Nullable Connection connection;

    WatchConnection(SourceDatabase database) {
        this.database = database;
    }

    Connection get() throws CaptureException, SQLException {
        Connection current = connection;
        if (current == null) {
            current = database.connect();
            connection = current;
            current.setNetworkTimeout(Runnable::run, NETWORK_TIMEOUT_MILLIS);
            try (var statement = current.createStatement()) {
                statement.execute(LOCK_TIMEOUT);
            }
        }
        return current;
    }

    boolean isOpen() {
        return connection != null;
    }

    /** From another thread: whatever waits for the server fails. */
    void abort() throws SQLException {
        Connection aborted = connection;
        if (aborted != null) {
            aborted.abort(Runnable::run);
        }
    }

    /** The next one is new. */
    void drop() throws SQLException {
        Connection dropped = connection;
        connection = null;
        if (dropped != null) {
            dropped.close();
        }
    }
}
