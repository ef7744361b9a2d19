package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.BackfillProgress.State;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Signals as Debezium's users write them, in a table of the source and from elsewhere. */
final class SignalTest {

    /** A chunk of four rows. */
    private static final SegmentBounds SMALL = new SegmentBounds(4, Duration.ofSeconds(30));

    private static final String ALL_OF_T = "{\"data-collections\": [\"public.t\"]}";

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings =
            RunningCapture.settings(database).signalledBy(new TableName("public", "signal"));

    @Test
    void aRowOfTheSignalTableHasATableReadOnceMore() throws Exception {
        createTables(10);
        try (var running = start(null)) {
            signal("again", "execute-snapshot", ALL_OF_T);
            awaitReads(running, 10);
            assertThat(reads(running)).containsExactlyElementsOf(texts(1, 10));
            assertThat(running.texts()).anyMatch(text -> text.startsWith("INSERT signal[again, execute-snapshot"));
        }
    }

    @Test
    void theTableIsCapturedThoughItIsNotSelected() throws Exception {
        createTables(3);
        database.execute("create schema ops", "create table ops.orders (a text, b text, c text)");
        var elsewhere = RunningCapture.settings(database).signalledBy(new TableName("ops", "orders"));
        try (var running = RunningCapture.start(elsewhere, null, SMALL)) {
            database.execute("insert into ops.orders values ('x', 'execute-snapshot', '" + ALL_OF_T + "')");
            awaitReads(running, 3);
        }
    }

    @Test
    void aConditionOfATableChoosesItsRows() throws Exception {
        createTables(10);
        try (var running = start(null)) {
            signal(
                    "some",
                    "execute-snapshot",
                    """
                    {"data-collections": ["public.t"],
                     "additional-conditions": [{"data-collection": "public.t", "filter": "id % 5 = 0"}]}""");
            awaitReads(running, 2);
            assertThat(reads(running))
                    .containsExactly(texts(5, 5).get(0), texts(10, 10).get(0));
        }
    }

    @Test
    void aPausedReadingGoesOnWhenItIsToldToAndAStoppedOneDoesNot() throws Exception {
        createTables(400);
        try (var running = start(null)) {
            database.execute("begin; " + signalling("1", "execute-snapshot", ALL_OF_T) + "; "
                    + signalling("2", "pause-snapshot", "{}") + "; commit");
            int rows = pausedAt(running);
            assertThat(rows).isZero();

            signal("3", "resume-snapshot", "{}");
            awaitReads(running, 400);
            running.await(all -> {
                running.storeAll();
                return running.capture().backfills().stream().allMatch(BackfillProgress::hasEnded);
            });

            database.execute("begin; " + signalling("4", "execute-snapshot", ALL_OF_T) + "; "
                    + signalling("5", "stop-snapshot", "{\"data-collections\": [\"public.t\"]}") + "; commit");
            database.execute("insert into t values (1000, 'last')");
            running.awaitText("INSERT t[1000, last]");
            running.storeAll();
            assertThat(running.capture().backfills())
                    .extracting(BackfillProgress::state)
                    .containsExactly(State.DONE);
        }
    }

    /** What is asked and paused in one transaction does not begin. */
    private int pausedAt(RunningCapture running) throws Exception {
        database.execute("insert into t values (900, 'after the pause')");
        running.awaitText("INSERT t[900, after the pause]");
        running.storeAll();
        assertThat(running.capture().backfills())
                .allMatch(progress -> progress.asked().paused());
        return reads(running).size();
    }

    @Test
    void aSignalIsCarriedOutOnceWhereverTheCaptureIsKilled() throws Exception {
        createTables(30);
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var told = new java.util.ArrayList<CaptureEvent>();
        Position at = null;
        try (var running = start(null)) {
            database.execute(
                    "insert into t values (500, 'before')",
                    "begin; insert into t values (501, 'with'); " + signalling("x", "execute-snapshot", ALL_OF_T)
                            + "; insert into t values (502, 'with'); commit");
            running.awaitText("INSERT t[502, with]");
            var events = running.events();
            told.addAll(events.subList(0, 1 + random.nextInt(events.size())));
            at = told.get(told.size() - 1).position();
        }
        while (true) {
            try (var running = start(at)) {
                int enough = 1 + random.nextInt(12);
                running.await(all -> all.size() >= enough || isRead(told, all));
                var events = running.events();
                boolean last = isRead(told, events);
                told.addAll(last ? events : events.subList(0, Math.min(events.size(), enough)));
                if (last) {
                    break;
                }
                at = told.get(told.size() - 1).position();
            }
        }
        assertThat(RunningCapture.texts(told).stream()
                        .filter(text -> text.startsWith("READ_AGAIN"))
                        .toList())
                .as("seed " + seed)
                .hasSize(33)
                .doesNotHaveDuplicates();
    }

    private static boolean isRead(List<CaptureEvent> before, List<CaptureEvent> now) {
        return RunningCapture.texts(before).stream()
                                .filter(text -> text.startsWith("READ_AGAIN"))
                                .count()
                        + RunningCapture.texts(now).stream()
                                .filter(text -> text.startsWith("READ_AGAIN"))
                                .count()
                >= 33;
    }

    @Test
    void oneThatCannotBeUnderstoodHoldsUpNothing() throws Exception {
        createTables(3);
        try (var running = start(null)) {
            database.execute(
                    signalling("1", "make-coffee", "{}"),
                    signalling("2", "execute-snapshot", "{\"data-collections\": [\"public.nobody\"]}"),
                    signalling("3", "execute-snapshot", "not json"),
                    "insert into signal values (null, null, null)",
                    signalling("4", "execute-snapshot", ALL_OF_T));
            awaitReads(running, 3);
            assertThat(reads(running)).hasSize(3);
        }
    }

    /** Every position of the source would have all of them. */
    @Test
    void oneOfTooManyTablesIsNotCarriedOut() throws Exception {
        createTables(3);
        for (int i = 0; i < 30; i++) {
            database.execute("create table many_" + i + " (id int primary key)");
        }
        try (var running = start(null)) {
            String condition = "id > 0 -- " + "x".repeat(9_000);
            signal(
                    "many",
                    "execute-snapshot",
                    "{\"data-collections\": [\"public.many.*\"], \"additional-condition\": \"" + condition + "\"}");
            signal("one", "execute-snapshot", ALL_OF_T);
            awaitReads(running, 3);
            assertThat(running.capture().backfills()).hasSize(1);

            String few =
                    "{\"data-collections\": [\"public.many_1.\"], \"additional-condition\": \"" + condition + "\"}";
            database.execute("begin; " + signalling("few", "execute-snapshot", few) + "; "
                    + signalling("as few", "execute-snapshot", few) + "; "
                    + signalling("too many together", "execute-snapshot", few) + "; commit");
            database.execute("insert into t values (4, 'after')");
            running.awaitText("INSERT t[4, after]");
            running.storeAll();
            assertThat(running.capture().backfills()).hasSize(21);
        }
    }

    @Test
    void ofATransactionAHundredAreCarriedOut() throws Exception {
        createTables(1);
        try (var running = start(null)) {
            database.execute("insert into signal select n, 'execute-snapshot', '" + ALL_OF_T
                    + "' from generate_series(1, 120) n");
            awaitReads(running, 100);
            database.execute("insert into t values (2, 'after')");
            running.awaitText("INSERT t[2, after]");
            running.storeAll();
            assertThat(running.capture().backfills()).hasSize(100);
        }
    }

    @Test
    void twoThatAreSentFromTheSamePlaceAreTwo() throws Exception {
        createTables(10);
        try (var running = start(null)) {
            for (String where : List.of("id < 3", "id > 8")) {
                String data = "{\"data-collections\": [\"public.t\"], \"additional-condition\": \"" + where + "\"}";
                running.capture().signal(Optional.of(Signal.of("", "execute-snapshot", Optional.of(data))), 0);
            }
            awaitReads(running, 4);
            assertThat(reads(running))
                    .containsExactly(
                            texts(1, 1).get(0),
                            texts(2, 2).get(0),
                            texts(9, 9).get(0),
                            texts(10, 10).get(0));
        }
    }

    @Test
    void oneThatIsSentStandsInThePositionWithThePlaceOfTheNext() throws Exception {
        createTables(3);
        Position at;
        try (var running = start(null)) {
            running.capture().signal(Optional.of(Signal.of("k", "execute-snapshot", Optional.of(ALL_OF_T))), 17);
            running.capture().signal(Optional.empty(), 18);
            awaitReads(running, 3);
            running.await(all -> all.get(all.size() - 1).position().snapshot().nextSignal() == 18);
            at = running.events().get(running.events().size() - 1).position();
        }
        try (var running = start(at)) {
            database.execute("insert into t values (77, 'x')");
            running.awaitText("INSERT t[77, x]");
            assertThat(running.events().get(0).position().snapshot().nextSignal())
                    .isEqualTo(18);
            assertThat(reads(running)).isEmpty();
        }
    }

    private RunningCapture start(@Nullable Position from) throws Exception {
        return RunningCapture.start(settings, from, SMALL);
    }

    private void createTables(int rows) {
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select n, 'x' || n from generate_series(1, " + rows + ") n",
                "create table signal (id text, type text, data text)");
    }

    private void signal(String id, String type, String data) {
        database.execute(signalling(id, type, data));
    }

    private static String signalling(String id, String type, String data) {
        return "insert into signal values ('" + id + "', '" + type + "', '" + data + "')";
    }

    private static void awaitReads(RunningCapture running, int count) throws Exception {
        running.await(all -> {
            running.storeAll();
            return reads(running).size() >= count;
        });
    }

    private static List<String> reads(RunningCapture running) {
        return running.texts().stream()
                .filter(text -> text.startsWith("READ_AGAIN"))
                .toList();
    }

    private static List<String> texts(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(id -> "READ_AGAIN t[" + id + ", x" + id + "]")
                .toList();
    }
}
