package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The packaged plugin and the sample properties in unmodified standalone workers. */
final class StandaloneIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Path directory;

    StandaloneIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @ParameterizedTest
    @EnumSource
    @Proves(
            client = "Kafka Connect, Paillette's connector",
            version = {Published.KAFKA_4, Published.KAFKA_3},
            what =
                    "standalone worker on an Apache Kafka of that version: existing rows and later changes in order, a killed worker goes on")
    void existingRowsAndLaterChangesArriveInOrderAndAKilledWorkerGoesOn(Peer peer) {
        var database = PostgresServer.shared().newDatabase();
        database.execute(
                "create table orders (id int primary key, item text not null, price numeric(10,2))",
                "insert into orders values (1, 'pearl', 3.50)");
        Path connector = Sample.asProperties(
                Sample.pointedAt(Sample.properties(), database), directory.resolve("connector.properties"));
        var jmx = Jmx.onFreePort();
        try (var kafka = ApacheKafka.start(peer);
                var worker = ConnectWorker.standalone(
                        new ConnectWorker.Setup(
                                peer, kafka.bootstrap(), List.of(Sample.plugins()), jmx.options(), Map.of()),
                        List.of(connector));
                var reader = new TopicReader(kafka.bootstrap(), "app\\.public\\..*")) {
            worker.awaitRunning("app");
            assertThat(worker.get("/connector-plugins"))
                    .contains(
                            "\"class\":\"io.paillette.connect.PostgresSourceConnector\",\"type\":\"source\",\"version\":\""
                                    + Version.current() + "\"");
            assertThat(reader.until(read -> read.size() == 1, LIMIT))
                    .extracting(StandaloneIT::told)
                    .containsExactly("{\"id\":1} r pearl");

            database.execute(
                    "insert into orders values (2, 'ruby', 9.99)",
                    "update orders set item = 'opal' where id = 2",
                    "update orders set id = 3 where id = 2",
                    "delete from orders where id = 1",
                    "create table later (id int primary key, item text)",
                    "insert into later values (1, 'jade')");
            assertThat(reader.until(read -> read.size() == 9, LIMIT))
                    .filteredOn(record -> record.topic().equals("app.public.orders"))
                    .extracting(StandaloneIT::told)
                    .containsExactly(
                            "{\"id\":1} r pearl",
                            "{\"id\":2} c ruby",
                            "{\"id\":2} u opal",
                            "{\"id\":2} d",
                            "{\"id\":2} tombstone",
                            "{\"id\":3} c opal",
                            "{\"id\":1} d",
                            "{\"id\":1} tombstone");
            assertThat(reader.until(read -> read.size() == 9, LIMIT))
                    .filteredOn(record -> record.topic().equals("app.public.later"))
                    .extracting(StandaloneIT::told)
                    .containsExactly("{\"id\":1} c jade");

            metricsTellSo(jmx);

            worker.kill();
            database.execute("insert into orders values (4, 'onyx', 1)");
            worker.start();
            // A killed standalone worker may repeat what it had not written to its offset file, never leave out.
            assertThat(reader.until(read -> told(read.get(read.size() - 1)).endsWith("onyx"), LIMIT))
                    .extracting(StandaloneIT::told)
                    .contains("{\"id\":4} c onyx");
        }
    }

    private static void metricsTellSo(Jmx jmx) {
        String own = "paillette.connect:type=source,server=app";
        String streaming = "debezium.postgres:type=connector-metrics,context=streaming,server=app";
        String snapshot = "debezium.postgres:type=connector-metrics,context=snapshot,server=app";
        assertThat(jmx.read(own, "Connected")).isEqualTo(true);
        assertThat(List.of(
                        jmx.read(own, "RowsRead"),
                        jmx.read(own, "Inserts"),
                        jmx.read(own, "Updates"),
                        jmx.read(own, "Deletes"),
                        jmx.read(own, "Records"),
                        jmx.read(own, "Faults")))
                .containsExactly(1L, 2L, 2L, 1L, 9L, 0L);
        assertThat((Long) jmx.read(own, "LagMilliSeconds")).isBetween(0L, LIMIT.toMillis());
        assertThat(jmx.read(streaming, "TotalNumberOfEventsSeen")).isEqualTo(5L);
        assertThat(jmx.read(streaming, "LastTransactionId").toString()).matches("\\d+:\\d+");
        assertThat(jmx.read(snapshot, "RemainingTableCount")).isEqualTo(0);
        Awaitility.await().atMost(LIMIT).untilAsserted(() -> {
            assertThat(jmx.read(own, "StoredLsn").toString()).matches("[0-9A-F]+/[0-9A-F]+");
            assertThat((Long) jmx.read(own, "SlotRetainedBytes")).isPositive();
            assertThat(jmx.read(snapshot, "SnapshotCompleted")).isEqualTo(true);
            assertThat((String[]) jmx.read(streaming, "CapturedTables"))
                    .containsExactlyInAnyOrder("public.orders", "public.later");
        });
    }

    private static String told(ConsumerRecord<String, String> record) {
        if (record.value() == null) {
            return record.key() + " tombstone";
        }
        try {
            JsonNode value = JSON.readTree(record.value());
            JsonNode after = value.get("after");
            return record.key() + " " + value.get("op").asText()
                    + (after.isNull() ? "" : " " + after.get("item").asText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
