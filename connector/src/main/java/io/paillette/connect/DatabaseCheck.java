package io.paillette.connect;

import io.paillette.capture.CaptureSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGProperty;

/**
 * Tries the database that a configuration names, so that a mistake is answered where it was made and before a task runs.
 * What only a running capture can tell (rights on tables, free slots) is told by the task.
 */
final class DatabaseCheck {

    private static final int TIMEOUT_SECONDS = 5;

    /** The option that is wrong, and what is wrong with it. */
    record Problem(ConnectorOption option, String sentence) {}

    private final ConnectorConfig config;

    DatabaseCheck(ConnectorConfig config) {
        this.config = config;
    }

    /** Connects, asks, disconnects; takes some seconds at most. */
    Optional<Problem> run() {
        try (Connection connection = connect(config.captureSettings());
                var statement = connection.createStatement();
                var answer = statement.executeQuery(sql("wal_level.sql"))) {
            answer.next();
            String level = answer.getString(1);
            return level.equals("logical")
                    ? Optional.empty()
                    : Optional.of(new Problem(
                            where(ConnectorOption.HOSTNAME),
                            "the server has wal_level=" + level
                                    + "; set wal_level=logical in postgresql.conf and restart it"));
        } catch (SQLException e) {
            return Optional.of(problem(e));
        }
    }

    private static Connection connect(CaptureSettings settings) throws SQLException {
        var properties = new Properties();
        if (!settings.server().user().isEmpty()) {
            PGProperty.USER.set(properties, settings.server().user());
        }
        if (!settings.server().password().isEmpty()) {
            PGProperty.PASSWORD.set(properties, settings.server().password());
        }
        PGProperty.CONNECT_TIMEOUT.set(properties, TIMEOUT_SECONDS);
        PGProperty.SOCKET_TIMEOUT.set(properties, TIMEOUT_SECONDS);
        PGProperty.APPLICATION_NAME.set(properties, "paillette-connector-validate");
        return DriverManager.getConnection(settings.server().jdbcUrl(), properties);
    }

    /** By SQLSTATE (Postgres docs, appendix "Error Codes"): class 28 is who one is, 3D000 a database that is not there. */
    private Problem problem(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        if (state.startsWith("28")) {
            return new Problem(ConnectorOption.USER, "the server does not let this user in: " + e.getMessage());
        }
        return new Problem(
                where(state.equals("3D000") ? ConnectorOption.DBNAME : ConnectorOption.HOSTNAME),
                "cannot use the database: " + e.getMessage());
    }

    private ConnectorOption where(ConnectorOption part) {
        return config.hasUrl() ? ConnectorOption.URL : part;
    }

    private static String sql(String name) {
        try (var in = DatabaseCheck.class.getResourceAsStream("sql/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the connector's jar has no " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " is unreadable", e);
        }
    }
}
