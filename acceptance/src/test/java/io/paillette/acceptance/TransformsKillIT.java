package io.paillette.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Debezium's published transformation and Kafka's own in a sequence, with a dead letter topic for what they fail on, while the
 * broker is SIGKILLed: each change is in one of the two topics, once and in order.
 */
class TransformsKillIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int CHANGES = 1_200;
    private static final int KILLS = Integer.getInteger("kills", 3);
    private static final int BAD = 10;

    @Test
    @Tag("proof")
    void eachChangeIsToldOrADeadLetterOnceAndInOrder() throws Exception {
        try (var broker = BrokerProcess.start(List.of("-Xmx256m"), settings())) {
            Database database = broker.store();
            database.execute("create table numbers (id int primary key, n text)");
            var written = new AtomicInteger();
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(database, written));
            for (int kill = 1; kill <= KILLS; kill++) {
                int due = kill * CHANGES / (KILLS + 1);
                Awaitility.await().atMost(LIMIT).until(() -> written.get() >= due || writing.isDone());
                broker.kill();
                broker.start();
            }
            writing.get();

            Awaitility.await("all is told")
                    .atMost(LIMIT)
                    .until(() -> count(broker, "numbers") + count(broker, "letters") >= CHANGES);
            List<ConsumerRecord<String, String>> told = Topics.records(broker.bootstrap(), "numbers");
            assertThat(told)
                    .extracting(ConsumerRecord::value)
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, CHANGES)
                            .filter(id -> id % BAD != 0)
                            .mapToObj(id ->
                                    "{\"id\":%d,\"n\":%d,\"__op\":\"c\",\"__table\":\"numbers\"}".formatted(id, id))
                            .toList());
            assertThat(text(told.get(0), "__db")).isEqualTo("postgres");
            List<ConsumerRecord<String, String>> letters = Topics.records(broker.bootstrap(), "letters");
            assertThat(letters)
                    .extracting(ConsumerRecord::key)
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, CHANGES)
                            .filter(id -> id % BAD == 0)
                            .mapToObj("{\"id\":%d}"::formatted)
                            .toList());
            assertThat(letters).allSatisfy(letter -> {
                assertThat(letter.value()).contains("\"n\":\"none\"", "\"op\":\"c\"");
                assertThat(text(letter, "__connect.errors.class.name"))
                        .isEqualTo("org.apache.kafka.connect.transforms.Cast$Value");
            });
            routeEvents(database, broker.bootstrap());
            assertThat(broker.terminate()).isZero();
        }
    }

    /** By a field of each row, to topics that nobody has named before. */
    private static void routeEvents(Database database, String bootstrap) {
        database.execute(
                "create table outbox (id uuid primary key, aggregatetype text not null, aggregateid text not null,"
                        + " type text not null, payload jsonb)",
                "insert into outbox values (gen_random_uuid(), 'order', '17', 'OrderMade', '{\"id\": 17}'),"
                        + " (gen_random_uuid(), 'customer', '4', 'CustomerGone', '{\"id\": 4}')");
        for (String event : List.of("order 17", "customer 4")) {
            String id = event.substring(event.indexOf(' ') + 1);
            String topic = "app.events." + event.substring(0, event.indexOf(' '));
            Awaitility.await(topic).atMost(LIMIT).untilAsserted(() -> assertThat(Topics.records(bootstrap, topic))
                    .extracting(record -> record.key() + " " + record.value())
                    .containsExactly(id + " {\"id\":" + id + "}"));
        }
    }

    private static Map<String, String> settings() {
        var settings = new HashMap<>(Map.of(
                "store.url",
                "embedded",
                "plugin.path",
                Peer.debeziumPlugins().toString(),
                "source.app.url",
                "store",
                "source.app.tables",
                "public.*"));
        settings.putAll(sequence(
                "numbers",
                Map.of(
                        "transforms", "unwrap,number",
                        "transforms.unwrap.type", "io.debezium.transforms.ExtractNewRecordState",
                        "transforms.unwrap.add.fields", "op,table",
                        "transforms.unwrap.add.headers", "db",
                        "transforms.number.type", "org.apache.kafka.connect.transforms.Cast$Value",
                        "transforms.number.spec", "n:int32",
                        "errors.tolerance", "all",
                        "errors.deadletterqueue.topic.name", "letters",
                        "errors.deadletterqueue.context.headers.enable", "true")));
        settings.putAll(sequence(
                "outbox",
                Map.of(
                        "transforms", "route",
                        "transforms.route.type", "io.debezium.transforms.outbox.EventRouter",
                        "transforms.route.route.topic.replacement", "app.events.${routedByValue}",
                        "transforms.route.table.expand.json.payload", "true",
                        "key.converter", "org.apache.kafka.connect.storage.StringConverter")));
        return settings;
    }

    private static Map<String, String> sequence(String name, Map<String, String> options) {
        var settings = new HashMap<String, String>();
        settings.put("sequence." + name + ".tables", "public." + name);
        options.forEach((option, value) -> settings.put("sequence." + name + "." + option, value));
        return settings;
    }

    private static void write(Database database, AtomicInteger written) {
        try (var connection = database.connect();
                var insert = connection.prepareStatement("insert into numbers values (?, ?)")) {
            while (written.get() < CHANGES) {
                int id = written.get() + 1;
                insert.setInt(1, id);
                insert.setString(2, id % BAD == 0 ? "none" : String.valueOf(id));
                insert.execute();
                written.incrementAndGet();
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Postgres is not killed here", e);
        }
    }

    private static int count(BrokerProcess broker, String topic) {
        return Topics.records(broker.bootstrap(), topic).size();
    }

    private static String text(ConsumerRecord<String, String> record, String header) {
        Header last = record.headers().lastHeader(header);
        return last == null ? "none" : new String(last.value(), UTF_8);
    }
}
