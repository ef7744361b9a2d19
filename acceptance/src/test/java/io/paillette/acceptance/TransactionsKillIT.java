package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.numbers.CommittedNumbers;
import io.paillette.testkit.numbers.NumberCopier;
import io.paillette.testkit.numbers.NumberWriter;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Invariants 1, 6 and 7 of the design: copies that read, write and commit offsets in one transaction have every number once, in
 * order, whichever broker is killed, frozen, stopped or cut off: {@link Strikes}.
 */
class TransactionsKillIT {

    private static final int BROKERS = 2;
    private static final int PARTITIONS = 4;
    private static final Duration PACE = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @ParameterizedTest
    @MethodSource("io.paillette.acceptance.Strikes#seeds")
    @Proves(
            client = "kafka-clients, transactions",
            version = Published.KAFKA_CLIENTS,
            what =
                    "reads, writes and offsets in one transaction, brokers killed, frozen, cut off: each record once, in order")
    void copiesHaveEveryNumberOnceAndInOrderWhateverHappensToTheBrokers(long seed) {
        var strikes = Strikes.of(seed, 5);
        try (var trio = Trio.of(BROKERS, Map.of())) {
            trio.create("orders", PARTITIONS);
            trio.create("copies", PARTITIONS);
            try (var writer = NumberWriter.start(trio.bootstrap(), "orders", PARTITIONS, PACE);
                    var copier = NumberCopier.start(trio.bootstrap(), "orders", "copies", 2, seed);
                    var copies = CommittedNumbers.start(trio.bootstrap(), "copies", PARTITIONS)) {
                strikes.hit(trio, BROKERS, () -> awaitProgress(copies), copier::toString);
                writer.stop();
                assertThat(copies.faults(writer::acknowledgedIn, PATIENCE))
                        .as("%s, %s", strikes, copier)
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
