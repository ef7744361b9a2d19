package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.numbers.CommittedNumbers;
import io.paillette.testkit.numbers.NumberPublisher;
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
 * What applications publish by SQL is in its partition once, in order, if and only if its transaction committed, whichever
 * broker is killed, frozen, stopped, or cut off from Postgres together with the applications. {@code -Dkills=100} for a longer run, {@code -Druns=20} for more seeds, {@code
 * -Dseed=} for the same one again.
 */
class PublishKillIT {

    private static final int BROKERS = 2;
    private static final int PARTITIONS = 4;
    private static final Duration PACE = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("runs", 1)).map(run -> Long.getLong("seed", System.nanoTime()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    @Proves(
            client = "kafka-clients, consumer",
            version = Published.KAFKA_CLIENTS,
            what =
                    "records published by SQL, brokers killed, frozen, cut off: those of committed transactions, once, in order")
    void everyCommittedNumberIsThereOnceAndInOrderWhateverHappensToTheBrokers(long seed) {
        int kills = Integer.getInteger("kills", 5);
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var trio = Trio.of(BROKERS, Map.of())) {
            trio.create("orders", PARTITIONS);
            try (var publisher = NumberPublisher.start(trio.database, "orders", PARTITIONS, PACE, seed);
                    var numbers = CommittedNumbers.start(trio.bootstrap(), "orders", PARTITIONS)) {
                awaitProgress(numbers);
                for (int kill = 1; kill <= kills; kill++) {
                    var strike = Strike.any(random);
                    int victim = 1 + random.nextInt(BROKERS);
                    strike.hit(trio, trio.broker(victim));
                    awaitProgress(numbers);
                    System.out.println("kill " + kill + " of " + kills + ": " + strike + " of broker " + victim + "; "
                            + numbers.read() + " read, applications cut off " + publisher.cuts() + " times");
                }
                assertThat(publisher.stop()).isEmpty();
                assertThat(numbers.faults(publisher::publishedIn, PATIENCE))
                        .as("seed " + seed)
                        .isEmpty();
            }
            assertThat(trio.database.query("select count(*) from paillette.inbox"))
                    .isEqualTo("0");
        }
    }

    private static void awaitProgress(CommittedNumbers numbers) {
        long read = numbers.read();
        Awaitility.await().atMost(PATIENCE).until(() -> numbers.read() > read + 50);
    }
}
