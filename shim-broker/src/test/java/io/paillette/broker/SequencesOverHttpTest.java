package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences that are made, changed and removed on a running broker, while changes flow. */
class SequencesOverHttpTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> NO_DATA = Map.of("snapshot.mode", "no_data");
    /** Some hundred on a quiet machine. */
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void whileChangesFlowOneIsMadeChangedAtAStatedOffsetAndRemovedAndOthersSeeNothingOfIt() throws Exception {
        database.execute("create table t (id int primary key, v int)");
        try (var broker = FedBroker.start(database, directory, NO_DATA, Map.of("all.tables", "public.t"));
                var changes = new SteadyWriter(database)) {
            Lateness late;
            var api = ApiClient.of(broker);
            changes.atLeast(20);
            broker.await("all", 1);
            late = new Lateness(broker, "all");
            var even = Map.of("tables", "public.t", "where", "id % 2 = 0", "partitions", "2");
            assertThat(api.put("some", even).code()).isEqualTo(201);
            assertThat(api.put("some", even).code()).as("the same again").isEqualTo(200);
            JsonNode made = api.awaitHeld("some");
            assertThat(made.at("/effective/fromOffset").toString()).isEqualTo("{\"0\":0,\"1\":0}");
            assertThat(made.get("state").asText()).isEqualTo("RUNNING");
            assertThat(made.get("definedIn").asText()).isEqualTo("store");
            Awaitility.await().atMost(PATIENCE).until(() -> !idsOf(broker, "some", 0)
                    .isEmpty());
            Awaitility.await().atMost(PATIENCE).until(() -> !idsOf(broker, "some", 1)
                    .isEmpty());
            assertThat(api.put("some", Map.of("tables", "public.t", "where", "id % 2 = 1", "partitions", "2"))
                            .code())
                    .isEqualTo(200);
            JsonNode changed = api.awaitHeld("some");
            for (int partition = 0; partition < 2; partition++) {
                int read = partition;
                int from = changed.at("/effective/fromOffset/" + partition).asInt();
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> idsOf(broker, "some", read).size() > from);
            }
            assertThat(api.delete("sequences/some").code()).isIn(200, 202);
            api.awaitGone("some");
            changes.atLeast(20);

            int last = changes.stop();
            late.close();
            assertThat(late.longestMillis()).as("pause of others, in ms").isLessThan(LONGEST_PAUSE_MILLIS);
            assertThat(ids(broker, "all", last)).as("complete, once, in order").isEqualTo(range(1, last));
            for (int partition = 0; partition < 2; partition++) {
                List<Integer> ids = idsOf(broker, "some", partition);
                int from = changed.at("/effective/fromOffset/" + partition).asInt();
                assertThat(ids).hasSizeGreaterThan(from).isSorted().doesNotHaveDuplicates();
                assertThat(ids.subList(0, from)).isNotEmpty().allMatch(id -> id % 2 == 0);
                assertThat(ids.subList(from, ids.size())).allMatch(id -> id % 2 == 1);
            }
            List<Integer> some = new ArrayList<>(idsOf(broker, "some", 0));
            some.addAll(idsOf(broker, "some", 1));
            var odd = new TreeSet<>(some.stream().filter(id -> id % 2 == 1).toList());
            var evens = new TreeSet<>(some.stream().filter(id -> id % 2 == 0).toList());
            assertThat(evens.last())
                    .as("one definition ends where the next begins")
                    .isBetween(odd.first() - 3, odd.first() - 1);
            assertThat(odd).hasSize((odd.last() - odd.first()) / 2 + 1);
            assertThat(evens).hasSize((evens.last() - evens.first()) / 2 + 1);
        }
    }

    @Test
    void whatIsWrongWithADefinitionIsSaidAndChangesNothing() throws Exception {
        database.execute("create table t (id int primary key, status text)", "create table keyless (v text)");
        var written = Map.of("written.tables", "public.t", "written.topic", "shared", "written.partitions", "2");
        try (var broker = FedBroker.start(database, directory, NO_DATA, written)) {
            var api = ApiClient.of(broker);
            makeTopic(broker, "taken");
            makeTopic(broker, "t.aken");
            String before = database.query("select last_value::text || is_called from paillette.sequence_version");

            assertRefused(
                    api,
                    400,
                    "unknown key \"sequence.s.wehre\": did you mean \"sequence.s.where\"?",
                    "wehre",
                    "id = 1");
            assertRefused(
                    api,
                    400,
                    "The condition of sequence.s.where is none, at character 1: column \"statsu\" does not exist.",
                    "where",
                    "statsu = 'paid'");
            assertRefused(
                    api, 400, "sequence.s.columns: no table of the sequence has a column \"mail\"", "columns", "mail");
            assertRefused(api, 400, "sequence.s.key: table public.t has no column \"mail\"", "key", "mail");
            assertRefused(
                    api, 400, "sequence.s.functions.text: functions are called with changes", "functions.text", "x");
            assertRefused(api, 400, "is a file on the machine of one broker", "functions", "functions.js");
            assertRefused(api, 400, "must be one of the sources; there are: app", "source", "other");
            assertRefused(api, 400, "names no table", "tables", "");
            assertRefused(
                    api,
                    400,
                    "sequence.s: Invalid value a week for configuration retention.ms",
                    "retention.ms",
                    "a week");
            assertRefused(api, 400, "topic s of sequence s cannot be made: ", "partitions", "200000");
            assertRefused(api, 400, "topic t_aken of sequence s cannot be made: ", "topic", "t_aken");
            assertRefused(api, 409, "topic taken is written by producers: delete it", "topic", "taken");
            assertRefused(api, 400, "topic \"shared\" is that of sequence written as well", "topic", "shared");
            assertThat(api.put("s", Map.of("tables", "public.t", "envelope", "change", "functions.text", "function ("))
                            .error())
                    .startsWith("sequence.s.functions cannot be called: ");
            assertThat(api.put("a.b", Map.of("tables", "public.t")).error()).contains("is no name for a sequence");

            for (var answer : List.of(
                    api.put("written", Map.of("tables", "public.t")),
                    api.delete("sequences/written"),
                    api.post("sequences/written/validate", Map.of("tables", "public.t")))) {
                assertThat(answer.code()).isEqualTo(409);
                assertThat(answer.error()).contains("stands in the broker's properties file: change it there");
            }
            assertThat(api.get("sequences/written").json().get("definedIn").asText())
                    .isEqualTo("file");

            for (String garbage : List.of(
                    "", "{", "[1]", "null", "7", "{\"tables\":{}}", "{\"a\":\"1\",\"a\":\"2\"}", "{} x", "\0\1")) {
                assertThat(api.send("PUT", "sequences/s", garbage).code())
                        .as(garbage)
                        .isEqualTo(400);
            }
            assertThat(api.send("PUT", "sequences/s", "{\"where\":\"" + "x".repeat(9 << 20) + "\"}")
                            .code())
                    .isEqualTo(413);
            assertThat(api.send("POST", "sequences/s", "{}").code()).isEqualTo(405);
            assertThat(api.get("nothing").code()).isEqualTo(404);
            assertThat(api.get("sequences/s").code()).isEqualTo(404);
            assertThat(api.delete("sequences/s").code()).isEqualTo(404);
            assertThat(api.delete("sequences/s?topic=burn").code()).isEqualTo(400);

            assertThat(api.post("sequences/s/validate", Map.of("tables", "public.t", "where", "idd = 1"))
                            .error())
                    .contains("column \"idd\" does not exist");
            assertThat(api.post("sequences/s/validate", Map.of("tables", "public.t"))
                            .code())
                    .isEqualTo(200);
            assertThat(database.query("select count(*) from paillette.sequence"))
                    .isEqualTo("0");
            assertThat(database.query("select last_value::text || is_called from paillette.sequence_version"))
                    .isEqualTo(before);
            assertThat(broker.has("s")).isFalse();
        }
    }

    private static void assertRefused(ApiClient api, int code, String why, String key, String value) throws Exception {
        var properties = new HashMap<>(Map.of("tables", "public.t"));
        properties.put(key, value);
        var answer = api.put("s", properties);
        assertThat(answer.error()).contains(why);
        assertThat(answer.code()).as(why).isEqualTo(code);
    }

    private static void makeTopic(FedBroker broker, String name) throws Exception {
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.line().kafka()))) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
        }
    }

    @Test
    void whatWasMadeOutlivesTheBrokerAndPutIntoTheFileMeansTheSame() throws Exception {
        database.execute("create table t (id int primary key, v text)", "create table u (id int primary key, n int)");
        String functions = "function filter(action, record) {\n\treturn record.v !== \"a\\\\b = ü # !\";\n}";
        var called = Map.of("tables", "public.t", "envelope", "change", "functions.text", functions);
        String export;
        try (var broker = FedBroker.start(database, directory, NO_DATA, Map.of("w.tables", "public.t"))) {
            var api = ApiClient.of(broker);
            assertThat(api.put("called", called).code()).isEqualTo(201);
            assertThat(api.put("newest", Map.of("tables", "public.t", "envelope", "row", "topic", "t.newest"))
                            .code())
                    .isEqualTo(201);
            assertThat(api.put(
                                    "newest",
                                    Map.of(
                                            "tables",
                                            "public.t",
                                            "envelope",
                                            "row",
                                            "topic",
                                            "t.newest",
                                            "cleanup.policy",
                                            "delete"))
                            .error())
                    .contains("must contain compact with envelope=row");
            assertThat(api.put("called", Map.of("tables", "public.t", "partitions", "3"))
                            .error())
                    .contains("topic called is there already, with partitions=1: change it there first");
            api.awaitHeld("called");
            database.execute("insert into t values (1, 'a\\b = ü # !'), (2, 'b')");
            assertThat(broker.await("called", 1)).singleElement().asString().startsWith("{\"id\":2}");
            assertThat(api.put("some", Map.of("tables", "public.u", "where", "60 / n > 10"))
                            .code())
                    .isEqualTo(201);
            api.awaitHeld("some");
            database.execute(
                    "insert into u values (1, 2)", "insert into u values (2, 0)", "insert into u values (3, 3)");
            awaitStopped(api, "sequence.some.where fails for the row of public.u with id=2");
            assertThat(api.put("some", Map.of("tables", "public.u", "where", "60 / nullif(n, 0) > 10"))
                            .code())
                    .isEqualTo(200);
            broker.await("some", 2);
            database.execute("alter table u rename n to m");
        }
        try (var broker = FedBroker.start(database, directory, NO_DATA, Map.of("w.tables", "public.t"))) {
            var api = ApiClient.of(broker);
            awaitStopped(api, "column \"n\" does not exist");
            assertThat(api.put("some", Map.of("tables", "public.u")).code()).isEqualTo(200);
            database.execute("insert into u values (4, 0)");
            assertThat(broker.await("some", 3)).last().asString().startsWith("{\"id\":4}");
            assertThat(api.delete("sequences/some").code()).isIn(200, 202);
            api.awaitGone("some");
            export = api.get("config").text();
        }
        assertThatThrownBy(() -> FedBroker.start(database, directory, NO_DATA, Map.of("called.tables", "public.t")))
                .hasMessageContaining(
                        "sequence called stands in the properties file, and one of that name was made on a"
                                + " running broker (HTTP from 127.0.0.1)");
        try (var broker = FedBroker.start(database, directory, NO_DATA, Map.of("w.tables", "public.t"))) {
            database.execute("insert into t values (3, 'c')");
            broker.await("called", 2);
            assertThat(ApiClient.of(broker).get("config").text()).isEqualTo(export);
        }
        database.execute("delete from paillette.sequence");
        String source =
                "source.app.url=store\nsource.app.tables=public.*\nsource.app.slot.name=slot_" + database.name() + "\n";
        try (var broker = FedBroker.start(database, directory, source + export)) {
            database.execute("insert into t values (4, 'a\\b = ü # !'), (5, 'e')");
            assertThat(broker.await("called", 3)).last().asString().startsWith("{\"id\":5}");
            assertThat(broker.await("t.newest", 5)).last().asString().isEqualTo("{\"id\":5} {\"id\":5,\"v\":\"e\"}");
            assertThat(ApiClient.of(broker).get("config").text()).isEqualTo(export);
        }
    }

    private static void awaitStopped(ApiClient api, String why) throws Exception {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                        api.get("sequences/some").json().path("reason").asText())
                .contains(why));
        assertThat(api.get("sequences/some").json().get("state").asText()).isEqualTo("STOPPED");
    }

    @Test
    void oneWhoseBrokerWasKilledBeforeItMadeTheTopicBeginsAtAStatedOffsetAllTheSame() throws Exception {
        database.execute("create table t (id int primary key)");
        var all = Map.of("all.tables", "public.t");
        FedBroker.start(database, directory, NO_DATA, all).close();
        database.query("select paillette.save_sequence_v1('some', 'app', 'some',"
                + " '{\"source\": \"app\", \"tables\": \"public.t\", \"partitions\": \"2\"}', 'a test', '{}')");
        try (var broker = FedBroker.start(database, directory, NO_DATA, all)) {
            JsonNode page = ApiClient.of(broker).awaitHeld("some");
            assertThat(page.at("/effective/fromOffset").toString()).isEqualTo("{\"0\":0,\"1\":0}");
            database.execute("insert into t values (1), (2)");
            assertThat(broker.all("some", 2)).hasSize(2);
        }
    }

    @Test
    void aBrokerThatDoesNotFeedTheSourceMayBeAsked(@TempDir Path other) throws Exception {
        database.execute("create table t (id int primary key)");
        String source =
                "source.app.url=store\nsource.app.tables=public.*\nsource.app.snapshot.mode=no_data\nsource.app.slot.name=slot_"
                        + database.name() + "\n";
        try (var one = FedBroker.start(database, directory, source + "sequence.all.tables=public.t\n");
                var two =
                        FedBroker.start(database, other, "broker.id=2\n" + source + "sequence.all.tables=public.t\n")) {
            Awaitility.await().atMost(PATIENCE).until(() -> database.query(
                            "select count(distinct leader_broker) from paillette.coordinator_shard")
                    .equals("2"));
            Awaitility.await().atMost(PATIENCE).until(() -> Set.of("RUNNING", "STANDBY")
                    .equals(new HashSet<>(List.of(state(one), state(two)))));
            boolean first = state(one).equals("RUNNING");
            var asked = ApiClient.of(first ? two : one);
            var feeding = ApiClient.of(first ? one : two);
            assertThat(asked.put("some", Map.of("tables", "public.t", "where", "id > 1"))
                            .code())
                    .isEqualTo(201);
            assertThat(one.has("some"))
                    .as("before a client makes one of that name")
                    .isTrue();
            assertThat(asked.awaitHeld("some").get("state").asText()).isEqualTo("STANDBY");
            assertThat(feeding.awaitHeld("some").get("state").asText()).isEqualTo("RUNNING");
            database.execute("insert into t values (1), (2)");
            one.await("some", 1);
            assertThat(asked.put("some", Map.of("tables", "public.t", "where", "id > 2"))
                            .code())
                    .isEqualTo(200);
            assertThat(asked.awaitHeld("some").at("/effective/fromOffset/0").asInt())
                    .isEqualTo(1);
            database.execute("insert into t values (3)");
            assertThat(one.await("some", 2)).last().asString().startsWith("{\"id\":3}");
            assertThat(asked.delete("sequences/some?topic=delete").code()).isEqualTo(202);
            asked.awaitGone("some");
            assertThat(one.has("some")).isFalse();
            assertThat(one.await("all", 3)).hasSize(3);
        }
    }

    private static String state(FedBroker broker) throws Exception {
        return ApiClient.of(broker).get("sequences/all").json().get("state").asText();
    }

    private static List<Integer> range(int first, int last) {
        return IntStream.rangeClosed(first, last).boxed().toList();
    }

    /** Of partition 0, once there are so many. */
    private List<Integer> ids(FedBroker broker, String topic, int count) {
        return Awaitility.await(topic)
                .atMost(PATIENCE)
                .until(() -> idsOf(broker, topic, 0), ids -> ids.size() >= count);
    }

    static KafkaConsumer<String, String> consumer(FedBroker broker) {
        var properties = new Properties();
        properties.put("bootstrap.servers", broker.line().kafka());
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    /** What a consumer reads of a partition. */
    private static List<Integer> idsOf(FedBroker broker, String topic, int partition) throws Exception {
        var ids = new ArrayList<Integer>();
        for (var record : broker.partition(topic, partition, 0)) {
            ids.add(JSON.readTree(record.key()).get("id").asInt());
        }
        return ids;
    }
}
