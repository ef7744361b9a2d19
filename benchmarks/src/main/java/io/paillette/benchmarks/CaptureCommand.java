package io.paillette.benchmarks;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "capture",
        description = "Changes per second of the whole path, catching up with what was written while nobody read.",
        mixinStandardHelpOptions = true)
final class CaptureCommand implements Callable<Integer> {

    private static final Map<Contender, Double> GOALS =
            new EnumMap<>(Map.of(Contender.DEBEZIUM, 5.0, Contender.DEBEZIUM_TUNED, 3.0));
    private static final double GOAL_FLOOR = 0.7;

    @Option(names = "--changes", defaultValue = "1000000", description = "To catch up (default: ${DEFAULT-VALUE}).")
    private long changes;

    @Option(
            names = "--transaction",
            defaultValue = "100",
            description = "Changes per transaction (default: ${DEFAULT-VALUE}).")
    private int perTransaction;

    @Mixin
    private Contest contest = new Contest();

    @Override
    public Integer call() {
        Contest.Outcome outcome = contest.run(
                changes + " inserts of about 250 bytes, " + perTransaction + " per transaction",
                database -> new SlotReader(database, changes, perTransaction).run(),
                (contender, source, apart) -> new CaptureRun(source, changes, perTransaction).run(contender, apart));
        outcome.print("catching up", "changes", "Slot reader, throws away");
        outcome.printRatios("slot reader", GOAL_FLOOR, GOALS);
        return 0;
    }
}
