package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.change.KillRun;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Invariants 1, 2, 3, 4 and 6 of the design, under SIGKILL of everything. */
class KillIT {

    @Test
    void eachOf40000ChangesIsProcessedOnceAndInOrderWhileBrokerAndPostgresAreKilledThrice() {
        run(40_000, 3);
    }

    @Test
    @Tag("proof")
    void eachOf200000ChangesIsProcessedOnceAndInOrderWhileBrokerAndPostgresAreKilledTenTimes() {
        run(200_000, 10);
    }

    private static void run(int changes, int kills) {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        try (var broker = BrokerProcess.start(List.of("-Xmx256m"), KillRun.brokerSettings())) {
            var verdict = new KillRun(changes, kills, 4, 2, seed).on(KillRun.Scene.of(broker), System.out::println);

            assertThat(verdict.isClean()).as("seed " + seed + ": " + verdict).isTrue();
        }
    }
}
