package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Opens connections to one source, all with the session settings under which text output is canonical. */
public final class SourceDatabase {

    private static final int CONNECT_SECONDS = 10;
    private static final String SESSION = SqlText.load("session");

    private final CaptureSettings settings;

    public SourceDatabase(CaptureSettings settings) {
        this.settings = settings;
    }

    public CaptureSettings settings() {
        return settings;
    }

    /** What our connections call themselves in pg_stat_activity; tells our own walsender from a stranger's. */
    public String applicationName() {
        String name = "paillette-" + settings.slot();
        return name.length() <= 63 ? name : name.substring(0, 63);
    }

    /** @throws CaptureException saying what to check when the server cannot be reached or refuses */
    public Connection connect() throws CaptureException {
        return open(properties());
    }

    /** A connection that speaks the replication protocol (docs: Streaming Replication Protocol). */
    public Connection connectForReplication() throws CaptureException {
        Properties properties = properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.SOCKET_FACTORY.set(properties, PatientSockets.class.getName());
        return open(properties);
    }

    private Properties properties() {
        Properties properties = new Properties();
        if (!settings.user().isEmpty()) {
            PGProperty.USER.set(properties, settings.user());
        }
        if (!settings.password().isEmpty()) {
            PGProperty.PASSWORD.set(properties, settings.password());
        }
        PGProperty.APPLICATION_NAME.set(properties, applicationName());
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        return properties;
    }

    @SuppressWarnings("MustBeClosed")
    private Connection open(Properties properties) throws CaptureException {
        Connection connection = null;
        try {
            connection = DriverManager.getConnection(settings.jdbcUrl(), properties);
            try (var statement = connection.createStatement()) {
                statement.execute(SESSION);
            }
            return connection;
        } catch (SQLException e) {
            CaptureException fault = Faults.of("Source " + settings.name() + " cannot connect to its database", e);
            if (connection != null) {
                try {
                    connection.close();
                } catch (SQLException close) {
                    fault.addSuppressed(close);
                }
            }
            throw fault;
        }
    }
}
