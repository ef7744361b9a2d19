package io.paillette.benchmarks;

import java.util.EnumMap;
import java.util.Map;

/**
 * Catching up with what was written while nobody read, beside a reader of the slot that throws away what it reads.
 *
 * @param changes of the plainest shape; others may have fewer
 */
record CatchingUp(long changes, Contest contest) {

    private static final Map<Contender, Double> GOALS =
            new EnumMap<>(Map.of(Contender.DEBEZIUM, 5.0, Contender.DEBEZIUM_TUNED, 3.0));
    private static final double GOAL_FLOOR = 0.7;

    void measure(Workload shape) {
        long count = shape.changes(changes);
        Contest.Outcome outcome = contest.run(
                shape.describe(changes),
                database -> new SlotReader(database, shape, count).run(),
                (contender, source, apart) -> new CaptureRun(source, shape, count).run(contender, apart));
        outcome.print("catching up", "changes", "Slot reader, throws away");
        outcome.printRatios("slot reader", GOAL_FLOOR, GOALS);
    }
}
