package io.paillette.benchmarks;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "all",
        description = "Measures everything that docs/benchmarks.md shows, with defaults, and writes the page anew.",
        mixinStandardHelpOptions = true)
final class AllCommand implements Callable<Integer> {

    /** The others are measured when one fails. */
    @Override
    public Integer call() {
        var page = Measurement.page();
        var measurement = new Measurement(page);
        return page.names().stream()
                .mapToInt(name -> measurement.run(name, List.of()))
                .max()
                .orElseThrow();
    }
}
