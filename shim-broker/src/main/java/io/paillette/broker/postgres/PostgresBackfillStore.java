package io.paillette.broker.postgres;

import io.paillette.broker.feed.AskedBackfill;
import io.paillette.broker.feed.AskedBackfill.Wish;
import io.paillette.broker.feed.BackfillReport;
import io.paillette.broker.feed.BackfillReport.State;
import io.paillette.broker.feed.BackfillStore;
import io.paillette.capture.TableName;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** Table backfill. */
final class PostgresBackfillStore implements BackfillStore {

    private final NamedQueries queries = NamedQueries.load("backfills.sql");
    private final Connections general;

    PostgresBackfillStore(Connections general) {
        this.general = general;
    }

    @Override
    public List<AskedBackfill> underWay() {
        return general.call("looking for backfills", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("underWay"))) {
                return PostgresLogStore.rows(statement, PostgresBackfillStore::asked);
            }
        });
    }

    private static AskedBackfill asked(ResultSet row) throws SQLException {
        return new AskedBackfill(
                row.getLong(1),
                row.getString(2),
                new TableName(row.getString(3), row.getString(4)),
                row.getString(5),
                Wish.valueOf(row.getString(6).toUpperCase(Locale.ROOT)),
                row.getBoolean(7),
                new BackfillReport(
                        State.valueOf(row.getString(8).toUpperCase(Locale.ROOT)),
                        row.getString(9),
                        row.getLong(10),
                        row.getLong(11),
                        row.getLong(12)));
    }

    @Override
    public void tell(long id, BackfillReport report) {
        general.call("telling of a backfill", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("tell"))) {
                statement.setString(1, report.state().name().toLowerCase(Locale.ROOT));
                statement.setString(2, report.fault());
                statement.setLong(3, report.rows());
                statement.setLong(4, report.bytes());
                statement.setLong(5, report.estimatedRows());
                statement.setBoolean(6, report.state() == State.RUNNING || report.rows() > 0);
                statement.setBoolean(7, report.state().isEnd());
                statement.setLong(8, id);
                return statement.executeUpdate();
            }
        });
    }
}
