package io.paillette.broker.postgres;

import io.paillette.broker.job.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What the views of backfills and of replays have in common. */
final class JobRows {

    private JobRows() {}

    /** From four columns: seconds left, when it was asked for, began and ended. */
    static Times times(ResultSet row, int first) throws SQLException {
        double secondsLeft = row.getDouble(first);
        Optional<Duration> left =
                row.wasNull() ? Optional.empty() : Optional.of(Duration.ofMillis(Math.round(secondsLeft * 1000)));
        return new Times(
                PostgresSequenceStore.instant(row, first + 1), instant(row, first + 2), instant(row, first + 3), left);
    }

    private static Optional<Instant> instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column) == null
                ? Optional.empty()
                : Optional.of(PostgresSequenceStore.instant(row, column));
    }
}
