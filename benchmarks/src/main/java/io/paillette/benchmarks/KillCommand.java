package io.paillette.benchmarks;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.change.KillRun;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "kill",
        description = "Kills broker, embedded Postgres and both in turn under load, and checks every change.",
        mixinStandardHelpOptions = true)
final class KillCommand implements Callable<Integer> {

    @Option(names = "--changes", defaultValue = "200000", description = "To commit (default: ${DEFAULT-VALUE}).")
    private long changes;

    @Option(names = "--kills", defaultValue = "10", description = "Spread over them (default: ${DEFAULT-VALUE}).")
    private int kills;

    @Option(names = "--writers", defaultValue = "4", description = "At the same time (default: ${DEFAULT-VALUE}).")
    private int writers;

    @Option(names = "--readers", defaultValue = "2", description = "Members of the group (default: ${DEFAULT-VALUE}).")
    private int readers;

    @Option(
            names = "--rate",
            defaultValue = "4000",
            description =
                    "Changes per second of all writers, about; 0: as fast as they can (default: ${DEFAULT-VALUE}).")
    private long rate;

    @Option(names = "--seed", description = "Of writers and kills (default: a new one).")
    private long seed = System.nanoTime();

    @Override
    public Integer call() {
        try (var scope = new Scope()) {
            Say.note("starting the broker with an embedded Postgres");
            BrokerProcess broker =
                    scope.add(BrokerProcess.start(PaillettePipeline.JVM_OPTIONS, KillRun.brokerSettings()));
            Setting.print(
                    broker.store(),
                    changes + " changes, " + writers + " writers, " + readers + " readers, about " + rate
                            + " changes/s, " + kills + " kills, seed " + seed);
            var verdict =
                    new KillRun(changes, kills, writers, readers, rate, seed).on(KillRun.Scene.of(broker), Say::note);
            Say.print(verdict.toString());
            return verdict.isClean() ? 0 : 1;
        }
    }
}
