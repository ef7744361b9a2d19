package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.paillette.client.SqlTransaction;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application commits its offset in the SQL transaction of what it has done. */
class CommitOffsetTest {

    private static final TopicPartition FIRST = new TopicPartition("orders", 0);
    private static final TopicPartition SECOND = new TopicPartition("orders", 1);

    private final Database database = PostgresServer.shared().newDatabase();
    private RunningApis broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = RunningApis.on(database);
        admin = broker.admin();
        admin.createTopics(List.of(new NewTopic("orders", 2, (short) 1))).all().get();
        database.execute("create table done (id int)");
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void anOffsetIsThereWithTheEffectsOrNotAtAll() throws Exception {
        try (Connection app = database.connect()) {
            app.setAutoCommit(false);
            commit(app, "shop", FIRST, 7);
            execute(app, "insert into done values (1)");
            app.rollback();
            assertThat(told("shop")).isEmpty();

            commit(app, "shop", FIRST, 8);
            execute(app, "insert into done values (1)");
            app.commit();
        }
        assertThat(told("shop")).isEqualTo(Map.of(FIRST, 8L));
        assertThat(database.query("select committed_offset from paillette.committed_offsets where group_id = 'shop'"))
                .isEqualTo("8");
    }

    @Test
    @Proves(
            client = "kafka-clients, consumer",
            version = Published.KAFKA_CLIENTS,
            what = "goes on from an offset that was committed by SQL")
    void aConsumerGoesOnFromWhereSqlSays() throws Exception {
        try (var producer = broker.producer(Map.of())) {
            for (int i = 0; i < 10; i++) {
                producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>("orders", 0, "k", "v" + i))
                        .get();
            }
        }
        try (Connection app = database.connect()) {
            commit(app, "shop", FIRST, 6);
        }
        try (var consumer = broker.consumer(Map.of("group.id", "shop"))) {
            consumer.assign(List.of(FIRST));
            await().untilAsserted(() -> assertThat(consumer.poll(Duration.ofMillis(100)))
                    .first()
                    .satisfies(record -> assertThat(record.offset()).isEqualTo(6)));
        }
    }

    @Test
    void whoeverAsksWaitsForATransactionThatIsAboutToCommit() throws Exception {
        try (Connection app = database.connect()) {
            app.setAutoCommit(false);
            commit(app, "shop", FIRST, 9);
            CompletableFuture<Map<TopicPartition, Long>> asked = CompletableFuture.supplyAsync(() -> {
                try (var consumer = broker.consumer(Map.of("group.id", "shop"))) {
                    return offsets(consumer.committed(Set.of(FIRST)));
                }
            });
            assertThatThrownBy(() -> asked.get(500, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            app.commit();
            assertThat(asked.get(20, TimeUnit.SECONDS)).isEqualTo(Map.of(FIRST, 9L));
        }
    }

    @Test
    void aTransactionThatDoesNotEndHoldsUpWhoeverAsksForItsPartitionAndNobodyElse() throws Exception {
        try (Connection app = database.connect();
                Connection another = database.connect();
                var consumer = broker.consumer(Map.of("group.id", "shop"))) {
            commit(another, "shop", FIRST, 1);
            app.setAutoCommit(false);
            commit(app, "shop", FIRST, 9);
            assertThatThrownBy(() -> consumer.committed(Set.of(FIRST), Duration.ofSeconds(3)))
                    .isInstanceOf(org.apache.kafka.common.errors.TimeoutException.class);
            for (int i = 0; i < 5; i++) { // who waits takes no thread from these
                CompletableFuture.runAsync(() -> admin.listConsumerGroupOffsets(
                        Map.of("shop", new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(FIRST)))));
            }
            commit(another, "shop", SECOND, 2);
            assertThat(offsets(consumer.committed(Set.of(SECOND), Duration.ofSeconds(3))))
                    .isEqualTo(Map.of(SECOND, 2L));
            assertThat(told("shop")).isEqualTo(Map.of(FIRST, 1L, SECOND, 2L));

            app.commit();
            assertThat(offsets(consumer.committed(Set.of(FIRST)))).isEqualTo(Map.of(FIRST, 9L));
        }
    }

    @Test
    void theYoungerOfSqlAndKafkaCounts() throws Exception {
        try (var consumer = broker.consumer(Map.of("group.id", "shop"));
                Connection app = database.connect()) {
            consumer.assign(List.of(FIRST, SECOND));
            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(3), SECOND, new OffsetAndMetadata(4)));
            commit(app, "shop", FIRST, 5);
            assertThat(told("shop")).isEqualTo(Map.of(FIRST, 5L, SECOND, 4L));

            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(2)));
            assertThat(told("shop")).isEqualTo(Map.of(FIRST, 2L, SECOND, 4L));
            assertThat(database.query("select string_agg(committed_offset::text, ',' order by partition)"
                            + " from paillette.committed_offsets where group_id = 'shop'"))
                    .isEqualTo("2,4");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aMemberThatWasReplacedIsRefused(String protocol) throws Exception {
        try (Connection app = database.connect()) {
            KafkaConsumer<String, String> first = member(protocol);
            ConsumerGroupMetadata mine = first.groupMetadata();
            commit(app, FIRST, 4, mine);
            assertThat(told("shop")).isEqualTo(Map.of(FIRST, 4L));
            assertThatThrownBy(() -> commit(app, "shop", FIRST, 5))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("has members");

            first.close();
            try (var second = member(protocol)) {
                assertThatThrownBy(() -> commit(app, FIRST, 5, mine))
                        .isInstanceOf(SQLException.class)
                        .hasMessageMatching("(?s).*(no member|generation).*");
                commit(app, FIRST, 6, second.groupMetadata());
            }
        }
        assertThat(told("shop")).isEqualTo(Map.of(FIRST, 6L));
    }

    @Test
    void anOffsetThatWasOvertakenDoesNotComeBackWhenTheOneThatOvertookItExpires() throws Exception {
        try (var consumer = broker.consumer(Map.of("group.id", "shop"));
                Connection app = database.connect()) {
            consumer.assign(List.of(FIRST, SECOND));
            commit(app, "shop", FIRST, 3);
            consumer.commitSync(Map.of(FIRST, new OffsetAndMetadata(5), SECOND, new OffsetAndMetadata(5)));
            commit(app, "shop", SECOND, 9);
        }
        database.execute("select paillette.commit_coordinator_shards_v1(array[s.shard], array[s.leader_epoch],"
                + " array[s.next_offset], array[s.next_offset + 2], '{}', '{}', '{}', '{}', k.shards, k.keys,"
                + " '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')"
                + " from paillette.coordinator_shard s,"
                + " (select array_agg(shard) as shards, array_agg(key) as keys from paillette.coordinator_state"
                + "  where get_byte(key, 1) = 1) k where s.shard = k.shards[1]");

        assertThat(database.query("select string_agg(partition || ':' || committed_offset, ',')"
                        + " from paillette.committed_offsets where group_id = 'shop'"))
                .isEqualTo("1:9");
    }

    @Test
    void theClientJarCommitsWhatWasPolled() throws Exception {
        try (var producer = broker.producer(Map.of())) {
            for (int i = 0; i < 10; i++) {
                producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>("orders", i % 2, "k", "v" + i))
                        .get();
            }
        }
        try (Connection app = database.connect();
                var consumer = broker.consumer(Map.of("group.id", "shop"))) {
            app.setAutoCommit(false);
            consumer.subscribe(List.of("orders"));
            await().until(() -> {
                SqlTransaction.on(app).commitOffsets(consumer.poll(Duration.ofMillis(100)), consumer.groupMetadata());
                app.commit();
                return told("shop").equals(Map.of(FIRST, 5L, SECOND, 5L));
            });
        }
    }

    @Test
    void whatCannotBeCommittedIsSaid() throws Exception {
        try (Connection app = database.connect()) {
            assertThatThrownBy(() -> commit(app, "shop", new TopicPartition("odrers", 0), 1))
                    .hasMessageContaining("no partition 0 of a topic \"odrers\"");
            assertThatThrownBy(() -> commit(app, "shop", new TopicPartition("orders", 2), 1))
                    .hasMessageContaining("no partition 2");
            assertThatThrownBy(() -> commit(app, "shop", FIRST, -1)).hasMessageContaining("offset of 0 or more");
            app.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            assertThatThrownBy(() -> commit(app, "shop", FIRST, 1)).hasMessageContaining("READ COMMITTED");
        }
    }

    @Test
    void offsetsCommittedBySqlAreDeletedLikeOthers() throws Exception {
        try (Connection app = database.connect()) {
            commit(app, "shop", FIRST, 1);
            commit(app, "shop", SECOND, 2);
        }
        admin.deleteConsumerGroups(List.of("shop")).all().get();
        assertThat(told("shop")).isEmpty();
        assertThat(database.query("select count(*) from paillette.sql_offset")).isEqualTo("0");
    }

    @Test
    void anApplicationNeedsTheSchemaAndTheFunctionAndNoTable() throws Exception {
        database.execute(
                "do $$ begin create role shop_app; exception when duplicate_object then null; end $$",
                "grant usage on schema paillette to shop_app");
        try (Connection app = database.connect()) {
            execute(app, "set role shop_app");
            assertThatThrownBy(() -> commit(app, "shop", FIRST, 3))
                    .hasMessageContaining("denied for function commit_offset");
            database.execute("grant execute on function"
                    + " paillette.commit_offset(text, text, integer, bigint, text, integer, text) to shop_app");
            commit(app, "shop", FIRST, 3);
        }
        assertThat(told("shop")).isEqualTo(Map.of(FIRST, 3L));
    }

    @Test
    void theShardOfAGroupIsFoundAsKafkaFindsIt() {
        for (String group : List.of(
                "a",
                "shop",
                "group-with-a-long-name-0123456789",
                "\u00fcml\u00e4ut",
                "\ud83d\ude00 smile",
                "polygenelubricants")) {
            assertThat(database.query("select paillette.shard_of_group('" + group + "')"))
                    .as(group)
                    .isEqualTo(String.valueOf(broker.groups.coordinator().partitionFor(group)));
        }
    }

    private KafkaConsumer<String, String> member(String protocol) {
        KafkaConsumer<String, String> member = broker.consumer(Map.of("group.id", "shop", "group.protocol", protocol));
        member.subscribe(List.of("orders"));
        await().untilAsserted(() -> {
            member.poll(Duration.ofMillis(100));
            assertThat(member.assignment()).hasSize(2);
        });
        return member;
    }

    private Map<TopicPartition, Long> told(String group) throws Exception {
        return offsets(admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get());
    }

    private static Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetAndMetadata> told) {
        var offsets = new java.util.HashMap<TopicPartition, Long>();
        told.forEach((partition, offset) -> {
            if (offset != null) {
                offsets.put(partition, offset.offset());
            }
        });
        return offsets;
    }

    private static void commit(Connection app, String group, TopicPartition partition, long offset)
            throws SQLException {
        try (var statement = app.prepareStatement("select paillette.commit_offset(?, ?, ?, ?)")) {
            statement.setString(1, group);
            statement.setString(2, partition.topic());
            statement.setInt(3, partition.partition());
            statement.setLong(4, offset);
            statement.execute();
        }
    }

    private static void commit(Connection app, TopicPartition partition, long offset, ConsumerGroupMetadata member)
            throws SQLException {
        try (var statement = app.prepareStatement("select paillette.commit_offset(?, ?, ?, ?, ?, ?)")) {
            statement.setString(1, member.groupId());
            statement.setString(2, partition.topic());
            statement.setInt(3, partition.partition());
            statement.setLong(4, offset);
            statement.setString(5, member.memberId());
            statement.setInt(6, member.generationId());
            statement.execute();
        }
    }

    private static void execute(Connection app, String sql) throws SQLException {
        try (var statement = app.createStatement()) {
            statement.execute(sql);
        }
    }
}
