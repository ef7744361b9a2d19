package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.change.KillRun;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Unmodified distributed workers with exactly-once support, SIGKILLed again and again while writers write. */
final class ExactlyOnceIT {

    private static final Duration LIMIT = Duration.ofMinutes(5);

    @Test
    @Tag("proof")
    void eachOf200000ChangesIsReadOnceAndInOrderThoughAWorkerOfKafka4IsKilledTenTimes() {
        eachChangeIsReadOnceAndInOrder(Peer.KAFKA_4, 200_000, 10);
    }

    @Test
    @Proves(
            client = "Kafka Connect, Paillette's connector",
            version = Published.KAFKA_4,
            what =
                    "writing to an Apache Kafka of that version, distributed worker killed: each change once and in order")
    void eachChangeIsReadOnceAndInOrderThoughAWorkerOfKafka4IsKilled() {
        eachChangeIsReadOnceAndInOrder(Peer.KAFKA_4, 10_000, 1);
    }

    @Test
    @Tag("proof")
    @Proves(
            client = "Kafka Connect, Paillette's connector",
            version = Published.KAFKA_3,
            what =
                    "writing to an Apache Kafka of that version, distributed worker killed: each change once and in order")
    void eachChangeIsReadOnceAndInOrderThoughAWorkerOfKafka3IsKilled() {
        eachChangeIsReadOnceAndInOrder(Peer.KAFKA_3, 20_000, 2);
    }

    private static void eachChangeIsReadOnceAndInOrder(Peer peer, long changes, int kills) {
        long seed = System.nanoTime();
        System.out.println(peer + " seed " + seed);
        var database = PostgresServer.shared().newDatabase();
        var config = Sample.pointedAt(Sample.json(), database);
        try (var kafka = ApacheKafka.start(peer);
                var worker = ExactlyOnceScene.worker(peer, kafka, "exactly-once")) {
            assertThat(worker.put("/connectors/app/config", Sample.asJson(config)))
                    .contains("PostgresSourceConnector");
            worker.awaitRunning("app");
            awaitStreaming(database, kafka.bootstrap());
            var scene = KillRun.Scene.of(worker, database, kafka.bootstrap());

            var verdict = new KillRun(changes, kills, 4, 2, seed).on(scene, System.out::println);

            assertThat(verdict.isClean())
                    .as(() -> "seed " + seed + ": " + verdict + "\n" + worker.get("/connectors/app/status") + "\n"
                            + worker.jvm().output())
                    .isTrue();
        }
    }

    /** Until then changes of a row end in one record: that of the row as it was read. */
    private static void awaitStreaming(Database database, String bootstrap) {
        database.execute("create table started (id int primary key)", "insert into started values (1)");
        try (var reader = new TopicReader(bootstrap, "app\\.public\\.started")) {
            reader.until(read -> read.size() == 1, LIMIT);
            // The first may have been read with its table; the second comes after all tables were read.
            database.execute("insert into started values (2)");
            reader.until(read -> read.size() == 2, LIMIT);
        }
    }
}
