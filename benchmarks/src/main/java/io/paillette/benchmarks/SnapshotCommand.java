package io.paillette.benchmarks;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "snapshot",
        description = "Rows per second of reading the tables that are there when capture begins.",
        mixinStandardHelpOptions = true)
final class SnapshotCommand implements Callable<Integer> {

    private static final double GOAL_COPY = 0.2;
    private static final Map<Contender, Double> GOALS = Map.of(Contender.DEBEZIUM_TUNED, 5.0);

    @Option(names = "--rows", defaultValue = "1000000", description = "Of the table (default: ${DEFAULT-VALUE}).")
    private long rows;

    @Mixin
    private Contest contest = new Contest();

    @Override
    public Integer call() {
        Contest.Outcome outcome = contest.run(
                rows + " rows of about 250 bytes",
                database -> new SnapshotRun(database, rows).copyOut(),
                (contender, source, apart) -> new SnapshotRun(source, rows).run(contender, apart));
        outcome.print("reading a table", "rows", "COPY, throws away");
        outcome.printRatios("COPY", GOAL_COPY, GOALS);
        return 0;
    }
}
