package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "connector",
        description =
                "The connector beside Debezium in the same Connect worker: catching up, memory, COMMIT to consumer.",
        mixinStandardHelpOptions = true)
final class ConnectorCommand implements Callable<Integer> {

    private static final Map<ConnectorRival, Double> FASTER =
            new EnumMap<>(Map.of(ConnectorRival.OURS, 3.0, ConnectorRival.OURS_TUNED, 2.0));
    private static final double MEMORY = 0.5;
    private static final double P50_MS = 6;
    private static final double P99_MS = 30;

    @Option(names = "--changes", defaultValue = "300000", description = "To catch up (default: ${DEFAULT-VALUE}).")
    private long changes;

    @Option(names = "--seconds", defaultValue = "20", description = "Of latency, each (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--rate", defaultValue = "1000", description = "Commits per second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "OURS,DEBEZIUM,OURS_TUNED,DEBEZIUM_TUNED",
            description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<ConnectorRival> only = List.of();

    @Override
    public Integer call() {
        try (var scope = new Scope()) {
            PostgresServer server = scope.add(SteadyPostgres.start());
            Setting.print(
                    server.newDatabase(),
                    Workload.ROWS.describe(changes) + "; then " + rate + " single-row commits/s over 4 connections, "
                            + seconds + " s after 10 s warm-up; tuned: connector "
                            + ConnectorRival.TUNED_DEBEZIUM + ", worker " + ConnectorRival.TUNED_WORKER);
            for (ConverterChoice converters : ConverterChoice.values()) {
                var results = each(server, source -> rival -> catchUp(rival, source, converters));
                Say.note("A connector that has nothing to do, " + converters.title());
                printCatchingUp(converters, results, new ConnectCeiling(changes, worker(converters)).measure());
            }
            printLatency(each(server, source -> rival -> latency(rival, source)));
        }
        return 0;
    }

    /** Each in a database of its own, which is gone afterwards: slots are the server's. */
    private <T> Map<ConnectorRival, T> each(
            PostgresServer server, Function<Database, Function<ConnectorRival, T>> measure) {
        Map<ConnectorRival, T> results = new EnumMap<>(ConnectorRival.class);
        for (ConnectorRival rival : only) {
            Database database = server.newDatabase();
            results.put(rival, measure.apply(database).apply(rival));
            database.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots "
                    + "where database = current_database()");
            server.newDatabase().execute("drop database " + database.name() + " with (force)", "checkpoint");
        }
        return results;
    }

    private CaptureResult catchUp(ConnectorRival rival, Database source, ConverterChoice converters) {
        return new CaptureRun(source, Workload.ROWS, changes)
                .run(rival.title() + ", " + converters.title(), rival.what(), () -> rival.open(source, converters));
    }

    private LatencyRun.Result latency(ConnectorRival rival, Database source) {
        Say.note(rival.title() + ": latency");
        Rows.create(source);
        try (var scope = new Scope()) {
            Pipeline pipeline = scope.add(rival.open(source, ConverterChoice.JSON));
            Rows.marker(source);
            var topic = new Topic(pipeline.bootstrap());
            topic.await();
            try (var consumer = topic.member("latency")) {
                Topic.readUntil(consumer, record -> Rows.id(record.key()) == 0);
                return new LatencyRun(new LatencyRun.Plan(rate, 4, 10, seconds), source, Rows.INSERT).run(consumer);
            }
        }
    }

    private static Map<String, String> worker(ConverterChoice converters) {
        Map<String, String> worker = new HashMap<>(converters.worker());
        worker.putAll(ConnectorRival.TUNED_WORKER);
        return worker;
    }

    private static void printCatchingUp(
            ConverterChoice converters, Map<ConnectorRival, CaptureResult> results, CaptureResult ceiling) {
        var table = new TextTable(
                "catching up, " + converters.title(), "changes/s", "stored s", "consumed s", "CPU s", "peak MB");
        row(table, "Nothing to do, worker tuned", ceiling);
        results.forEach((rival, result) -> row(table, rival.title(), result));
        Say.print("\n" + table);
        FASTER.forEach((ours, goal) -> {
            if (results.containsKey(ours) && results.containsKey(ours.peer())) {
                CaptureResult result = results.get(ours);
                CaptureResult peer = results.get(ours.peer());
                Goal.atLeast(ours.title() + " / " + ours.peer().title(), result.perSecond() / peer.perSecond(), goal);
            }
        });
        CaptureResult ours = results.get(ConnectorRival.OURS);
        CaptureResult peer = results.get(ConnectorRival.DEBEZIUM);
        if (ours != null && peer != null) {
            Goal.atMost(
                    "peak memory of worker and Kafka, Paillette / Debezium",
                    ours.peakMegabytes() / (double) peer.peakMegabytes(),
                    MEMORY);
        }
    }

    private static void row(TextTable table, String title, CaptureResult result) {
        table.row(
                title,
                Figure.whole(result.perSecond()),
                Figure.tenths(result.storedSeconds()),
                Figure.tenths(result.consumedSeconds()),
                Figure.tenths(result.cpuSeconds()),
                String.valueOf(result.peakMegabytes()));
    }

    private static void printLatency(Map<ConnectorRival, LatencyRun.Result> results) {
        var table =
                new TextTable("COMMIT returned to record, ms", "p50", "p99", "max", "commits/s", "missing", "doubled");
        results.forEach((rival, result) -> table.row(
                rival.title(),
                result.sinceReturned().text(0.5),
                result.sinceReturned().text(0.99),
                result.sinceReturned().text(1),
                Figure.whole(result.commits()),
                String.valueOf(result.missing()),
                String.valueOf(result.doubled())));
        Say.print("\n" + table);
        LatencyRun.Result ours = results.get(ConnectorRival.OURS);
        if (ours != null) {
            Goal.atMost("Paillette, p50 ms", ours.sinceReturned().milliseconds(0.5), P50_MS);
            Goal.atMost("Paillette, p99 ms", ours.sinceReturned().milliseconds(0.99), P99_MS);
        }
    }
}
