package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Tables whose rows are numbered from 1, in a database of their own, and captures that read them. */
final class SeveralTables {

    static final SegmentBounds TEN_ROWS = new SegmentBounds(10, Duration.ZERO);
    static final List<String> TABLES = List.of("a", "b", "c", "d");
    static final List<String> LARGE = List.of("a", "b", "c");
    static final int ROWS = 200;

    /** A batch waits in each place where one can. */
    static final long NARROW = 1;

    static final long WIDE = 1 << 20;

    final Database database = PostgresServer.shared().newDatabase();
    final long seed = System.nanoTime();
    final Random random = new Random(seed);

    void create(List<String> tables) {
        for (String table : tables) {
            database.execute(
                    "create table " + table + " (id int primary key, v text)",
                    "insert into " + table + " select i, 'v' || i from generate_series(1, " + ROWS + ") i");
        }
    }

    /** Of rows that fill what is between server and client. */
    void createLarge() {
        for (String table : LARGE) {
            database.execute(
                    "create table " + table + " (id int primary key, v text)",
                    "alter table " + table + " alter v set storage external",
                    "insert into " + table + " select i, repeat('v', 40000) from generate_series(1, " + ROWS + ") i");
        }
    }

    /** Each table's first rows were read, and wait. */
    RunningCapture startedReading(int tables) throws Exception {
        RunningCapture running = RunningCapture.start(RunningCapture.reading(database, tables, NARROW), null, TEN_ROWS);
        awaitQuiet(tables);
        return running;
    }

    /** Beside the readers there is the connection that reads alone, and the one that looks for new tables. */
    void awaitQuiet(int readers) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> database.query(
                        "select count(*) || ' ' || bool_and(state = 'idle' and state_change < now() - interval '0.2 s')"
                                + " from pg_stat_activity where datname = current_database()"
                                + " and application_name like 'paillette%'")
                .equals(readers + 2 + " true"));
    }

    static CaptureException failure(RunningCapture running) {
        return catchThrowableOfType(CaptureException.class, () -> running.await(SeveralTables::isComplete));
    }

    void take(List<CaptureEvent> events, int threads, int some) throws Exception {
        System.out.println("Several tables, seed " + seed);
        try (var running =
                RunningCapture.start(RunningCapture.reading(database, threads, NARROW), position(events), TEN_ROWS)) {
            events.addAll(running.await(more -> more.size() >= some).subList(0, some));
        }
    }

    void takeAll(List<CaptureEvent> events, int threads) throws Exception {
        try (var running =
                RunningCapture.start(RunningCapture.reading(database, threads, WIDE), position(events), TEN_ROWS)) {
            events.addAll(running.await(SeveralTables::isComplete));
        }
    }

    void assertReadOnce(List<CaptureEvent> events) {
        assertReadOnce(events, TABLES);
    }

    void assertReadOnce(List<CaptureEvent> events, List<String> tables) {
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

    static List<String> tablesOf(List<CaptureEvent> events) {
        return events.stream()
                .filter(CaptureEvent.Row.class::isInstance)
                .map(event -> ((CaptureEvent.Row) event).relation().name().table())
                .toList();
    }

    /** Each as often as it comes after another. */
    static List<String> stretches(List<String> tables) {
        return IntStream.range(0, tables.size())
                .filter(i -> i == 0 || !tables.get(i).equals(tables.get(i - 1)))
                .mapToObj(tables::get)
                .toList();
    }

    int connections() throws SQLException {
        return Integer.parseInt(database.query("select count(*) from pg_stat_activity"
                + " where datname = current_database() and application_name like 'paillette%'"));
    }

    static Set<Integer> tables(List<CaptureEvent> events) {
        Set<Integer> oids = new HashSet<>();
        events.forEach(event -> event.position().snapshot().reading().forEach(table -> oids.add(table.oid())));
        return oids;
    }

    static int id(CaptureEvent.Row row) {
        return Integer.parseInt(RunningCapture.values(row).get(0));
    }

    /** The last row of the table that comes before the position; 0 for none. */
    static int before(Position position, int oid) {
        return position.snapshot()
                .reading(oid)
                .map(table -> Integer.parseInt(table.last().upTo().get(0)))
                .orElse(0);
    }

    static boolean isComplete(List<CaptureEvent> events) {
        return events.stream()
                .anyMatch(event -> event instanceof CaptureEvent.SnapshotStep
                        && event.position().snapshot().complete());
    }

    static CaptureEvent last(List<CaptureEvent> events) {
        return events.get(events.size() - 1);
    }

    static @Nullable Position position(List<CaptureEvent> events) {
        return events.isEmpty() ? null : last(events).position();
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
