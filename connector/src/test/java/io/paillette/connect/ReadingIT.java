package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are read, at the first start and for signals, while the worker is killed and its sessions are ended. */
final class ReadingIT {

    private static final Duration LIMIT = Duration.ofMinutes(3);

    /** Of a table that is read at the start; of a smaller one that is read for signals, a millisecond each. */
    private static final int MANY = 300_000;

    /** Of a table without a key: as many as eight Kafka transactions take, so that the worker dies in the middle. */
    private static final int PLACES = 800_000;

    /** Of each of two tables that are read at the same time: several Kafka transactions. */
    private static final int BESIDE = 100_000;

    private static final int ROWS = 4_000;
    private static final String ALL =
            """
            {"data-collections": ["public.t"], \
            "additional-conditions": [{"data-collection": "public.t", "filter": "pg_sleep(0.001) is not null"}]}""";
    private static final String TOPICS = "app\\.public\\.(t|big)";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    /** How often each row was read, by topic and id. */
    private final Map<String, Integer> reads = new HashMap<>();

    @Test
    @Tag("proof")
    void eachRowIsReadOnceAtTheStartAndOncePerSignalByTableTopicOrFileThoughTheWorkerAndItsSessionsDie()
            throws Exception {
        Database database = PostgresServer.shared().newDatabase();
        database.execute(
                "create table big (id int primary key, v text)",
                "insert into big select n, repeat('x', 100) from generate_series(1, " + MANY + ") n",
                "create table t (id int primary key, v text)",
                "insert into t select n, 'x' from generate_series(1, " + ROWS + ") n",
                "create table signals (id text, type text, data text)");
        Path file = directory.resolve("signals.txt");
        try (var kafka = ExactlyOnceScene.kafka();
                var worker = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "signals");
                var reader = new TopicReader(kafka.bootstrap(), TOPICS);
                var written = TopicReader.ofAllWritten(kafka.bootstrap(), TOPICS);
                var notifications = new TopicReader(kafka.bootstrap(), "told")) {
            var config = Sample.pointedAt(Sample.json(), database);
            config.put("exactly.once.support", "required");
            // A worker waits so long for the transaction of one that was killed in its commit.
            config.put("producer.override.transaction.timeout.ms", "6000");
            config.put("signal.data.collection", "public.signals");
            config.put("signal.enabled.channels", "source,kafka,file");
            config.put("signal.kafka.bootstrap.servers", kafka.bootstrap());
            config.put("signal.file", file.toString());
            config.put("signal.poll.interval.ms", "100");
            config.put("notification.enabled.channels", "sink,log");
            config.put("notification.sink.topic.name", "told");
            assertThat(worker.put("/connectors/app/config", Sample.asJson(config)))
                    .contains("PostgresSourceConnector");
            worker.awaitRunning("app");
            awaitReads(written, 1_000);
            endSessions(database);
            awaitReads(written, MANY / 3);
            worker.kill();
            worker.start();
            worker.awaitRunning("app");
            awaitReads(reader, MANY + ROWS);

            int before = written.toTheEnd(LIMIT).size();
            database.execute("insert into signals values ('1', 'execute-snapshot', '" + ALL + "')");
            awaitReads(written, before + 1_000);
            worker.kill();
            worker.start();
            worker.awaitRunning("app");
            awaitReads(reader, MANY + 2 * ROWS);

            before = written.toTheEnd(LIMIT).size();
            send(
                    kafka.bootstrap(),
                    "somebody else",
                    "{\"id\": \"2\", \"type\": \"execute-snapshot\", \"data\": " + ALL + "}");
            send(kafka.bootstrap(), "app", "{\"id\": \"3\", \"type\": \"execute-snapshot\", \"data\": " + ALL + "}");
            awaitReads(written, before + 1_000);
            endSessions(database);
            awaitReads(reader, MANY + 3 * ROWS);

            Files.writeString(file, "{\"id\": \"4\", \"type\": \"execute-snapshot\", \"data\": " + ALL + "}\n");
            awaitReads(reader, MANY + 4 * ROWS);
            database.execute("insert into t values (-1, 'the end')");
            var all = reader.until(read -> read.stream().anyMatch(ReadingIT::isEnd), LIMIT);

            all.forEach(this::count);
            assertThat(reads).hasSize(MANY + ROWS).allSatisfy((row, times) -> assertThat(times)
                    .as(row)
                    .isEqualTo(row.startsWith("app.public.t ") ? 4 : 1));
            assertThat(notifications.toTheEnd(LIMIT).stream().map(ReadingIT::told))
                    .containsExactly(
                            "Initial Snapshot STARTED null",
                            "Initial Snapshot TABLE_SCAN_COMPLETED null",
                            "Initial Snapshot TABLE_SCAN_COMPLETED null",
                            "Initial Snapshot TABLE_SCAN_COMPLETED null",
                            "Initial Snapshot COMPLETED null",
                            "1 STARTED null",
                            "1 TABLE_SCAN_COMPLETED " + ROWS,
                            "1 COMPLETED null",
                            "3 STARTED null",
                            "3 TABLE_SCAN_COMPLETED " + ROWS,
                            "3 COMPLETED null",
                            "4 STARTED null",
                            "4 TABLE_SCAN_COMPLETED " + ROWS,
                            "4 COMPLETED null");
        }
    }

    @Test
    @Tag("proof")
    void eachRowOfALargeTableWithoutAKeyIsReadOnceThoughTheWorkerAndItsSessionsDie() throws Exception {
        Database database = PostgresServer.shared().newDatabase();
        database.execute(
                "create table big (id int, v text)",
                "alter table big replica identity full",
                "insert into big select n, repeat('x', 100) from generate_series(1, " + PLACES + ") n");
        try (var kafka = ExactlyOnceScene.kafka();
                var worker = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "places");
                var reader = new TopicReader(kafka.bootstrap(), TOPICS);
                var written = TopicReader.ofAllWritten(kafka.bootstrap(), TOPICS)) {
            var config = Sample.pointedAt(Sample.json(), database);
            config.put("exactly.once.support", "required");
            // As long as 100,000 records may take, which is what a table without a key is held back for.
            config.put("producer.override.transaction.timeout.ms", "30000");
            assertThat(worker.put("/connectors/app/config", Sample.asJson(config)))
                    .contains("PostgresSourceConnector");
            worker.awaitRunning("app");
            awaitReads(reader, 1_000); // a first transaction of Kafka's is stored, and with it a place
            endSessions(database);
            awaitReads(written, PLACES / 4);
            worker.kill();
            database.execute(
                    "update big set v = 'late' where id = " + PLACES,
                    "update big set v = 'early' where id = 1",
                    "insert into big values (-1, 'the end')");
            worker.start();
            worker.awaitRunning("app");
            var all = reader.until(read -> read.stream().anyMatch(ReadingIT::isEnd), LIMIT);

            all.forEach(this::count);
            assertThat(reads)
                    .allSatisfy((row, times) -> assertThat(times).as(row).isEqualTo(1));
            assertThat(reads.keySet())
                    .hasSize(PLACES - 1)
                    .contains("app.public.big 1")
                    .doesNotContain("app.public.big " + PLACES, "app.public.big -1");
            assertThat(all.stream().filter(ReadingIT::isUpdate)).hasSize(2);
        }
    }

    @Test
    @Tag("proof")
    void eachRowOfTablesThatAreReadBesideEachOtherIsReadOnceThoughTheWorkerAndItsSessionsDie() throws Exception {
        Database database = PostgresServer.shared().newDatabase();
        database.execute(
                "create table big (id int, v text)",
                "alter table big replica identity full",
                "insert into big select n, repeat('x', 100) from generate_series(1, " + BESIDE + ") n",
                "create table t (id int primary key, v text)",
                "insert into t select n, repeat('x', 100) from generate_series(1, " + BESIDE + ") n",
                "create table small (id int)",
                "alter table small replica identity full",
                "insert into small select generate_series(1, " + ROWS + ")");
        String topics = "app\\.public\\.(t|big|small)";
        try (var kafka = ExactlyOnceScene.kafka();
                var worker = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "beside");
                var reader = new TopicReader(kafka.bootstrap(), topics);
                var written = TopicReader.ofAllWritten(kafka.bootstrap(), topics)) {
            var config = Sample.pointedAt(Sample.json(), database);
            config.put("exactly.once.support", "required");
            // As for a large table without a key that is read alone.
            config.put("producer.override.transaction.timeout.ms", "30000");
            config.put("snapshot.max.threads", "2");
            assertThat(worker.put("/connectors/app/config", Sample.asJson(config)))
                    .contains("PostgresSourceConnector");
            worker.awaitRunning("app");
            awaitReads(reader, 1_000);
            endSessions(database);
            awaitReads(written, BESIDE / 2);
            worker.kill();
            database.execute("update t set v = 'late' where id = " + BESIDE, "update t set v = 'early' where id = 1");
            worker.start();
            worker.awaitRunning("app");
            database.execute("insert into t values (-1, 'the end')");
            // The end of one topic says nothing of the others.
            awaitReads(reader, 2 * BESIDE + ROWS + 1);
            var all = reader.until(read -> read.stream().anyMatch(ReadingIT::isEnd), LIMIT);

            all.forEach(this::count);
            assertThat(reads)
                    .hasSize(2 * BESIDE + ROWS)
                    .allSatisfy((row, times) -> assertThat(times).as(row).isEqualTo(1));
        }
    }

    private static void endSessions(Database database) {
        database.query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                + " where datname = current_database() and pid <> pg_backend_pid()");
    }

    private static void awaitReads(TopicReader reader, int count) {
        reader.until(read -> read.size() >= count, LIMIT);
    }

    private static String told(ConsumerRecord<String, String> record) {
        try {
            JsonNode value = JSON.readTree(record.value());
            boolean initial = value.get("aggregate_type").asText().equals("Initial Snapshot");
            JsonNode rows = value.get("additional_data").get("total_rows_scanned");
            return (initial ? "Initial Snapshot" : value.get("id").asText()) + " "
                    + value.get("type").asText() + " " + (rows == null ? "null" : rows.asText());
        } catch (IOException e) {
            throw new UncheckedIOException(record.value(), e);
        }
    }

    private static boolean isEnd(ConsumerRecord<String, String> record) {
        return record.value() != null && record.value().contains("the end");
    }

    private static boolean isUpdate(ConsumerRecord<String, String> record) {
        return record.value() != null && record.value().contains("\"op\":\"u\"");
    }

    private void count(ConsumerRecord<String, String> record) {
        if (record.value() == null) {
            return;
        }
        try {
            JsonNode value = JSON.readTree(record.value());
            if (value.get("op").asText().equals("r")) {
                reads.merge(record.topic() + " " + value.get("after").get("id").asInt(), 1, Integer::sum);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(record.value(), e);
        }
    }

    private static void send(String bootstrap, String key, String value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>("app-signal", 0, key, value)).get();
        }
    }
}
