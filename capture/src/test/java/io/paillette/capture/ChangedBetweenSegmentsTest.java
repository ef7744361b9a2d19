package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The application changes a table while its rows are read. The reader waits with the third segment of ten rows until what
 * it read before is taken: keys up to 10 were read, those from 41 on were not.
 */
final class ChangedBetweenSegmentsTest {

    private static final SegmentBounds TEN_ROWS = new SegmentBounds(10, Duration.ZERO);
    private static final int ROWS = 200;

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.narrow(database, SnapshotMode.INITIAL, true);

    @Test
    void aChangeComesWhenItsRowWasReadBeforeAndNotWhenAfter() throws Exception {
        create("");
        try (var running = startedReading()) {
            database.execute(
                    "update t set v = 'early' where id = 1",
                    "update t set v = 'late' where id = 101",
                    "delete from t where id in (2, 102)",
                    "insert into t values (0, 'early'), (1000, 'late')",
                    "delete from t where id = 103",
                    "begin; insert into t values (103, 'again'); update t set v = 'twice' where id = 3; commit");
            assertThat(read(running)).hasSize(ROWS).contains("1, v1", "2, v2", "101, late", "103, again", "1000, late");
            assertThat(streamed(running))
                    .containsExactly(
                            "UPDATE t[1, early]", "DELETE t[2, null]", "INSERT t[0, early]", "UPDATE t[3, twice]");
        }
    }

    @Test
    void aRowWhoseKeyMovesIsTakenAwayWhereItWasReadAndBroughtWhereItWasNot() throws Exception {
        create("");
        try (var running = startedReading()) {
            database.execute(
                    "update t set id = 1003 where id = 3",
                    "update t set id = -150 where id = 150",
                    "update t set id = -4 where id = 4",
                    "update t set id = 1160 where id = 160");
            assertThat(read(running)).hasSize(ROWS).contains("3, v3", "4, v4", "1003, v3", "1160, v160");
            assertThat(streamed(running))
                    .containsExactly("DELETE t[3, null]", "INSERT t[-150, v150]", "UPDATE t[-4, v4]");
        }
    }

    @Test
    void aRowThatMovesToWhereItWasNotReadComesWithTheValuesThatTheChangeLeavesOut() throws Exception {
        create("");
        database.execute(
                "alter table t alter v set storage external", "update t set v = repeat('long', 3000) where id = 150");
        try (var running = startedReading()) {
            database.execute("update t set id = -150 where id = 150");
            read(running);
            assertThat(streamed(running)).containsExactly("INSERT t[-150, " + "long".repeat(3000) + "]");
        }
    }

    @Test
    void theSameHoldsForAPartitionedTable() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        create("partition by hash (id)");
        try (var running = startedReading()) {
            database.execute(
                    "update t set v = 'early' where id = 1",
                    "update t set v = 'late' where id = 101",
                    "delete from t where id in (2, 102)");
            assertThat(read(running)).hasSize(ROWS - 1).contains("101, late");
            assertThat(streamed(running)).containsExactly("UPDATE t[1, early]", "DELETE t[2, null]");
        }
    }

    @Test
    void theSameHoldsWithTheWholeOldRow() throws Exception {
        create("");
        database.execute("alter table t replica identity full");
        try (var running = startedReading()) {
            database.execute(
                    "update t set v = 'early' where id = 1",
                    "update t set v = 'late' where id = 101",
                    "delete from t where id in (2, 102)",
                    "update t set id = -150 where id = 150");
            assertThat(read(running)).hasSize(ROWS - 2).contains("101, late");
            assertThat(streamed(running))
                    .containsExactly("UPDATE t[1, early]", "DELETE t[2, v2]", "INSERT t[-150, v150]");
        }
    }

    @Test
    void aLargeTransactionIsAskedAboutAsAWhole() throws Exception {
        create("");
        database.execute("insert into t select i, repeat('x', 100) from generate_series(1001, 2000) i");
        try (var running = startedReading()) {
            database.execute("update t set v = v || id");
            assertThat(read(running)).hasSize(1200);
            List<String> streamed = streamed(running);
            assertThat(streamed).hasSizeBetween(10, 40).startsWith("UPDATE t[1, v11]", "UPDATE t[2, v22]");
            assertThat(running.events().stream().filter(CaptureEvent.Commit.class::isInstance))
                    .hasSize(2);
        }
    }

    /** What annotates it is left out as a message, and nothing else says before the end that something of it is told. */
    @Test
    void aTransactionThatIsAnnotatedBehindItsOnlyChangeHasItsCommit() throws Exception {
        Assumptions.assumeTrue(database.major() >= 14, "Postgres sends logical messages from 14 on");
        create("");
        try (var running = startedReading(leavingOutMessages())) {
            database.execute("begin; update t set v = 'early' where id = 1; select pg_logical_emit_message(true,"
                    + " 'paillette:transaction_annotations.set', '{}'); commit");
            read(running);
            assertThat(streamed(running)).containsExactly("UPDATE t[1, early]");
            assertThat(running.events().stream().filter(CaptureEvent.Commit.class::isInstance))
                    .hasSize(2);
        }
    }

    private CaptureSettings leavingOutMessages() {
        return CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.MAX_QUEUE_BYTES,
                        "1",
                        CaptureOption.URL,
                        database.url(),
                        CaptureOption.SLOT_NAME,
                        settings.slot(),
                        CaptureOption.MESSAGE_PREFIX_EXCLUDE_LIST,
                        ".*"));
    }

    @Test
    void aTransactionOfWhichAllWasReadIsNotTold() throws Exception {
        create("");
        try (var running = startedReading()) {
            database.execute("update t set v = 'late' where id > 100", "delete from t where id = 150");
            read(running);
            assertThat(streamed(running)).isEmpty();
            assertThat(running.events().stream().filter(CaptureEvent.Commit.class::isInstance))
                    .hasSize(1);
        }
    }

    @Test
    void whatCameAfterATruncateIsReadOnceMoreWhereverTheCaptureIsCut() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        create("");
        List<CaptureEvent> events = new ArrayList<>();
        try (var running = startedReading()) {
            database.execute(
                    "begin; delete from t where id = 1; truncate t; insert into t values (2, 'in the same'); commit",
                    "insert into t values (1, 'after'), (3, 'after'), (500, 'after')",
                    "delete from t where id = 3");
            events.addAll(running.events());
        }
        boolean told = false;
        while (!isAtTheEnd(events)) {
            if (!told && isComplete(events)) {
                tellTheEnd();
                told = true;
            }
            try (var running = RunningCapture.start(settings, last(events).position(), TEN_ROWS)) {
                List<CaptureEvent> more = running.await(some -> !some.isEmpty());
                events.addAll(more.subList(0, 1 + random.nextInt(Math.min(3, more.size()))));
            }
        }
        Map<String, String> state = new TreeMap<>();
        for (String text : RunningCapture.texts(events).stream()
                .filter(text -> !text.contains("end_of_test"))
                .toList()) {
            String[] parts = text.split("[\\[,\\]]", -1);
            switch (parts[0]) {
                case "TRUNCATE " -> state.clear();
                case "DELETE t" -> state.remove(parts[1]);
                default -> state.put(parts[1], parts[2].strip());
            }
        }
        assertThat(state)
                .as("seed %d, %s", seed, RunningCapture.texts(events))
                .isEqualTo(Map.of("1", "after", "2", "in the same", "500", "after"));
        assertThat(RunningCapture.texts(events)).as("seed %d", seed).containsOnlyOnce("TRUNCATE [t]");
    }

    @Test
    void aTableThatIsDroppedIsNotWaitedForAndTheNextOneIsRead() throws Exception {
        create("");
        database.execute("create table u (id int primary key)", "insert into u values (7)");
        try (var running = startedReading()) {
            database.execute("drop table t");
            running.await(ChangedBetweenSegmentsTest::isComplete);
            assertThat(running.texts()).contains("READ u[7]");
            database.execute("insert into u values (8)");
            running.awaitText("INSERT u[8]");
        }
    }

    @Test
    void columnsThatComeAndGoAreThereInTheRowsReadSince() throws Exception {
        create("");
        try (var running = startedReading()) {
            database.execute(
                    "update t set v = 'old shape' where id = 5",
                    "alter table t add w int not null default 7",
                    "alter table t drop v",
                    "update t set w = 8 where id in (6, 106)");
            assertThat(read(running)).hasSize(ROWS).contains("1, v1", "100, 7", "106, 8", "200, 7");
            assertThat(streamed(running)).containsExactly("UPDATE t[5, old shape]", "UPDATE t[6, 8]");
        }
    }

    @Test
    void aTableThatIsRewrittenIsGoneOnWith() throws Exception {
        create("");
        try (var running = startedReading()) {
            database.execute(
                    "delete from t where id = 1",
                    "vacuum full t",
                    "alter table t alter v type varchar(50)",
                    "update t set v = 'since' where id in (2, 102)");
            assertThat(read(running)).hasSize(ROWS).contains("102, since");
            assertThat(streamed(running)).containsExactly("DELETE t[1, null]", "UPDATE t[2, since]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "drop constraint t_pkey, add primary key (v)",
                "alter id type text",
                "rename id to id2",
                "drop constraint t_pkey",
                "replica identity nothing"
            })
    void aTableWithAnotherKeyIsReadFromTheBeginning(String change) throws Exception {
        create("");
        try (var running = startedReading()) {
            database.execute("alter table t " + change, "insert into t values (0, 'v0')");
            running.await(ChangedBetweenSegmentsTest::isComplete);
            List<String> read = running.texts();
            assertThat(read).hasSize(30 + ROWS + 1).contains("READ t[0, v0]", "READ t[200, v200]");
            assertThat(read.subList(30, read.size())).doesNotHaveDuplicates();
            assertThat(streamed(running)).isEmpty();
        }
    }

    @Test
    void aKeyThatIsWrittenInAnotherWayByNowIsReadFromTheBeginning() throws Exception {
        database.execute(
                "create type mood as enum ('sad', 'happy')",
                "create table t (m mood, id int, primary key (m, id))",
                "insert into t select 'sad', i from generate_series(1, 200) i");
        try (var running = startedReading()) {
            database.execute("alter type mood rename value 'sad' to 'blue'");
            running.await(ChangedBetweenSegmentsTest::isComplete);
            assertThat(running.texts().stream().filter(text -> text.contains("blue")))
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 200)
                            .mapToObj(i -> "READ t[blue, " + i + "]")
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"delete from t where id = 1", "update t set id = 1001 where id = 1"})
    void aTableOfWhichAChangeDoesNotTellTheKeyIsReadOnceMore(String change) throws Exception {
        create("");
        database.execute("alter table t add u int generated always as identity unique");
        try (var running = startedReading()) {
            database.execute(
                    "insert into t values (0, 'before')",
                    "alter table t replica identity using index t_u_key",
                    change,
                    "alter table t replica identity default",
                    "update t set v = 'since' where id = 2");
            running.await(ChangedBetweenSegmentsTest::isComplete);
            assertThat(streamed(running)).containsExactly("INSERT t[0, before, 201]");
            List<String> all = running.texts();
            assertThat(all.subList(all.indexOf("INSERT t[0, before, 201]") + 1, all.size()).stream()
                            .filter(text -> text.startsWith("READ t[")))
                    .hasSize(Integer.parseInt(database.query("select count(*) from t")))
                    .startsWith("READ t[0, before, 201]", "READ t[2, since, 2]", "READ t[3, v3, 3]");
        }
    }

    /** Reads until the first segment is there; the second is in the queue and the third waits for room. */
    private RunningCapture startedReading() throws Exception {
        return startedReading(settings);
    }

    private RunningCapture startedReading(CaptureSettings with) throws Exception {
        RunningCapture running = RunningCapture.start(with, null, TEN_ROWS);
        assertThat(running.await(events -> !events.isEmpty())).hasSize(10);
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.query(
                        "select bool_and(state = 'idle' and state_change < now() - interval '0.2 s')"
                                + " from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
                .equals("t"));
        return running;
    }

    private void create(String partitioning) {
        database.execute("create table t (id int primary key, v text) " + partitioning);
        if (!partitioning.isEmpty()) {
            database.execute(
                    "create table t0 partition of t for values with (modulus 2, remainder 0)",
                    "create table t1 partition of t for values with (modulus 2, remainder 1)");
        }
        database.execute("insert into t select i, 'v' || i from generate_series(1, " + ROWS + ") i");
    }

    /** The rows, once all are read. */
    private static List<String> read(RunningCapture running) throws Exception {
        running.await(ChangedBetweenSegmentsTest::isComplete);
        return running.texts().stream()
                .filter(text -> text.startsWith("READ t["))
                .map(text -> text.substring("READ t[".length(), text.length() - 1))
                .toList();
    }

    /** What the stream brought before it brought a last row. */
    private List<String> streamed(RunningCapture running) throws Exception {
        tellTheEnd();
        running.await(ChangedBetweenSegmentsTest::isAtTheEnd);
        database.execute("drop table end_of_test");
        List<String> texts = running.texts().stream()
                .filter(text -> !text.startsWith("READ"))
                .toList();
        assertThat(texts).last().isEqualTo("INSERT end_of_test[1]");
        return texts.subList(0, texts.size() - 1);
    }

    private void tellTheEnd() {
        database.execute("create table end_of_test (id int primary key)", "insert into end_of_test values (1)");
    }

    /** The stream has come to its last row, and nothing is left to be read once more. */
    private static boolean isAtTheEnd(List<CaptureEvent> events) {
        if (events.isEmpty()) {
            return false;
        }
        SnapshotProgress progress = last(events).position().snapshot();
        return progress.again().isEmpty()
                && progress.reading().isEmpty()
                && !(last(events) instanceof CaptureEvent.Row)
                && RunningCapture.texts(events).contains("INSERT end_of_test[1]");
    }

    private static boolean isComplete(List<CaptureEvent> events) {
        return events.stream()
                .anyMatch(event -> event instanceof CaptureEvent.SnapshotStep
                        && event.position().snapshot().complete());
    }

    private static CaptureEvent last(List<CaptureEvent> events) {
        return events.get(events.size() - 1);
    }
}
