package io.paillette.testkit;

import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * A primary and a hot standby that every commit waits for. The standby begins as a copy of the primary's files, taken while
 * nothing runs.
 */
public final class PostgresPair implements AutoCloseable {

    private final Path directory;
    private final PostgresServer primary;
    private final PostgresServer standby;

    private PostgresPair(Path directory, PostgresServer primary, PostgresServer standby) {
        this.directory = directory;
        this.primary = primary;
        this.standby = standby;
    }

    public static PostgresPair start() {
        Path directory = ApacheKafka.temporaryDirectory("paillette-pair");
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        PostgresServer.start(first, false, Map.of()).close();
        copy(first, second);
        append(first, "synchronous_standby_names = '*'");
        PostgresServer primary = PostgresServer.start(first, false, Map.of());
        append(second, "primary_conninfo = 'host=127.0.0.1 user=postgres port=" + primary.port() + "'");
        Text.write(second.resolve("standby.signal"), "");
        return new PostgresPair(directory, primary, PostgresServer.start(second, false, Map.of()));
    }

    private static void append(Path data, String setting) {
        try {
            Files.writeString(data.resolve("postgresql.conf"), "\n" + setting + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(data + " could not be configured", e);
        }
    }

    private static void copy(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                // With their rights: Postgres refuses a data directory that others may read.
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(from + " could not be copied", e);
        }
    }

    /** Creates an empty database; returns the URL that leads to it on whichever server is the primary. */
    public String newDatabase() {
        Database database = primary.newDatabase();
        return "jdbc:postgresql://127.0.0.1:" + primary.port() + ",127.0.0.1:" + standby.port() + "/" + database.name()
                + "?user=postgres&targetServerType=primary";
    }

    /** SIGKILL of the primary, then the standby becomes the primary: what an operator's tool does, without its delay. */
    public void failOver() {
        killPrimary();
        String promoted = new Database(standby.port(), "postgres").query("select pg_promote(true, 60)");
        if (!promoted.equals("t")) {
            throw new IllegalStateException("the standby was not promoted");
        }
    }

    /** Its children end by themselves when they notice. */
    private void killPrimary() {
        try {
            String pid = Files.readAllLines(directory.resolve("first/postmaster.pid"))
                    .get(0);
            ProcessHandle postmaster =
                    ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
            postmaster.destroyForcibly();
            Awaitility.await().until(() -> !postmaster.isAlive());
        } catch (IOException e) {
            throw new UncheckedIOException("the primary does not run", e);
        }
    }

    @Override
    public void close() {
        List.of(standby, primary).forEach(PostgresServer::close);
        ApacheKafka.delete(directory);
    }
}
