package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.change.MessageChecker;
import io.paillette.testkit.change.MessageWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Logical messages, in and out of transactions, and the metadata of transactions, while the broker is SIGKILLed. */
class MessagesKillIT {

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int STEPS = 600;
    private static final int KILLS = 3;

    @Test
    @Tag("proof")
    void eachMessageIsThereOnceAndInOrderAndEachTransactionToldWholeThoughTheBrokerIsKilled() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        try (var broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.of(
                        "store.url", "embedded",
                        "source.app.url", "store",
                        "source.app.provide.transaction.metadata", "true"))) {
            var writer = new MessageWriter(broker.store(), seed, STEPS);
            writer.makeTable();
            writer.awaitTold("paillette_app");
            CompletableFuture<Void> written = writer.start();
            for (int kill = 1; kill <= KILLS; kill++) {
                int due = kill * STEPS / (KILLS + 1);
                Awaitility.await().atMost(LIMIT).until(() -> writer.steps() >= due || written.isDone());
                broker.kill();
                broker.start();
            }
            written.join();
            var checker = new MessageChecker(writer);
            Awaitility.await()
                    .atMost(LIMIT)
                    .until(() -> checker.isEnough(
                            read(broker, "app.message").size(),
                            read(broker, "app.transaction").size()));

            assertThat(checker.problems(read(broker, "app.message"), read(broker, "app.transaction")))
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    private static List<String> read(BrokerProcess broker, String topic) {
        return Topics.committed(broker.bootstrap(), topic);
    }
}
