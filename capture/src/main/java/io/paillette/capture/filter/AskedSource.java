package io.paillette.capture.filter;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.catalog.SourceDatabase;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection on which a source is asked about rows at hand, made when it is needed. For one thread, save {@link #cancel}.
 */
public final class AskedSource implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AskedSource.class);
    private static final String SESSION = SqlText.load("condition_session");

    /** The server gives a statement up before that. */
    private static final int LONGEST_ANSWER_MILLIS = 30_000;

    private final SourceDatabase source;
    private volatile @Nullable Connection connection;
    private volatile boolean closing;

    public AskedSource(CaptureSettings settings) {
        this.source = new SourceDatabase(settings);
    }

    /** Another one, once the last was closed: what was prepared on that is gone with it. */
    Connection connected() throws CaptureException, SQLException {
        Connection current = connection;
        if (current == null) {
            current = source.connect();
            connection = current;
            current.setNetworkTimeout(Runnable::run, LONGEST_ANSWER_MILLIS);
            try (var statement = current.createStatement()) {
                statement.execute(SESSION);
            }
        }
        return current;
    }

    boolean isClosing() {
        return closing;
    }

    /** From any thread: what is being asked ends soon, as a fault that passes, and so does whatever is asked later. */
    public void cancel() {
        closing = true;
        Connection current = connection;
        if (current != null) {
            try {
                current.unwrap(PGConnection.class).cancelQuery();
            } catch (SQLException e) {
                LOG.warn("What the source is asked could not be interrupted", e);
            }
        }
    }

    /** What is asked next is asked on a new connection. */
    @Override
    public void close() {
        Connection closed = connection;
        connection = null;
        if (closed != null) {
            try {
                closed.close();
            } catch (SQLException e) {
                LOG.warn("A connection did not close", e);
            }
        }
    }
}
