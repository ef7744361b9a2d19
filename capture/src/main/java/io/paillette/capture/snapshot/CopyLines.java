package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureException;
import io.paillette.capture.catalog.Faults;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** The lines of one COPY TO STDOUT, as many of them as are wanted. */
final class CopyLines {

    private final Connection connection;

    /** Takes a line, its newline included; false when no more are wanted. */
    @FunctionalInterface
    interface Taker {
        boolean line(byte[] line) throws CaptureException, SQLException, InterruptedException;
    }

    CopyLines(Connection connection) {
        this.connection = connection;
    }

    /** False when {@code taker} wanted no more. */
    boolean copy(String sql, Taker taker) throws CaptureException, SQLException, InterruptedException {
        CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
        try {
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                if (!taker.line(line)) {
                    return false;
                }
            }
            return true;
        } finally {
            cancel(copy);
        }
    }

    /**
     * The driver's own cancelCopy leaves what the server has sent by then, and the error that was asked for, to the next
     * command, which takes them for its answer.
     */
    private void cancel(CopyOut copy) throws SQLException {
        if (!copy.isActive()) {
            return;
        }
        connection.unwrap(PGConnection.class).cancelQuery();
        try {
            byte[] thrownAway;
            do {
                thrownAway = copy.readFromCopy();
            } while (thrownAway != null);
        } catch (SQLException e) {
            if (!Faults.isCanceled(e)) {
                throw e;
            }
        }
    }
}
