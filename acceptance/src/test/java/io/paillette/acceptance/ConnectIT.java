package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.change.ChangeWorkload;
import io.paillette.testkit.change.KillRun;
import io.paillette.testkit.change.KillRun.Scene;
import io.paillette.testkit.change.KillSchedule.Victim;
import io.paillette.testkit.change.ProcessedRecords.Offsets;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An unmodified distributed Kafka Connect worker that has no Kafka but this broker: its own topics, its group, and the
 * transactions of exactly-once sources. Our connector writes through it, Apache Kafka's file sink reads.
 */
@Tag("proof")
class ConnectIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String WORKER = "connect";

    @TempDir
    Path directory;

    @Test
    @Proves(
            client = "Kafka Connect, distributed worker",
            version = Published.KAFKA_4,
            what =
                    "its compacted topics and its group on Paillette, exactly-once source, worker killed twice and broker once")
    @Proves(
            client = "Kafka Connect, FileStreamSinkConnector",
            version = Published.KAFKA_4,
            what = "sink in `read_committed`, at least once through the same kills")
    @Proves(
            client = "Kafka Connect, Paillette's connector",
            version = Published.KAFKA_4,
            what = "writing to Paillette: each change once and in order for `read_committed`")
    void eachChangeIsReadOnceAndInOrderThoughTheWorkerIsKilledTwiceAndTheBrokerThatItLivesOnOnce() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        Database source = PostgresServer.shared().newDatabase();
        Database store = PostgresServer.shared().newDatabase();
        Path file = directory.resolve("changes.txt");
        try (var broker = BrokerProcess.start(List.of("-Xmx256m"), BrokerProcess.onStore(store, 1));
                var worker = worker(broker)) {
            put(worker, "app", SourceConnector.config(source));
            put(worker, "file", fileSink(file));
            worker.awaitRunning("app");
            worker.awaitRunning("file");
            awaitStreaming(source, broker);

            var verdict =
                    new KillRun(10_000, 3, 4, 2, 500, seed).on(scene(broker, worker, source), System.out::println);

            assertThat(verdict.isClean()).as("seed " + seed + ": " + verdict).isTrue();
            var changes = new ArrayList<String>();
            for (String table : ChangeWorkload.TABLES) {
                changes.addAll(Topics.committed(broker.bootstrap(), "app.public." + table));
            }
            Awaitility.await("the file sink has each change")
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(
                            () -> assertThat(missing(changes, lines(file))).isEmpty());
            assertThat(broker.jvm().output()).doesNotContain(" ERROR ");
            assertThat(worker.get("/connectors/app/status")).doesNotContain("FAILED");
            assertThat(worker.get("/connectors/file/status")).doesNotContain("FAILED");
            for (String topic : List.of("configs", "offsets", "status")) {
                assertThat(cleanupPolicy(broker, WORKER + "-" + topic)).isEqualTo("compact");
            }
        }
    }

    private static ConnectWorker worker(BrokerProcess broker) {
        return ConnectWorker.distributed(
                new ConnectWorker.Setup(
                        Peer.KAFKA_4,
                        broker.bootstrap(),
                        List.of(SourceConnector.plugins()),
                        Map.of("exactly.once.source.support", "enabled")),
                WORKER);
    }

    /** A line for each record; the topics appear while it runs. */
    private static Map<String, String> fileSink(Path file) {
        return Map.of(
                "connector.class",
                "org.apache.kafka.connect.file.FileStreamSinkConnector",
                "tasks.max",
                "1",
                "topics.regex",
                "app\\.public\\.change_.",
                "file",
                file.toString(),
                "key.converter",
                "org.apache.kafka.connect.storage.StringConverter",
                "value.converter",
                "org.apache.kafka.connect.storage.StringConverter",
                "consumer.override.isolation.level",
                "read_committed",
                "consumer.override.metadata.max.age.ms",
                "1000");
    }

    private static void put(ConnectWorker worker, String name, Map<String, String> config) {
        try {
            assertThat(worker.put("/connectors/" + name + "/config", JSON.writeValueAsString(config)))
                    .contains("\"name\":\"" + name + "\"");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until then changes of a row end in one record: that of the row as it was read. */
    private static void awaitStreaming(Database source, BrokerProcess broker) {
        source.execute("create table started (id int primary key)", "insert into started values (1)");
        awaitRecords(broker, 1);
        // The first may have been read with its table; the second comes after all tables were read.
        source.execute("insert into started values (2)");
        awaitRecords(broker, 2);
    }

    private static void awaitRecords(BrokerProcess broker, int count) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> Topics.committed(broker.bootstrap(), "app.public.started")
                                .size()
                        == count);
    }

    private static Scene scene(BrokerProcess broker, ConnectWorker worker, Database source) {
        Victim killWorker = new Victim("worker", () -> {
            worker.kill();
            worker.start();
        });
        Victim killBroker = new Victim("broker", () -> {
            broker.kill();
            broker.start();
        });
        return new Scene(
                source,
                broker.bootstrap(),
                "read_committed",
                Offsets.WITH_MARKERS,
                List.of(killWorker, killBroker, killWorker));
    }

    /** A line that a kill cut short of its end has the next one behind it. */
    private static List<String> lines(Path file) {
        try {
            return List.of(Files.readString(file).split("\n|(?<=\\})(?=\\{)"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the changes, tombstones left out; each as often as it is in {@code changes}. */
    private static List<String> missing(List<String> changes, List<String> lines) {
        var found = new HashMap<String, Integer>();
        lines.forEach(line -> found.merge(line, 1, Integer::sum));
        return changes.stream()
                .filter(change -> found.merge(change, -1, Integer::sum) < 0)
                .toList();
    }

    private static String cleanupPolicy(BrokerProcess broker, String topic) {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            return Trio.get(admin.describeConfigs(List.of(resource)).all())
                    .get(resource)
                    .get("cleanup.policy")
                    .value();
        }
    }
}
