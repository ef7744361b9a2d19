package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvelopeSequenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> NO_DATA = Map.of("snapshot.mode", "no_data");

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void oneTableIsToldInEachEnvelope() throws Exception {
        database.execute("create table t (id int primary key, at timestamptz, n numeric(8,2))");
        var sequences = Map.of(
                "changes.tables", "public.t",
                "changes.envelope", "change",
                "rows.tables", "public.t",
                "rows.envelope", "row",
                "wal.tables", "public.t",
                "wal.envelope", "wal2json",
                "own.tables", "public.t",
                "own.topic", "app.public.t",
                "own.retention.ms", "3600000");
        try (var broker = FedBroker.start(database, directory, NO_DATA, sequences)) {
            database.execute(
                    "insert into t values (1, '2026-11-27 10:00:00+00', 12.50)",
                    "update t set n = 13",
                    "delete from t");
            assertThat(broker.await("rows", 3))
                    .containsExactly(
                            "{\"id\":1} {\"id\":1,\"at\":\"2026-11-27T10:00:00.000000Z\",\"n\":12.50}",
                            "{\"id\":1} {\"id\":1,\"at\":\"2026-11-27T10:00:00.000000Z\",\"n\":13.00}",
                            "{\"id\":1}");
            List<JsonNode> changes = values(broker.await("changes", 3));
            assertThat(changes)
                    .extracting(change -> change.get("action").asText() + " "
                            + change.at("/metadata/consumer/name").asText())
                    .containsExactly("insert changes", "update changes", "delete changes");
            assertThat(values(broker.await("wal", 3)))
                    .extracting(change -> change.get("action").asText())
                    .containsExactly("I", "U", "D");
            assertThat(values(broker.await("app.public.t", 4).subList(0, 3)))
                    .extracting(change -> change.get("op").asText())
                    .containsExactly("c", "u", "d");
            assertThat(configs("rows")).isEqualTo("cleanup.policy=compact");
            assertThat(configs("app.public.t")).isEqualTo("retention.ms=3600000");
        }
    }

    @Test
    void whatIsLeftOfEachKeyIsTheRowsThatMeetTheCondition() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        database.execute("create table t (id int primary key, a int, b text)");
        String condition = "new.a % 3 = 0 or b is null";
        var sequences = Map.of("rows.tables", "public.t", "rows.envelope", "row", "rows.where", condition);
        try (var broker = FedBroker.start(database, directory, NO_DATA, sequences)) {
            for (int i = 0; i < 300; i++) {
                database.execute(change(random));
            }
            database.execute("insert into t values (1000, 0, 'last')");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> broker.has("rows")
                            && newest(broker.await("rows", 1)).containsKey("{\"id\":1000}"));
            var expected = new HashMap<String, JsonNode>();
            for (String row : database.query(
                            "select string_agg(row_to_json(new)::text, '|') from t new where " + condition)
                    .split("\\|", -1)) {
                JsonNode json = JSON.readTree(row);
                expected.put("{\"id\":" + json.get("id") + "}", json);
            }
            assertThat(newest(broker.await("rows", 1))).isEqualTo(expected);
        }
    }

    @Test
    void rowsWithoutKeyAndTruncatesCannotBeToldByRowsAlone() throws Exception {
        database.execute("create table keyless (v text)", "create table t (id int primary key)");
        assertThatThrownBy(() -> FedBroker.start(
                        database, directory, NO_DATA, Map.of("rows.tables", "public.keyless", "rows.envelope", "row")))
                .hasMessageContaining("sequence.rows.envelope=row: table public.keyless has no key");
        try (var broker = FedBroker.start(
                database, directory, NO_DATA, Map.of("rows.tables", "public.t", "rows.envelope", "row"))) {
            database.execute("insert into t values (1)", "truncate t", "insert into t values (2)");
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> FilteredSequenceTest.troubles(broker)
                    .contains("set sequence.rows.operations=read, insert, update, delete"));
        }
        var untold = Map.of(
                "rows.tables", "public.t", "rows.envelope", "row", "rows.operations", "read, insert, update, delete");
        try (var broker = FedBroker.start(database, directory, NO_DATA, untold)) {
            assertThat(broker.await("rows", 2)).containsExactly("{\"id\":1} {\"id\":1}", "{\"id\":2} {\"id\":2}");
        }
    }

    @Test
    void aTopicThatAClientMakesFirstIsMadeAsItsSequenceSays() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        var sequences = Map.of(
                "rows.tables",
                "public.t",
                "rows.envelope",
                "row",
                "rows.partitions",
                "3",
                "rows.retention.ms",
                "60000");
        try (var broker = FedBroker.start(database, directory, NO_DATA, sequences)) {
            try (var admin =
                    Admin.create(Map.of("bootstrap.servers", broker.line().kafka()))) {
                admin.createTopics(List.of(new NewTopic("rows", Optional.of(1), Optional.empty())
                                .configs(Map.of("segment.ms", "3600000", "retention.ms", "1"))))
                        .all()
                        .get();
                assertThat(admin.describeTopics(List.of("rows"))
                                .allTopicNames()
                                .get()
                                .get("rows")
                                .partitions())
                        .hasSize(3);
            }
            assertThat(configs("rows").split(" ", -1))
                    .containsExactlyInAnyOrder("cleanup.policy=compact", "retention.ms=60000", "segment.ms=3600000");
        }
    }

    @Test
    void aTopicThatIsNotCompactedIsNotMadeOneOfNewestRowsUnasked() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        try (var broker = FedBroker.start(database, directory, NO_DATA, Map.of("rows.tables", "public.t"))) {
            database.execute("insert into t values (1, 'x')");
            broker.await("rows", 1);
        }
        try (var broker = FedBroker.start(
                database, directory, NO_DATA, Map.of("rows.tables", "public.t", "rows.envelope", "row"))) {
            database.execute("insert into t values (2, 'x')");
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> FilteredSequenceTest.troubles(broker)
                    .contains("topic rows was made before it was one of newest rows, and is not compacted"));
        }
    }

    @Test
    void aTopicThatIsCompactedByWhoeverKeepsNothingWithoutAKeyAndSaysSo() throws Exception {
        database.execute("create table t (id int primary key)");
        try (var broker = FedBroker.start(database, directory, NO_DATA)) {
            database.execute("insert into t values (1)");
            broker.await("app.public.t", 1);
            try (var admin =
                    Admin.create(Map.of("bootstrap.servers", broker.line().kafka()))) {
                var compact = new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.SET);
                admin.incrementalAlterConfigs(
                                Map.of(new ConfigResource(ConfigResource.Type.TOPIC, "app.public.t"), List.of(compact)))
                        .all()
                        .get();
            }
            database.execute("truncate t");
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> FilteredSequenceTest.troubles(broker)
                    .contains("table public.t was truncated, which the compacted topic app.public.t cannot tell"));
        }
    }

    private static String change(Random random) {
        int id = random.nextInt(12);
        return switch (random.nextInt(5)) {
            case 0 -> "delete from t where id = " + id;
            case 1 -> "update t set a = a + 1 where id % 3 = " + id % 3;
            case 2 -> "update t set b = nullif(b, 'x') where id = " + id;
            case 3 ->
                "update t set id = " + id + " where id = " + random.nextInt(12)
                        + " and not exists (select from t where id = " + id + ")";
            default ->
                "insert into t values (" + id + ", " + random.nextInt(9)
                        + ", 'x') on conflict (id) do update set a = excluded.a";
        };
    }

    private String configs(String topic) {
        return database.query("select string_agg(c.name || '=' || c.value, ' ') from paillette.topic_config c join"
                + " paillette.topic t on t.id = c.topic_id where t.name = '" + topic + "'");
    }

    /** By key, without those whose newest is a tombstone. */
    private static Map<String, JsonNode> newest(List<String> records) throws IOException {
        var newest = new HashMap<String, JsonNode>();
        for (String record : records) {
            int blank = record.indexOf(' ');
            if (blank < 0) {
                newest.remove(record);
            } else {
                newest.put(record.substring(0, blank), JSON.readTree(record.substring(blank + 1)));
            }
        }
        return newest;
    }

    private static List<JsonNode> values(List<String> records) throws IOException {
        var values = new ArrayList<JsonNode>();
        for (String record : records) {
            values.add(JSON.readTree(record.substring(record.indexOf(' ') + 1)));
        }
        return values;
    }
}
