package io.paillette.broker.postgres;

import io.paillette.broker.store.StoreException;
import io.paillette.broker.store.StoreException.Fate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/** Brings schema paillette up to date: tables by version, functions as they are now. */
final class Migrations {

    private static final int OLDEST_SERVER = 12_00_00;

    private final StoreSettings settings;

    Migrations(StoreSettings settings) {
        this.settings = settings;
    }

    /**
     * @return how many scripts were applied
     */
    int apply() {
        try (Connection connection = DriverManager.getConnection(settings.url(), Sessions.login(settings))) {
            requireSupported(connection);
            connection.setAutoCommit(false);
            // Flyway's own lock starts only once the schema and its history table exist.
            try (Statement statement = connection.createStatement()) {
                statement.execute(NamedQueries.load("cluster.sql").get("lockMigrations"));
            }
            int applied = flyway(OneTransaction.of(connection)).migrate().migrationsExecuted;
            connection.commit();
            return applied;
        } catch (SQLException e) {
            throw Faults.connecting("opening the store", e);
        } catch (FlywayException e) {
            throw failed(e);
        }
    }

    private static StoreException failed(FlywayException e) {
        for (@Nullable Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql) {
                return Faults.beforeCommit("migrating schema paillette", sql);
            }
        }
        return new StoreException("migrating schema paillette: " + e.getMessage(), Fate.REFUSED, e);
    }

    private static Flyway flyway(DataSource dataSource) {
        return Flyway.configure(Migrations.class.getClassLoader())
                .dataSource(dataSource)
                .defaultSchema("paillette")
                .createSchemas(true)
                .table("schema_history")
                .locations("classpath:sql/migration", "classpath:sql/function")
                .load();
    }

    private static void requireSupported(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW server_version_num")) {
            rows.next();
            if (rows.getInt(1) < OLDEST_SERVER) {
                throw new StoreException(
                        "the store runs Postgres " + connection.getMetaData().getDatabaseProductVersion()
                                + "; Paillette needs 12 or newer",
                        Fate.REFUSED,
                        new SQLException("unsupported server"));
            }
        }
    }
}
