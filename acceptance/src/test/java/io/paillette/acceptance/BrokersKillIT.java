package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.numbers.NumberCheck;
import io.paillette.testkit.numbers.NumberReader;
import io.paillette.testkit.numbers.NumberWriter;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Invariants 1, 2, 5 and 6 of the design with three brokers, any of which is killed, frozen, stopped or cut off: {@link Strikes}.
 */
class BrokersKillIT {

    private static final int BROKERS = 3;
    private static final int PARTITIONS = 6;
    private static final Duration PACE = Duration.ofMillis(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Tag("proof")
    @ParameterizedTest
    @MethodSource("io.paillette.acceptance.Strikes#seeds")
    @Proves(
            client = "kafka-clients, consumer groups",
            version = Published.KAFKA_CLIENTS,
            what =
                    "idempotent producers and a group on three brokers that are killed, frozen, cut off: all that was acknowledged is read once, in order")
    void whatWasAcknowledgedIsReadOnceAndInOrderWhateverHappensToTheBrokers(long seed) {
        var strikes = Strikes.of(seed, 4);
        try (var trio = Trio.of(BROKERS, Map.of())) {
            trio.create("orders", PARTITIONS);
            try (var writer = NumberWriter.start(trio.bootstrap(), "orders", PARTITIONS, PACE);
                    var reader = NumberReader.start(trio.bootstrap(), "orders", "readers", 2)) {
                strikes.hit(
                        trio,
                        BROKERS,
                        () -> awaitProgress(writer, reader),
                        () -> "without a write, by partition: " + writer.longestGaps());
                writer.stop();
                assertThat(NumberCheck.faults(writer, reader)).as("%s", strikes).isEmpty();
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
