package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything that may die, in the middle of everything that the connector does: each row is in its topic as often as it should
 * be. {@code -Druns=20} is twenty seeds, each with all of it.
 */
@Tag("proof")
final class KillMatrixIT {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int ROWS_OF_A_TRANSACTION = 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What dies. */
    private enum Fault {
        WORKER {
            @Override
            void strike(Scene scene) {
                scene.worker().kill();
                scene.worker().start();
            }
        },
        /** One of our backends is killed, that of the slot if there is one: the server recovers as after a crash. */
        POSTGRES {
            @Override
            void strike(Scene scene) {
                String pid = scene.database()
                        .query("select pid from pg_stat_activity where datname = current_database()"
                                + " and pid <> pg_backend_pid() order by backend_type = 'walsender' desc limit 1");
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
                Awaitility.await().atMost(LIMIT).ignoreExceptions().until(() -> scene.database()
                        .query("select 1")
                        .equals("1"));
            }
        },
        KAFKA {
            @Override
            void strike(Scene scene) {
                scene.kafka().kill();
                scene.kafka().start();
            }
        },
        /** As in a rebalance: the task is taken away and given back. */
        TASK {
            @Override
            void strike(Scene scene) {
                scene.worker().post("/connectors/" + scene.name() + "/restart?includeTasks=true", "");
            }
        },
        /** Somebody ends our session and reads the slot, until he was the faster one. */
        SLOT {
            @Override
            void strike(Scene scene) {
                Awaitility.await()
                        .atMost(LIMIT)
                        .pollInterval(Duration.ofMillis(10))
                        .ignoreExceptionsMatching(
                                failure -> String.valueOf(failure.getCause()).contains("is active"))
                        .untilAsserted(() -> scene.database()
                                .query("with ended as materialized (select count(pg_terminate_backend(active_pid))"
                                        + " from pg_replication_slots where database = current_database())"
                                        + " select count(*) from ended, lateral"
                                        + " pg_logical_slot_peek_binary_changes('" + scene.slot() + "', null, 100000,"
                                        + " 'proto_version', '1', 'publication_names', '" + scene.slot() + "')"));
            }
        };

        abstract void strike(Scene scene);
    }

    private record Scene(String name, Database database, ApacheKafka kafka, ConnectWorker worker) {

        String slot() {
            return "connect_" + database.name();
        }

        String topic() {
            return name + "\\.public\\.t";
        }
    }

    /** What the connector does meanwhile. */
    private enum Phase {
        STREAMING(10_000),
        SNAPSHOT(100_000),
        /** Of which each row takes a millisecond. */
        BACKFILL(3_000);

        private final int rows;

        Phase(int rows) {
            this.rows = rows;
        }
    }

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("runs", 1)).map(run -> Long.getLong("seed", System.nanoTime()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachRowIsInItsTopicAsOftenAsItShouldBeWhateverDiesMeanwhile(long seed) {
        var random = new Random(seed);
        System.out.println("seed " + seed);
        try (var server = PostgresServer.start();
                var kafka = ExactlyOnceScene.kafka();
                var worker = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "matrix")) {
            for (Phase phase : Phase.values()) {
                for (Fault fault : Fault.values()) {
                    String name = (phase + "-" + fault).toLowerCase(Locale.ROOT);
                    run(phase, fault, new Scene(name, server.newDatabase(), kafka, worker), random, seed);
                }
            }
        }
    }

    private static void run(Phase phase, Fault fault, Scene scene, Random random, long seed) {
        Database database = scene.database();
        int rows = phase.rows;
        database.execute(
                "create table t (id int primary key, v text)",
                "create table signals (id text primary key, type text, data text)");
        if (phase != Phase.STREAMING) {
            database.execute("insert into t select n, repeat('x', 100) from generate_series(1, " + rows + ") n");
        }
        try (var written = TopicReader.ofAllWritten(scene.kafka().bootstrap(), scene.topic());
                var reader = new TopicReader(scene.kafka().bootstrap(), scene.topic())) {
            start(phase, fault, scene);
            if (phase == Phase.STREAMING) {
                CompletableFuture.runAsync(() -> write(database, rows));
            } else if (phase == Phase.BACKFILL) {
                database.execute(
                        """
                        insert into signals values ('1', 'execute-snapshot', '{"data-collections": ["public.t"],
                        "additional-conditions": [{"data-collection": "public.t", "filter": "pg_sleep(0.001) is not null"}]}')""");
            }
            int strike = 1 + random.nextInt(rows / 2);
            written.until(read -> read.size() >= strike, LIMIT);
            fault.strike(scene);
            reader.until(read -> read.size() >= rows, LIMIT);
            database.execute("insert into t values (-1, 'the end')");
            var all = reader.until(read -> read.stream().anyMatch(KillMatrixIT::isEnd), LIMIT);

            Map<Integer, Integer> times = new HashMap<>();
            all.forEach(record -> times.merge(id(record), 1, Integer::sum));
            assertThat(times)
                    .as("seed %d, %s, struck at %d", seed, scene.name(), strike)
                    .hasSize(rows + 1)
                    .allSatisfy(
                            (id, count) -> assertThat(count).as("row %d", id).isEqualTo(1));
            System.out.println(scene.name() + " struck at " + strike + ": clean");
        } catch (AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + ", " + scene.name() + ": "
                            + scene.worker().get("/connectors/" + scene.name() + "/status"),
                    e);
        } finally {
            scene.worker().delete("/connectors/" + scene.name());
        }
    }

    /** Goes on where it was when the server is back. */
    private static void write(Database database, int rows) {
        Awaitility.await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(1))
                .ignoreExceptions()
                .until(() -> {
                    long at = Long.parseLong(database.query("select coalesce(max(id), 0) from t"));
                    if (at < rows) {
                        database.execute("insert into t select n, repeat('x', 100) from generate_series(" + (at + 1)
                                + ", " + (at + ROWS_OF_A_TRANSACTION) + ") n");
                    }
                    return at >= rows;
                });
    }

    private static void start(Phase phase, Fault fault, Scene scene) {
        var config = Sample.pointedAt(Sample.json(), scene.database());
        config.put("topic.prefix", scene.name());
        config.put("exactly.once.support", "required");
        // A worker waits so long for one that was killed in its commit; a Kafka that is away for longer fences the
        // producer,
        // and Connect lets the task fail.
        config.put("producer.override.transaction.timeout.ms", fault == Fault.KAFKA ? "60000" : "6000");
        config.put("snapshot.mode", phase == Phase.SNAPSHOT ? "initial" : "no_data");
        config.put("signal.data.collection", "public.signals");
        scene.worker().put("/connectors/" + scene.name() + "/config", Sample.asJson(config));
        scene.worker().awaitRunning(scene.name());
        if (phase != Phase.SNAPSHOT) {
            ExactlyOnceScene.awaitStreaming(scene.database());
        }
    }

    private static boolean isEnd(ConsumerRecord<String, String> record) {
        return id(record) == -1;
    }

    private static int id(ConsumerRecord<String, String> record) {
        try {
            JsonNode key = JSON.readTree(record.key());
            return key.get("id").asInt();
        } catch (IOException e) {
            throw new UncheckedIOException(record.key(), e);
        }
    }
}
