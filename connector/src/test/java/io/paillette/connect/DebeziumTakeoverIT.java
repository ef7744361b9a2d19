package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A running Debezium is replaced as docs/debezium.md says, while the application goes on writing. */
final class DebeziumTakeoverIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int ROWS = 1000;

    private final Database database = PostgresServer.shared().newDatabase();
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicBoolean mayEnd = new AtomicBoolean();

    @Test
    @Proves(
            client = "Debezium connector for PostgreSQL",
            version = Published.DEBEZIUM,
            what = "replaced by Paillette's connector while the application writes: no row left out, none told twice")
    void rowsGoOnWhereDebeziumStoppedWithoutASnapshotAndWithoutAGap() {
        long seed = new Random().nextLong();
        database.execute(
                "create table orders (id int primary key, item text)",
                "create table skipped (id int primary key)",
                "insert into orders select -i, 'there' from generate_series(1, 3) i");
        try (var kafka = ApacheKafka.start(Peer.KAFKA_4);
                var worker = ConnectWorker.distributed(
                        new ConnectWorker.Setup(
                                Peer.KAFKA_4,
                                kafka.bootstrap(),
                                List.of(Peer.debeziumPlugins(), Sample.plugins()),
                                Map.of()),
                        "takeover");
                var reader = new TopicReader(kafka.bootstrap(), "app\\.public\\.orders")) {
            worker.put("/connectors/app/config", json(debezium()));
            worker.awaitRunning("app");
            reader.until(read -> read.size() == 3, LIMIT);
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(new Random(seed)));
            Awaitility.await().atMost(LIMIT).until(() -> written.get() > ROWS);

            worker.put("/connectors/app/stop", "");
            worker.awaitStopped("app");
            worker.put("/connectors/app/config", json(ours()));
            worker.put("/connectors/app/resume", "");
            worker.awaitRunning("app");
            assertThat(writer).as("rows are written all the time").isNotDone();
            mayEnd.set(true);
            writer.join();
            int last = written.get();
            List<ConsumerRecord<String, String>> read =
                    reader.until(records -> ids(records).contains(last), LIMIT);

            assertThat(ids(read)).as("seed %d", seed).isEqualTo(expected(last));
            assertThat(versions(read)).as("who told them").containsExactly(Peer.debeziumVersion(), Version.current());
            assertThat(database.query("select count(*) from pg_replication_slots where slot_name = 'dbz_"
                            + database.name() + "' and not active"))
                    .as("Debezium's slot stays")
                    .isEqualTo("1");
        }
    }

    private Map<String, String> debezium() {
        var config = new HashMap<>(Map.of(
                "connector.class", "io.debezium.connector.postgresql.PostgresConnector",
                "topic.prefix", "app",
                "database.hostname", "127.0.0.1",
                "database.port", Integer.toString(database.port()),
                "database.user", "postgres",
                "database.password", "postgres",
                "database.dbname", database.name(),
                "plugin.name", "pgoutput",
                "slot.name", "dbz_" + database.name(),
                "tasks.max", "1"));
        config.put("poll.interval.ms", "20");
        return config;
    }

    private Map<String, String> ours() {
        return Map.of(
                "connector.class", "io.paillette.connect.PostgresSourceConnector",
                "topic.prefix", "app",
                "database.hostname", "127.0.0.1",
                "database.port", Integer.toString(database.port()),
                "database.user", "postgres",
                "database.password", "postgres",
                "database.dbname", database.name(),
                "slot.name", "ours_" + database.name(),
                "takeover.slot.name", "dbz_" + database.name(),
                "tasks.max", "1");
    }

    /** Rows 1, 2, 3 ... in transactions of one to ten, until it may end and some more. */
    private void write(Random random) {
        int end = Integer.MAX_VALUE;
        for (int next = 1; next <= end; ) {
            int last = next + random.nextInt(10);
            if (end == Integer.MAX_VALUE && mayEnd.get()) {
                end = last + ROWS;
            }
            database.execute("begin; insert into skipped values (" + next + "); insert into orders select i, 'v'"
                    + " from generate_series(" + next + ", " + last + ") i; commit");
            next = last + 1;
            written.set(last);
        }
    }

    private static List<Integer> expected(int last) {
        List<Integer> ids = new ArrayList<>(List.of(-1, -2, -3));
        IntStream.rangeClosed(1, last).forEach(ids::add);
        return ids;
    }

    private static List<Integer> ids(List<ConsumerRecord<String, String>> records) {
        return records.stream()
                .map(record -> tree(record.key()).get("id").asInt())
                .toList();
    }

    private static List<String> versions(List<ConsumerRecord<String, String>> records) {
        return records.stream()
                .map(record -> tree(record.value()).at("/source/version").asText())
                .distinct()
                .toList();
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(Map<String, String> config) {
        return Sample.asJson(config);
    }
}
