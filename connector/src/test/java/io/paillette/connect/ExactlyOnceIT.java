package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An unmodified distributed worker of Kafka 4 with exactly-once support, killed again and again while writers write. */
final class ExactlyOnceIT {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int KILLS = 3;
    private static final int RECORDS_PER_KILL = 2_000;

    @Test
    void everyChangeIsReadExactlyOnceAndInOrderPerKeyThoughTheWorkerIsKilled()
            throws SQLException, InterruptedException {
        long seed = System.nanoTime();
        System.out.println("ExactlyOnceIT seed " + seed);
        var database = PostgresServer.shared().newDatabase();
        var ledger = new Ledger(database, List.of("a", "b", "c"));
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
            awaitStreaming(database, reader);
            List<Thread> writers = IntStream.range(0, 4)
                    .mapToObj(number -> ledger.writer(number, seed))
                    .toList();
            for (int kill = 1; kill <= KILLS; kill++) {
                int more = kill * RECORDS_PER_KILL;
                reader.until(read -> read.size() >= more, LIMIT);
                worker.kill();
                worker.start();
            }
            ledger.stop();
            for (Thread writer : writers) {
                writer.join();
            }
            Map<String, List<String>> committed = ledger.committed();
            int expected = committed.values().stream().mapToInt(List::size).sum();
            var records = reader.until(read -> Ledger.count(read) >= expected, LIMIT);
            assertThat(Ledger.read(records)).isEqualTo(committed);
        }
    }

    /** Until then changes of a row end in one record: that of the row as it was read. */
    private static void awaitStreaming(Database database, TopicReader reader) {
        database.execute("create table started (id int primary key)", "insert into started values (1)");
        reader.until(read -> read.size() == 1, LIMIT);
        // The first may have been read with its table; the second comes after all tables were read.
        database.execute("insert into started values (2)");
        reader.until(read -> read.size() == 2, LIMIT);
    }
}
