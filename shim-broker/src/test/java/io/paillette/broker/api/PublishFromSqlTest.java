package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.paillette.client.SqlTransaction;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An application publishes in its own SQL transaction. */
class PublishFromSqlTest {

    private static final int PARTITIONS = 3;

    private final Database database = PostgresServer.shared().newDatabase();
    private RunningApis broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = RunningApis.on(database);
        admin = broker.admin();
        create("orders", PARTITIONS, Map.of());
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void aRecordIsThereWithTheTransactionOrNotAtAll() throws Exception {
        try (Connection app = database.connect()) {
            app.setAutoCommit(false);
            publish(app, "orders", "k", "taken back");
            app.rollback();
            publish(app, "orders", "k", "held");
            publishNow("orders", "k", "at once");
            assertThat(values(read("orders", 1))).containsExactly("at once");
            app.commit();
        }
        assertThat(values(read("orders", 2))).containsExactly("at once", "held");
        assertThat(database.query("select count(*) from paillette.inbox")).isEqualTo("0");
    }

    @Test
    void keyValueHeadersAndTimeArriveAsTheyWereGiven() throws Exception {
        long before = System.currentTimeMillis() - 60_000;
        publishNow(
                "select paillette.produce('orders', 'caf\u00e9', '{\"a\": 1}', '{\"b\": \"two\", \"a\": null, \"n\": {\"x\": 1}}')");
        ConsumerRecord<String, String> record = read("orders", 1).get(0);

        assertThat(record.key()).isEqualTo("caf\u00e9");
        assertThat(record.value()).isEqualTo("{\"a\": 1}");
        assertThat(record.timestamp()).isBetween(before, System.currentTimeMillis() + 60_000);
        assertThat(record.headers().toArray())
                .extracting(header -> header.key() + "="
                        + (header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8)))
                .containsExactly("a=null", "b=two", "n={\"x\": 1}");
    }

    @Test
    void theClientJarPublishesARecordAsItIs() throws Exception {
        var record = new ProducerRecord<>("orders", 1, bytes("k"), bytes("v"));
        record.headers().add("source", bytes("caf\u00e9 \"1\"")).add("none", null);
        try (Connection app = database.connect()) {
            assertThatThrownBy(() -> SqlTransaction.on(app)).hasMessageContaining("setAutoCommit(false)");
            app.setAutoCommit(false);
            SqlTransaction transaction = SqlTransaction.on(app);
            transaction.produce(record);
            transaction.produce(new ProducerRecord<>("orders", 1, null, null));
            app.commit();
            assertThatThrownBy(() -> transaction.produce(new ProducerRecord<>("orders", 1, 5L, bytes("k"), bytes("v"))))
                    .hasMessageContaining("timestamp");
            record.headers().add("none", bytes("again"));
            assertThatThrownBy(() -> transaction.produce(record)).hasMessageContaining("\"none\" is there twice");
            var binary = new ProducerRecord<>("orders", bytes("k"), bytes("v"));
            binary.headers().add("bytes", new byte[] {(byte) 0xff});
            assertThatThrownBy(() -> transaction.produce(binary)).hasMessageContaining("not UTF-8");
        }
        List<ConsumerRecord<String, String>> read = read("orders", 2);

        assertThat(read).extracting(ConsumerRecord::partition).containsOnly(1);
        assertThat(read).extracting(ConsumerRecord::key).containsExactly("k", null);
        assertThat(read).extracting(ConsumerRecord::value).containsExactly("v", null);
        assertThat(read.get(0).headers().toArray())
                .extracting(header -> header.key() + "="
                        + (header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8)))
                .containsExactlyInAnyOrder("source=caf\u00e9 \"1\"", "none=null");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void bytesAndTombstonesAndAPartitionByNumber() throws Exception {
        publishNow("select paillette.produce('orders', '\\x0001'::bytea, '\\xff00'::bytea, partition => 2)");
        publishNow("select paillette.produce('orders', '\\x0001'::bytea, null::bytea, partition => 2)");
        publishNow("select paillette.produce(topic => 'orders', key => 'k', value => null, partition => 2)");
        List<ConsumerRecord<byte[], byte[]>> records = readBytes("orders", 3);

        assertThat(records).extracting(ConsumerRecord::partition).containsExactly(2, 2, 2);
        assertThat(records.get(0).key()).containsExactly(0, 1);
        assertThat(records.get(0).value()).containsExactly(-1, 0);
        assertThat(records.get(1).value()).isNull();
        assertThat(records.get(2).value()).isNull();
    }

    @Test
    void theKeySaysWhichPartitionAsItDoesForKafkasProducer() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var keys = new ArrayList<byte[]>();
        for (int size = 0; size < 40; size++) {
            byte[] key = new byte[size];
            random.nextBytes(key);
            keys.add(key);
        }
        String sql = "select string_agg(paillette.murmur2(decode(k, 'hex'))::text, ',' order by ord)"
                + " from unnest(string_to_array('"
                + String.join(",", keys.stream().map(HexFormat.of()::formatHex).toList())
                + "', ',')) with ordinality as t (k, ord)";

        assertThat(database.query(sql))
                .isEqualTo(String.join(
                        ",",
                        keys.stream()
                                .map(key -> Integer.toString(Utils.toPositive(Utils.murmur2(key))))
                                .toList()));
    }

    @Test
    void recordsOfATransactionWithoutKeysStayTogetherAndInOrder() throws Exception {
        try (Connection app = database.connect()) {
            app.setAutoCommit(false);
            for (int transaction = 0; transaction < 20; transaction++) {
                for (int i = 0; i < 10; i++) {
                    publish(app, "orders", null, transaction + ":" + i);
                }
                app.commit();
            }
        }
        List<ConsumerRecord<String, String>> records = read("orders", 200);
        for (int transaction = 0; transaction < 20; transaction++) {
            String prefix = transaction + ":";
            List<ConsumerRecord<String, String>> mine = records.stream()
                    .filter(record -> record.value().startsWith(prefix))
                    .toList();
            assertThat(values(mine))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 10).mapToObj(i -> prefix + i).toList());
            assertThat(mine.stream().map(ConsumerRecord::partition).distinct()).hasSize(1);
        }
        assertThat(records.stream().map(ConsumerRecord::partition).distinct()).hasSizeGreaterThan(1);
    }

    @Test
    void manyApplicationsPublishAtOnceBesideAProducerAndEachKeyKeepsItsOrder() throws Exception {
        int applications = 6;
        int each = 200;
        var running = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < applications; i++) {
            String key = "app" + i;
            running.add(CompletableFuture.runAsync(() -> {
                var random = new Random(key.hashCode());
                try (Connection app = database.connect()) {
                    app.setAutoCommit(false);
                    for (int n = 0; n < each; ) {
                        boolean keep = random.nextInt(5) > 0;
                        int next = n;
                        for (int some = 1 + random.nextInt(4); some > 0 && next < each; some--) {
                            publish(app, "orders", key, key + ":" + next++);
                        }
                        if (keep) {
                            app.commit();
                            n = next;
                        } else {
                            app.rollback();
                        }
                    }
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        try (var producer = broker.producer(Map.of())) {
            for (int n = 0; n < each; n++) {
                producer.send(new ProducerRecord<>("orders", "kafka", "kafka:" + n))
                        .get();
            }
        }
        CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);

        List<ConsumerRecord<String, String>> records = read("orders", (applications + 1) * each);
        List<String> keys = records.stream().map(ConsumerRecord::key).distinct().toList();
        assertThat(keys).hasSize(applications + 1);
        for (String key : keys) {
            assertThat(records.stream()
                            .filter(record -> record.key().equals(key))
                            .map(ConsumerRecord::value))
                    .containsExactlyElementsOf(IntStream.range(0, each)
                            .mapToObj(n -> key + ":" + n)
                            .toList());
        }
    }

    @Test
    void whatTheTopicCannotTakeIsRefusedInTheTransaction() throws Exception {
        create("compacted", 1, Map.of("cleanup.policy", "compact", "max.message.bytes", "1000"));
        create("app.public.t", 1, Map.of());
        database.execute("update paillette.topic set source = 'app' where name = 'app.public.t'");

        assertRefused("select paillette.produce('odrers', 'k', 'v')", "no topic 'odrers'", "42704");
        assertRefused("select paillette.produce('orders', 'k', 'v', null, 3)", "partitions 0 to 2, not 3", "42704");
        assertRefused("select paillette.produce('orders', 'k', 'v', null, -1)", "not -1", "42704");
        assertRefused("select paillette.produce('orders', 'k', 'v', '[1]')", "must be an object", "22023");
        assertRefused("select paillette.produce('compacted', null, 'v')", "needs a key", "22004");
        assertRefused("select paillette.produce('compacted', 'k', repeat('x', 1000))", "max.message.bytes", "54000");
        assertRefused("select paillette.produce('app.public.t', 'k', 'v')", "is a sequence", "42501");
        publishNow("compacted", "k", "x".repeat(900));
        assertThat(read("compacted", 1)).hasSize(1);
    }

    @Test
    void recordsAreCompressedAndStampedAsTheTopicWantsIt() throws Exception {
        create("packed", 1, Map.of("compression.type", "lz4", "message.timestamp.type", "LogAppendTime"));
        long before = System.currentTimeMillis();
        database.execute(
                "select paillette.produce('packed', 'k' || i, repeat('abc', 300)) from generate_series(1, 2000) i");
        List<ConsumerRecord<String, String>> records = read("packed", 2000);

        assertThat(values(records)).containsOnly("abc".repeat(300));
        assertThat(records).allSatisfy(record -> assertThat(record.timestamp()).isGreaterThanOrEqualTo(before));
        assertThat(database.query("select bool_and(attributes & 7 = 3) and sum(size) < 400000 from paillette.batch"
                        + " where partition_id = (select p.id from paillette.partition p"
                        + " join paillette.topic t on t.id = p.topic_id where t.name = 'packed')"))
                .isEqualTo("t");
    }

    @Test
    void aSleepingLeaderIsWoken() {
        for (int i = 0; i < 8; i++) { // each would take seconds if nobody called
            await().until(this::leaderSleeps);
            publishNow("orders", "k", "v" + i);
            assertThat(values(read("orders", i + 1))).last().isEqualTo("v" + i);
        }
    }

    @Test
    void aLeaderDoesNotLieDownBeforeATransactionThatDidNotCallItHasEnded() throws Exception {
        var sent = new AtomicInteger();
        try (Connection app = database.connect()) {
            app.setAutoCommit(false);
            await().until(() -> {
                publishNow("orders", "k", "wakes it");
                sent.incrementAndGet();
                publish(app, "orders", "k", "late");
                if (!isLocked("ShareLock")) { // it will call
                    app.rollback();
                    return false;
                }
                return true;
            });
            for (int i = 0; i < 5; i++) {
                publishNow("orders", "k", "needs no call");
                assertThat(read("orders", sent.incrementAndGet())).isNotEmpty();
                assertThat(leaderSleeps()).isFalse();
            }
            app.commit();
        }
        assertThat(values(read("orders", sent.incrementAndGet()))).last().isEqualTo("late");
        await().until(this::leaderSleeps);
    }

    private boolean leaderSleeps() {
        return isLocked("ExclusiveLock");
    }

    private boolean isLocked(String mode) {
        return database.query(
                        "select count(*) > 0 from pg_locks where locktype = 'advisory' and granted and mode = '" + mode
                                + "' and classid = paillette.inbox_lock()"
                                + " and database = (select oid from pg_database where datname = current_database())")
                .equals("t");
    }

    @Test
    void whatIsPublishedWhileNoBrokerRunsIsThereWhenOneDoes() throws Exception {
        publishNow("orders", "k", "before");
        assertThat(read("orders", 1)).hasSize(1);
        stop();
        for (int i = 0; i < 50; i++) {
            publishNow("orders", "k", "meanwhile " + i);
        }
        broker = RunningApis.on(database);
        admin = broker.admin();
        List<String> values = values(read("orders", 51));

        assertThat(values.get(0)).isEqualTo("before");
        assertThat(values.subList(1, 51))
                .containsExactlyElementsOf(
                        IntStream.range(0, 50).mapToObj(i -> "meanwhile " + i).toList());
    }

    @Test
    void everyLeaderTakesItsOwnAndWhatNobodyLeadsWaits() throws Exception {
        stop();
        try (RunningApis one = RunningApis.joining(database, 1)) {
            try (RunningApis two = RunningApis.joining(database, 2)) {
                await().until(() -> database.query("select count(distinct leader_broker) from paillette.partition")
                        .equals("2"));
                for (int i = 0; i < 30; i++) {
                    publishNow("select paillette.produce('orders', 'k', '" + i + "', null, " + i % PARTITIONS + ")");
                }
                broker = one;
                assertThat(read("orders", 30)).hasSize(30);
                assertThat(one.inbox.moved()).isPositive();
                assertThat(two.inbox.moved()).isPositive();
            }
            for (int i = 0; i < 30; i++) { // some partitions change their leader now
                publishNow("select paillette.produce('orders', 'k', '" + i + "', null, " + i % PARTITIONS + ")");
            }
            assertThat(read("orders", 60)).hasSize(60);
        }
        broker = RunningApis.on(database);
        admin = broker.admin();
    }

    @Test
    void recordsThatCannotBeMovedDoNotHoldUpThoseOfOtherPartitions() {
        database.execute( // as while it is being taken over
                "insert into paillette.topic (id, name) values (md5('stuck')::uuid, 'stuck')",
                "insert into paillette.partition (topic_id, index, leader_broker) values (md5('stuck')::uuid, 0, 0)",
                "select paillette.produce('stuck', 'k', 'v') from generate_series(1, 6000)");
        for (int i = 0; i < 3; i++) {
            publishNow("orders", "k", "v" + i);
            assertThat(read("orders", i + 1)).hasSize(i + 1);
        }
        assertThat(database.query("select count(*) from paillette.inbox")).isEqualTo("6000");
    }

    @Test
    void recordsOfADeletedTopicAreSweptOutAndThoseOfItsSuccessorAreNot() throws Exception {
        try (Connection app = database.connect()) {
            app.setAutoCommit(false);
            publish(app, "orders", "k", "for the old one");
            admin.deleteTopics(List.of("orders")).all().get();
            create("orders", PARTITIONS, Map.of());
            app.commit();
        }
        publishNow("orders", "k", "for the new one");
        assertThat(values(read("orders", 1))).containsExactly("for the new one");

        assertThat(broker.store.inbox().sweep()).isEqualTo(1);
        assertThat(database.query("select count(*) from paillette.inbox")).isEqualTo("0");
    }

    @Test
    void anApplicationNeedsTheSchemaAndTheFunctionAndNoTable() throws Exception {
        database.execute(
                "do $$ begin create role shop_app; exception when duplicate_object then null; end $$",
                "grant usage on schema paillette to shop_app");
        try (Connection app = database.connect()) {
            execute(app, "set role shop_app");
            assertThatThrownBy(() -> publish(app, "orders", "k", "v"))
                    .hasMessageContaining("denied for function produce");
            database.execute(
                    "grant execute on function paillette.produce(text, bytea, bytea, jsonb, integer) to shop_app");
            publish(app, "orders", "k", "v");
            assertThatThrownBy(() -> execute(app, "select * from paillette.inbox"))
                    .hasMessageContaining("denied");
        }
        assertThat(read("orders", 1)).hasSize(1);
    }

    @Test
    void aHandThatTakesRecordsOutOfTheInboxIsNoticedAndNothingElseIsLost() throws Exception {
        try (Connection meddler = database.connect()) {
            meddler.setAutoCommit(false);
            execute(meddler, "select 1 from paillette.partition for update"); // appends wait
            publishNow("orders", "k", "taken by hand");
            await().until(() -> database.query("select count(*) > 0 from pg_stat_activity"
                            + " where datname = current_database() and application_name = 'paillette writer'"
                            + " and wait_event_type = 'Lock'")
                    .equals("t"));
            execute(meddler, "delete from paillette.inbox");
            meddler.commit();
        }
        publishNow("orders", "k", "after");
        assertThat(values(read("orders", 1))).containsExactly("after");
    }

    private void create(String topic, int partitions, Map<String, String> configs)
            throws InterruptedException, ExecutionException {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                .all()
                .get();
    }

    private void assertRefused(String sql, String message, String state) {
        assertThatThrownBy(() -> publishNow(sql))
                .rootCause()
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(state))
                .hasMessageContaining(message);
    }

    private void publishNow(String topic, String key, String value) {
        publishNow("select paillette.produce('%s', '%s', '%s')".formatted(topic, key, value));
    }

    private void publishNow(String sql) {
        try (Connection app = database.connect()) {
            execute(app, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static void publish(Connection app, String topic, String key, String value) throws SQLException {
        try (var statement = app.prepareStatement("select paillette.produce(?, ?::text, ?::text)")) {
            statement.setString(1, topic);
            statement.setString(2, key);
            statement.setString(3, value);
            statement.execute();
        }
    }

    private static void execute(Connection app, String sql) throws SQLException {
        try (var statement = app.createStatement()) {
            statement.execute(sql);
        }
    }

    /** From the beginning, until there are as many; one more poll would bring what should not be there. */
    private List<ConsumerRecord<String, String>> read(String topic, int count) {
        try (var consumer = broker.consumer(Map.of())) {
            return all(consumer, topic, count);
        }
    }

    private List<ConsumerRecord<byte[], byte[]>> readBytes(String topic, int count) {
        try (var consumer = new KafkaConsumer<byte[], byte[]>(
                Map.of("bootstrap.servers", broker.bootstrap(), "auto.offset.reset", "earliest"),
                new org.apache.kafka.common.serialization.ByteArrayDeserializer(),
                new org.apache.kafka.common.serialization.ByteArrayDeserializer())) {
            return all(consumer, topic, count);
        }
    }

    private <T> List<ConsumerRecord<T, T>> all(KafkaConsumer<T, T> consumer, String topic, int count) {
        var read = new ArrayList<ConsumerRecord<T, T>>();
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            consumer.poll(Duration.ofMillis(100)).forEach(read::add);
            return read.size() >= count;
        });
        consumer.poll(Duration.ofMillis(100)).forEach(read::add);
        assertThat(read).hasSize(count);
        return read;
    }

    private static List<String> values(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }
}
