package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
        var results = new EnumMap<Contender, CaptureResult>(Contender.class);
        CaptureResult floor;
        try (var scope = new Scope()) {
            PostgresServer server = scope.add(SteadyPostgres.start());
            PostgresServer apart =
                    only.contains(Contender.PAILLETTE_APART) ? scope.add(SteadyPostgres.start()) : server;
            Setting.print(
                    server.newDatabase(),
                    changes + " inserts of about 250 bytes, " + perTransaction
                            + " per transaction; consumer: defaults; tuned: "
                            + Tuning.THROUGHPUT);
            floor = Databases.inItsOwn(server, database -> new SlotReader(database, changes, perTransaction).run());
            for (Contender contender : only) {
                results.put(contender, Databases.inItsOwn(server, database -> new CaptureRun(
                                database, changes, perTransaction)
                        .run(contender, apart.newDatabase())));
            }
        }
        print(floor, results);
        return 0;
    }

    private static void print(CaptureResult floor, Map<Contender, CaptureResult> results) {
        new CaptureTable("catching up", "changes").print("Slot reader, throws away", floor, results);
        for (Contender ours : List.of(Contender.PAILLETTE, Contender.PAILLETTE_APART, Contender.CONNECTOR)) {
            var result = results.get(ours);
            if (result != null) {
                CaptureTable.ratio(ours.title() + " / slot reader", result, floor, GOAL_FLOOR);
                GOALS.forEach((peer, goal) -> {
                    var other = results.get(peer);
                    if (other != null) {
                        CaptureTable.ratio(ours.title() + " / " + peer.title(), result, other, goal);
                    }
                });
            }
        }
    }
}
