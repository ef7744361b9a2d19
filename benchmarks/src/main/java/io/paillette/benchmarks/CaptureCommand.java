package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "capture",
        description = "Changes per second of the whole path, catching up with what was written while nobody read.",
        mixinStandardHelpOptions = true)
final class CaptureCommand implements Callable<Integer> {

    private static final Map<Contender, Double> GOALS = Map.of(Contender.DEBEZIUM, 5.0, Contender.DEBEZIUM_TUNED, 3.0);
    private static final double GOAL_FLOOR = 0.7;

    @Option(names = "--changes", defaultValue = "1000000", description = "To catch up (default: ${DEFAULT-VALUE}).")
    private long changes;

    @Option(
            names = "--transaction",
            defaultValue = "100",
            description = "Changes per transaction (default: ${DEFAULT-VALUE}).")
    private int perTransaction;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "PAILLETTE,PAILLETTE_APART,DEBEZIUM,DEBEZIUM_TUNED",
            description = "Beside the slot reader, of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<Contender> only = List.of();

    @Override
    public Integer call() {
        var results = new EnumMap<Contender, CaptureRun.Result>(Contender.class);
        CaptureRun.Result floor;
        try (var scope = new Scope()) {
            PostgresServer server = scope.add(SteadyPostgres.start());
            PostgresServer apart =
                    only.contains(Contender.PAILLETTE_APART) ? scope.add(SteadyPostgres.start()) : server;
            Setting.print(
                    server.newDatabase(),
                    changes + " inserts of about 250 bytes, " + perTransaction
                            + " per transaction; consumer: defaults, in a group; tuned: "
                            + Tuning.THROUGHPUT);
            floor = inOwnDatabase(server, database -> new SlotReader(database, changes, perTransaction).run());
            for (Contender contender : only) {
                results.put(
                        contender, inOwnDatabase(server, database -> new CaptureRun(database, changes, perTransaction)
                                .run(contender, apart.newDatabase())));
            }
        }
        print(floor, results);
        return 0;
    }

    /** Dropped afterwards, so that the next one's walsender does not read its WAL nor the disk fill. */
    private static CaptureRun.Result inOwnDatabase(PostgresServer server, Function<Database, CaptureRun.Result> run) {
        Database database = server.newDatabase();
        CaptureRun.Result result = run.apply(database);
        database.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                + "where database = current_database()");
        server.newDatabase().execute("drop database " + database.name() + " with (force)", "checkpoint");
        return result;
    }

    private static void print(CaptureRun.Result floor, Map<Contender, CaptureRun.Result> results) {
        var table = new TextTable("catching up", "changes/s", "stored s", "consumed s", "CPU s", "peak MB");
        row(table, "Slot reader, throws away", floor);
        results.forEach((contender, result) -> row(table, contender.title(), result));
        Say.print("\n" + table);
        for (Contender ours : List.of(Contender.PAILLETTE, Contender.PAILLETTE_APART, Contender.CONNECTOR)) {
            var result = results.get(ours);
            if (result != null) {
                ratio(ours.title() + " / slot reader", result, floor, GOAL_FLOOR);
                GOALS.forEach((peer, goal) -> {
                    var other = results.get(peer);
                    if (other != null) {
                        ratio(ours.title() + " / " + peer.title(), result, other, goal);
                    }
                });
            }
        }
    }

    private static void row(TextTable table, String name, CaptureRun.Result result) {
        table.row(
                name,
                String.format(Locale.ROOT, "%,.0f", result.changesPerSecond()),
                number(result.storedSeconds()),
                number(result.consumedSeconds()),
                number(result.cpuSeconds()),
                result.peakMegabytes() == 0 ? "-" : String.valueOf(result.peakMegabytes()));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f", value);
    }

    private static void ratio(String what, CaptureRun.Result ours, CaptureRun.Result peer, double goal) {
        double ratio = ours.changesPerSecond() / peer.changesPerSecond();
        Say.print(String.format(
                Locale.ROOT, "%s: %.2f (goal %.1f: %s)", what, ratio, goal, ratio >= goal ? "met" : "MISSED"));
    }
}
