package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An unmodified distributed worker of Kafka 4 with exactly-once support, killed again and again while writers write. */
final class ExactlyOnceIT {

    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int KILLS = 3;
    private static final int CHANGES_PER_KILL = 5_000;

    @Test
    void everyChangeIsReadExactlyOnceAndInOrderPerKeyThoughTheWorkerIsKilled()
            throws SQLException, InterruptedException {
        long seed = System.nanoTime();
        System.out.println("ExactlyOnceIT seed " + seed);
        var database = PostgresServer.shared().newDatabase();
        var ledger = new Ledger(database, List.of("a", "b", "c"));
        int total = CHANGES_PER_KILL * (KILLS + 1);
        var config = Sample.pointedAt(Sample.json(), database);
        try (var kafka = ApacheKafka.start(Peer.KAFKA_4);
                var worker = ConnectWorker.distributed(
                        new ConnectWorker.Setup(
                                Peer.KAFKA_4,
                                kafka.bootstrap(),
                                List.of(Sample.plugins()),
                                Map.of("exactly.once.source.support", "enabled")),
                        "exactly-once");
                var reader = new TopicReader(kafka.bootstrap(), "app\\.public\\..*")) {
            assertThat(worker.put("/connectors/app/config", Sample.asJson(config)))
                    .contains("PostgresSourceConnector");
            worker.awaitRunning("app");
            List<Thread> writers = IntStream.range(0, 4)
                    .mapToObj(number -> ledger.writer(number, seed, total))
                    .toList();
            for (int kill = 1; kill <= KILLS; kill++) {
                int at = kill * CHANGES_PER_KILL;
                await().atMost(LIMIT).until(() -> ledger.changes() >= at);
                worker.kill();
                worker.start();
            }
            for (Thread writer : writers) {
                writer.join();
            }
            Map<String, List<String>> committed = ledger.committed();
            int expected = committed.values().stream().mapToInt(List::size).sum();
            var records = reader.until(read -> read.size() >= expected, LIMIT);
            assertThat(Ledger.read(records)).isEqualTo(committed);
        }
    }
}
