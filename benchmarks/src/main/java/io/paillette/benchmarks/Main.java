package io.paillette.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code benchmarks/run NAME [options]}. */
@Command(
        name = "benchmarks/run",
        description = "Measures Paillette beside its peers, or kills it while it works.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "NAME",
        subcommands = {
            LatencyCommand.class,
            CaptureCommand.class,
            ShapesCommand.class,
            ReadersCommand.class,
            FilterCommand.class,
            TransformCommand.class,
            SnapshotCommand.class,
            ConnectorCommand.class,
            ProduceCommand.class,
            ConsumeCommand.class,
            EndToEndCommand.class,
            IdleCommand.class,
            GrowthCommand.class,
            GroupsCommand.class,
            PageCommand.class,
            AllCommand.class,
            KillCommand.class
        })
public final class Main {

    Main() {}

    /** Exit code 0: measured, and for kill: clean; 1: failed; 2: wrong usage. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .execute(arguments));
    }
}
