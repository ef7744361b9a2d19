package io.paillette.testkit.change;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;

/** Kills in turn, spread over the progress of a workload, at random moments of each part. */
public final class KillSchedule {

    /**
     * Something that dies.
     *
     * @param strike SIGKILL, and starting it again where nobody else does
     */
    public record Victim(String name, Runnable strike) {}

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private KillSchedule() {}

    /**
     * Returns after the last kill.
     *
     * @param progress of the workload, up to {@code total}
     * @param report   gets one line per kill
     */
    public static void run(
            int kills,
            List<Victim> victims,
            LongSupplier progress,
            long total,
            Random random,
            Consumer<String> report) {
        for (int kill = 0; kill < kills; kill++) {
            Victim victim = victims.get(kill % victims.size());
            long moment = (long) (total * (kill + random.nextDouble()) / (kills + 0.5));
            Awaitility.await("the workload reaches " + moment)
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> progress.getAsLong() >= moment);
            long at = progress.getAsLong();
            long began = System.nanoTime();
            victim.strike().run();
            report.accept(
                    "kill " + (kill + 1) + " of " + kills + ": " + victim.name() + " at change " + at + ", back after "
                            + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms");
        }
    }
}
