package io.paillette.testkit;

import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * A primary and a hot standby that every commit waits for. The standby begins as a copy of the primary's files, taken while
 * nothing runs. From Postgres 17 on the standby keeps copies of the slots that ask for it.
 */
public final class PostgresPair implements AutoCloseable {

    private static final Duration COPIED = Duration.ofMinutes(1);
    private static final String STANDBY = "standby";

    /** The first major version that has them. */
    private static final int FAILOVER_SLOTS = 17;

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
        append(
                second,
                "primary_conninfo = 'host=127.0.0.1 user=postgres dbname=postgres port=" + primary.port() + "'",
                "primary_slot_name = '" + STANDBY + "'",
                "hot_standby_feedback = on");
        var database = new Database(primary.port(), "postgres");
        database.query("select pg_create_physical_replication_slot('" + STANDBY + "')");
        if (database.major() >= FAILOVER_SLOTS) {
            append(second, "sync_replication_slots = on");
            database.execute(
                    "alter system set synchronized_standby_slots = '" + STANDBY + "'", "select pg_reload_conf()");
        }
        Text.write(second.resolve("standby.signal"), "");
        return new PostgresPair(directory, primary, PostgresServer.start(second, false, Map.of()));
    }

    private static void append(Path data, String... settings) {
        try {
            Files.writeString(
                    data.resolve("postgresql.conf"),
                    "\n" + String.join("\n", settings) + "\n",
                    StandardOpenOption.APPEND);
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

    /** Creates an empty database on both servers; returns the URL that leads to it on whichever server is the primary. */
    public String newDatabase() {
        Database database = primary.newDatabase();
        Awaitility.await().atMost(COPIED).until(() -> new Database(standby.port(), "postgres")
                .query("select count(*) from pg_database where datname = '" + database.name() + "'")
                .equals("1"));
        return "jdbc:postgresql://127.0.0.1:" + primary.port() + ",127.0.0.1:" + standby.port() + "/" + database.name()
                + "?user=postgres&targetServerType=primary";
    }

    /** The database of that URL on the first server alone, which is the primary until {@link #failOver}. */
    public String onPrimary(String url) {
        return on(primary, url);
    }

    /** The same on the second, the standby. */
    public String onStandby(String url) {
        return on(standby, url);
    }

    private static String on(PostgresServer server, String url) {
        String name = url.substring(url.lastIndexOf('/') + 1, url.indexOf('?'));
        return "jdbc:postgresql://127.0.0.1:" + server.port() + "/" + name + "?user=postgres";
    }

    /** Waits until the standby has a copy of the slot that it can go on with. */
    public void awaitCopyOf(String slot) {
        var original = new Database(primary.port(), "postgres");
        var copy = new Database(standby.port(), "postgres");
        Awaitility.await().atMost(COPIED).until(() -> {
            // A copy is kept once the original has moved on, which it does where running transactions are logged; the
            // worker that copies sleeps longer each time in vain, unless it is woken.
            original.query("select pg_log_standby_snapshot()");
            copy.query("select pg_reload_conf()");
            return copy.query("select count(*) from pg_replication_slots where slot_name = '" + slot
                            + "' and synced and not temporary")
                    .equals("1");
        });
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
