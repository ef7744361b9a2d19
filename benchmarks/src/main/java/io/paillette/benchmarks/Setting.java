package io.paillette.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.Locale;

/** What a figure depends on: printed above every table. */
final class Setting {

    private Setting() {}

    static void print(Database database, String run) {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long memory = system.getTotalMemorySize();
        Say.print("machine   " + Runtime.getRuntime().availableProcessors() + " cores, " + (memory >> 30) + " GiB, "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch") + ", JDK " + System.getProperty("java.version")
                + ", load before the run " + String.format(Locale.ROOT, "%.1f", system.getSystemLoadAverage()));
        Say.print("versions  Paillette " + System.getProperty("paillette.commit", "(commit not told)") + ", Postgres "
                + database.query("show server_version") + ", Apache Kafka " + Peer.KAFKA_4.version() + ", Debezium "
                + debeziumVersion());
        Say.print("postgres  fsync=" + database.query("show fsync") + " synchronous_commit="
                + database.query("show synchronous_commit") + " shared_buffers="
                + database.query("show shared_buffers") + " max_wal_size=" + database.query("show max_wal_size"));
        Say.print("run       " + run);
    }

    private static String debeziumVersion() {
        try (var files = Files.walk(Peer.debeziumPlugins())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("debezium-connector-postgres-.*\\.jar"))
                    .map(name ->
                            name.substring("debezium-connector-postgres-".length(), name.length() - ".jar".length()))
                    .findFirst()
                    .orElse("?");
        } catch (IOException e) {
            throw new UncheckedIOException("Debezium's plugin directory is unreadable", e);
        }
    }
}
