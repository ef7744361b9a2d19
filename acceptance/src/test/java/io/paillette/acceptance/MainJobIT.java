package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Peer;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** The walk of a newcomer, with the packaged broker, its embedded Postgres, and clients that nobody here wrote. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MainJobIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private @TempDir Path directory;
    private BrokerProcess broker;

    @BeforeAll
    void up() {
        broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.of(
                        "store.url", "embedded",
                        "group.initial.rebalance.delay.ms", "0",
                        "source.app.url", "store",
                        "source.app.tables", "public.*",
                        "source.app.decimal.handling.mode", "string"));
    }

    @AfterAll
    void down() {
        try (BrokerProcess last = broker) {
            assertThat(last.terminate()).as("exit code after SIGTERM").isZero();
        }
    }

    @Test
    void theChangesOfATableMadeWhileTheBrokerRunsArriveInCommitOrder() {
        sql(
                "create table orders (id int primary key, item text, price numeric(10,2))",
                "insert into orders values (1, 'lamp', 12.50), (2, 'desk', 99.00)",
                "update orders set price = 11 where id = 1",
                "delete from orders where id = 2");

        List<ConsumerRecord<String, String>> records = read("app.public.orders", "walk", 5);

        assertThat(records).extracting(ConsumerRecord::key).containsExactly(id(1), id(2), id(1), id(2), id(2));
        assertThat(records.subList(0, 4))
                .extracting(r -> json(r.value()).get("op").asText())
                .containsExactly("c", "c", "u", "d");
        assertThat(json(records.get(2).value()).get("after").get("price").asText())
                .isEqualTo("11.00");
        assertThat(records.get(4).value()).as("tombstone").isNull();
    }

    @Test
    void theFirstRowOfATableIsNotLostWhenItIsInsertedInTheTransactionThatMakesTheTable() throws SQLException {
        try (var connection = broker.store().connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("create table born (id int primary key, v text)");
            statement.execute("insert into born values (1, 'first')");
            connection.commit();
        }

        assertThat(read("app.public.born", "born", 1))
                .extracting(ConsumerRecord::key)
                .containsExactly(id(1));
    }

    @Test
    @Proves(
            client = "kafka-console-consumer",
            version = {Published.KAFKA_4, Published.KAFKA_3},
            what = "reads a sequence")
    void theConsoleConsumersOfKafka4And3ReadASequence() {
        sql("create table tools (id int primary key)", "insert into tools values (7)");

        for (Peer peer : List.of(Peer.KAFKA_4, Peer.KAFKA_3)) {
            String output = ChildJvm.run(
                    new ChildJvm.Command(
                            "org.apache.kafka.tools.consumer.ConsoleConsumer",
                            peer.classPath(),
                            List.of("-Xmx128m"),
                            List.of(
                                    "--bootstrap-server",
                                    broker.bootstrap(),
                                    "--topic",
                                    "app.public.tools",
                                    "--from-beginning",
                                    "--max-messages",
                                    "1",
                                    "--timeout-ms",
                                    "30000"),
                            directory,
                            directory.resolve("console-" + peer + ".log")),
                    Duration.ofMinutes(1));

            assertThat(output).contains("\"after\":{\"id\":7}");
        }
    }

    @Test
    @EnabledIf(value = "kcatIsInstalled", disabledReason = "kcat (Debian package kcat) is not installed")
    @Proves(client = "kcat", version = Published.KCAT, what = "reads a sequence")
    void kcatReadsASequence() throws IOException, InterruptedException {
        sql("create table cats (id int primary key)", "insert into cats values (9)");

        Path out = directory.resolve("kcat.log");
        Process kcat = new ProcessBuilder(
                        "kcat",
                        "-b",
                        broker.bootstrap(),
                        "-t",
                        "app.public.cats",
                        "-C",
                        "-o",
                        "beginning",
                        "-c",
                        "1",
                        "-f",
                        "%k %s\\n")
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        boolean ended = kcat.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        kcat.destroyForcibly();

        assertThat(ended).as(Files.readString(out)).isTrue();
        assertThat(Files.readString(out)).startsWith(id(9)).contains("\"op\":\"c\"");
    }

    static boolean kcatIsInstalled() {
        return Files.isExecutable(Path.of("/usr/bin/kcat"));
    }

    @Test
    void anOrdinaryProducerMakesWritesAndReadsAnOrdinaryTopic() throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrap()),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = 0; i < 100; i++) {
                var unused = producer.send(new ProducerRecord<>("plain", "k" + i, "v" + i));
            }
            producer.flush();
        }

        assertThat(read("plain", "plain", 100))
                .extracting(ConsumerRecord::value)
                .contains("v0", "v99")
                .doesNotHaveDuplicates();
    }

    @Test
    void clientsMayNotWriteASequence() {
        sql("create table sealed (id int primary key)", "insert into sealed values (1)");
        assertThat(read("app.public.sealed", "sealed", 1)).hasSize(1);

        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrap()),
                new StringSerializer(),
                new StringSerializer())) {
            assertThat(producer.send(new ProducerRecord<>("app.public.sealed", "k", "v")))
                    .failsWithin(PATIENCE)
                    .withThrowableThat()
                    .withMessageContaining("sequence");
        }
    }

    @Test
    void afterSigkillOfBrokerOfPostgresOrOfBothACommittedGroupGoesOnWithNothingLostAndNothingDoubled() {
        sql("create table kills (id int primary key, v text)");
        var seen = new ArrayList<String>();
        int id = 0;
        for (String victim : List.of("broker", "postgres", "both", "broker")) {
            sql("insert into kills select g, 'before' from generate_series(" + (id + 1) + "," + (id + 50) + ") g");
            id += 50;
            seen.addAll(keys(read("app.public.kills", "survivor", 25)));
            if (!victim.equals("postgres")) {
                broker.kill();
            }
            if (!victim.equals("broker")) {
                broker.killPostgres();
            }
            if (!victim.equals("postgres")) {
                broker.start();
            }
            seen.addAll(keys(read("app.public.kills", "survivor", 25)));
        }

        assertThat(seen).hasSize(id).doesNotHaveDuplicates().first().isEqualTo(id(1));
        assertThat(seen).last().isEqualTo(id(id));
    }

    /** The next {@code count} records of a committing group, which goes on where it stands. */
    private List<ConsumerRecord<String, String>> read(String topic, String group, int count) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                broker.bootstrap(),
                "group.id",
                group,
                "enable.auto.commit",
                "false",
                "auto.offset.reset",
                "earliest",
                "metadata.max.age.ms",
                "1000");
        var records = new ArrayList<ConsumerRecord<String, String>>();
        try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> {
                        consumer.poll(Duration.ofMillis(500)).forEach(records::add);
                        return records.size() >= count;
                    });
            List<ConsumerRecord<String, String>> wanted = List.copyOf(records.subList(0, count));
            var next = new HashMap<TopicPartition, OffsetAndMetadata>();
            wanted.forEach(
                    r -> next.put(new TopicPartition(r.topic(), r.partition()), new OffsetAndMetadata(r.offset() + 1)));
            consumer.commitSync(next);
            return wanted;
        }
    }

    private static List<String> keys(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::key).toList();
    }

    /** Retries while Postgres restarts: it was killed on purpose. */
    private void sql(String... statements) {
        for (String statement : statements) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptionsMatching(MainJobIT::isRestart)
                    .until(() -> {
                        try (var connection = broker.store().connect();
                                var sql = connection.createStatement()) {
                            sql.execute(statement);
                            return true;
                        }
                    });
        }
    }

    private static boolean isRestart(Throwable failure) {
        return failure instanceof SQLException sql
                && sql.getSQLState() != null
                && (sql.getSQLState().startsWith("08") || sql.getSQLState().startsWith("57P"));
    }

    private static String id(int id) {
        return "{\"id\":" + id + "}";
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
