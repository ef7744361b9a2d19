package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The envelope {@code row} through an unmodified distributed worker that is SIGKILLed. */
final class RowsIT {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int STEPS = 300;
    private static final int KILLS = 2;

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    @Tag("proof")
    void whatIsLeftOfEachKeyIsTheTableThoughTheWorkerIsKilledAndATruncateStopsItUntilItIsLeftOut() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        database.execute(
                "create table t (id int primary key, v int)",
                "insert into t select i, 0 from generate_series(1, 50) i");
        var config = Sample.pointedAt(Sample.json(), database);
        config.put("envelope", "row");
        config.put("tables", "public.t");
        try (var kafka = ApacheKafka.start(Peer.KAFKA_4);
                var worker = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "rows");
                var reader = new TopicReader(kafka.bootstrap(), "app\\.public\\.t")) {
            assertThat(worker.put("/connectors/app/config", Sample.asJson(config)))
                    .contains("PostgresSourceConnector");
            worker.awaitRunning("app");
            var steps = new AtomicInteger();
            CompletableFuture<Void> written = CompletableFuture.runAsync(() -> write(new Random(seed), steps));
            for (int kill = 1; kill <= KILLS; kill++) {
                int due = kill * STEPS / (KILLS + 1);
                Awaitility.await().atMost(LIMIT).until(() -> steps.get() >= due || written.isDone());
                worker.kill();
                worker.start();
                worker.awaitRunning("app");
            }
            written.join();
            String table = table();
            var read = reader.until(records -> left(records).equals(table), LIMIT);
            assertThat(read.stream().filter(record -> record.value() == null))
                    .as("tombstones, seed %d", seed)
                    .isNotEmpty();

            database.execute("truncate t", "insert into t values (7, 7)");
            assertThat(worker.awaitStatus("app", "FAILED"))
                    .contains("table public.t was truncated", "skipped.operations=t");
            config.put("skipped.operations", "t");
            worker.put("/connectors/app/config", Sample.asJson(config));
            worker.post("/connectors/app/restart?includeTasks=true&onlyFailed=true", "");
            reader.until(
                    records -> {
                        var last = records.get(records.size() - 1);
                        return records.size() > read.size() && "{\"id\":7,\"v\":7}".equals(last.value());
                    },
                    LIMIT);
        }
    }

    private void write(Random random, AtomicInteger steps) {
        for (int i = 0; i < STEPS; i++) {
            int id = 1 + random.nextInt(80);
            int other = 1 + random.nextInt(80);
            switch (random.nextInt(4)) {
                case 0 -> database.execute("delete from t where id = " + id);
                case 1 ->
                    database.execute("delete from t where id = " + other + " and id <> " + id + "; update t set id = "
                            + other + " where id = " + id);
                case 2 -> database.execute("update t set v = v + 1 where id % 7 = " + id % 7);
                default ->
                    database.execute(
                            "insert into t values (" + id + ", " + i + ") on conflict (id) do update set v = " + i);
            }
            steps.incrementAndGet();
        }
    }

    private String table() {
        return database.query(
                "select coalesce(string_agg(format('{\"id\":%s,\"v\":%s}', id, v), ',' order by id), '') from t");
    }

    /** The newest of each key, as a compacted topic has it. */
    private static String left(List<ConsumerRecord<String, String>> records) {
        Map<Integer, String> left = new TreeMap<>();
        for (var record : records) {
            int id = Integer.parseInt(record.key().replaceAll("\\D", ""));
            if (record.value() == null) {
                left.remove(id);
            } else {
                left.put(id, record.value());
            }
        }
        return String.join(",", left.values());
    }
}
