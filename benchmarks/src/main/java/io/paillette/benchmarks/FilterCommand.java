package io.paillette.benchmarks;

import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.filter.AskedSource;
import io.paillette.capture.filter.Conditions;
import io.paillette.capture.filter.Decision;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How many rows a second Postgres is asked about, for the conditions of sequences, by one thread. */
@Command(
        name = "filter",
        description = "Conditions of sequences on captured changes, beside the same conditions in a SELECT.",
        mixinStandardHelpOptions = true)
final class FilterCommand implements Callable<Integer> {

    private static final double GOAL_ROWS = 300_000;

    /** About as many as a poll gives. */
    private static final int AT_ONCE = 2_000;

    @Option(
            names = "--rows",
            defaultValue = "100000",
            description = "Inserted, then updated (default: ${DEFAULT-VALUE}).")
    private int rows;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "Of which the median counts, after one that does not (default: ${DEFAULT-VALUE}).")
    private int rounds;

    /** @param inSelect whether a table's rows can be asked the same */
    private record Choice(String condition, boolean inSelect) {}

    private static final List<Choice> CHOICES = List.of(
            new Choice("id % 10 = 0", true),
            new Choice("paid and amount > 1000 and created >= '2026-01-01'", true),
            new Choice("note like '%nobody%' or name ~ 'Love.*Eng'", true),
            new Choice("new.amount is distinct from old.amount", false));

    @Override
    public Integer call() throws SQLException, CaptureException, InterruptedException {
        try (var scope = new Scope()) {
            Database database = scope.add(SteadyPostgres.start()).newDatabase();
            Setting.print(
                    database,
                    rows + " rows of about 250 bytes, inserted and updated under REPLICA IDENTITY FULL; " + AT_ONCE
                            + " changes at once, one thread, over TCP; median of " + rounds + " rounds");
            Rows.create(database);
            database.execute("alter table bench replica identity full");
            CaptureSettings settings = CaptureSettings.of(
                    "bench",
                    Map.of(
                            CaptureOption.URL, database.url(),
                            CaptureOption.TABLES, "public.bench",
                            CaptureOption.SNAPSHOT_MODE, "no_data"));
            List<Row> changes = changes(database, settings);
            var table = new TextTable("condition", "changes/s", "slowest", "met", "SELECT count(*), rows/s");
            double worst = Double.MAX_VALUE;
            try (var source = new AskedSource(settings)) {
                var conditions = new Conditions(source);
                for (Choice choice : CHOICES) {
                    worst = Math.min(worst, measure(database, conditions, choice, changes, table));
                }
            }
            Say.print("\n" + table);
            Goal.atLeast("changes/s, the slowest condition", worst, GOAL_ROWS);
        }
        return 0;
    }

    private List<Row> changes(Database database, CaptureSettings settings)
            throws CaptureException, InterruptedException {
        List<Row> changes = new ArrayList<>(2 * rows);
        try (Capture capture = Capture.start(settings, Optional.empty())) {
            Rows.write(database, rows, 1000);
            database.execute("update bench set amount = amount + 1 where id % 2 = 0", "vacuum analyze bench");
            while (changes.size() < rows + rows / 2) {
                for (CaptureEvent event : capture.poll(Duration.ofSeconds(1))) {
                    if (event instanceof Row row) {
                        changes.add(row);
                    }
                }
            }
        }
        return changes;
    }

    private double measure(Database database, Conditions conditions, Choice choice, List<Row> changes, TextTable table)
            throws CaptureException {
        Say.note(choice.condition());
        double[] perSecond = new double[rounds];
        long met = 0;
        for (int round = -1; round < rounds; round++) {
            long start = System.nanoTime();
            met = ask(conditions, choice, changes);
            if (round >= 0) {
                perSecond[round] = changes.size() / ((System.nanoTime() - start) / 1e9);
            }
        }
        Arrays.sort(perSecond);
        table.row(
                choice.condition(),
                Figure.whole(perSecond[rounds / 2]),
                Figure.whole(perSecond[0]),
                Figure.whole((double) met),
                Figure.whole(choice.inSelect() ? select(database, choice) : Double.NaN));
        return perSecond[rounds / 2];
    }

    private static long ask(Conditions conditions, Choice choice, List<Row> changes) throws CaptureException {
        var condition = new SqlCondition("the benchmark", choice.condition());
        Predicate<Decision> isMet = Decision.MET::equals;
        long met = 0;
        for (int from = 0; from < changes.size(); from += AT_ONCE) {
            List<Row> some = changes.subList(from, Math.min(changes.size(), from + AT_ONCE));
            met += conditions.decide(condition, some).stream().filter(isMet).count();
        }
        return met;
    }

    private double select(Database database, Choice choice) {
        double best = 0;
        for (int round = 0; round < rounds; round++) {
            long start = System.nanoTime();
            database.query("select count(*) from bench where " + choice.condition());
            best = Math.max(best, rows / ((System.nanoTime() - start) / 1e9));
        }
        return best;
    }
}
