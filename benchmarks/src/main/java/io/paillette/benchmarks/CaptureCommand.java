package io.paillette.benchmarks;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "capture",
        description = "Changes per second of the whole path, catching up with what was written while nobody read.",
        mixinStandardHelpOptions = true)
final class CaptureCommand implements Callable<Integer> {

    @Option(names = "--changes", defaultValue = "1000000", description = "To catch up (default: ${DEFAULT-VALUE}).")
    private long changes;

    @Mixin
    private Contest contest = new Contest();

    @Override
    public Integer call() {
        new CatchingUp(changes, contest).measure(Workload.ROWS);
        return 0;
    }
}
