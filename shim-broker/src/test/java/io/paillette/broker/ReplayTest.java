package io.paillette.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays by SQL, as producers and consumers of Kafka see them. */
class ReplayTest {

    private static final Database DATABASE = PostgresServer.shared().newDatabase();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static FedBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        broker = FedBroker.withoutSource(DATABASE, directory);
        admin = Admin.create(Map.of("bootstrap.servers", broker.line().kafka()));
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    /** What a condition sees of one, and what a consumer does. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Sent(
            int partition, byte[] key, byte[] value, long timestamp, Optional<String> why, boolean aborted) {

        boolean meets() {
            return value != null && text().contains("\"n\": 3");
        }

        String text() {
            return new String(value, UTF_8);
        }
    }

    @Test
    void whatIsReplayedIsWhatOfTheStoredRecordsMeetsTheConditionInOrder() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        var random = new Random(seed);
        int partitions = 1 + random.nextInt(3);
        create("random", partitions);
        create("found", partitions);
        List<Sent> sent = sendRandom(random, partitions);

        long id = replay(
                "random",
                "value->>'n' = '3' or (value is null and value_text like '%\"n\": 3%')",
                "found",
                "beginning",
                "header.a",
                "b");
        await(id, "done");

        for (int partition = 0; partition < partitions; partition++) {
            int of = partition;
            List<ConsumerRecord<byte[], byte[]>> found = read("found", of);
            List<Sent> expected = sent.stream()
                    .filter(one -> one.partition() == of && !one.aborted() && one.meets())
                    .toList();
            assertThat(found).as("seed " + seed).hasSameSizeAs(expected);
            for (int i = 0; i < found.size(); i++) {
                ConsumerRecord<byte[], byte[]> record = found.get(i);
                assertThat(record.key()).isEqualTo(expected.get(i).key());
                assertThat(record.value()).isEqualTo(expected.get(i).value());
                assertThat(record.timestamp()).isEqualTo(expected.get(i).timestamp());
                assertThat(header(record, "why")).isEqualTo(expected.get(i).why());
                assertThat(header(record, "a")).hasValue("b");
                assertThat(header(record, "paillette.replay.topic")).hasValue("random");
                assertThat(header(record, "paillette.replay.partition")).hasValue(String.valueOf(of));
            }
            assertThat(found.stream()
                            .map(record -> Long.parseLong(
                                    header(record, "paillette.replay.offset").orElseThrow())))
                    .as("seed " + seed)
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
        assertThat(DATABASE.query("select offsets = all_offsets and records = "
                        + sent.stream().filter(one -> !one.aborted()).count()
                        + " and published = "
                        + sent.stream()
                                .filter(one -> !one.aborted() && one.meets())
                                .count()
                        + " and time_left is null from paillette.replays where id = " + id))
                .as("seed " + seed)
                .isEqualTo("t");
    }

    private static List<Sent> sendRandom(Random random, int partitions) throws Exception {
        var sent = new ArrayList<Sent>();
        for (String compression : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            for (boolean transactional : List.of(false, true)) {
                try (KafkaProducer<byte[], byte[]> producer =
                        producer(compression, transactional ? Optional.of("t-" + compression) : Optional.empty())) {
                    for (int round = 0; round < (transactional ? 4 : 1); round++) {
                        boolean abort = transactional && random.nextBoolean();
                        if (transactional) {
                            producer.beginTransaction();
                        }
                        for (int i = random.nextInt(150); i >= 0; i--) {
                            Sent one = random(random, partitions, abort);
                            sent.add(one);
                            var headers = new RecordHeaders();
                            one.why().ifPresent(why -> headers.add(new RecordHeader("why", why.getBytes(UTF_8))));
                            headers.add(new RecordHeader("none", null));
                            producer.send(new ProducerRecord<>(
                                    "random", one.partition(), one.timestamp(), one.key(), one.value(), headers));
                        }
                        producer.flush();
                        if (transactional && abort) {
                            producer.abortTransaction();
                        } else if (transactional) {
                            producer.commitTransaction();
                        }
                    }
                }
            }
        }
        return sent;
    }

    private static Sent random(Random random, int partitions, boolean abort) {
        String key = random.nextInt(4) == 0 ? "" : "k" + random.nextInt(10);
        String value = "{\"n\": " + random.nextInt(5) + ", \"text\": \"ä" + "x".repeat(random.nextInt(50)) + "\"}";
        return new Sent(
                random.nextInt(partitions),
                random.nextInt(5) == 0 ? null : key.getBytes(UTF_8),
                switch (random.nextInt(8)) {
                    case 0 -> null;
                    case 1 -> new byte[0];
                    case 2 -> new byte[] {0, (byte) 0xff, 1};
                    case 3 -> ("no JSON, " + value).getBytes(UTF_8);
                    case 4 -> value.replace("ä", "\\u0000").getBytes(UTF_8); // which jsonb does not take
                    default -> value.getBytes(UTF_8);
                },
                1_700_000_000_000L + random.nextInt(1_000_000),
                random.nextBoolean() ? Optional.of("w" + random.nextInt(3)) : Optional.empty(),
                abort);
    }

    @Test
    void aTopicIsReplayedIntoItselfOnceAndNotForEver() throws Exception {
        create("self", 1);
        send("self", "a", "b", "c");
        await(replay("self", "key <> 'b'", "self", "beginning"), "done");
        assertThat(keys("self")).containsExactly("a", "b", "c", "a", "c");
    }

    @Test
    void itBeginsAtAnOffsetOrATimeAndSeesHeaders() throws Exception {
        create("places", 1);
        create("from_places", 3);
        try (KafkaProducer<byte[], byte[]> producer = producer("zstd", Optional.empty())) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>(
                                "places",
                                0,
                                1_000_000_000_000L + 1000L * i,
                                ("k" + i).getBytes(UTF_8),
                                new byte[0],
                                List.of(new RecordHeader(
                                        "nth", String.valueOf(i).getBytes(UTF_8)))))
                        .get();
            }
        }
        await(replay("places", "headers->>'nth' <> '9'", "from_places", "7"), "done");
        assertThat(keys("from_places")).containsExactlyInAnyOrder("k7", "k8");
        await(replay("places", "", "from_places", "2001-09-09T01:46:49Z"), "done");
        assertThat(keys("from_places")).containsExactlyInAnyOrder("k7", "k8", "k9");
        await(replay("places", "", "from_places", "2099-01-01T00:00:00Z"), "done");
        assertThat(keys("from_places")).hasSize(3);
        assertThat(read("from_places", BuiltInPartitioner.partitionForKey("k7".getBytes(UTF_8), 3)))
                .as("where Kafka's producer puts it")
                .anySatisfy(record -> assertThat(record.key()).isEqualTo("k7".getBytes(UTF_8)));
    }

    @Test
    void whatCannotBeReplayedIsRefusedWithWhatToDo() throws Exception {
        create("refused", 2);
        send("refused", "a");
        assertThatThrownBy(() -> replay("nope", "", "refused", "beginning"))
                .hasMessageContaining("there is no topic 'nope'");
        assertThatThrownBy(() -> replay("refused", "a = b", "refused", "beginning"))
                .hasMessage("400 The condition of the replay is none, at character 1: column \"a\" does not exist.");
        assertThatThrownBy(() -> replay("refused", "value ?| array['x'] and 1/0 = 1", "refused", "beginning"))
                .hasMessage("400 The condition of the replay fails: division by zero");
        assertThatThrownBy(() -> replay("refused", "true); drop table paillette.topic; --", "refused", "beginning"))
                .hasMessageContaining("400 The condition of the replay is ");
        assertThatThrownBy(() -> replay("refused", "true) union all select 9999 where (true", "refused", "beginning"))
                .hasMessage("400 The condition of the replay closes a parenthesis that it has not opened,"
                        + " at character 5.");
        assertThatThrownBy(() -> replay("refused", "true", "refused", "beginning", "partition", "2"))
                .hasMessageContaining("404 topic 'refused' has partitions 0 to 1, not 2");
        assertThatThrownBy(() -> post("/999/pause", Map.of())).hasMessage("404 there is no replay 999");
        assertThatThrownBy(() -> replay("refused", "", "nope", "beginning"))
                .hasMessageContaining("./paillette topic create");
        assertThatThrownBy(() -> replay("refused", "", "refused", "soon"))
                .hasMessageContaining("write beginning, an offset (42) or a time");
        assertThatThrownBy(() -> replay("refused", "", "refused", "infinity"))
                .hasMessageContaining("is no place to begin");
        assertThatThrownBy(() -> replay("refused", "", "refused", "5"))
                .hasMessageContaining("offset 5 is not in partition 0 of topic \"refused\", which has 0 to");
        assertThatThrownBy(() -> replay("refused", "", "refused", "0", "partition", "x"))
                .hasMessageContaining("400 \"x\" is no number of a partition");
    }

    @Test
    void aConditionThatFailsForARecordStopsThereAndGoesOnWhenItIsMended() throws Exception {
        create("failing", 1);
        create("mended", 1);
        DATABASE.execute(
                "create table public.lookup (k text, divisor int)", "insert into public.lookup values ('b', 0)");
        send("failing", "a", "b", "c");
        String condition = "1 / coalesce((select divisor from public.lookup l where l.k = record.key), 1) = 1";
        long id = replay("failing", condition, "mended", "beginning");
        await(id, "failed");
        assertThat(DATABASE.query("select fault from paillette.replays where id = " + id))
                .isEqualTo("at offset 1 of partition 0: the condition fails: division by zero");
        Awaitility.await().atMost(PATIENCE).until(() -> keys("mended").equals(List.of("a")));
        DATABASE.execute("update public.lookup set divisor = 1");
        resume(id);
        await(id, "done");
        assertThat(keys("mended")).containsExactly("a", "b", "c");
        assertThatThrownBy(() -> post("/" + id + "/cancel", Map.of()))
                .hasMessageContaining("409 replay " + id + " is done");
    }

    @Test
    void aConditionCanOnlyRead() throws Exception {
        create("reads", 1);
        send("reads", "a");
        DATABASE.execute(
                "create table public.written (i int)",
                "create function public.writes() returns boolean language sql as 'insert into public.written values (1) returning true'");
        long id = replay("reads", "public.writes()", "reads", "beginning");
        await(id, "failed");
        assertThat(DATABASE.query("select fault from paillette.replays where id = " + id))
                .contains("cannot execute INSERT in a read-only transaction");
    }

    @Test
    void aConditionThatIsAskedForInSqlDoesNotLeaveItsStatement() throws Exception {
        create("left", 1);
        send("left", "a", "b");
        DATABASE.execute("create table public.kept (i int)", "insert into public.kept values (1)");
        long statements = replayInSql("left", "true); COMMIT; DELETE FROM public.kept; SELECT (true");
        long union = replayInSql("left", "true) union all select 9999 where (true");
        long twice = replayInSql("left", "true) union all (select 1");
        long sound = replay("left", "key = 'b'", "left", "beginning");
        for (long id : List.of(statements, union, twice)) {
            await(id, "failed");
        }
        await(sound, "done");
        assertThat(fault(statements))
                .isEqualTo("at offset 0 of partition 0: The condition of the replay is more than one statement.");
        for (long id : List.of(union, twice)) {
            assertThat(fault(id))
                    .isEqualTo("at offset 0 of partition 0: The condition of the replay closes a parenthesis that it"
                            + " has not opened, at character 5.");
        }
        assertThat(DATABASE.query("select count(*) from public.kept")).isEqualTo("1");
        assertThat(keys("left")).containsExactly("a", "b", "b");
    }

    private static long replayInSql(String topic, String condition) throws Exception {
        return Long.parseLong(DATABASE.query(
                "select paillette.replay('" + topic + "', $$" + condition + "$$, '" + topic + "')::text"));
    }

    private static String fault(long id) throws Exception {
        return DATABASE.query("select fault from paillette.replays where id = " + id);
    }

    @Test
    void aRecordThatTheTargetDoesNotTakeIsNamed() throws Exception {
        create("large", 1);
        create("small", 1, Map.of("max.message.bytes", "300"));
        create("compacted", 1, Map.of("cleanup.policy", "compact"));
        send("large", "a");
        try (KafkaProducer<byte[], byte[]> producer = producer("none", Optional.empty())) {
            producer.send(new ProducerRecord<>("large", null, new byte[300])).get();
        }
        long large = replay("large", "", "small", "beginning");
        await(large, "failed");
        assertThat(DATABASE.query("select fault from paillette.replays where id = " + large))
                .matches(
                        "at offset 1 of partition 0: the record takes up to \\d+ bytes, topic small takes 300: raise .*");
        long keyless = replay("large", "", "compacted", "beginning");
        await(keyless, "failed");
        assertThat(DATABASE.query("select fault from paillette.replays where id = " + keyless))
                .contains("at offset 1 of partition 0: the record has no key");
        assertThat(keys("compacted")).containsExactly("a");
    }

    @Test
    void whatWasDeletedBeforeItWasReadIsCounted() throws Exception {
        create("deleted", 1);
        create("rest", 1);
        send("deleted", "a", "b", "c");
        long id = pausedReplay("deleted", "rest");
        admin.deleteRecords(Map.of(new TopicPartition("deleted", 0), RecordsToDelete.beforeOffset(2)))
                .all()
                .get();
        resume(id);
        await(id, "done");
        assertThat(DATABASE.query("select gone || ' ' || published from paillette.replays where id = " + id))
                .isEqualTo("2 1");
        assertThat(keys("rest")).containsExactly("c");
    }

    @Test
    void oneWhoseTopicIsDeletedSaysSo() throws Exception {
        create("vanishing", 1);
        create("stays", 1);
        send("stays", "a");
        long id = pausedReplay("stays", "vanishing");
        admin.deleteTopics(List.of("vanishing")).all().get();
        create("vanishing", 1);
        resume(id);
        await(id, "failed");
        assertThat(DATABASE.query("select fault from paillette.replays where id = " + id))
                .isEqualTo("topic \"vanishing\" was deleted");
    }

    /** In one transaction, so that no broker has seen it before. */
    private static long pausedReplay(String topic, String to) throws SQLException {
        try (var connection = DATABASE.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            long id;
            try (var row = statement.executeQuery("select paillette.replay('" + topic + "', '', '" + to + "')")) {
                row.next();
                id = row.getLong(1);
            }
            statement.execute("select paillette.pause_replay(" + id + ")");
            connection.commit();
            return id;
        }
    }

    @Test
    void itIsAskedForAndCancelledInSqlToo() throws Exception {
        create("asked", 3);
        DATABASE.query("select paillette.cancel_replay(paillette.replay('asked', 'key is not null', 'asked',"
                + " \"from\" => '2026-11-27T10:00:00Z', partition => 2, headers => '{\"why\": \"lost\"}'))::text");
        assertThat(DATABASE.query("select state || headers || (select string_agg(index::text, ',')"
                        + " from paillette.replay_partition p where p.replay_id = r.id)"
                        + " from paillette.replays r where topic = 'asked'"))
                .isEqualTo("cancelled{\"why\": \"lost\"}2");
    }

    @Test
    void aTransactionThatIsOpenIsWaitedFor() throws Exception {
        create("open", 1);
        create("closed", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer("none", Optional.of("open"))) {
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("open", "a".getBytes(UTF_8), new byte[0]))
                    .get();
            send("open", "b");
            long id = replay("open", "", "closed", "beginning");
            await(id, "running");
            producer.commitTransaction();
            await(id, "done");
        }
        assertThat(keys("closed")).containsExactly("a", "b");
    }

    /** Over HTTP: the broker that is asked begins at once. */
    private static long replay(String topic, String condition, String to, String from, String... more) {
        var asked = new TreeMap<>(Map.of("topic", topic, "where", condition, "to", to, "from", from));
        for (int i = 0; i < more.length; i += 2) {
            asked.put(more[i], more[i + 1]);
        }
        return post("", asked).path("id").asLong();
    }

    @Test
    void oneThatIsDoneDoesNotWaitForTheEndOfAnother() throws Exception {
        create("slow", 1);
        create("quick", 1);
        create("again", 1);
        try (KafkaProducer<byte[], byte[]> producer = producer("none", Optional.empty())) {
            for (int i = 0; i < 60; i++) { // each a reading of its own
                producer.send(new ProducerRecord<>("slow", new byte[700_000])).get();
            }
        }
        send("quick", "a");
        long slow = replay("slow", "pg_sleep(0.5) is null", "again", "beginning");
        await(slow, "running");
        await(replay("quick", "", "again", "beginning"), "done");
        await(slow, "running");
        post("/" + slow + "/cancel", Map.of());
        await(slow, "cancelled");
    }

    private static void resume(long id) {
        post("/" + id + "/resume", Map.of());
    }

    private static JsonNode post(String page, Map<String, String> body) {
        try {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create(broker.line().http().orElseThrow() + "/api/v1/replays" + page))
                                    .header("Content-Type", "application/json")
                                    .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))
                                    .build(),
                            BodyHandlers.ofString());
            JsonNode read = JSON.readTree(answer.body());
            if (read.has("error")) {
                throw new IllegalStateException(
                        answer.statusCode() + " " + read.path("error").asText());
            }
            return read;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(long id, String state) {
        Awaitility.await(state)
                .atMost(PATIENCE)
                .until(
                        () -> DATABASE.query("select state || ' ' || fault from paillette.replays where id = " + id),
                        now -> now.startsWith(state));
    }

    private static void create(String topic, int partitions) throws ExecutionException, InterruptedException {
        create(topic, partitions, Map.of());
    }

    private static void create(String topic, int partitions, Map<String, String> configs)
            throws ExecutionException, InterruptedException {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                .all()
                .get();
    }

    private static void send(String topic, String... keys) throws ExecutionException, InterruptedException {
        try (KafkaProducer<byte[], byte[]> producer = producer("none", Optional.empty())) {
            for (String key : keys) {
                producer.send(new ProducerRecord<>(topic, 0, key.getBytes(UTF_8), ("of " + key).getBytes(UTF_8)))
                        .get();
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String compression, Optional<String> transactional) {
        var properties = new Properties();
        properties.put("bootstrap.servers", broker.line().kafka());
        properties.put("compression.type", compression);
        properties.put("linger.ms", "5");
        transactional.ifPresent(id -> properties.put("transactional.id", id));
        var producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
        if (transactional.isPresent()) {
            producer.initTransactions();
        }
        return producer;
    }

    private static KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.line().kafka()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(String topic, int partition) {
        return read(topic).stream()
                .filter(record -> record.partition() == partition)
                .toList();
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        try (var consumer = consumer()) {
            List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> end = consumer.endOffsets(all);
            var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
            while (all.stream().anyMatch(of -> consumer.position(of) < end.get(of))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    private static List<String> keys(String topic) {
        return read(topic).stream()
                .map(record -> record.key() == null ? "null" : new String(record.key(), UTF_8))
                .toList();
    }

    private static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
        return Optional.ofNullable(record.headers().lastHeader(name)).map(header -> new String(header.value(), UTF_8));
    }
}
