package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.numbers.NumberCheck;
import io.paillette.testkit.numbers.NumberReader;
import io.paillette.testkit.numbers.NumberWriter;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Invariants 1, 2, 5 and 6 of the design with three brokers, any of which is killed, frozen, stopped or cut off at random.
 * {@code -Dkills=100} for a longer run, {@code -Dseed=} for the same one again.
 */
class BrokersKillIT {

    private static final int BROKERS = 3;
    private static final int PARTITIONS = 6;
    private static final Duration PACE = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    @Proves(
            client = "kafka-clients, consumer groups",
            version = Published.KAFKA_CLIENTS,
            what =
                    "idempotent producers and a group on three brokers that are killed, frozen, cut off: all that was acknowledged is read once, in order")
    void whatWasAcknowledgedIsReadOnceAndInOrderWhateverHappensToTheBrokers() {
        int kills = Integer.getInteger("kills", 8);
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var trio = Trio.of(BROKERS, Map.of())) {
            trio.create("orders", PARTITIONS);
            try (var writer = NumberWriter.start(trio.bootstrap(), "orders", PARTITIONS, PACE);
                    var reader = NumberReader.start(trio.bootstrap(), "orders", "readers", 2)) {
                awaitProgress(writer, reader);
                for (int kill = 1; kill <= kills; kill++) {
                    var strike = Strike.any(random);
                    int victim = 1 + random.nextInt(BROKERS);
                    var unused = writer.longestGaps();
                    strike.hit(trio, trio.broker(victim));
                    awaitProgress(writer, reader);
                    System.out.println("kill " + kill + " of " + kills + ": " + strike + " of broker " + victim
                            + ", without a write, by partition: " + writer.longestGaps());
                }
                writer.stop();
                assertThat(NumberCheck.faults(writer, reader))
                        .as("seed " + seed)
                        .isEmpty();
                System.out.println(
                        writer.acknowledged() + " written, " + reader.redelivered() + " redelivered before a commit");
            }
        }
    }

    private static void awaitProgress(NumberWriter writer, NumberReader reader) {
        long written = writer.acknowledgedEverywhere();
        long read = reader.read();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> writer.acknowledgedEverywhere() > written + 50 && reader.read() > read + 50);
    }
}
