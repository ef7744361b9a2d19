package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.change.MessageChecker;
import io.paillette.testkit.change.MessageWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Logical messages and the metadata of transactions through an unmodified distributed worker that is SIGKILLed. */
final class MessagesIT {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int STEPS = 400;
    private static final int KILLS = 2;

    @Test
    @Tag("proof")
    void eachMessageIsReadOnceAndInOrderAndEachTransactionToldWholeThoughTheWorkerIsKilled() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var database = PostgresServer.shared().newDatabase();
        var config = Sample.pointedAt(Sample.json(), database);
        config.put("snapshot.mode", "no_data");
        config.put("provide.transaction.metadata", "true");
        var writer = new MessageWriter(database, seed, STEPS);
        writer.makeTable();
        try (var kafka = ApacheKafka.start(Peer.KAFKA_4);
                var worker = ExactlyOnceScene.worker(Peer.KAFKA_4, kafka, "messages");
                var messages = new TopicReader(kafka.bootstrap(), "app\\.message");
                var transactions = new TopicReader(kafka.bootstrap(), "app\\.transaction")) {
            assertThat(worker.put("/connectors/app/config", Sample.asJson(config)))
                    .contains("PostgresSourceConnector");
            worker.awaitRunning("app");
            ExactlyOnceScene.awaitStreaming(database);
            CompletableFuture<Void> written = writer.start();
            for (int kill = 1; kill <= KILLS; kill++) {
                int due = kill * STEPS / (KILLS + 1);
                Awaitility.await().atMost(LIMIT).until(() -> writer.steps() >= due || written.isDone());
                worker.kill();
                worker.start();
                worker.awaitRunning("app");
            }
            written.join();
            var checker = new MessageChecker(writer);
            var read = messages.until(all -> checker.isEnough(all.size(), Integer.MAX_VALUE), LIMIT);
            var told = transactions.until(all -> checker.isEnough(Integer.MAX_VALUE, all.size()), LIMIT);

            assertThat(checker.problems(values(read), values(told)))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    private static List<String> values(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }
}
