package io.paillette.broker.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whose the server's sessions are. A pooler such as PgBouncer in transaction mode gives each transaction any session it has,
 * so what a session keeps (settings, prepared statements, cursors) would be missing later, or be met by somebody else.
 */
enum Sessions {
    OWN,
    SHARED;

    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);

    /** A pooler makes up the process id that it tells at the start; Postgres tells its own. */
    static Sessions of(StoreSettings settings) {
        try (Connection connection = DriverManager.getConnection(settings.url(), login(settings));
                var statement = connection.createStatement();
                var row = statement.executeQuery(NamedQueries.load("probe.sql").get("session"))) {
            row.next();
            if (row.getInt("pid") == connection.unwrap(PGConnection.class).getBackendPID()) {
                return OWN;
            }
            LOG.info(
                    "the store is reached through a pooler: no session settings, cursors and prepared statements are used");
            if (row.getBoolean("unlimited")) {
                String alter = "ALTER ROLE " + row.getString("role") + " IN DATABASE " + row.getString("database");
                LOG.warn(
                        "through a pooler the time limits of the store are its role's own; run: {} SET statement_timeout ="
                                + " '{}s'; {} SET idle_in_transaction_session_timeout = '60s'; {} SET jit = off",
                        alter,
                        settings.statementTimeout().toSeconds(),
                        alter,
                        alter);
            }
            return SHARED;
        } catch (SQLException e) {
            throw Faults.connecting("opening the store", e);
        }
    }

    static Properties login(StoreSettings settings) {
        var login = new Properties();
        settings.user().ifPresent(user -> login.setProperty("user", user));
        settings.password().ifPresent(password -> login.setProperty("password", password));
        login.setProperty("ApplicationName", "paillette migration");
        login.setProperty("connectTimeout", "10");
        login.setProperty("prepareThreshold", "0"); // each statement runs once
        return login;
    }
}
