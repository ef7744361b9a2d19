package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A capture that is given up in the middle of a table goes on there. */
final class ResumableSnapshotTest {

    private static final SegmentBounds SHORT = new SegmentBounds(7, Duration.ZERO);

    private static final int CUTS = 10;

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void eachRowIsReadOnceAndInTheOrderOfTheKeyThoughTheCaptureIsCutTenTimes(int tablesAtOnce) throws Exception {
        KeySamples.create(database);
        List<String> read = readWithCuts(100, RunningCapture.reading(database, tablesAtOnce, 1 << 20));
        for (KeySamples.Keys keys : KeySamples.KEYS) {
            String name = "k_" + keys.name();
            assertThat(read.stream().filter(text -> text.startsWith("READ " + name + "[")))
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(texts(
                            name, RunningCapture.rows(database, "select * from " + name + " order by " + keys.list())));
        }
    }

    @Test
    void rowsOfAPartitionedTableComeInTheOrderOfItsKeyWhateverPartitionTheyAreIn() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table t (id int primary key, v text) partition by hash (id)",
                "create table t0 partition of t for values with (modulus 2, remainder 0)",
                "create table t1 partition of t for values with (modulus 2, remainder 1)",
                "insert into t select i, 'x' || i from generate_series(1, 150) i");
        assertThat(readWithCuts(14, RunningCapture.settings(database, SnapshotMode.INITIAL, true)))
                .as("seed %d", seed)
                .containsExactlyElementsOf(texts("t", RunningCapture.rows(database, "select * from t order by id")));
    }

    @Test
    void aTableThatJoinsLateIsGoneOnWithToo() throws Exception {
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.NO_DATA, false);
        RunningCapture.start(settings).close();
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, 'x' || i from generate_series(1, 150) i");
        assertThat(readWithCuts(14, settings))
                .as("seed %d", seed)
                .containsExactlyElementsOf(texts("t", RunningCapture.rows(database, "select * from t order by id")));
    }

    @Test
    void aTableWhoseRowsHaveNoPlaceThatLastsIsReadFromTheBeginning() throws Exception {
        database.execute(
                "create access method other type table handler heap_tableam_handler",
                "create table t (id int) using other",
                "insert into t select generate_series(1, 150)");
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, true);
        Position middle;
        try (var running = RunningCapture.start(settings, null, SHORT)) {
            middle = running.await(events -> events.size() >= 30).get(29).position();
        }
        assertThat(middle.snapshot()).isEqualTo(SnapshotProgress.NOT_STARTED);
        try (var running = RunningCapture.start(settings, middle, SHORT)) {
            running.await(ResumableSnapshotTest::isComplete);
            assertThat(running.texts())
                    .containsExactlyInAnyOrderElementsOf(texts("t", RunningCapture.rows(database, "select * from t")));
        }
    }

    @Test
    void whatNoReplicaIdentityTellsIsReadInOneGo() throws Exception {
        database.execute(
                "create table t (id int primary key, u int not null unique)",
                "alter table t replica identity using index t_u_key",
                "insert into t select i, -i from generate_series(1, 50) i");
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, true);
        try (var running = RunningCapture.start(settings, null, SHORT)) {
            CaptureEvent.Row row = (CaptureEvent.Row)
                    running.await(events -> !events.isEmpty()).get(0);
            assertThat(row.position().snapshot().reading()).isEmpty();
        }
    }

    @Test
    void noTransactionStaysOpenWhileNobodyTakesWhatWasRead() throws Exception {
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, repeat('x', 10000) from generate_series(1, 3000) i");
        CaptureSettings settings = RunningCapture.narrow(database, SnapshotMode.INITIAL, true);
        try (var running = RunningCapture.start(settings, null, new SegmentBounds(1_000_000, Duration.ofMillis(200)))) {
            running.await(events -> !events.isEmpty());
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> database.query(
                            "select count(*) from pg_stat_activity"
                                    + " where datname = current_database() and pid <> pg_backend_pid()"
                                    + " and backend_xmin is not null")
                    .equals("0"));
            database.execute("delete from t where id = 2999");
            running.await(events -> events.stream().anyMatch(CaptureEvent.SnapshotStep.class::isInstance));
            assertThat(running.texts()).hasSize(2999);
        }
    }

    @Test
    void howFarTheReadingIsCanBeAsked() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create table u (id int primary key)",
                "insert into t select generate_series(1, 100)",
                "insert into u select generate_series(1, 20)",
                "analyze");
        CaptureSettings settings = RunningCapture.narrow(database, SnapshotMode.INITIAL, true);
        Position middle;
        try (var running = RunningCapture.start(settings, null, SHORT)) {
            middle = running.await(events -> !events.isEmpty()).get(6).position();
            // One batch was taken, the next is in the queue, and another one waits for room.
            Awaitility.await().untilAsserted(() -> assertThat(running.capture().reading())
                    .isEqualTo(new ReadingState(2, 0, 14, 120)));
        }
        try (var running = RunningCapture.start(settings, middle, SHORT)) {
            running.await(ResumableSnapshotTest::isComplete);
            assertThat(running.capture().reading()).isEqualTo(new ReadingState(2, 2, 113, 120));
        }
    }

    @Test
    void aPositionForPeopleHasNoKeysOfRows() throws Exception {
        database.execute("create table t (name text primary key)", "insert into t values ('somebody')");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true))) {
            Position position =
                    running.await(events -> !events.isEmpty()).get(0).position();
            assertThat(PositionText.write(position)).contains("somebody");
            assertThat(PositionText.write(position.withoutKeys())).doesNotContain("somebody");
        }
    }

    /** Goes on where the last event was that was looked at, wherever that is. */
    private List<String> readWithCuts(int mostEvents, CaptureSettings settings) throws Exception {
        System.out.println("ResumableSnapshotTest seed " + seed);
        List<CaptureEvent> read = new ArrayList<>();
        for (int cut = 0; cut < CUTS; cut++) {
            try (var running = RunningCapture.start(settings, position(read), SHORT)) {
                int some = 1 + random.nextInt(mostEvents);
                running.await(events -> events.size() >= some);
                read.addAll(running.events().subList(0, some));
            }
        }
        try (var running = RunningCapture.start(settings, position(read), SHORT)) {
            running.await(ResumableSnapshotTest::isComplete);
            read.addAll(running.events());
        }
        return RunningCapture.texts(read);
    }

    private static boolean isComplete(List<CaptureEvent> events) {
        return events.stream()
                .anyMatch(event -> event instanceof CaptureEvent.SnapshotStep
                        && event.position().snapshot().complete());
    }

    private static @Nullable Position position(List<CaptureEvent> events) {
        return events.isEmpty() ? null : events.get(events.size() - 1).position();
    }

    private static List<String> texts(String table, List<String> rows) {
        return rows.stream().map(row -> "READ " + table + "[" + row + "]").toList();
    }
}
