package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random changes of a few rows, in sequences of several partitions and of each envelope; then groups are moved to random places of each
 * kind, and begin where a consumer that has read it all says. {@code -Dseed=} for the same changes again.
 */
class RewindOfRandomRowsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> TOPICS = List.of("debezium", "change", "rows");
    private static final int TRANSACTIONS = 80;
    private static final int ROWS = 6;
    private static final int PLACES = 3;
    /** One of so many groups is also read by, which takes the longest. */
    private static final int CONSUMED = 8;

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<Long> lsns = new ArrayList<>();
    private final Set<Integer> there = new TreeSet<>();
    private int groups;
    private Admin admin;

    @TempDir
    Path directory;

    /** Its records, by partition. */
    private record Read(String topic, Map<Integer, List<ConsumerRecord<String, String>>> partitions) {

        /** Of each partition the first that meets it, or its end. */
        Map<Integer, Long> first(Predicate<ConsumerRecord<String, String>> wanted) {
            var offsets = new TreeMap<Integer, Long>();
            partitions.forEach((partition, records) -> offsets.put(
                    partition,
                    records.stream()
                            .filter(wanted)
                            .map(ConsumerRecord::offset)
                            .findFirst()
                            .orElse((long) records.size())));
            return offsets;
        }

        List<ConsumerRecord<String, String>> ofKey(String key) {
            return partitions.values().stream()
                    .flatMap(List::stream)
                    .filter(record -> key.equals(record.key()))
                    .filter(record -> !topic.equals("debezium") || record.value() != null)
                    .toList();
        }
    }

    @Test
    void aGroupBeginsAtThePlaceThatAReaderOfAllFinds() throws Exception {
        System.out.println("seed " + seed);
        database.execute("create table t (id int primary key, v text)", "create table other (id int)");
        var options = Map.of(
                "debezium.tables", "public.t",
                "debezium.partitions", "3",
                "change.tables", "public.t",
                "change.envelope", "change",
                "change.partitions", "2",
                "rows.tables", "public.t",
                "rows.envelope", "row",
                "rows.where", "v <> 'hidden'",
                "rows.partitions", "3",
                "rows.min.compaction.lag.ms", "86400000");
        try (var broker = FedBroker.start(database, directory, Map.of("snapshot.mode", "no_data"), options);
                var client =
                        Admin.create(Map.of("bootstrap.servers", broker.line().kafka()))) {
            admin = client;
            change();
            for (String topic : TOPICS) {
                Read read = readAll(broker, topic);
                rows(broker, read);
                times(broker, read);
                offsets(broker, read);
                lsns(broker, read);
            }
        }
    }

    private void change() throws Exception {
        try (Connection transaction = database.connect()) {
            transaction.setAutoCommit(false);
            for (int i = 0; i < TRANSACTIONS; i++) {
                for (int changes = random.nextInt(1, 4); changes > 0; changes--) {
                    execute(transaction, anyChange());
                }
                if (random.nextInt(10) == 0) { // while it is open
                    lsns.add(lsn());
                    execute(transaction, anyChange());
                }
                transaction.commit();
                if (random.nextInt(10) == 0) {
                    lsns.add(lsn());
                }
            }
        }
        database.execute("insert into t values (1000, 'the end')");
    }

    private static void execute(Connection transaction, String sql) throws Exception {
        try (var statement = transaction.createStatement()) {
            statement.execute(sql);
        }
    }

    private String anyChange() {
        int id = random.nextInt(ROWS);
        String v = random.nextInt(3) == 0 ? "hidden" : "v" + random.nextInt(1_000);
        if (there.add(id)) {
            return "insert into t values (" + id + ", '" + v + "')";
        }
        int other = random.nextInt(ROWS);
        return switch (random.nextInt(6)) {
            case 0 -> {
                there.remove(id);
                yield "delete from t where id = " + id;
            }
            case 1 -> {
                boolean free = there.add(other);
                if (free) {
                    there.remove(id);
                }
                yield "update t set v = '" + v + "', id = " + (free ? other : id) + " where id = " + id;
            }
            default -> "update t set v = '" + v + "' where id = " + id;
        };
    }

    private long lsn() {
        return Long.parseLong(database.query("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"));
    }

    private static String text(long lsn) {
        return "%X/%X".formatted(lsn >>> 32, lsn & 0xffff_ffffL);
    }

    private static Read readAll(FedBroker broker, String topic) {
        try (var consumer = consumer(broker, topic)) {
            var partitions = new TreeMap<Integer, List<ConsumerRecord<String, String>>>();
            Awaitility.await().atMost(PATIENCE).until(() -> broker.has(topic));
            List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            all.forEach(partition -> partitions.put(partition.partition(), new ArrayList<>()));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Awaitility.await().atMost(PATIENCE).until(() -> {
                var some = new ArrayList<ConsumerRecord<String, String>>();
                consumer.poll(Duration.ofMillis(100)).forEach(some::add);
                some.forEach(record -> partitions.get(record.partition()).add(record));
                return some.stream().anyMatch(record -> "{\"id\":1000}".equals(record.key()));
            });
            // Other partitions may have been behind that one.
            consumer.endOffsets(all).forEach((partition, end) -> Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> {
                        consumer.poll(Duration.ofMillis(20))
                                .forEach(record ->
                                        partitions.get(record.partition()).add(record));
                        return partitions.get(partition.partition()).size() == end;
                    }));
            return new Read(topic, partitions);
        }
    }

    private void rows(FedBroker broker, Read read) throws Exception {
        for (int id = 0; id < ROWS; id++) {
            List<ConsumerRecord<String, String>> changes = read.ofKey("{\"id\":" + id + "}");
            if (changes.isEmpty()) {
                continue;
            }
            int number = 1 + random.nextInt(changes.size());
            row(broker, read, changes.get(0), Map.of("key", "id=" + id));
            row(broker, read, changes.get(number - 1), Map.of("key", "id=" + id, "change", "" + number));
            row(broker, read, changes.get(changes.size() - 1), Map.of("key", "id=" + id, "change", "last"));
            if (there.contains(id)) {
                String where = random.nextBoolean() ? "id = " + id : "'" + id + "' = t.id::text and v is not null";
                row(broker, read, changes.get(number - 1), Map.of("where", where, "change", "" + number));
            }
            var more = new TreeMap<>(Map.of("topic", read.topic(), "key", "id=" + id));
            more.put("change", String.valueOf(changes.size() + 1));
            assertThat(ApiClient.of(broker).post("groups/none/rewind", more).error())
                    .as("%s of row %s in %s, seed %s", changes.size() + 1, id, read.topic(), seed)
                    .contains(changes.size() == 1 ? "there is 1 change" : "there are " + changes.size() + " changes");
        }
    }

    private void row(FedBroker broker, Read read, ConsumerRecord<String, String> change, Map<String, String> place)
            throws Exception {
        Map<Integer, Long> expected = read.first(record -> record.timestamp() >= change.timestamp());
        expected.put(change.partition(), change.offset());
        assertBegins(broker, read, place, expected);
    }

    private void times(FedBroker broker, Read read) throws Exception {
        List<ConsumerRecord<String, String>> all =
                read.partitions().values().stream().flatMap(List::stream).toList();
        for (int i = 0; i < PLACES; i++) {
            long time = all.get(random.nextInt(all.size())).timestamp() + random.nextInt(-1, 2);
            assertBegins(
                    broker,
                    read,
                    Map.of("to", Instant.ofEpochMilli(time).toString()),
                    read.first(record -> record.timestamp() >= time));
        }
        assertBegins(broker, read, Map.of("to", "beginning"), read.first(record -> true));
        assertBegins(broker, read, Map.of("to", "end"), read.first(record -> false));
    }

    private void offsets(FedBroker broker, Read read) throws Exception {
        for (int i = 0; i < PLACES; i++) {
            int partition = random.nextInt(read.partitions().size());
            long offset = random.nextInt(read.partitions().get(partition).size() + 1);
            assertBegins(
                    broker, read, Map.of("to", "" + offset, "partition", "" + partition), Map.of(partition, offset));
        }
    }

    /** Of a change the record tells the commit; of Debezium's the one transaction that may be meant is not left out. */
    private void lsns(FedBroker broker, Read read) throws Exception {
        if (read.topic().equals("rows")) {
            return;
        }
        for (long lsn : lsns) {
            if (read.topic().equals("change")) {
                Map<Integer, Long> expected = read.first(
                        record -> json(record).at("/metadata/commit_lsn").asLong() >= lsn);
                assertBegins(broker, read, Map.of("to", text(lsn)), expected);
                continue;
            }
            Map<Integer, Long> place = target(broker, read, Map.of("to", text(lsn)));
            var later = new HashSet<Long>(); // transactions
            read.partitions().values().stream().flatMap(List::stream).forEach(record -> {
                if (json(record).at("/source/lsn").asLong() >= lsn) {
                    later.add(json(record).at("/source/txId").asLong());
                }
            });
            Map<Integer, Long> latest = read.first(
                    record -> later.contains(json(record).at("/source/txId").asLong()));
            var early = new HashSet<Long>();
            latest.forEach((partition, offset) -> {
                assertThat(place.get(partition))
                        .as("lsn %s, seed %s", text(lsn), seed)
                        .isLessThanOrEqualTo(offset);
                IntStream.range(place.get(partition).intValue(), offset.intValue())
                        .mapToObj(read.partitions().get(partition)::get)
                        .filter(record -> record.value() != null)
                        .forEach(record ->
                                early.add(json(record).at("/source/txId").asLong()));
            });
            assertThat(early.size())
                    .as("transactions too many from lsn %s, seed %s", text(lsn), seed)
                    .isLessThanOrEqualTo(1);
        }
    }

    private static JsonNode json(ConsumerRecord<String, String> record) {
        try {
            return JSON.readTree(record.value() == null ? "{}" : record.value());
        } catch (Exception e) {
            throw new AssertionError(record.value(), e);
        }
    }

    /** As it is told, as it is committed, and as a consumer finds it. */
    private void assertBegins(FedBroker broker, Read read, Map<String, String> place, Map<Integer, Long> expected)
            throws Exception {
        String group = "group-" + groups;
        assertThat(target(broker, read, place))
                .as("%s of %s, seed %s", place, read.topic(), seed)
                .isEqualTo(expected);
        var committed = new TreeMap<Integer, Long>();
        admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get()
                .forEach((partition, at) -> committed.put(partition.partition(), at.offset()));
        assertThat(committed).isEqualTo(expected);
        if (random.nextInt(CONSUMED) == 0) {
            assertConsumes(broker, read, group, expected);
        }
    }

    private void assertConsumes(FedBroker broker, Read read, String group, Map<Integer, Long> expected) {
        try (var consumer = consumer(broker, group)) {
            consumer.assign(expected.keySet().stream()
                    .map(partition -> new TopicPartition(read.topic(), partition))
                    .toList());
            var first = new TreeMap<Integer, Long>();
            var wanted = new TreeMap<>(expected);
            wanted.entrySet()
                    .removeIf(at ->
                            at.getValue() == read.partitions().get(at.getKey()).size());
            Awaitility.await().atMost(PATIENCE).pollDelay(Duration.ZERO).until(() -> {
                consumer.poll(Duration.ofMillis(20))
                        .forEach(record -> first.putIfAbsent(record.partition(), record.offset()));
                return first.keySet().containsAll(wanted.keySet());
            });
            assertThat(first)
                    .as("group %s of %s, seed %s", group, read.topic(), seed)
                    .isEqualTo(wanted);
        }
    }

    /** Where a new group is moved. */
    private Map<Integer, Long> target(FedBroker broker, Read read, Map<String, String> place) throws Exception {
        var asked = new TreeMap<>(place);
        asked.put("topic", read.topic());
        var answer = ApiClient.of(broker).post("groups/group-" + groups++ + "/rewind", asked);
        assertThat(answer.code()).as(place + answer.text() + ", seed " + seed).isEqualTo(200);
        var offsets = new TreeMap<Integer, Long>();
        answer.json()
                .path("partitions")
                .forEach(share -> offsets.put(
                        share.path("partition").asInt(), share.path("offset").asLong()));
        return offsets;
    }

    private static KafkaConsumer<String, String> consumer(FedBroker broker, String group) {
        var properties = new Properties();
        properties.put("bootstrap.servers", broker.line().kafka());
        properties.put("group.id", group);
        properties.put("enable.auto.commit", "false");
        properties.put("isolation.level", "read_committed");
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }
}
