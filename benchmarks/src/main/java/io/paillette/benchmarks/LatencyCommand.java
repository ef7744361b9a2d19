package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "latency", description = "Time from COMMIT to the consumer.", mixinStandardHelpOptions = true)
final class LatencyCommand implements Callable<Integer> {

    private static final double GOAL_P50_MS = 10;

    @Option(names = "--seconds", defaultValue = "60", description = "Measured time, each (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "15", description = "Seconds before that (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--rate", defaultValue = "1000", description = "Commits per second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(names = "--connections", defaultValue = "4", description = "That write (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "PAILLETTE,DEBEZIUM,DEBEZIUM_TUNED",
            description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<Contender> only = List.of();

    @Option(
            names = "--publish",
            description = "Commit what paillette.produce publishes, not rows of a captured table; Paillette alone.")
    private boolean publish;

    @Override
    public Integer call() {
        if (publish) {
            only = List.of(Contender.PAILLETTE);
        }
        var plan = new LatencyRun.Plan(rate, connections, warmUp, seconds);
        var results = new EnumMap<Contender, LatencyRun.Result>(Contender.class);
        try (var scope = new Scope()) {
            var server = scope.add(SteadyPostgres.start());
            Database apart = only.contains(Contender.PAILLETTE_APART)
                    ? scope.add(SteadyPostgres.start()).newDatabase()
                    : server.newDatabase();
            Setting.print(
                    apart,
                    rate + (publish ? " commits/s of one published record over " : " single-row commits/s over ")
                            + connections + " connections, " + seconds + " s after "
                            + warmUp + " s warm-up; consumer: defaults, in a group; tuned: "
                            + Tuning.LATENCY);
            for (Contender contender : only) {
                results.put(contender, measure(contender, plan, server.newDatabase(), apart));
            }
        }
        print(results);
        results.forEach((contender, result) -> {
            if (result.commits() < 0.95 * rate) {
                Say.print(contender.title() + ": the machine did not keep the pace; these figures say more about it");
            }
        });
        return 0;
    }

    private LatencyRun.Result measure(Contender contender, LatencyRun.Plan plan, Database database, Database apart) {
        Say.note(contender.title() + ": starting (" + contender.what() + ")");
        Rows.create(database);
        try (var scope = new Scope()) {
            Pipeline pipeline = scope.add(contender.open(database, apart, Tuning.LATENCY));
            Rows.marker(database);
            var topic = new Topic(pipeline.bootstrap(), publish ? Rows.PUBLISHED : Rows.TOPIC);
            if (publish) {
                topic.create();
                database.execute(Rows.PUBLISH.replace("?", "0"));
            }
            topic.await();
            try (var consumer = topic.member("latency")) {
                Topic.readUntil(consumer, record -> Rows.id(record.key()) == 0);
                Say.note(contender.title() + ": measuring");
                return new LatencyRun(plan, database, publish ? Rows.PUBLISH : Rows.INSERT).run(consumer);
            }
        }
    }

    private static void print(Map<Contender, LatencyRun.Result> results) {
        var table = new TextTable(
                "COMMIT returned to record, ms",
                "p50",
                "p99",
                "max",
                "before COMMIT p50",
                "p99",
                "commits/s",
                "missing",
                "doubled");
        results.forEach((contender, result) -> table.row(
                contender.title(),
                result.sinceReturned().text(0.5),
                result.sinceReturned().text(0.99),
                result.sinceReturned().text(1),
                result.sinceSent().text(0.5),
                result.sinceSent().text(0.99),
                String.format(Locale.ROOT, "%.0f", result.commits()),
                String.valueOf(result.missing()),
                String.valueOf(result.doubled())));
        Say.print("\n" + table);
        var ours = results.get(Contender.PAILLETTE);
        if (ours != null) {
            double p50 = ours.sinceReturned().milliseconds(0.5);
            Say.print(String.format(
                    Locale.ROOT, "goal: p50 <= %.0f ms: %s", GOAL_P50_MS, p50 <= GOAL_P50_MS ? "met" : "MISSED"));
            results.forEach((contender, result) -> {
                if (contender != Contender.PAILLETTE) {
                    Say.print(String.format(
                            Locale.ROOT,
                            "%s / Paillette: p50 %.1f, p99 %.1f",
                            contender.title(),
                            result.sinceReturned().milliseconds(0.5) / p50,
                            result.sinceReturned().milliseconds(0.99)
                                    / ours.sinceReturned().milliseconds(0.99)));
                }
            });
        }
    }
}
