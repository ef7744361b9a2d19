package io.paillette.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A real Postgres server with {@code wal_level=logical}, user {@code postgres}, trust authentication, on a free loopback
 * port. Its version is that of the binaries on the class path.
 */
public final class PostgresServer implements AutoCloseable {

    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final EmbeddedPostgres postgres;

    private PostgresServer(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    /** The server that all tests of this JVM share; stopped by a shutdown hook. */
    public static PostgresServer shared() {
        return Shared.SERVER;
    }

    /** A server of its own, for tests that kill or reconfigure it. */
    public static PostgresServer start() {
        return start(Map.of());
    }

    /**
     * A server of its own. Commits are synchronous, as in any real server, but without {@code fsync=on} among the settings
     * nothing waits for the disk.
     *
     * @param settings of postgresql.conf
     */
    public static PostgresServer start(Map<String, String> settings) {
        try {
            return start(Files.createTempDirectory("paillette-pg"), true, settings);
        } catch (IOException e) {
            throw new UncheckedIOException("there is no place for Postgres", e);
        }
    }

    /** @param temporary whether the data directory is begun anew, and removed at the end */
    static PostgresServer start(Path data, boolean temporary, Map<String, String> settings) {
        try {
            var builder = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(temporary)
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setServerConfig("wal_level", "logical")
                    .setServerConfig("max_replication_slots", "512")
                    .setServerConfig("max_wal_senders", "64")
                    .setServerConfig("max_connections", "200")
                    // The library's default is off, which lets commits be seen up to 0.6 s before the WAL shows them.
                    .setServerConfig("synchronous_commit", "on");
            settings.forEach(builder::setServerConfig);
            return new PostgresServer(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("Postgres did not start", e);
        }
    }

    public int port() {
        return postgres.getPort();
    }

    /** Creates an empty database with a name of its own, so that tests never see each other. */
    public Database newDatabase() {
        String name = "test_" + DATABASES.incrementAndGet();
        new Database(port(), "postgres").execute("create database " + name);
        return new Database(port(), name);
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Postgres did not stop", e);
        }
    }

    /** One database of a server. */
    public record Database(int port, String name) {

        public String url() {
            return "jdbc:postgresql://127.0.0.1:" + port + "/" + name + "?user=postgres";
        }

        public Connection connect() throws SQLException {
            return DriverManager.getConnection(url());
        }

        /** Runs each statement in a transaction of its own. */
        public void execute(String... statements) {
            try (var connection = connect();
                    var statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            } catch (SQLException e) {
                throw new IllegalStateException(String.join("; ", statements), e);
            }
        }

        /** Of the server, as in 17. */
        public int major() {
            return Integer.parseInt(query("show server_version_num")) / 10_000;
        }

        /** First column of the first row, as text. */
        public String query(String sql) {
            try (var connection = connect();
                    var statement = connection.createStatement();
                    var rows = statement.executeQuery(sql)) {
                if (!rows.next()) {
                    throw new IllegalStateException("no row: " + sql);
                }
                return String.valueOf(rows.getString(1));
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }
    }

    private static final class Shared {
        static final PostgresServer SERVER = start();
    }
}
