package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups of real consumers, moved over HTTP in sequences of one partition each: offsets are the numbers of changes. */
class RewindTest {

    private static final Database DATABASE = PostgresServer.shared().newDatabase();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static FedBroker broker;
    private static ApiClient api;

    @BeforeAll
    static void start() throws Exception {
        DATABASE.execute(
                "create table orders (id int primary key, status text, customer text)",
                "create table parts (tenant int, id numeric(6, 2), at date, primary key (tenant, id, at))",
                "create table odd (a boolean, b char(5), c inet, primary key (a, b, c))",
                "create table logs (line text)");
        broker = FedBroker.start(
                        DATABASE,
                        directory,
                        """
                source.app.url=store
                source.app.tables=public.*
                source.app.slot.name=slot_%s
                source.app.snapshot.mode=no_data
                source.app.column.mask.hash.sha256.with.salt.x=public.orders.customer
                sequence.orders.tables=public.orders
                sequence.open.tables=public.orders
                sequence.open.where=status <> 'hidden'
                sequence.open.envelope=row
                sequence.open.min.compaction.lag.ms=86400000
                sequence.both.tables=public.orders,public.parts
                sequence.both.envelope=change
                sequence.by_status.tables=public.orders
                sequence.by_status.route.key=status
                sequence.by_status.operations=insert,update
                sequence.chained.tables=public.orders
                sequence.chained.functions.text=function route(action, record) { return { key: action } }
                sequence.chained.envelope=change
                group.consumer.min.heartbeat.interval.ms=500
                group.consumer.heartbeat.interval.ms=500
                """
                                .formatted(DATABASE.name()))
                .streaming();
        api = ApiClient.of(broker);
        DATABASE.execute(
                "insert into orders values (1, 'new', 'ada'), (2, 'new', 'bob'), (3, 'new', 'bob')", // 0 1 2
                "update orders set status = 'paid' where id = 1", // 3
                "update orders set status = 'hidden' where id = 2", // 4
                "update orders set customer = 'eve' where id = 2", // 5, hidden still
                "update orders set status = 'paid' where id = 2", // 6
                "delete from orders where id = 3", // 7 and its tombstone 8
                "insert into parts values (7, 1.50, '2026-11-27'), (7, 2.50, '2026-11-27')",
                "insert into logs values ('x')",
                "insert into odd values (true, 'ab', '10.0.0.1'), (false, 'ab', '10.0.0.2/8')",
                "update orders set status = 'sent' where id = 1"); // 9
        broker.await("orders", 10);
        broker.await("open", 9);
        broker.await("both", 11);
        broker.await("app.public.logs", 1);
        broker.await("app.public.odd", 2);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void theRowThatMeetsAConditionIsFoundInTheSource() throws Exception {
        assertThat(offset("orders", "where", "status = 'paid'", "change", "2")).isEqualTo(4);
        assertThat(offset("orders", "where", "orders.id = 1 -- the first order", "change", "last"))
                .isEqualTo(9);
        assertThat(offset("orders", "where", "jsonb_build_object('sent', 1) ? status"))
                .isZero();
        assertThat(offset("orders", "where", "customer = 'eve'"))
                .as("what is masked in records")
                .isEqualTo(1);
        assertThat(offset("both", "table", "public.parts", "where", "id > 2 and at = '2026-11-27'"))
                .as("a key of numbers and days")
                .isEqualTo(9);
        assertThat(offset("app.public.odd", "where", "not a")).isEqualTo(1);
        assertThat(offset("app.public.odd", "where", "c = '10.0.0.1'")).isZero();
    }

    @Test
    void ofRowsAloneEachTombstoneIsAChange() throws Exception {
        // New, hidden, hidden, paid: without the condition there were no tombstones.
        assertThat(offset("open", "where", "id = 2", "change", "2")).isEqualTo(4);
        assertThat(offset("open", "where", "id = 2", "change", "3")).isEqualTo(5);
        assertThat(offset("open", "where", "id = 2", "change", "last")).isEqualTo(6);
        assertThat(offset("open", "key", "id=2", "change", "4")).isEqualTo(6);
    }

    @Test
    void aConditionThatNamesNotOneRowIsRefusedWithWhatToDo() throws Exception {
        refused(
                404,
                "no row of public.orders meets it now; if it was deleted, give its key (--key)",
                "where",
                "id = 3");
        refused(
                400,
                "more than one row of public.orders meets it: those with the keys {\"id\":1}, {\"id\":2};",
                "where",
                "id < 3");
        refused(
                400,
                "The condition of the row is none, at character 11: column \"statsu\" does not exist.",
                "where",
                "id = 1 or statsu = 'paid'");
        refused(400, "The condition of the row", "where", "id = 1; delete from orders");
        refused(400, "The condition of the row", "where", "id = 1) or (true");
        refused(400, "read-only transaction", "where", "id = 1 and nextval('paillette.sequence_version') > 0");
        refused(400, "could not be asked: SQLSTATE 22P02.", "where", "customer::int = 1");
        refused(400, "could not be asked: SQLSTATE 42P01.", "where", "customer::regclass is not null");
        refused(400, "the condition is empty", "where", " ");
        refused(404, "there are 3 changes of the row {\"id\":1}", "where", "id = 1", "change", "4");
        refused(
                400,
                "topic both tells 2 tables: say which with table (--table): public.orders, public.parts",
                "topic",
                "both",
                "where",
                "id = 1");
        refused(400, "topic both tells no table public.t", "topic", "both", "where", "id = 1", "table", "public.t");
        refused(409, "may be made by sequence.by_status.route.key", "topic", "by_status", "where", "id = 1");
        refused(409, "may be made by sequence.chained.functions", "topic", "chained", "where", "id = 1");
        refused(409, "table public.logs has no key", "topic", "app.public.logs", "where", "true");
        assertThat(DATABASE.query("select count(*) from orders")).isEqualTo("2");
    }

    @Test
    void whatIsNoRewindIsRefused() throws Exception {
        refused(400, "say where: to with a place", "partition", "0");
        refused(400, "and only one of them", "to", "end", "key", "id=1");
        refused(400, "a rewind has no property \"From\"", "From", "end");
        refused(400, "table says nothing here", "to", "end", "table", "public.orders");
        refused(400, "fence has to be true or false", "to", "end", "fence", "yes");
        refused(400, "\"x\" is no number of a partition", "to", "end", "partition", "x");
        refused(400, "topic orders has partitions 0 to 0", "to", "end", "partition", "1");
        refused(404, "there is no topic nope", "to", "end", "topic", "nope");
        refused(400, "no record of these partitions tells an LSN", "to", "0/0", "topic", "open");
        assertThat(api.post("groups/g", Map.of()).code()).isEqualTo(404);
        assertThat(api.post("groups/g/forward", Map.of()).code()).isEqualTo(404);
        assertThat(api.get("groups/g/rewind").code()).isEqualTo(405);
        assertThat(api.post("groups/g/rewind", Map.of("to", "end")).error()).contains("needs \"topic\"");
    }

    @Test
    void aGroupIsToldWhereItWasAndNothingIsDoneWhereItIsOnlyTried() throws Exception {
        String name = "a/group with + and ümlaut";
        String path = "groups/a%2Fgroup%20with%20+%20and%20%C3%BCmlaut/rewind";
        assertThat(api.post(path, Map.of("topic", "orders", "to", "3", "dryRun", "true"))
                        .json()
                        .at("/partitions/0/offset")
                        .asInt())
                .isEqualTo(3);
        assertThat(committed(name, "orders")).isNull();
        api.post(path, Map.of("topic", "orders", "to", "3"));
        assertThat(committed(name, "orders")).isEqualTo(3);
        JsonNode moved = api.post(path, Map.of("topic", "orders", "to", "end")).json();
        assertThat(moved.at("/partitions/0").toString())
                .isEqualTo("{\"partition\":0,\"was\":3,\"offset\":10,\"endOffset\":10}");
        assertThat(moved.path("fenced").asInt()).isZero();
        DATABASE.execute("select paillette.commit_offset('" + name + "', 'orders', 0, 5)");
        assertThat(api.post(path, Map.of("topic", "orders", "to", "2"))
                        .json()
                        .at("/partitions/0/was")
                        .asInt())
                .as("committed by SQL")
                .isEqualTo(5);
        assertThat(committed(name, "orders")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aMemberIsFencedSoThatNothingItHasInFlightCountsAndGoesOnAtTheNewPlace(String protocol) throws Exception {
        String group = "fenced-" + protocol;
        try (var one = consumer(group, protocol);
                var other = consumer(group, protocol)) {
            one.subscribe(List.of("orders"));
            other.subscribe(List.of("orders"));
            var reader = awaitReader(one, other);
            reader.commitSync(Map.of(new TopicPartition("orders", 0), new OffsetAndMetadata(8)));

            var unfenced = api.post("groups/" + group + "/rewind", Map.of("topic", "orders", "to", "2"));
            assertThat(unfenced.code()).isEqualTo(409);
            assertThat(unfenced.error()).contains("members that read: stop them first", "or fence them (--fence)");
            JsonNode fenced = api.post(
                            "groups/" + group + "/rewind",
                            Map.of("topic", "orders", "where", "id = 1", "change", "2", "fence", "true"))
                    .json();
            assertThat(fenced.at("/partitions/0").toString())
                    .isEqualTo("{\"partition\":0,\"was\":8,\"offset\":3,\"endOffset\":10}");
            assertThat(fenced.path("fenced").asInt()).isEqualTo(2);

            assertThatThrownBy(
                            () -> reader.commitSync(Map.of(new TopicPartition("orders", 0), new OffsetAndMetadata(9))))
                    .isInstanceOf(CommitFailedException.class);
            assertThat(committed(group, "orders")).isEqualTo(3);
            assertThat(firstAgain(one, other).offset()).isEqualTo(3);
        }
    }

    @Test
    void aGroupWithoutReadersBeginsWhereItWasPut() throws Exception {
        for (int place : List.of(0, 7, 9)) {
            String group = "put-" + place;
            api.post(
                    "groups/" + group + "/rewind",
                    Map.of("topic", "orders", "to", String.valueOf(place), "fence", "true"));
            try (var consumer = consumer(group, "classic")) {
                consumer.subscribe(List.of("orders"));
                assertThat(first(consumer).offset()).isEqualTo(place);
            }
        }
    }

    /** One of them has the partition, and has read it to its end. */
    private static KafkaConsumer<String, String> awaitReader(
            KafkaConsumer<String, String> one, KafkaConsumer<String, String> other) {
        var last = new TreeMap<Long, KafkaConsumer<String, String>>();
        // Both are members, and the one without a partition knows it.
        Awaitility.await().atMost(PATIENCE).until(() -> {
            for (var consumer : List.of(one, other)) {
                consumer.poll(Duration.ofMillis(50)).forEach(record -> last.put(record.offset(), consumer));
            }
            var owners = List.of(one, other).stream()
                    .filter(consumer -> !consumer.assignment().isEmpty())
                    .toList();
            return last.containsKey(9L)
                    && owners.size() == 1
                    && members(one.groupMetadata().groupId()) == 2;
        });
        return one.assignment().isEmpty() ? other : one;
    }

    private static int members(String group) throws Exception {
        return Integer.parseInt(
                api.post("groups/" + group + "/rewind", Map.of("topic", "orders", "to", "end", "dryRun", "true"))
                        .error()
                        .replaceAll("group \\S+ has (\\d+) member.*", "$1")
                        .replaceAll("^$", "0"));
    }

    private static ConsumerRecord<String, String> firstAgain(
            KafkaConsumer<String, String> one, KafkaConsumer<String, String> other) {
        var records = new ArrayList<ConsumerRecord<String, String>>();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            one.poll(Duration.ofMillis(50)).forEach(records::add);
            other.poll(Duration.ofMillis(50)).forEach(records::add);
            return !records.isEmpty();
        });
        return records.get(0);
    }

    private static ConsumerRecord<String, String> first(KafkaConsumer<String, String> consumer) {
        var records = new ArrayList<ConsumerRecord<String, String>>();
        Awaitility.await().atMost(PATIENCE).until(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return !records.isEmpty();
        });
        return records.get(0);
    }

    private static KafkaConsumer<String, String> consumer(String group, String protocol) {
        var properties = new Properties();
        properties.put("bootstrap.servers", broker.line().kafka());
        properties.put("group.id", group);
        properties.put("group.protocol", protocol);
        if (protocol.equals("classic")) {
            properties.put("heartbeat.interval.ms", "200");
        }
        properties.put("enable.auto.commit", "false");
        properties.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    private static Long committed(String group, String topic) {
        try (var consumer = consumer(group, "classic")) {
            var partition = new TopicPartition(topic, 0);
            var found = consumer.committed(java.util.Set.of(partition)).get(partition);
            return found == null ? null : found.offset();
        }
    }

    /** Where a new group is put. */
    private static long offset(String topic, String... place) throws Exception {
        var asked = new TreeMap<>(Map.of("topic", topic));
        for (int i = 0; i < place.length; i += 2) {
            asked.put(place[i], place[i + 1]);
        }
        var answer = api.post("groups/new/rewind", asked);
        assertThat(answer.code()).as(answer.text()).isEqualTo(200);
        return answer.json().at("/partitions/0/offset").asLong();
    }

    private static void refused(int code, String why, String... asked) throws Exception {
        var properties = new TreeMap<>(Map.of("topic", "orders"));
        for (int i = 0; i < asked.length; i += 2) {
            properties.put(asked[i], asked[i + 1]);
        }
        var answer = api.post("groups/refused/rewind", properties);
        assertThat(answer.error()).contains(why);
        assertThat(answer.code()).as(why).isEqualTo(code);
    }
}
