package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.numbers.CommittedNumbers;
import io.paillette.testkit.numbers.NumberPublisher;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What applications publish by SQL is in its partition once, in order, if and only if its transaction committed, whichever
 * broker is killed, frozen, stopped, or cut off from Postgres together with the applications: {@link Strikes}.
 */
class PublishKillIT {

    private static final int BROKERS = 2;
    private static final int PARTITIONS = 4;
    private static final Duration PACE = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @ParameterizedTest
    @MethodSource("io.paillette.acceptance.Strikes#seeds")
    @Proves(
            client = "kafka-clients, consumer",
            version = Published.KAFKA_CLIENTS,
            what =
                    "records published by SQL, brokers killed, frozen, cut off: those of committed transactions, once, in order")
    void everyCommittedNumberIsThereOnceAndInOrderWhateverHappensToTheBrokers(long seed) {
        var strikes = Strikes.of(seed, 3);
        try (var trio = Trio.of(BROKERS, Map.of())) {
            trio.create("orders", PARTITIONS);
            try (var publisher = NumberPublisher.start(trio.database, "orders", PARTITIONS, PACE, seed);
                    var numbers = CommittedNumbers.start(trio.bootstrap(), "orders", PARTITIONS)) {
                strikes.hit(
                        trio,
                        BROKERS,
                        () -> awaitProgress(numbers),
                        () -> numbers.read() + " read, applications cut off " + publisher.cuts() + " times");
                assertThat(publisher.stop()).isEmpty();
                assertThat(numbers.faults(publisher::publishedIn, PATIENCE))
                        .as("%s", strikes)
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
