package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "latency", description = "Time from COMMIT to the consumer.", mixinStandardHelpOptions = true)
final class LatencyCommand implements Callable<Integer> {

    private static final double GOAL_P50_MS = 5;
    private static final double GOAL_P99_MS = 25;
    private static final double GOAL_BESIDE_BACKFILL = 1.5;

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

    private Optional<LatencyRun.Result> besideBackfill = Optional.empty();
    private String backfillSpeed = "";

    @Option(
            names = "--publish",
            description = "Commit what paillette.produce publishes, not rows of a captured table; Paillette alone.")
    private boolean publish;

    @Option(
            names = "--backfill",
            paramLabel = "ROWS",
            description =
                    "Paillette alone, twice: the second time while a table of so many rows is read again and again.")
    private long backfill;

    @Override
    public Integer call() {
        if (publish || backfill > 0) {
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
                results.put(contender, measure(contender, plan, server.newDatabase(), apart, 0));
            }
            if (backfill > 0) {
                Database other = scope.add(SteadyPostgres.start()).newDatabase(); // slots are a server's
                besideBackfill = Optional.of(measure(Contender.PAILLETTE, plan, other, other, backfill));
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

    private LatencyRun.Result measure(
            Contender contender, LatencyRun.Plan plan, Database database, Database apart, long rows) {
        Say.note(contender.title() + ": starting (" + contender.what() + ")");
        Rows.create(database);
        if (rows > 0) {
            RepeatedBackfill.createTable(database, rows);
        }
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
                if (rows > 0) {
                    var repeated = scope.add(RepeatedBackfill.start(database));
                    var result = new LatencyRun(plan, database, Rows.INSERT).run(consumer);
                    backfillSpeed = repeated.speed();
                    return result;
                }
                return new LatencyRun(plan, database, publish ? Rows.PUBLISH : Rows.INSERT).run(consumer);
            }
        }
    }

    private void print(Map<Contender, LatencyRun.Result> results) {
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
        results.forEach((contender, result) -> row(table, contender.title(), result));
        besideBackfill.ifPresent(result -> row(table, "Paillette, beside a backfill", result));
        Say.print("\n" + table);
        var ours = results.get(Contender.PAILLETTE);
        if (ours != null) {
            double p50 = ours.sinceReturned().milliseconds(0.5);
            double p99 = ours.sinceReturned().milliseconds(0.99);
            goal("p50 <= %.0f ms", GOAL_P50_MS, p50);
            goal("p99 <= %.0f ms", GOAL_P99_MS, p99);
            besideBackfill.ifPresent(result -> {
                Say.print("the backfill told " + backfillSpeed + " rows/s");
                goal(
                        "p99 beside a backfill / p99 without <= %.1f",
                        GOAL_BESIDE_BACKFILL, result.sinceReturned().milliseconds(0.99) / p99);
            });
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

    private static void goal(String what, double goal, double measured) {
        Say.print(String.format(
                Locale.ROOT, "goal: " + what + ": %.2f, %s", goal, measured, measured <= goal ? "met" : "MISSED"));
    }

    private static void row(TextTable table, String title, LatencyRun.Result result) {
        table.row(
                title,
                result.sinceReturned().text(0.5),
                result.sinceReturned().text(0.99),
                result.sinceReturned().text(1),
                result.sinceSent().text(0.5),
                result.sinceSent().text(0.99),
                String.format(Locale.ROOT, "%.0f", result.commits()),
                String.valueOf(result.missing()),
                String.valueOf(result.doubled()));
    }
}
