package io.paillette.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Debezium's published transformation and Kafka's own in a sequence, with a dead letter topic for what they fail on, while the
 * broker is SIGKILLed: each change is in one of the two topics, once and in order.
 */
class TransformsKillIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int CHANGES = 1_200;
    private static final int KILLS = 2;
    private static final int BAD = 10;

    @Test
    void eachChangeIsToldOrADeadLetterOnceAndInOrder() throws Exception {
        try (var broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.ofEntries(
                        Map.entry("store.url", "embedded"),
                        Map.entry("plugin.path", Peer.debeziumPlugins().toString()),
                        Map.entry("source.app.url", "store"),
                        Map.entry("source.app.tables", "public.*"),
                        Map.entry("sequence.numbers.tables", "public.numbers"),
                        Map.entry("sequence.numbers.transforms", "unwrap,number"),
                        Map.entry(
                                "sequence.numbers.transforms.unwrap.type",
                                "io.debezium.transforms.ExtractNewRecordState"),
                        Map.entry("sequence.numbers.transforms.unwrap.add.fields", "op,table"),
                        Map.entry("sequence.numbers.transforms.unwrap.add.headers", "db"),
                        Map.entry(
                                "sequence.numbers.transforms.number.type",
                                "org.apache.kafka.connect.transforms.Cast$Value"),
                        Map.entry("sequence.numbers.transforms.number.spec", "n:int32"),
                        Map.entry("sequence.numbers.errors.tolerance", "all"),
                        Map.entry("sequence.numbers.errors.deadletterqueue.topic.name", "letters"),
                        Map.entry("sequence.numbers.errors.deadletterqueue.context.headers.enable", "true")))) {
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
            assertThat(broker.terminate()).isZero();
        }
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
