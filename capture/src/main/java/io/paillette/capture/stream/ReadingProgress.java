package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import io.paillette.capture.ReadingState;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;

/** Counts what is read of tables. Written by the reader thread, told to any. */
final class ReadingProgress {

    private static final String ESTIMATE = SqlText.load("estimated_rows");

    private volatile ReadingState state = new ReadingState(0, 0, 0, 0);

    ReadingState state() {
        return state;
    }

    /** These tables are going to be read. */
    void planned(Connection connection, Collection<Integer> oids) throws CaptureException {
        if (oids.isEmpty()) {
            return;
        }
        try (var query = connection.prepareStatement(ESTIMATE)) {
            var asked = connection.createArrayOf(
                    "int8", oids.stream().map(Integer::toUnsignedLong).toArray());
            query.setArray(1, asked);
            query.setArray(2, asked);
            try (var row = query.executeQuery()) {
                row.next();
                ReadingState now = state;
                state = new ReadingState(
                        now.tables() + oids.size(), now.tablesRead(), now.rows(), now.estimatedRows() + row.getLong(1));
            }
        } catch (SQLException e) {
            throw Faults.of("The sizes of tables could not be asked for", e);
        }
    }

    void rows(int more) {
        ReadingState now = state;
        state = new ReadingState(now.tables(), now.tablesRead(), now.rows() + more, now.estimatedRows());
    }

    void tableDone() {
        ReadingState now = state;
        state = new ReadingState(now.tables(), now.tablesRead() + 1, now.rows(), now.estimatedRows());
    }
}
