package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Pipelines that do the same on one Postgres server, each in a database of its own, one after the other, beside a floor. */
final class Contest {

    private static final List<Contender> OURS =
            List.of(Contender.PAILLETTE, Contender.PAILLETTE_APART, Contender.CONNECTOR);

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "PAILLETTE,PAILLETTE_APART,DEBEZIUM,DEBEZIUM_TUNED",
            description = "Beside the floor, of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<Contender> only = List.of();

    /** What one pipeline does: from {@code source}, with {@code apart} on a server of its own for who wants that. */
    @FunctionalInterface
    interface Run {
        CaptureResult of(Contender contender, Database source, Database apart);
    }

    /** @param floor what no pipeline can be faster than */
    record Outcome(CaptureResult floor, Map<Contender, CaptureResult> results) {

        /** @param unit what is counted */
        void print(String title, String unit, String floorName) {
            var table = new TextTable(title, unit + "/s", "stored s", "consumed s", "CPU s", "peak MB");
            row(table, floorName, floor);
            results.forEach((contender, result) -> row(table, contender.title(), result));
            Say.print("\n" + table);
        }

        /** How each of ours stands to the floor, and to those of its peers that ran. */
        void printRatios(String floorName, double floorGoal, Map<Contender, Double> goals) {
            for (Contender ours : OURS) {
                CaptureResult result = results.get(ours);
                if (result != null) {
                    ratio(ours.title() + " / " + floorName, result, floor, floorGoal);
                    goals.forEach((peer, goal) -> {
                        if (results.containsKey(peer)) {
                            ratio(ours.title() + " / " + peer.title(), result, results.get(peer), goal);
                        }
                    });
                }
            }
        }

        private static void row(TextTable table, String name, CaptureResult result) {
            table.row(
                    name,
                    Figure.whole(result.perSecond()),
                    Figure.tenths(result.storedSeconds()),
                    Figure.tenths(result.consumedSeconds()),
                    Figure.tenths(result.cpuSeconds()),
                    result.peakMegabytes() == 0 ? "-" : String.valueOf(result.peakMegabytes()));
        }

        private static void ratio(String what, CaptureResult ours, CaptureResult peer, double goal) {
            Goal.atLeast(what, ours.perSecond() / peer.perSecond(), goal);
        }
    }

    Outcome run(String what, Function<Database, CaptureResult> floor, Run run) {
        var results = new EnumMap<Contender, CaptureResult>(Contender.class);
        try (var scope = new Scope()) {
            PostgresServer server = scope.add(SteadyPostgres.start());
            PostgresServer apart =
                    only.contains(Contender.PAILLETTE_APART) ? scope.add(SteadyPostgres.start()) : server;
            Setting.print(server.newDatabase(), what + "; consumer: defaults; tuned: " + Tuning.THROUGHPUT);
            CaptureResult least = inItsOwn(server, floor);
            for (Contender contender : only) {
                results.put(contender, inItsOwn(server, source -> run.of(contender, source, apart.newDatabase())));
            }
            return new Outcome(least, results);
        }
    }

    /** Drops the database afterwards, so that the next one's walsender does not read its WAL nor the disk fill. */
    private static CaptureResult inItsOwn(PostgresServer server, Function<Database, CaptureResult> run) {
        Database database = server.newDatabase();
        CaptureResult result = run.apply(database);
        database.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                + "where database = current_database()");
        server.newDatabase().execute("drop database " + database.name() + " with (force)", "checkpoint");
        return result;
    }
}
