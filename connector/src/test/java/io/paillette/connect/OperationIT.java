package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.Lsn;
import io.paillette.capture.PositionText;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What operators do by Connect's REST API, on an unmodified distributed worker (KIP-875). */
final class OperationIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final int RESTARTS = Integer.getInteger("restarts", 20);

    private final ConnectWorker worker = SharedWorker.worker();
    private final Database database = PostgresServer.shared().newDatabase();
    private final String name = "operated-" + database.name();

    @AfterEach
    void remove() {
        worker.delete("/connectors/" + name);
    }

    @Test
    void whatIsPausedStoppedAlteredAndResetGoesOnWhereItIsToldTo() {
        database.execute("create table t (id int primary key)", "insert into t values (1), (2), (3)");
        try (var reader = new TopicReader(SharedWorker.bootstrap(), name + "\\.public\\.t")) {
            create();
            awaitTold(reader, "r1", "r2", "r3");

            put("pause");
            worker.awaitStatus(name, "PAUSED");
            database.execute("insert into t values (4)");
            put("resume");
            awaitTold(reader, "r1", "r2", "r3", "c4");

            stop();
            assertThat(sessions()).as("sessions of the stopped connector").isEqualTo("0");
            JsonNode stored = offsets();
            assertThat(stored.at("/offsets/0/partition/server").asText()).isEqualTo(name);
            String position = stored.at("/offsets/0/offset/position").asText();
            database.execute("insert into t values (5)", "delete from t where id = 1");
            assertThat(patch("other", position)).contains("which has one: {server=" + name + "}, its topic.prefix");
            assertThat(patch(name, "0/16B3748")).contains("not a position: 0/16B3748");
            assertThat(patch(name, position)).contains("altered successfully");
            put("resume");
            awaitTold(reader, "r1", "r2", "r3", "c4", "c5", "d1", "t1");

            // On over a transaction that is not wanted.
            stop();
            database.execute("insert into t values (6)");
            Lsn behind = Lsn.parse(database.query("select pg_current_wal_lsn()"));
            database.execute("insert into t values (7)");
            var read =
                    PositionText.read(offsets().at("/offsets/0/offset/position").asText());
            assertThat(patch(name, PositionText.write(read.moved(behind, read.snapshot()))))
                    .contains("altered successfully");
            put("resume");
            awaitTold(reader, "r1", "r2", "r3", "c4", "c5", "d1", "t1", "c7");

            // The slot stays, and has what was written meanwhile: what the rows show already is not told once more.
            stop();
            database.execute(
                    "insert into t values (8)", "delete from t where id = 2", "update t set id = 9 where id = 3");
            assertThat(worker.delete("/connectors/" + name + "/offsets")).contains("reset successfully");
            assertThat(offsets().at("/offsets")).isEmpty();
            put("resume");
            awaitTold(reader, "r1", "r2", "r3", "c4", "c5", "d1", "t1", "c7", "r4", "r5", "r6", "r7", "r8", "r9");
            database.execute("insert into t values (10)");
            awaitTold(
                    reader, "r1", "r2", "r3", "c4", "c5", "d1", "t1", "c7", "r4", "r5", "r6", "r7", "r8", "r9", "c10");
        }
    }

    @Test
    void aConfigurationIsCheckedByRestAndErrorsAreAtTheirOptions() {
        var config = Sample.pointedAt(Sample.json(), database);
        config.put("name", name);
        config.put("database.dbname", "not_there");
        JsonNode answer =
                tree(worker.put("/connector-plugins/PostgresSourceConnector/config/validate", Sample.asJson(config)));
        assertThat(answer.get("error_count").asInt()).isEqualTo(1);
        answer.get("configs").forEach(option -> {
            boolean wrong = option.at("/value/name").asText().equals("database.dbname");
            assertThat(option.at("/value/errors")).hasSize(wrong ? 1 : 0);
            if (option.at("/value/name").asText().equals("snapshot.mode")) {
                assertThat(option.at("/value/recommended_values").toString()).isEqualTo("[\"initial\",\"no_data\"]");
            }
        });
        assertThat(worker.put("/connectors/" + name + "/config", Sample.asJson(config)))
                .contains("\"error_code\":400", "not_there");
    }

    /** Connect says nothing to a task that is paused, so a Kafka transaction that is open stays open until Kafka aborts it. */
    @Test
    @Tag("proof")
    void aReadingThatWasPausedForLongerThanATransactionMayTakeGoesOnOnceItIsRestarted() {
        int rows = 500_000;
        database.execute(
                "create table t (id int primary key)", "insert into t select generate_series(1, " + rows + ")");
        try (var written = TopicReader.ofAllWritten(SharedWorker.bootstrap(), name + "\\.public\\.t");
                var reader = new TopicReader(SharedWorker.bootstrap(), name + "\\.public\\.t")) {
            create(Map.of("producer.override.transaction.timeout.ms", "10000"));
            do {
                put("resume");
                int before = written.toTheEnd(LIMIT).size();
                written.until(records -> records.size() > before, LIMIT);
                put("pause");
                worker.awaitStatus(name, "PAUSED");
            } while (written.toTheEnd(LIMIT).size() == reader.toTheEnd(LIMIT).size());
            int open = written.toTheEnd(LIMIT).size();
            assertThat(reader.toTheEnd(LIMIT))
                    .as("some of them in a transaction that is open")
                    .hasSizeLessThan(open);
            Awaitility.await("Kafka aborts it").atMost(LIMIT).until(() -> reader.ends() == written.ends());

            put("resume");
            assertThat(worker.awaitStatus(name, "FAILED")).contains("before its producer transaction expired");
            worker.post("/connectors/" + name + "/restart?includeTasks=true&onlyFailed=true", "");
            reader.until(records -> records.size() >= rows, LIMIT);
            database.execute("insert into t values (0)");
            reader.until(records -> told(records.get(records.size() - 1)).equals("c0"), LIMIT);
            assertThat(reader.toTheEnd(LIMIT))
                    .extracting(OperationIT::told)
                    .doesNotHaveDuplicates()
                    .hasSize(rows + 1);
        }
    }

    @Test
    @Tag("proof")
    void aStormOfRestartsLeavesNothingBehindAndNoChangeIsLostOrDoubled() {
        database.execute("create table t (id int primary key)");
        try (var reader = new TopicReader(SharedWorker.bootstrap(), name + "\\.public\\.t")) {
            create(Map.of());
            database.execute("insert into t values (0)");
            reader.until(records -> records.size() == 1, LIMIT);
            String sessions = sessions();
            List<String> threads = threads();
            var writer = NumberedRows.into(database);
            for (int restart = 0; restart < RESTARTS; restart++) {
                String answer = restart % 3 == 0
                        ? worker.post("/connectors/" + name + "/tasks/0/restart", "")
                        : worker.post("/connectors/" + name + "/restart?includeTasks=" + (restart % 3 == 1), "");
                assertThat(answer).doesNotContain("error_code\":500");
            }
            int last = writer.end();
            reader.until(records -> records.size() > last, LIMIT);

            assertThat(reader.toTheEnd(LIMIT))
                    .extracting(record -> told(record).substring(1))
                    .containsExactlyElementsOf(NumberedRows.to(last));
            Awaitility.await("sessions").atMost(LIMIT).untilAsserted(() -> assertThat(sessions())
                    .isEqualTo(sessions));
            Awaitility.await("threads").atMost(LIMIT).untilAsserted(() -> assertThat(threads())
                    .isEqualTo(threads));
            assertThat(database.query("select count(*) from pg_replication_slots where database = current_database()"))
                    .isEqualTo("1");
        }
    }

    /** Those of our connector, and of producers. */
    private static List<String> threads() {
        return SharedWorker.jmx().threads().stream()
                .filter(thread -> thread.contains("paillette") || thread.contains("kafka-producer"))
                .sorted()
                .toList();
    }

    private void create() {
        create(Map.of());
    }

    private void create(Map<String, String> more) {
        var config = Sample.pointedAt(Sample.json(), database);
        config.putAll(more);
        config.put("topic.prefix", name);
        worker.put("/connectors/" + name + "/config", Sample.asJson(config));
        worker.awaitRunning(name);
    }

    private void put(String verb) {
        assertThat(worker.put("/connectors/" + name + "/" + verb, "")).isEmpty();
    }

    private void stop() {
        put("stop");
        worker.awaitStopped(name);
        Awaitility.await().atMost(LIMIT).until(() -> sessions().equals("0"));
    }

    private String sessions() {
        return database.query("select count(*) from pg_stat_activity"
                + " where datname = current_database() and pid <> pg_backend_pid()");
    }

    private JsonNode offsets() {
        return tree(worker.get("/connectors/" + name + "/offsets"));
    }

    private String patch(String server, String position) {
        return worker.patch(
                "/connectors/" + name + "/offsets",
                json(Map.of(
                        "offsets",
                        List.of(Map.of(
                                "partition", Map.of("server", server),
                                "offset", Map.of("position", position))))));
    }

    private static void awaitTold(TopicReader reader, String... expected) {
        var read = reader.until(records -> records.size() >= expected.length, LIMIT);
        assertThat(read).extracting(OperationIT::told).containsExactly(expected);
    }

    private static String told(ConsumerRecord<String, String> record) {
        String op =
                record.value() == null ? "t" : tree(record.value()).get("op").asText();
        return op + tree(record.key()).get("id").asText();
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
