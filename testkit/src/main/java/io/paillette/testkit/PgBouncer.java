package io.paillette.testkit;

import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;

/**
 * Debian's PgBouncer in transaction mode before a server, with few sessions, so that they change hands all the time. A shell
 * holds a pipe from us and ends it when the pipe closes, however this JVM ends.
 */
public final class PgBouncer implements AutoCloseable {

    /** Of the server, for each database. */
    public static final int SESSIONS = 5;

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Path directory;
    private final Process shell;
    private final int port;

    private PgBouncer(Path directory, Process shell, int port) {
        this.directory = directory;
        this.shell = shell;
        this.port = port;
    }

    public static boolean isInstalled() {
        return program().isPresent();
    }

    private static Optional<Path> program() {
        return List.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer").stream()
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * @param ignored startup parameters that it lets pass without knowing them, {@code ignore_startup_parameters}
     */
    public static PgBouncer before(Database database, String ignored) {
        Path directory = ApacheKafka.temporaryDirectory("paillette-pgbouncer");
        int port = Ports.free();
        Path file = Text.write(
                directory.resolve("pgbouncer.ini"),
                """
                [databases]
                * = host=127.0.0.1 port=%d user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = transaction
                default_pool_size = %d
                max_client_conn = 200
                ignore_startup_parameters = %s
                """
                        .formatted(database.port(), port, SESSIONS, ignored));
        // It refuses to run as root.
        String user = "root".equals(System.getProperty("user.name")) ? " -u nobody" : "";
        String command = program().orElseThrow(() -> new IllegalStateException("pgbouncer is not installed")) + user
                + " '" + file + "' & child=$!; cat >/dev/null; kill -KILL $child; wait $child";
        try {
            Process shell = new ProcessBuilder("sh", "-c", command)
                    .redirectErrorStream(true)
                    .redirectOutput(
                            Redirect.appendTo(directory.resolve("pgbouncer.log").toFile()))
                    .start();
            var bouncer = new PgBouncer(directory, shell, port);
            bouncer.awaitReady(database.name());
            return bouncer;
        } catch (IOException e) {
            throw new UncheckedIOException("pgbouncer did not start", e);
        }
    }

    private void awaitReady(String name) {
        Awaitility.await("pgbouncer answers")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> {
                    try (var connection = database(name).connect()) {
                        return connection.isValid(5);
                    }
                });
    }

    /** A database of the server, reached through it. */
    public Database database(String name) {
        return new Database(port, name);
    }

    @Override
    public void close() {
        try {
            shell.getOutputStream().close();
            var unused = shell.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("pgbouncer did not stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ApacheKafka.delete(directory);
    }
}
