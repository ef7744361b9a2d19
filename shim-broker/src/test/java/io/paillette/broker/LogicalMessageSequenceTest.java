package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogicalMessageSequenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @BeforeEach
    void serverThatSendsMessages() {
        assumeTrue(database.major() >= 14, "Postgres sends logical messages from 14 on");
        database.execute("create table orders (id int primary key)");
    }

    @Test
    void messagesAreASequenceThatIsMadeWithTheFirstOfThem() throws Exception {
        try (var broker = FedBroker.start(database, directory, Map.of())) {
            database.execute("insert into orders values (1)");
            broker.await("app.public.orders", 1);
            assertThat(broker.has("app.message")).isFalse();

            database.execute(
                    "begin; insert into orders values (2); select pg_logical_emit_message(true, 'app', 'hello'); commit",
                    "select pg_logical_emit_message(false, 'none', '\\x00ff'::bytea)",
                    "insert into orders values (3)");

            List<String> messages = broker.await("app.message", 2);
            assertThat(messages).hasSize(2);
            assertThat(messages.get(0)).startsWith("{\"prefix\":\"app\"} ");
            JsonNode first = value(messages.get(0));
            JsonNode row = value(broker.await("app.public.orders", 2).get(1));
            assertThat(first.get("op").asText()).isEqualTo("m");
            assertThat(first.at("/message/prefix").asText()).isEqualTo("app");
            assertThat(first.at("/message/content").asText()).isEqualTo("aGVsbG8=");
            assertThat(first.at("/source/txId")).isEqualTo(row.at("/source/txId"));
            assertThat(first.at("/source/ts_us")).isEqualTo(row.at("/source/ts_us"));
            assertThat(first.at("/source/table").asText()).isEmpty();
            JsonNode second = value(messages.get(1));
            assertThat(second.at("/message/content").asText()).isEqualTo("AP8=");
            assertThat(second.at("/source/txId").isNull()).isTrue();
        }
    }

    @Test
    void aBrokerThatIsStartedAgainNeitherLosesNorRepeatsMessages() throws Exception {
        for (int start = 0; start < 3; start++) {
            try (var broker = FedBroker.start(database, directory, Map.of())) {
                database.execute(
                        "select pg_logical_emit_message(false, 'p', '" + start + "a')",
                        "select pg_logical_emit_message(true, 'p', '" + start + "b')");
                broker.await("app.message", 4 * start + 2);
            }
            database.execute(
                    "select pg_logical_emit_message(false, 'p', '" + start + "c')",
                    "select pg_logical_emit_message(true, 'p', '" + start + "d')");
        }
        try (var broker = FedBroker.start(database, directory, Map.of("binary.handling.mode", "hex"))) {
            List<String> contents = broker.await("app.message", 12).stream()
                    .map(record -> value(record).at("/message/content").asText())
                    .toList();
            assertThat(contents.subList(0, 2)).containsExactly("MGE=", "MGI=");
            assertThat(contents).hasSize(12).doesNotHaveDuplicates();
            assertThat(contents.subList(10, 12)).containsExactly("3263", "3264");
        }
    }

    @Test
    void aTopicOfThatNameWhichProducersWriteIsNotMixedWithMessages() throws Exception {
        try (var broker = FedBroker.withoutSource(database, directory);
                var admin =
                        Admin.create(Map.of("bootstrap.servers", broker.line().kafka()))) {
            admin.createTopics(List.of(new NewTopic("app.message", 1, (short) 1)))
                    .all()
                    .get();
        }
        try (var broker = FedBroker.start(database, directory, Map.of())) {
            database.execute("select pg_logical_emit_message(true, 'p', 'x')");
            URI status = URI.create(broker.line().http().orElseThrow() + "/status");
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(status).build(), BodyHandlers.ofString())
                    .body()
                    .contains("topic app.message is written by producers"));
        }
    }

    private static JsonNode value(String record) {
        try {
            return JSON.readTree(record.substring(record.indexOf(' ') + 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
