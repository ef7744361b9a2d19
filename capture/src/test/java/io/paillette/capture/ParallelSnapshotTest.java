package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several tables are read at the same time, each on a connection of its own. */
final class ParallelSnapshotTest {

    private static final SegmentBounds TEN_ROWS = new SegmentBounds(10, Duration.ZERO);
    private static final List<String> TABLES = List.of("a", "b", "c", "d");
    private static final List<String> LARGE = List.of("a", "b", "c");
    private static final int ROWS = 200;

    /** A batch waits in each place where one can. */
    private static final long NARROW = 1;

    private static final long WIDE = 1 << 20;

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void eachPositionSaysOfEachTableHowFarItWasHandedOverAndNotHowFarItWasRead() throws Exception {
        create(TABLES);
        List<CaptureEvent> events;
        try (var running = startedReading(3)) {
            events = running.await(ParallelSnapshotTest::isComplete);
        }
        Map<Integer, String> handedOver = new HashMap<>();
        Set<Integer> ended = new HashSet<>();
        int most = 0;
        for (CaptureEvent event : events) {
            SnapshotProgress progress = event.position().snapshot();
            if (event instanceof CaptureEvent.Row row) {
                int oid = row.relation().oid();
                assertThat(ended).as("tables that have ended").doesNotContain(oid);
                assertThat(before(row.transaction().start(), oid)).isLessThan(id(row));
                handedOver.put(oid, RunningCapture.values(row).get(0));
            } else {
                progress.tables().forEach(table -> ended.add(table.oid()));
            }
            Map<Integer, String> said = new HashMap<>();
            progress.reading()
                    .forEach(table -> said.put(table.oid(), table.last().upTo().get(0)));
            handedOver.keySet().removeAll(ended);
            assertThat(said).isEqualTo(handedOver);
            most = Math.max(most, said.size());
        }
        assertThat(most).isEqualTo(3);
        assertThat(ended).hasSize(TABLES.size());
        assertReadOnce(events);
    }

    @Test
    void aPositionIsGoneOnWithByAnyNumberOfThreads() throws Exception {
        create(TABLES);
        List<CaptureEvent> events = new ArrayList<>();
        for (int threads : List.of(1, 4, 1, 2, 64)) {
            take(events, threads, 1 + random.nextInt(ROWS / 2));
        }
        Position first = events.get(0).position();
        assertThat(PositionText.write(first)).contains("\"reading\":{");
        takeAll(events, 3);
        assertReadOnce(events);
    }

    @Test
    void withOneThreadOneTableIsReadAfterTheOtherOnOneConnection() throws Exception {
        create(TABLES);
        List<CaptureEvent> events = new ArrayList<>();
        try (var running = RunningCapture.start(RunningCapture.reading(database, 1, NARROW), null, TEN_ROWS)) {
            awaitQuiet(0);
            events.addAll(running.await(ParallelSnapshotTest::isComplete));
        }
        assertReadOnce(events);
        assertThat(stretches(tablesOf(events))).hasSize(TABLES.size());
        assertThat(events)
                .allSatisfy(event ->
                        assertThat(event.position().snapshot().reading()).hasSizeLessThan(2));
    }

    @Test
    void thereAreNoMoreConnectionsThanTablesAndNoneOnceTheyAreRead() throws Exception {
        create(List.of("a", "b"));
        database.execute("analyze");
        try (var running = RunningCapture.start(RunningCapture.reading(database, 64, NARROW), null, TEN_ROWS)) {
            awaitQuiet(2);
            running.await(ParallelSnapshotTest::isComplete);
            assertReadOnce(running.events(), List.of("a", "b"));
            // The stream's is another one.
            Awaitility.await().untilAsserted(() -> assertThat(connections()).isEqualTo(3));
            database.execute("insert into a values (1000, 'since')");
            running.awaitText("INSERT a[1000, since]");
            assertThat(running.capture().reading()).isEqualTo(new ReadingState(2, 2, 2 * ROWS, 2 * ROWS));
        }
    }

    @Test
    void aReaderThatIsEndedEndsTheCaptureAndTheNextGoesOnWithAllTables() throws Exception {
        createLarge();
        List<CaptureEvent> events = new ArrayList<>();
        try (var running =
                RunningCapture.start(RunningCapture.reading(database, 3, NARROW), null, SegmentBounds.STANDARD)) {
            running.await(some -> !some.isEmpty());
            Awaitility.await()
                    .until(() -> database.query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                    + " where datname = current_database()"
                                    + " and query like '%COPY%\"b\"%' and pid <> pg_backend_pid()")
                            .equals("1"));
            CaptureException failure = failure(running);
            assertThat(failure).hasMessageContaining("could not be read");
            assertThat(failure.isTransient()).isTrue();
            Awaitility.await().until(() -> connections() <= 1);
            events.addAll(running.events());
        }
        assertThat(last(events).position().snapshot().reading()).isNotEmpty();
        takeAll(events, 3);
        assertReadOnce(events, LARGE);
    }

    @Test
    void aTableThatMayNotBeReadAnyMoreIsNamedAndEndsTheReadingOfOthers() throws Exception {
        create(TABLES);
        String role = "reader_" + database.name();
        database.execute("create role " + role + " login superuser");
        CaptureSettings settings = CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.MAX_QUEUE_BYTES,
                        "1",
                        CaptureOption.URL,
                        database.url().replaceAll("user=[^&]*", "user=" + role),
                        CaptureOption.SLOT_NAME,
                        "slot_" + database.name(),
                        CaptureOption.SNAPSHOT_MAX_THREADS,
                        "4"));
        try (var running = RunningCapture.start(settings, null, TEN_ROWS)) {
            awaitQuiet(4);
            running.await(some -> tables(some).size() == 4);
            database.execute("alter role " + role + " nosuperuser", "grant select on a, c, d to " + role);
            CaptureException failure = failure(running);
            assertThat(failure).hasMessageContaining("permission denied for table b");
            assertThat(failure.isTransient()).isFalse();
        } finally {
            database.execute("drop owned by " + role, "drop role " + role);
        }
    }

    @Test
    void oneIsDroppedAndOthersAreChangedWhileAllAreRead() throws Exception {
        create(TABLES);
        try (var running = startedReading(4)) {
            running.await(some -> tables(some).size() == 4);
            database.execute(
                    "drop table a",
                    "update b set v = 'old shape' where id = 1",
                    "alter table b drop v",
                    "alter table b add w int not null default 7",
                    "update b set w = 8 where id in (2, 199)",
                    "truncate c",
                    "insert into c values (3, 'after')",
                    "delete from d where id in (4, 198)");
            running.await(ParallelSnapshotTest::isComplete);
            database.execute("insert into d values (1000, 'end')");
            running.await(some -> RunningCapture.texts(some).contains("INSERT d[1000, end]")
                    && last(some).position().snapshot().again().isEmpty());
            List<String> texts = running.texts();
            assertThat(texts.stream().filter(text -> text.startsWith("READ b[")))
                    .hasSize(ROWS)
                    .contains("READ b[1, v1]", "READ b[2, v2]", "READ b[199, 8]", "READ b[200, 7]");
            assertThat(texts.stream().filter(text -> text.matches("(UPDATE|DELETE|INSERT) [bd].*")))
                    .containsExactly(
                            "UPDATE b[1, old shape]", "UPDATE b[2, 8]", "DELETE d[4, null]", "INSERT d[1000, end]");
            assertThat(texts.stream().filter(text -> text.startsWith("READ d[")))
                    .hasSize(ROWS - 1)
                    .doesNotContain("READ d[198, v198]");
            assertThat(texts.subList(texts.indexOf("TRUNCATE [c]"), texts.size()))
                    .contains("READ c[3, after]");
        }
    }

    @Test
    void noTransactionStaysOpenWhileNobodyTakesWhatWasRead() throws Exception {
        createLarge();
        try (var running = RunningCapture.start(
                RunningCapture.reading(database, 3, NARROW),
                null,
                new SegmentBounds(1_000_000, Duration.ofMillis(200)))) {
            running.await(events -> !events.isEmpty());
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> database.query(
                            "select count(*) from pg_stat_activity where datname = current_database()"
                                    + " and pid <> pg_backend_pid() and backend_xmin is not null")
                    .equals("0"));
            running.await(ParallelSnapshotTest::isComplete);
            assertReadOnce(running.events(), LARGE);
        }
    }

    @Test
    void oneThatWaitsForATableDoesNotHoldUpTheOthersNorTheEnd() throws Exception {
        create(TABLES);
        try (Connection other = database.connect()) {
            long began;
            try (var running = startedReading(2)) {
                other.setAutoCommit(false);
                execute(other, "lock table c in access exclusive mode");
                running.await(events -> RunningCapture.texts(events).size() == 3 * ROWS);
                assertThat(tables(running.events())).hasSize(3);
                began = System.nanoTime();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("paillette-reading-test")))
                    .isEmpty();
        }
    }

    @Test
    void aSmallTableWithoutAKeyComesAsAWholeAndALargeOneBesideOthersGoesOnByPlace() throws Exception {
        create(List.of("a", "b"));
        database.execute(
                "create table small_1 (v text)",
                "create table small_2 (v text)",
                "create table large (id int, v text)",
                "insert into small_1 select 's' || i from generate_series(1, 50) i",
                "insert into small_2 select 's' || i from generate_series(1, 50) i",
                "insert into large select i, repeat('x', 1900) from generate_series(1, 1500) i");
        List<CaptureEvent> events = new ArrayList<>();
        take(events, 4, 700);
        take(events, 4, 300);
        TableSnapshot large = last(events).position().snapshot().reading().stream()
                .filter(table -> table.name().table().equals("large"))
                .findFirst()
                .orElseThrow();
        assertThat(large.key().get(0).name()).isEqualTo("ctid");
        takeAll(events, 4);
        List<String> tables = tablesOf(events);
        assertThat(stretches(tables.subList(tables.size() - 100, tables.size())))
                .containsExactlyInAnyOrder("small_1", "small_2");
        assertThat(tables).hasSize(2 * ROWS + 1500 + 100);
        assertThat(RunningCapture.texts(events)).as("seed %d", seed).doesNotHaveDuplicates();
    }

    @Test
    void aTableThatIsCapturedNoMoreIsLeftAndTheOthersAreReadOn() throws Exception {
        create(TABLES);
        List<CaptureEvent> events = new ArrayList<>();
        try (var running = startedReading(4)) {
            events.addAll(running.await(some -> tables(some).size() == 4));
        }
        int ofB = (int) RunningCapture.texts(events).stream()
                .filter(text -> text.startsWith("READ b["))
                .count();
        var settings = CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL,
                        database.url(),
                        CaptureOption.SLOT_NAME,
                        "slot_" + database.name(),
                        CaptureOption.TABLES,
                        "public.a,public.c,public.d",
                        CaptureOption.SNAPSHOT_MAX_THREADS,
                        "2"));
        try (var running = RunningCapture.start(settings, last(events).position(), TEN_ROWS)) {
            events.addAll(running.await(ParallelSnapshotTest::isComplete));
        }
        assertReadOnce(events, List.of("a", "c", "d"));
        assertThat(RunningCapture.texts(events)).hasSize(3 * ROWS + ofB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "65", "2.5", "many", "99999999999"})
    void aNumberOfThreadsThatIsNoneIsRefused(String value) {
        var options = Map.of(CaptureOption.URL, "jdbc:postgresql://h/d", CaptureOption.SNAPSHOT_MAX_THREADS, value);
        assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> CaptureSettings.of("test", options)))
                .hasMessageContaining("snapshot.max.threads: ")
                .hasMessageContaining(value)
                .hasMessageContaining("must be a number from 1 to 64");
    }

    private void create(List<String> tables) {
        for (String table : tables) {
            database.execute(
                    "create table " + table + " (id int primary key, v text)",
                    "insert into " + table + " select i, 'v' || i from generate_series(1, " + ROWS + ") i");
        }
    }

    /** Of rows that fill what is between server and client. */
    private void createLarge() {
        for (String table : LARGE) {
            database.execute(
                    "create table " + table + " (id int primary key, v text)",
                    "alter table " + table + " alter v set storage external",
                    "insert into " + table + " select i, repeat('v', 40000) from generate_series(1, " + ROWS + ") i");
        }
    }

    /** Each table's first rows were read, and wait. */
    private RunningCapture startedReading(int tables) throws Exception {
        RunningCapture running = RunningCapture.start(RunningCapture.reading(database, tables, NARROW), null, TEN_ROWS);
        awaitQuiet(tables);
        return running;
    }

    /** Beside the readers there is the connection that reads alone, and the one that looks for new tables. */
    private void awaitQuiet(int readers) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> database.query(
                        "select count(*) || ' ' || bool_and(state = 'idle' and state_change < now() - interval '0.2 s')"
                                + " from pg_stat_activity where datname = current_database()"
                                + " and application_name like 'paillette%'")
                .equals(readers + 2 + " true"));
    }

    private static CaptureException failure(RunningCapture running) {
        return catchThrowableOfType(CaptureException.class, () -> running.await(ParallelSnapshotTest::isComplete));
    }

    private void take(List<CaptureEvent> events, int threads, int some) throws Exception {
        System.out.println("ParallelSnapshotTest seed " + seed);
        try (var running =
                RunningCapture.start(RunningCapture.reading(database, threads, NARROW), position(events), TEN_ROWS)) {
            events.addAll(running.await(more -> more.size() >= some).subList(0, some));
        }
    }

    private void takeAll(List<CaptureEvent> events, int threads) throws Exception {
        try (var running =
                RunningCapture.start(RunningCapture.reading(database, threads, WIDE), position(events), TEN_ROWS)) {
            events.addAll(running.await(ParallelSnapshotTest::isComplete));
        }
    }

    private void assertReadOnce(List<CaptureEvent> events) {
        assertReadOnce(events, TABLES);
    }

    private void assertReadOnce(List<CaptureEvent> events, List<String> tables) {
        for (String table : tables) {
            assertThat(events.stream()
                            .filter(event -> event instanceof CaptureEvent.Row row
                                    && row.relation().name().table().equals(table))
                            .map(event -> id((CaptureEvent.Row) event)))
                    .as("table %s, seed %d", table, seed)
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, ROWS).boxed().toList());
        }
    }

    private static List<String> tablesOf(List<CaptureEvent> events) {
        return events.stream()
                .filter(CaptureEvent.Row.class::isInstance)
                .map(event -> ((CaptureEvent.Row) event).relation().name().table())
                .toList();
    }

    /** Each as often as it comes after another. */
    private static List<String> stretches(List<String> tables) {
        return IntStream.range(0, tables.size())
                .filter(i -> i == 0 || !tables.get(i).equals(tables.get(i - 1)))
                .mapToObj(tables::get)
                .toList();
    }

    private int connections() throws SQLException {
        return Integer.parseInt(database.query("select count(*) from pg_stat_activity"
                + " where datname = current_database() and application_name like 'paillette%'"));
    }

    private static Set<Integer> tables(List<CaptureEvent> events) {
        Set<Integer> oids = new HashSet<>();
        events.forEach(event -> event.position().snapshot().reading().forEach(table -> oids.add(table.oid())));
        return oids;
    }

    private static int id(CaptureEvent.Row row) {
        return Integer.parseInt(RunningCapture.values(row).get(0));
    }

    /** The last row of the table that comes before the position; 0 for none. */
    private static int before(Position position, int oid) {
        return position.snapshot()
                .reading(oid)
                .map(table -> Integer.parseInt(table.last().upTo().get(0)))
                .orElse(0);
    }

    private static boolean isComplete(List<CaptureEvent> events) {
        return events.stream()
                .anyMatch(event -> event instanceof CaptureEvent.SnapshotStep
                        && event.position().snapshot().complete());
    }

    private static CaptureEvent last(List<CaptureEvent> events) {
        return events.get(events.size() - 1);
    }

    private static @Nullable Position position(List<CaptureEvent> events) {
        return events.isEmpty() ? null : last(events).position();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
