package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer;
import java.util.EnumMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "snapshot",
        description = "Rows per second of reading the tables that are there when capture begins.",
        mixinStandardHelpOptions = true)
final class SnapshotCommand implements Callable<Integer> {

    private static final double GOAL_COPY = 0.2;
    private static final double GOAL_TUNED = 5;

    @Option(names = "--rows", defaultValue = "1000000", description = "Of the table (default: ${DEFAULT-VALUE}).")
    private long rows;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "PAILLETTE,PAILLETTE_APART,DEBEZIUM,DEBEZIUM_TUNED",
            description = "Beside COPY, of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
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
                    rows + " rows of about 250 bytes; consumer: defaults; tuned: " + Tuning.THROUGHPUT);
            floor = Databases.inItsOwn(server, database -> new SnapshotRun(database, rows).copyOut());
            for (Contender contender : only) {
                results.put(contender, Databases.inItsOwn(server, database -> new SnapshotRun(database, rows)
                        .run(contender, apart.newDatabase())));
            }
        }
        new CaptureTable("reading a table", "rows").print("COPY, throws away", floor, results);
        for (Contender ours : List.of(Contender.PAILLETTE, Contender.PAILLETTE_APART, Contender.CONNECTOR)) {
            if (results.containsKey(ours)) {
                CaptureTable.ratio(ours.title() + " / COPY", results.get(ours), floor, GOAL_COPY);
                if (results.containsKey(Contender.DEBEZIUM_TUNED)) {
                    CaptureTable.ratio(
                            ours.title() + " / " + Contender.DEBEZIUM_TUNED.title(),
                            results.get(ours),
                            results.get(Contender.DEBEZIUM_TUNED),
                            GOAL_TUNED);
                }
            }
        }
        return 0;
    }
}
