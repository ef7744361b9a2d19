package io.paillette.benchmarks;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.change.ChangeReader;
import io.paillette.testkit.change.ChangeWorkload;
import io.paillette.testkit.change.KillSchedule;
import io.paillette.testkit.change.KillSchedule.Victim;
import io.paillette.testkit.change.ProcessedRecords;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "kill",
        description = "Kills broker, embedded Postgres and both in turn under load, and checks every change.",
        mixinStandardHelpOptions = true)
final class KillCommand implements Callable<Integer> {

    private static final Duration LIMIT = Duration.ofMinutes(15);
    /** Nothing new for so long although changes are missing: they are lost. */
    private static final Duration LOST = Duration.ofMinutes(1);
    /** Nothing new for so long after the last change: nothing is doubled. */
    private static final Duration QUIET = Duration.ofSeconds(5);

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
            BrokerProcess broker = scope.add(BrokerProcess.start(
                    PaillettePipeline.JVM_OPTIONS,
                    Map.of("store.url", "embedded", "source.app.url", "store", "source.app.tables", "public.*")));
            Database database = broker.store();
            Setting.print(
                    database,
                    changes + " changes, " + writers + " writers, " + readers + " readers, about " + rate
                            + " changes/s, " + kills + " kills, seed " + seed);
            return run(scope, broker, database) ? 0 : 1;
        }
    }

    private boolean run(Scope scope, BrokerProcess broker, Database database) {
        var processed = new ProcessedRecords(ProcessedRecords.Offsets.DENSE);
        ChangeWorkload.createTables(database, writers);
        var workload = scope.add(ChangeWorkload.start(database, new ChangeWorkload.Plan(writers, changes, rate, seed)));
        var reader = scope.add(ChangeReader.start(
                readers,
                Map.of("bootstrap.servers", broker.bootstrap(), "group.id", "kill", "metadata.max.age.ms", "1000"),
                ChangeWorkload.TABLES.stream()
                        .map(table -> "app.public." + table)
                        .toList(),
                processed));
        // By the group's progress, so that every kill meets the whole path at work.
        KillSchedule.run(kills, victims(broker), processed::rows, changes, new Random(seed), Say::note);
        var committed = workload.await(LIMIT);
        Say.note(committed.size() + " changes committed; the group has processed " + processed.rows());
        awaitQuiet(processed, reader, committed.size());
        reader.close();
        var verdict = processed.verdict(committed);
        Say.print(verdict + "\nredelivered before a commit " + processed.redelivered() + ", commits not acknowledged "
                + reader.failedCommits() + ", seed " + seed);
        return verdict.isClean();
    }

    private static List<Victim> victims(BrokerProcess broker) {
        return List.of(
                new Victim("broker", () -> {
                    broker.kill();
                    broker.start();
                }),
                new Victim("Postgres", () -> {
                    broker.killPostgres();
                    broker.awaitPostgres();
                }),
                new Victim("both", () -> {
                    broker.kill();
                    broker.killPostgres();
                    broker.start();
                }));
    }

    /** Until nothing has come for a while, whether or not it is all: too many records must show as well as too few. */
    private static void awaitQuiet(ProcessedRecords processed, ChangeReader reader, long expected) {
        var seen = new AtomicLong(-1);
        var since = new AtomicLong();
        Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(200)).until(() -> {
            reader.expectAlive();
            long rows = processed.rows();
            long now = System.nanoTime();
            if (seen.getAndSet(rows) != rows) {
                since.set(now);
            }
            return now - since.get() > (rows < expected ? LOST : QUIET).toNanos();
        });
    }
}
