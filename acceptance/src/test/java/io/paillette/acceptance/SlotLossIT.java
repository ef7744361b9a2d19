package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Ports;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The slot of a source, as a person meets it who runs the broker. */
class SlotLossIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private @TempDir Path directory;

    @Test
    void aSlotThatSomebodyAdvancedWhileTheBrokerWasStoppedIsAChoice() {
        Database database = PostgresServer.shared().newDatabase();
        database.execute("create table t (id int primary key)", "insert into t values (1)");
        try (BrokerProcess broker = BrokerProcess.start(List.of("-Xmx256m"), settings(database, "fail"))) {
            assertThat(read(broker, 1)).containsExactly("r 1");
            database.execute("insert into t values (2)");
            assertThat(read(broker, 2)).containsExactly("r 1", "c 2");
            assertThat(broker.terminate()).isZero();
        }
        // A restart of which nobody took advantage just goes on.
        database.execute("insert into t values (3)");
        try (BrokerProcess broker = BrokerProcess.start(List.of("-Xmx256m"), settings(database, "fail"))) {
            assertThat(read(broker, 3)).containsExactly("r 1", "c 2", "c 3");
            assertThat(broker.terminate()).isZero();
        }

        database.execute("insert into t values (4)");
        database.query("select pg_replication_slot_advance('paillette_app', pg_current_wal_lsn())");
        try (ChildJvm refused = BrokerProcess.attempt(directory, settings(database, "fail"))) {
            assertThat(refused.awaitExit(Duration.ofSeconds(60)))
                    .as(refused.output())
                    .isEqualTo(2);
            assertThat(refused.output())
                    .contains("source app: Slot paillette_app was advanced by somebody else", "on.slot.loss")
                    .doesNotContain("\tat ");
        }
        try (BrokerProcess broker = BrokerProcess.start(List.of("-Xmx256m"), settings(database, "resnapshot"))) {
            assertThat(read(broker, 7).subList(3, 7)).containsExactly("r 1", "r 2", "r 3", "r 4");
            database.execute("insert into t values (5)");
            assertThat(read(broker, 8)).last().isEqualTo("c 5");
        }
        database.query("select pg_drop_replication_slot('paillette_app')");
    }

    @Test
    void whatTheSlotHoldsBackIsToldAndWarnedOf() {
        Database database = PostgresServer.shared().newDatabase();
        database.execute("create table t (id int primary key)");
        Map<String, String> settings = settings(database, "fail");
        settings.put("source.app.slot.name", "growing");
        settings.put("source.app.snapshot.mode", "no_data");
        settings.put("source.app.slot.retained.wal.warn.bytes", "1000000");
        try (BrokerProcess broker = BrokerProcess.start(List.of("-Xmx256m"), settings)) {
            database.execute("insert into t values (1)");
            assertThat(read(broker, 1)).containsExactly("c 1");
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                JsonNode source = JSON.readTree(get(broker, "/status")).at("/sources/0");
                assertThat(source.get("walStatus").asText()).isEqualTo("reserved");
                assertThat(source.get("retainedWalBytes").asLong()).isPositive();
                assertThat(get(broker, "/metrics")).contains("paillette_feed_retained_wal_bytes{source=\"app\"}");
            });
            // An open transaction keeps the WAL that it began in: no reader can let go of that.
            try (var open = database.connect();
                    var statement = open.createStatement()) {
                open.setAutoCommit(false);
                statement.execute("insert into t values (2)");
                statement.execute("create temporary table filler as"
                        + " select repeat('x', 1000) as v from generate_series(1, 10)");
                database.execute("create table noise as select repeat('x', 1000) as v from generate_series(1, 5000)");
                Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                    JsonNode health = JSON.readTree(get(broker, "/health"));
                    assertThat(health.get("status").asText()).isEqualTo("up");
                    assertThat(health.at("/warnings/0").asText())
                            .contains("source app: slot growing holds back", "slot.retained.wal.warn.bytes");
                });
                open.rollback();
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException("the open transaction failed", e);
            }
            Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> {
                // A slot moves on when the server notes which transactions run, as a checkpoint does.
                database.execute("checkpoint");
                assertThat(JSON.readTree(get(broker, "/health")).get("warnings"))
                        .isEmpty();
            });
        }
        database.query("select pg_drop_replication_slot('growing')");
    }

    private static Map<String, String> settings(Database database, String onSlotLoss) {
        var settings = new LinkedHashMap<String, String>();
        settings.put("listeners", "PLAINTEXT://127.0.0.1:" + Ports.free());
        settings.put("http.listen", "127.0.0.1:" + Ports.free());
        settings.putAll(BrokerProcess.onStore(database, 0));
        settings.put("source.app.url", "store");
        settings.put("source.app.tables", "public.t");
        settings.put("source.app.on.slot.loss", onSlotLoss);
        return settings;
    }

    private String get(BrokerProcess broker, String page) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(broker.http().resolve(page)).build(), BodyHandlers.ofString())
                .body();
    }

    /** The first records of the sequence, as {@code op id}. */
    private static List<String> read(BrokerProcess broker, int count) {
        var partition = new TopicPartition("app.public.t", 0);
        var read = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrap(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(partition));
            Awaitility.await().atMost(Duration.ofSeconds(40)).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> read.add(told(record.value())));
                return read.size() >= count;
            });
        }
        return read;
    }

    private static String told(String value) {
        try {
            JsonNode change = JSON.readTree(value);
            return change.get("op").asText() + " " + change.at("/after/id").asInt();
        } catch (IOException e) {
            throw new IllegalStateException(value, e);
        }
    }
}
