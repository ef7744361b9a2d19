package io.paillette.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

@Command(
        name = "page",
        description = {"Measures, and writes that section of docs/benchmarks.md anew.", "Options are those of NAME."})
final class PageCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "NAME", description = "A benchmark that has a section.")
    private String name = "";

    @Unmatched
    private List<String> options = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        var page = Measurement.page();
        if (!page.names().contains(name)) {
            throw new ParameterException(spec.commandLine(), name + " has no section; these have: " + page.names());
        }
        return new Measurement(page).run(name, options);
    }
}
