package io.paillette.broker.api;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.log.Logs.FeedPosition;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is updated all the time is updated within its page and touches no index (Postgres docs, "Heap-Only Tuples"). */
class HotUpdatesTest {

    private static final int APPENDS = 2_000;
    private static final int PARTITIONS = 6;
    private static final String UPDATES =
            "select n_tup_upd from pg_stat_user_tables where schemaname = 'paillette' and relname = '";
    private static final String HOT_PERCENT = "select 100 * n_tup_hot_upd / n_tup_upd from pg_stat_user_tables"
            + " where schemaname = 'paillette' and relname = '";

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void appendsCommitsPositionsAndHeartbeatsAreHotUpdates() throws Exception {
        // Without a cluster that would wonder about a source of nobody's configuration.
        try (RunningApis alone = RunningApis.on(database)) {
            feed(alone);
        }
        try (RunningApis broker = RunningApis.joining(database, 1)) {
            try (Admin admin = broker.admin()) {
                admin.createTopics(List.of(new NewTopic("orders", PARTITIONS, (short) 1)))
                        .all()
                        .get(20, SECONDS);
            }
            append(broker);
            commit(broker);
        }
        isHot("partition", APPENDS);
        isHot("coordinator_shard", APPENDS / 4);
        isHot("feed", APPENDS / 4);
        isHot("broker", 5);
    }

    private static void append(RunningApis broker) throws Exception {
        try (var producer = broker.producer(Map.of("linger.ms", 0))) {
            for (int i = 0; i < APPENDS; i++) {
                producer.send(new ProducerRecord<>("orders", i % PARTITIONS, "k", "v"))
                        .get(20, SECONDS);
            }
        }
    }

    private static void commit(RunningApis broker) {
        try (var consumer = broker.consumer(Map.of("group.id", "readers"))) {
            for (int i = 0; i < APPENDS / 4; i++) {
                consumer.commitSync(
                        Map.of(new TopicPartition("orders", i % PARTITIONS), new OffsetAndMetadata(i)),
                        Duration.ofSeconds(20));
            }
        }
    }

    private static void feed(RunningApis broker) throws Exception {
        broker.store.feeds().lead("app", 0, 0);
        broker.logs.claimFeed("app").get(20, SECONDS);
        for (int i = 0; i < APPENDS / 4; i++) {
            broker.logs.append(List.of(), new FeedPosition("app", "0/" + i)).get(20, SECONDS);
        }
        broker.logs.releaseFeed("app");
    }

    /** All sessions are closed: until then one keeps its last numbers to itself, before Postgres 15 as long as it is idle. */
    private void isHot(String table, int updates) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        Integer.parseInt(database.query(UPDATES + table + "'")))
                .as("updates of " + table)
                .isGreaterThanOrEqualTo(updates));
        assertThat(Integer.parseInt(database.query(HOT_PERCENT + table + "'")))
                .as("percent of the updates of " + table + " that are HOT")
                .isGreaterThan(95);
    }
}
