package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first reading of a table without a key is given up in the middle, and goes on with the next place. */
final class SnapshotWithoutKeyTest {

    private static final int ROWS = 400;
    private static final int CUTS = 6;

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.narrow(database, SnapshotMode.INITIAL, true);
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void eachRowIsReadOnceThoughTheCaptureIsCutAgainAndAgain() throws Exception {
        System.out.println("SnapshotWithoutKeyTest seed " + seed);
        create("");
        List<CaptureEvent> read = new ArrayList<>();
        for (int cut = 0; cut < CUTS; cut++) {
            readSome(read, 1 + random.nextInt(ROWS / CUTS));
        }
        readRest(read);
        assertThat(ids(read))
                .as("seed %d", seed)
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
    }

    /** Postgres takes no such key as a replica identity, so that no change is told by it. */
    @Test
    void aTableWithADeferrableKeyIsGoneOnWithToo() throws Exception {
        create("");
        database.execute("alter table t add primary key (id) deferrable");
        List<CaptureEvent> read = new ArrayList<>();
        readSome(read, 100);
        readRest(read);
        assertThat(ids(read))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
    }

    @Test
    void aPartitionedTableIsGoneOnWithInWhicheverPartitionItWas() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        System.out.println("SnapshotWithoutKeyTest seed " + seed);
        database.execute(
                "create table t (id int, v text) partition by hash (id)",
                "create table t0 partition of t for values with (modulus 3, remainder 0)",
                "create table t1 (v text, nothing int, id int)",
                "alter table t1 drop column nothing",
                "alter table t attach partition t1 for values with (modulus 3, remainder 1)",
                "create table t2 partition of t for values with (modulus 3, remainder 2)",
                "insert into t select i, repeat('x', 500) from generate_series(1, " + ROWS + ") i");
        List<CaptureEvent> read = new ArrayList<>();
        for (int cut = 0; cut < CUTS; cut++) {
            readSome(read, 1 + random.nextInt(ROWS / CUTS));
        }
        readRest(read);
        assertThat(ids(read))
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
    }

    @Test
    void aTableThatJoinsLateIsGoneOnWithToo() throws Exception {
        CaptureSettings late = RunningCapture.narrow(database, SnapshotMode.NO_DATA, false);
        RunningCapture.start(late).close();
        create("full");
        List<CaptureEvent> read = new ArrayList<>();
        try (var running = RunningCapture.start(late)) {
            read.addAll(running.await(events -> ids(events).size() >= 100));
        }
        database.execute("update t set v = 'late' where id = 399", "insert into t values (1001, '')");
        try (var running = RunningCapture.start(late, position(read), SegmentBounds.STANDARD)) {
            running.awaitText("INSERT t[1001, ]");
            assertThat(running.texts()).contains("UPDATE t[399, late]");
            read.addAll(running.events());
        }
        assertThat(ids(read)).hasSize(ROWS - 1).doesNotHaveDuplicates().doesNotContain(399, 1001);
    }

    @Test
    void changesMadeWhileNobodyReadAreToldOnceAndNoRowTwice() throws Exception {
        create("full");
        database.execute("delete from t where id in (51, 351)", "vacuum t");
        List<CaptureEvent> read = new ArrayList<>();
        readSome(read, 100);
        database.execute(
                "insert into t values (1001, 'into the room that 51 and 351 left'), (1002, '')",
                "update t set v = 'early' where id = 1",
                "update t set v = 'late' where id = 300",
                "delete from t where id in (2, 302)",
                "begin; savepoint a; insert into t values (1003, ''); release a; commit");
        List<String> texts = readRestAnd(read, "INSERT t[1003, ]");
        assertThat(ids(read).stream().sorted())
                .as("as read: neither what came, nor what was not there any more")
                .containsExactlyElementsOf(IntStream.rangeClosed(1, ROWS)
                        .filter(id -> id != 51 && id != 351 && id != 300 && id != 302)
                        .boxed()
                        .toList());
        assertThat(texts.stream().filter(text -> !text.startsWith("READ")))
                .containsExactly(
                        "INSERT t[1001, into the room that 51 and 351 left]",
                        "INSERT t[1002, ]",
                        "UPDATE t[1, early]",
                        "UPDATE t[300, late]",
                        "DELETE t[2, " + filler() + "]",
                        "DELETE t[302, " + filler() + "]",
                        "INSERT t[1003, ]");
    }

    @Test
    void whatIsInsertedWhileNobodyReadsComesOnceAlsoWithoutAReplicaIdentity() throws Exception {
        create("");
        database.execute("delete from t where id % 10 = 0", "vacuum t");
        List<CaptureEvent> read = new ArrayList<>();
        readSome(read, 100);
        database.execute("insert into t select i, '" + filler() + "' from generate_series(1001, 1100) i");
        List<String> texts = readRestAnd(read, "INSERT t[1100, " + filler() + "]");
        assertThat(ids(read)).hasSize(ROWS * 9 / 10).doesNotHaveDuplicates().allMatch(id -> id <= ROWS);
        assertThat(texts.stream().filter(text -> text.startsWith("INSERT"))).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vacuum full t",
                "alter table t alter id type bigint",
                "truncate t; insert into t select i, 'x' from generate_series(1, 400) i",
                "alter table t replica identity default; alter table t add primary key (id)"
            })
    void aTableThatIsWrittenAnewMeanwhileOrHasAKeyIsReadFromItsBeginning(String anew) throws Exception {
        create("full");
        List<CaptureEvent> read = new ArrayList<>();
        readSome(read, 100);
        for (String statement : anew.split("; ", -1)) {
            database.execute(statement);
        }
        List<CaptureEvent> rest = readAnew(read);
        assertThat(ids(rest))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
    }

    @Test
    void aKeyThatComesMeanwhileChangesNothingWhereChangesTellTheWholeRow() throws Exception {
        create("full");
        List<CaptureEvent> read = new ArrayList<>();
        readSome(read, 100);
        database.execute("alter table t add primary key (id)", "alter table t add w int not null default 7");
        readRest(read);
        assertThat(ids(read))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
        assertThat(RunningCapture.texts(read)).contains("READ t[400, " + filler() + ", 7]");
    }

    @Test
    void aPartitionThatIsAttachedMeanwhileIsReadToo() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create schema away",
                "create table away.other (id int, v text)",
                "create table t (id int, v text) partition by range (id)",
                "create table t0 partition of t for values from (0) to (1000)",
                "insert into t select i, '" + filler() + "' from generate_series(1, " + ROWS + ") i");
        List<CaptureEvent> read = new ArrayList<>();
        readSome(read, 100);
        database.execute(
                "insert into away.other values (1001, 'attached')",
                "alter table t attach partition away.other for values from (1000) to (2000)");
        List<CaptureEvent> rest = readAnew(read);
        assertThat(ids(rest)).hasSize(ROWS + 1).contains(1001);
    }

    /** The snapshot that the table is read under sees some of its rows, and nobody tells those that came between it and this. */
    @Test
    void ofAPartitionThatIsAttachedWhileTheTableIsBeingReadOnlyTheStreamTells() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table t (id int, v text) partition by range (id)",
                "create table t0 partition of t for values from (0) to (1000)",
                "insert into t select i, '" + filler() + "' from generate_series(1, 900) i",
                "create schema away",
                "create table away.other (id int, v text)",
                "insert into away.other values (1001, 'before')");
        try (var running = RunningCapture.start(settings)) {
            running.await(events -> !ids(events).isEmpty());
            database.execute(
                    "insert into away.other values (1002, 'meanwhile')",
                    "alter table t attach partition away.other for values from (1000) to (2000)",
                    "insert into t values (1003, 'after')");
            running.awaitText("INSERT t[1003, after]");
            assertThat(running.texts().stream().filter(text -> text.contains("[100") && !text.contains("xxx")))
                    .containsExactly("INSERT t[1003, after]");
            assertThat(ids(running.events())).hasSize(900);
        }
    }

    /**
     * A fail-over that loses a change loses also what was not told because of it. The slot is compared with what was seen first: it
     * has to tell all that comes after.
     */
    @Test
    void whereAReadingThatGoesOnMustNotBeLostUpToIsRememberedBesideWhatWasSeenFirst() throws Exception {
        create("full");
        List<CaptureEvent> read = new ArrayList<>();
        readSome(read, 100);
        TableSnapshot first = reading(read);
        for (int cut = 0; cut < 2; cut++) {
            database.execute("update t set v = 'late" + cut + "' where id = 300");
            Lsn changed = Lsn.parse(database.query("select pg_current_wal_insert_lsn()"));
            readSome(read, 100);
            assertThat(reading(read).until()).isGreaterThanOrEqualTo(changed);
            assertThat(reading(read).first().until()).isEqualTo(first.until());
            assertThat(reading(read).last().snapshot()).isEqualTo(first.last().snapshot());
        }
        Lsn until = reading(read).until();
        List<CaptureEvent> rest = readAnew(read);
        assertThat(rest.stream()
                        .filter(CaptureEvent.SnapshotStep.class::isInstance)
                        .flatMap(step -> step.position().snapshot().tables().stream()))
                .isNotEmpty()
                .allSatisfy(table -> {
                    assertThat(table.until()).isGreaterThanOrEqualTo(until);
                    assertThat(table.first().until()).isEqualTo(first.until());
                    assertThat(table.last().snapshot()).isEqualTo(first.last().snapshot());
                });
    }

    private static TableSnapshot reading(List<CaptureEvent> read) {
        return read.get(read.size() - 1).position().snapshot().reading().get(0);
    }

    private void create(String identity) {
        database.execute(
                "create table t (id int, v text)",
                "insert into t select i, '" + filler() + "' from generate_series(1, " + ROWS + ") i");
        if (!identity.isEmpty()) {
            database.execute("alter table t replica identity " + identity);
        }
    }

    /** So that a batch of the reader is some dozen rows, and a block too. */
    private static String filler() {
        return "x".repeat(200);
    }

    private void readSome(List<CaptureEvent> read, int more) throws Exception {
        try (var running = RunningCapture.start(settings, position(read), SegmentBounds.STANDARD)) {
            read.addAll(running.await(events -> events.size() >= more).subList(0, more));
        }
        assertThat(read.get(read.size() - 1).position().snapshot().reading()).hasSize(1);
    }

    private List<CaptureEvent> readAnew(List<CaptureEvent> read) throws Exception {
        List<CaptureEvent> rest = new ArrayList<>();
        try (var running = RunningCapture.start(settings, position(read), SegmentBounds.STANDARD)) {
            rest.addAll(running.await(SnapshotWithoutKeyTest::isComplete));
        }
        return rest;
    }

    private void readRest(List<CaptureEvent> read) throws Exception {
        try (var running = RunningCapture.start(settings, position(read), SegmentBounds.STANDARD)) {
            read.addAll(running.await(SnapshotWithoutKeyTest::isComplete));
        }
    }

    private List<String> readRestAnd(List<CaptureEvent> read, String last) throws Exception {
        try (var running = RunningCapture.start(settings, position(read), SegmentBounds.STANDARD)) {
            running.awaitText(last);
            read.addAll(running.events());
        }
        return RunningCapture.texts(read);
    }

    private static List<Integer> ids(List<CaptureEvent> events) {
        return events.stream()
                .filter(event -> event instanceof CaptureEvent.Row row && row.kind() == CaptureEvent.Kind.READ)
                .map(event -> Integer.valueOf(
                        RunningCapture.values((CaptureEvent.Row) event).get(0)))
                .toList();
    }

    private static boolean isComplete(List<CaptureEvent> events) {
        return events.stream()
                .anyMatch(event -> event instanceof CaptureEvent.SnapshotStep
                        && event.position().snapshot().complete());
    }

    private static @Nullable Position position(List<CaptureEvent> events) {
        return events.isEmpty() ? null : events.get(events.size() - 1).position();
    }
}
