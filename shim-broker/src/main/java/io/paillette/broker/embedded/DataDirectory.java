package io.paillette.broker.embedded;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The layout of {@code data.dir}: {@code postgres} the server's data, {@code binaries}, {@code postgres.log} what it says
 * while it starts, {@code log} what it says afterwards, {@code lock} held by the broker that uses it.
 */
record DataDirectory(Path root) {

    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);
    private static final int LOG_TAIL_BYTES = 4096;
    private static final String INCLUDE = "include_if_exists = 'paillette.conf'";

    Path data() {
        return root.resolve("postgres");
    }

    Path binaries() {
        return root.resolve("binaries");
    }

    Path startLog() {
        return root.resolve("postgres.log");
    }

    Path lock() {
        return root.resolve("lock");
    }

    /** Where the server listens beside TCP, if it {@link #takesSockets}. */
    Path socket(int port) {
        return root.resolve(".s.PGSQL." + port);
    }

    /**
     * Removes what a server left there that was killed. Its number may be another process's now, which Postgres would take for
     * a server that still uses the socket.
     */
    void clearSocket(int port) throws IOException {
        Files.deleteIfExists(socket(port));
        Files.deleteIfExists(root.resolve(socket(port).getFileName() + ".lock"));
    }

    /** Not every file system does, nor a path of more than some hundred bytes; Postgres would not start then. */
    private boolean takesSockets() throws IOException {
        Path probe = root.resolve(".s.PGSQL.65535.probe");
        Files.deleteIfExists(probe);
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(probe));
            return true;
        } catch (IOException e) {
            LOG.info("{} takes no sockets: the embedded Postgres is reached through TCP alone", root, e);
            return false;
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private Path logs() {
        return root.resolve("log");
    }

    boolean isInitialized() {
        return Files.exists(data().resolve("PG_VERSION"));
    }

    /** Runs initdb aside and moves the result into place, so that a half-made directory is never taken for a whole one. */
    void initialize(Programs programs) throws IOException, InterruptedException, EmbeddedPostgresException {
        Path partial = root.resolve("postgres.partial");
        PostgresBinaries.deleteTree(partial);
        Programs.Outcome outcome = programs.run(
                root,
                "initdb",
                "--pgdata=" + partial,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C");
        if (!outcome.isSuccess()) {
            throw new EmbeddedPostgresException(
                    "initdb could not make " + data() + ": " + outcome.output() + hint(programs, outcome.output()));
        }
        Files.writeString(
                partial.resolve("postgresql.conf"),
                "\n# Paillette writes this file at each start; what follows here goes over it.\n" + INCLUDE + "\n",
                StandardOpenOption.APPEND);
        Files.move(partial, data());
    }

    private static String hint(Programs programs, String output) {
        return programs.root() && output.contains("unshare")
                ? "; Postgres does not run as root, and this machine allows root no user namespace: run Paillette as an"
                        + " ordinary user"
                : "";
    }

    /** Data of another major version cannot be opened; pg_upgrade or another directory is the user's choice. */
    void checkVersion(Programs programs) throws IOException, InterruptedException, EmbeddedPostgresException {
        String found = Files.readString(data().resolve("PG_VERSION")).strip();
        // "postgres (PostgreSQL) 17.5"
        String version = programs.run(root, "postgres", "--version").output();
        String ours = version.substring(version.lastIndexOf(' ') + 1);
        String major = ours.substring(0, ours.indexOf('.'));
        if (!found.equals(major)) {
            throw new EmbeddedPostgresException(
                    data() + " was made by Postgres " + found + ", and the embedded Postgres is " + ours
                            + ": set data.dir to another directory, or upgrade the data with pg_upgrade");
        }
    }

    /** Settings that capture needs; a log that Postgres bounds itself: one file per weekday, overwritten a week later. */
    void writeSettings(int port) throws IOException {
        Files.createDirectories(logs());
        Files.writeString(
                data().resolve("paillette.conf"),
                """
                # Written at each start; put your own settings below the include in postgresql.conf.
                listen_addresses = '127.0.0.1'
                port = %d
                unix_socket_directories = '%s'
                wal_level = logical
                max_wal_senders = 32
                max_replication_slots = 32
                # A new WAL file costs a commit the writing of its 16 MB; one that is used again costs nothing.
                min_wal_size = 512MB
                max_wal_size = 2GB
                # Nobody waits for these two: they wake up less often and do as much.
                wal_writer_delay = 1s
                bgwriter_delay = 1s
                bgwriter_lru_maxpages = 500
                logging_collector = on
                log_directory = '%s'
                log_filename = 'postgres-%%a.log'
                log_truncate_on_rotation = on
                log_rotation_age = 1d
                log_rotation_size = 0
                log_line_prefix = '%%m [%%p] %%d '
                """
                        .formatted(port, takesSockets() ? quoted(root) : "", quoted(logs())));
    }

    private static String quoted(Path path) {
        return path.toString().replace("'", "''");
    }

    /** The last lines Postgres wrote, newest file last; for error messages. */
    String logTail() throws IOException {
        Optional<Path> newest = Optional.empty();
        if (Files.isDirectory(logs())) {
            try (Stream<Path> files = Files.list(logs())) {
                newest =
                        files.max(Comparator.comparingLong(file -> file.toFile().lastModified()));
            }
        }
        return (tail(startLog()) + "\n" + (newest.isPresent() ? tail(newest.get()) : "")).strip();
    }

    private static String tail(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, in.length() - LOG_TAIL_BYTES);
            in.seek(from);
            var bytes = new byte[(int) (in.length() - from)];
            in.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
