package io.paillette.capture.catalog;

import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.CaptureSettings.Server;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens connections to one database, all with the session settings under which text output is canonical. */
public final class SourceDatabase {

    private static final Logger LOG = LoggerFactory.getLogger(SourceDatabase.class);
    private static final int CONNECT_SECONDS = 10;
    private static final int ANSWER_SECONDS = 20;
    private static final String SESSION = SqlText.load("session");

    private final CaptureSettings settings;
    private final Server server;

    /** Whether somebody waits for an answer. */
    private final boolean impatient;

    public SourceDatabase(CaptureSettings settings) {
        this(settings, settings.server(), false);
    }

    private SourceDatabase(CaptureSettings settings, Server server, boolean impatient) {
        this.settings = settings;
        this.server = server;
        this.impatient = impatient;
    }

    /**
     * For questions of a person, who is to hear of a server that does not answer before he gives up: a connection takes ten
     * seconds at most, however many addresses its host has, and an answer twenty.
     */
    public SourceDatabase impatient() {
        return new SourceDatabase(settings, server, true);
    }

    /** The database on the server that has the slot: this one, or its image on a standby. */
    public SourceDatabase ofSlot() {
        return server.hasStandby() ? new SourceDatabase(settings, server.ofSlot(), impatient) : this;
    }

    /** Whether a standby has the slot. */
    public boolean hasStandby() {
        return server.hasStandby();
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
        return open(properties(), true);
    }

    /**
     * A connection that speaks the replication protocol (docs: Streaming Replication Protocol): through the server's
     * Unix-domain socket where there is one, else through TCP.
     */
    public Connection connectForReplication() throws CaptureException {
        for (Path socket : UnixSocketFiles.of(server)) {
            try {
                Connection connection = open(throughSocket(replicationProperties(), socket), false);
                if (isOurServer(connection)) {
                    LOG.info("source {}: changes are read through {}", settings.name(), socket);
                    return connection;
                }
                connection.close();
                if (UnixSocketFiles.isNamed(server)) {
                    throw Faults.fatal("unix.socket.directory of source " + settings.name() + ": " + socket
                            + " belongs to another server than the one that the URL leads to.");
                }
            } catch (CaptureException | SQLException e) {
                if (UnixSocketFiles.isNamed(server)) {
                    throw e instanceof CaptureException known
                            ? known
                            : Faults.of("Source " + settings.name() + " cannot use " + socket, (SQLException) e);
                }
                LOG.debug("source {}: changes are not read through {}", settings.name(), socket, e);
            }
        }
        return open(replicationProperties(), false);
    }

    /** Not the one of a container whose port is published here, for example: two servers never start in the same microsecond. */
    private boolean isOurServer(Connection throughSocket) throws CaptureException, SQLException {
        try (Connection throughUrl = connect()) {
            return startOf(throughUrl).equals(startOf(throughSocket));
        }
    }

    private static String startOf(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_postmaster_start_time()")) {
            row.next();
            return row.getString(1);
        }
    }

    private static Properties throughSocket(Properties properties, Path socket) {
        PGProperty.SOCKET_FACTORY.set(properties, UnixSockets.class.getName());
        PGProperty.SOCKET_FACTORY_ARG.set(properties, socket.toString());
        PGProperty.SSL_MODE.set(properties, "disable");
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        return properties;
    }

    private Properties replicationProperties() {
        Properties properties = properties();
        PGProperty.REPLICATION.set(properties, "database");
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "12");
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        PGProperty.SOCKET_FACTORY.set(properties, PatientSockets.class.getName());
        return properties;
    }

    private Properties properties() {
        Properties properties = new Properties();
        if (!server.user().isEmpty()) {
            PGProperty.USER.set(properties, server.user());
        }
        if (!server.password().isEmpty()) {
            PGProperty.PASSWORD.set(properties, server.password());
        }
        PGProperty.APPLICATION_NAME.set(properties, applicationName());
        PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        if (impatient) {
            PGProperty.LOGIN_TIMEOUT.set(properties, CONNECT_SECONDS);
            PGProperty.SOCKET_TIMEOUT.set(properties, ANSWER_SECONDS);
        }
        return properties;
    }

    @SuppressWarnings("MustBeClosed")
    private Connection open(Properties properties, boolean ordinary) throws CaptureException {
        Connection connection = null;
        try {
            connection = DriverManager.getConnection(server.jdbcUrl(), properties);
            if (ordinary) {
                refusePooler(connection);
            }
            try (var statement = connection.createStatement()) {
                statement.execute(SESSION);
            }
            return connection;
        } catch (SQLException e) {
            throw closing(connection, Faults.of("Source " + settings.name() + " cannot connect to its database", e));
        } catch (CaptureException e) {
            throw closing(connection, e);
        }
    }

    /**
     * Refuses a pooler that takes no replication, before anything is made on the server (a slot that nobody can read would
     * keep its WAL) and before anything is set in a session that others will get. A pooler makes up the process id that it
     * tells at the start; Postgres tells its own.
     */
    private void refusePooler(Connection connection) throws CaptureException, SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            if (row.getInt(1) == connection.unwrap(PGConnection.class).getBackendPID()) {
                return;
            }
        }
        try (Connection replication = DriverManager.getConnection(server.jdbcUrl(), replicationProperties());
                var statement = replication.createStatement()) {
            statement.execute("IDENTIFY_SYSTEM");
        } catch (SQLException e) {
            throw new CaptureException(
                    "Source " + settings.name() + " is reached through a pooler: " + Faults.POOLER, false, e);
        }
    }

    private static CaptureException closing(@Nullable Connection connection, CaptureException fault) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                fault.addSuppressed(e);
            }
        }
        return fault;
    }
}
