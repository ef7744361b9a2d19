package io.paillette.benchmarks;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "shapes",
        description = "As capture, for changes of other shapes, one after the other.",
        mixinStandardHelpOptions = true)
final class ShapesCommand implements Callable<Integer> {

    @Option(
            names = "--changes",
            defaultValue = "1000000",
            description = "To catch up; shapes of larger ones have fewer (default: ${DEFAULT-VALUE}).")
    private long changes;

    @Option(
            names = "--shapes",
            split = ",",
            defaultValue = "WIDE,TINY,SMALL_TRANSACTIONS,ONE_TRANSACTION,MANY_TABLES",
            description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<Workload> shapes = List.of();

    @Mixin
    private Contest contest = new Contest();

    @Override
    public Integer call() {
        shapes.forEach(new CatchingUp(changes, contest)::measure);
        return 0;
    }
}
