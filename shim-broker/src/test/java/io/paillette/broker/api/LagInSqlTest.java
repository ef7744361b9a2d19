package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How far groups are behind, as the views tell it and as Kafka's tools compute it. */
class LagInSqlTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MANY = 10_000;

    private final Database database = PostgresServer.shared().newDatabase();
    private RunningApis broker;
    private Admin admin;

    @BeforeEach
    void start() {
        broker = RunningApis.on(database);
        admin = broker.admin();
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void theLagIsTheOneThatKafkasToolsCompute() throws Exception {
        create("orders", 3);
        create("users", 1);
        write("orders", 0, 10);
        write("orders", 1, 7);
        write("users", 0, 5);
        try (var producer = broker.producer(Map.of("transactional.id", "payer"))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("users", 0, "k", "v"));
            producer.commitTransaction(); // its marker takes an offset, too
        }
        commit("shop", Map.of(at("orders", 0), 4L, at("orders", 1), 7L, at("orders", 2), 0L, at("users", 0), 1L));
        commit("audit", Map.of(at("users", 0), 2L));

        for (String group : List.of("shop", "audit")) {
            assertThat(told(group)).isEqualTo(computed(group));
        }
        assertThat(told("shop"))
                .containsEntry(at("orders", 0), new Lag(10, 6))
                .containsEntry(at("users", 0), new Lag(7, 6));
        assertThat(lagOf("shop")).isEqualTo("4 12");
        assertThat(lagOf("audit")).isEqualTo("1 5");
    }

    @Test
    void anOffsetCommittedBySqlHasALagToo() throws Exception {
        create("orders", 2);
        write("orders", 0, 10);
        write("orders", 1, 10);
        commit("shop", Map.of(at("orders", 0), 2L));
        database.execute(
                "select paillette.commit_offset('shop', 'orders', 0, 7)",
                "select paillette.commit_offset('by sql alone', 'orders', 1, 4)");

        for (String group : List.of("shop", "by sql alone")) {
            assertThat(told(group)).isEqualTo(computed(group));
        }
        assertThat(lagOf("shop")).isEqualTo("1 3");
        assertThat(lagOf("by sql alone")).isEqualTo("1 6");
    }

    @Test
    void anOffsetOfADeletedTopicHasNoLagNotEvenToALaterTopicOfTheSameName() throws Exception {
        create("orders", 1);
        create("users", 1);
        write("orders", 0, 10);
        write("users", 0, 10);
        commit("shop", Map.of(at("orders", 0), 4L, at("users", 0), 4L));
        commit("orders only", Map.of(at("orders", 0), 4L));
        broker.close(); // as long as nobody coordinates the group its offsets stay

        database.execute("delete from paillette.topic where name = 'orders'");
        assertNothingIsToldOfOrders();
        database.execute(
                "insert into paillette.topic (id, name) values (md5('later')::uuid, 'orders')",
                "insert into paillette.partition (topic_id, index, next_offset) select id, 0, 99 from paillette.topic"
                        + " where name = 'orders'");
        assertNothingIsToldOfOrders();

        broker = RunningApis.on(database);
    }

    private void assertNothingIsToldOfOrders() {
        assertThat(database.query("select count(*) || ' ' || count(log_end_offset) || ' ' || count(lag)"
                        + " from paillette.committed_offsets where topic = 'orders'"))
                .isEqualTo("2 0 0");
        assertThat(lagOf("shop")).as("of what is left").isEqualTo("2 6");
        assertThat(lagOf("orders only")).isEqualTo("1 unknown");
    }

    @Test
    void tenThousandOffsetsInTenThousandPartitionsAreReadInOnePass() throws Exception {
        List<String> names = IntStream.range(0, 100).mapToObj(i -> "many-" + i).toList();
        admin.createTopics(names.stream()
                        .map(name -> new NewTopic(name, MANY / 100, (short) 1))
                        .toList())
                .all()
                .get();
        commit(
                "shop",
                names.stream()
                        .flatMap(name -> IntStream.range(0, MANY / 100).mapToObj(index -> at(name, index)))
                        .collect(Collectors.toMap(Function.identity(), partition -> 0L)));
        database.execute(
                "analyze paillette.coordinator_state", "analyze paillette.topic", "analyze paillette.partition");
        for (String view : List.of("committed_offsets", "consumer_groups")) {
            JsonNode plan = plan("select * from paillette." + view);
            assertThat(plan.get("Total Cost").asDouble()).as(view + ": " + plan).isLessThan(20_000);
            assertThat(loopsOfSequentialScans(plan)).as(view + ": " + plan).containsOnly(1);
        }
        assertThat(lagOf("shop")).isEqualTo(MANY + " 0");
    }

    private JsonNode plan(String sql) throws Exception {
        return JSON.readTree(database.query("explain (analyze, format json) " + sql))
                .get(0)
                .get("Plan");
    }

    /** How often each of them began anew; 0 if what it would be compared with is empty. */
    private static List<Integer> loopsOfSequentialScans(JsonNode plan) {
        var loops = new ArrayList<Integer>();
        if (plan.get("Node Type").asText().equals("Seq Scan")
                && plan.get("Actual Loops").asInt() > 0) {
            loops.add(plan.get("Actual Loops").asInt());
        }
        for (JsonNode below : plan.path("Plans")) {
            loops.addAll(loopsOfSequentialScans(below));
        }
        return loops;
    }

    private void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get();
    }

    private void write(String topic, int partition, int count) throws Exception {
        try (var producer = broker.producer(Map.of())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, partition, "k", "v")).get();
            }
        }
    }

    private void commit(String group, Map<TopicPartition, Long> offsets) throws Exception {
        var told = new HashMap<TopicPartition, OffsetAndMetadata>();
        offsets.forEach((partition, offset) -> told.put(partition, new OffsetAndMetadata(offset)));
        admin.alterConsumerGroupOffsets(group, told).all().get();
    }

    private static TopicPartition at(String topic, int partition) {
        return new TopicPartition(topic, partition);
    }

    private record Lag(long end, long lag) {}

    private Map<TopicPartition, Lag> told(String group) throws SQLException {
        var lags = new HashMap<TopicPartition, Lag>();
        try (var connection = database.connect();
                var select = connection.prepareStatement("select topic, partition, log_end_offset, lag"
                        + " from paillette.committed_offsets where group_id = ?")) {
            select.setString(1, group);
            try (var rows = select.executeQuery()) {
                while (rows.next()) {
                    lags.put(at(rows.getString(1), rows.getInt(2)), new Lag(rows.getLong(3), rows.getLong(4)));
                }
            }
        }
        return lags;
    }

    /** As {@code kafka-consumer-groups.sh --describe} does it. */
    private Map<TopicPartition, Lag> computed(String group) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        var latest = new HashMap<TopicPartition, OffsetSpec>();
        committed.keySet().forEach(partition -> latest.put(partition, OffsetSpec.latest()));
        var ends = admin.listOffsets(latest).all().get();
        var lags = new HashMap<TopicPartition, Lag>();
        committed.forEach((partition, offset) -> {
            long end = ends.get(partition).offset();
            lags.put(partition, new Lag(end, end - offset.offset()));
        });
        return lags;
    }

    /** Partitions and their lag together. */
    private String lagOf(String group) {
        return database.query(
                "select partitions || ' ' || coalesce(lag::text, 'unknown') from paillette.consumer_groups"
                        + " where group_id = '" + group + "'");
    }
}
