package io.paillette.broker.postgres;

import io.paillette.broker.feed.AskedBackfill;
import io.paillette.broker.feed.BackfillReport;
import io.paillette.broker.feed.BackfillReport.State;
import io.paillette.broker.feed.BackfillStore;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.job.Wish;
import io.paillette.capture.TableName;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Table backfill. */
final class PostgresBackfillStore implements BackfillStore {

    private final NamedQueries queries = NamedQueries.load("backfills.sql");
    private final Connections general;
    private final Refusing refusing;

    PostgresBackfillStore(Connections general) {
        this.general = general;
        this.refusing = new Refusing(general, queries);
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
                row.getString(6),
                Wish.valueOf(row.getString(7).toUpperCase(Locale.ROOT)),
                row.getString(8),
                row.getBoolean(9),
                report(row, 10));
    }

    @Override
    public List<KnownBackfill> newest(int limit) {
        return general.call("reading backfills", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("newest"))) {
                statement.setInt(1, limit);
                return PostgresLogStore.rows(statement, PostgresBackfillStore::known);
            }
        });
    }

    @Override
    public Optional<KnownBackfill> find(long id) {
        return general.call("reading a backfill", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("find"))) {
                statement.setLong(1, id);
                return PostgresLogStore.rows(statement, PostgresBackfillStore::known).stream()
                        .findFirst();
            }
        });
    }

    private static KnownBackfill known(ResultSet row) throws SQLException {
        return new KnownBackfill(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                report(row, 6),
                JobRows.times(row, 11));
    }

    private static BackfillReport report(ResultSet row, int first) throws SQLException {
        return new BackfillReport(
                State.valueOf(row.getString(first).toUpperCase(Locale.ROOT)),
                row.getString(first + 1),
                row.getLong(first + 2),
                row.getLong(first + 3),
                row.getLong(first + 4));
    }

    @Override
    public long ask(String source, String table, String condition, String sequence) throws RefusedException {
        return refusing.call("asking for a backfill", "ask", statement -> {
            statement.setString(1, source);
            statement.setString(2, table);
            statement.setString(3, condition);
            statement.setString(4, sequence);
        });
    }

    @Override
    public void wish(long id, Wish wish) throws RefusedException {
        refusing.call("changing backfill " + id, "wish", statement -> {
            statement.setLong(1, id);
            statement.setString(2, wish.name().toLowerCase(Locale.ROOT));
        });
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
