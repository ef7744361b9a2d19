package io.paillette.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.topic.NewTopic;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * A session keeps its plans as they were made. Those that were made while there was next to nothing, with statistics that say
 * so, must not read everything from end to end once there is much.
 */
class GrownStoreTest {

    private static final int MANY = 3_000;
    private static final int TIMES = 300;

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void anAppendFindsItsPartitionAmongThousandsThatCameLater() {
        try (var running = RunningLogs.on(database)) {
            PartitionLog log = running.create("orders");
            database.execute("analyze paillette.partition");
            append(log);
            create(running, "many", MANY);
            append(log);
        }
        assertThat(rowsReadOfWhole("partition", 2 * TIMES)).isLessThan(TIMES * MANY / 4);
    }

    @Test
    void aTopicIsMadeAmongThousandsOfPartitionsThatCameLater() {
        try (var running = RunningLogs.on(database)) {
            running.create("orders");
            database.execute("analyze paillette.partition", "analyze paillette.topic");
            for (int i = 0; i < 100; i++) {
                create(running, "few-" + i, 1);
            }
            create(running, "many", MANY);
            for (int i = 0; i < TIMES; i++) {
                create(running, "new-" + i, 1);
            }
        }
        assertThat(rowsReadOfWhole("partition", MANY + TIMES)).isLessThan(TIMES * MANY / 4);
    }

    @Test
    void allTopicsAreReadInOnePassHoweverFewThereWereBefore() {
        try (var running = RunningLogs.on(database)) {
            running.create("orders");
            database.execute("analyze paillette.partition", "analyze paillette.topic");
            for (int i = 0; i < 100; i++) { // in whatever session
                assertThat(running.store.topics().all()).hasSize(1);
            }
            database.execute(
                    "insert into paillette.topic (id, name) select gen_random_uuid(), 'many-' || i from generate_series(1, "
                            + MANY + ") as i",
                    "insert into paillette.partition (topic_id, index) select id, 0 from paillette.topic where name <> 'orders'");
            assertThat(running.store.topics().all()).hasSize(MANY + 1);
        }
        assertThat(rowsReadOfWhole("partition", 1)).isLessThan(100 * MANY);
    }

    @Test
    void whetherATableIsFullIsAskedOfTheNewestAlone() throws Exception {
        try (var running = RunningLogs.on(database);
                Connection other = database.connect();
                var statement = other.createStatement()) {
            PartitionLog log = running.create("orders");
            SegmentStore segments = running.store.logs().segments();
            RunningLogs.await(log.append(RunningLogs.records("v")));
            assertThat(segments.roll(1)).isEqualTo(1);

            other.setAutoCommit(false);
            statement.execute(
                    "lock table paillette.batch_1 in access exclusive mode"); // whoever asks for its size waits
            assertThat(segments.roll(1L << 30)).isZero();
            other.rollback();
        }
    }

    private static void append(PartitionLog log) {
        for (int i = 0; i < TIMES; i++) {
            RunningLogs.await(log.append(RunningLogs.records("v")));
        }
    }

    private static void create(RunningLogs running, String topic, int partitions) {
        RunningLogs.await(running.topics.create(new NewTopic(topic, partitions, Optional.empty(), Map.of())));
    }

    /** By scans of all of it. All sessions are closed: until then one keeps its last numbers to itself. */
    private int rowsReadOfWhole(String table, int updates) {
        String of = " from pg_stat_user_tables where schemaname = 'paillette' and relname = '" + table + "'";
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        Integer.parseInt(database.query("select n_tup_upd" + of)))
                .isGreaterThanOrEqualTo(updates));
        return Integer.parseInt(database.query("select seq_tup_read" + of));
    }
}
