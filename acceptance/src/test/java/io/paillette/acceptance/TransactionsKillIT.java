package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.numbers.CommittedNumbers;
import io.paillette.testkit.numbers.NumberCopier;
import io.paillette.testkit.numbers.NumberWriter;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Invariants 1, 6 and 7 of the design: copies that read, write and commit offsets in one transaction have every number once, in
 * order, whichever broker is killed, frozen, stopped or cut off. {@code -Dkills=100} for a longer run, {@code -Druns=20} for more
 * seeds, {@code -Dseed=} for the same one again.
 */
class TransactionsKillIT {

    private static final int BROKERS = 2;
    private static final int PARTITIONS = 4;
    private static final Duration PACE = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("runs", 1)).map(run -> Long.getLong("seed", System.nanoTime()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Proves(
            client = "kafka-clients, transactions",
            version = Published.KAFKA_CLIENTS,
            what =
                    "reads, writes and offsets in one transaction, brokers killed, frozen, cut off: each record once, in order")
    void copiesHaveEveryNumberOnceAndInOrderWhateverHappensToTheBrokers(long seed) {
        int kills = Integer.getInteger("kills", 5);
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var trio = Trio.of(BROKERS, Map.of())) {
            trio.create("orders", PARTITIONS);
            trio.create("copies", PARTITIONS);
            try (var writer = NumberWriter.start(trio.bootstrap(), "orders", PARTITIONS, PACE);
                    var copier = NumberCopier.start(trio.bootstrap(), "orders", "copies", 2, seed);
                    var copies = CommittedNumbers.start(trio.bootstrap(), "copies", PARTITIONS)) {
                awaitProgress(copies);
                for (int kill = 1; kill <= kills; kill++) {
                    var strike = Strike.any(random);
                    int victim = 1 + random.nextInt(BROKERS);
                    strike.hit(trio, trio.broker(victim));
                    awaitProgress(copies);
                    System.out.println(
                            "kill " + kill + " of " + kills + ": " + strike + " of broker " + victim + "; " + copier);
                }
                writer.stop();
                assertThat(copies.faults(writer::acknowledgedIn, PATIENCE))
                        .as("seed " + seed + ", " + copier)
                        .isEmpty();
                System.out.println(writer.acknowledged() + " written and copied, " + copier);
            }
        }
    }

    private static void awaitProgress(CommittedNumbers copies) {
        long read = copies.read();
        Awaitility.await().atMost(PATIENCE).until(() -> copies.read() > read + 50);
    }
}
