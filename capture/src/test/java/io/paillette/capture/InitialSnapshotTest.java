package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class InitialSnapshotTest {

    private static final int KEYS = 2_000;

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, true);

    @Test
    void rowsAreReadAsTheStreamWouldSendThem() throws Exception {
        database.execute(
                "create type mood as enum ('sad', 'a,b')",
                "create table t (id int primary key, v text, b bytea, f float8, a text[], ts timestamptz, i interval,"
                        + " n numeric(8,2), m mood, j jsonb, dropped int, gone text)",
                "alter table t drop column dropped");
        String row = "E'tab\\tnewline\\nreturn\\rback\\\\slash \\\\N \\b\\f\\v ü', '\\x00ff', 0.1, '{a,NULL,\"b c\"}',"
                + " '2024-02-29 12:00+02', '1 day 02:03', 1.5, 'a,b', '{\"k\": [1, null]}', null)";
        database.execute(
                "insert into t values (1, " + row,
                "insert into t values (2, '', '', 'nan', '{}', 'infinity'," + " '0', null, null, 'null', '\\N')");
        List<String> read;
        try (var running = RunningCapture.start(settings)) {
            read = List.copyOf(running.awaitChanges(2));
            running.await(events -> last(events).position().snapshot().complete());
            database.execute(
                    "delete from t",
                    "insert into t values (1, " + row,
                    "insert into t values (2, '', '', 'nan'," + " '{}', 'infinity', '0', null, null, 'null', '\\N')");
            running.awaitChanges(6);
            List<CaptureEvent.Row> rows = running.events().stream()
                    .filter(CaptureEvent.Row.class::isInstance)
                    .map(CaptureEvent.Row.class::cast)
                    .toList();
            assertThat(rows.get(0).relation()).isEqualTo(rows.get(4).relation());
            assertThat(running.texts().subList(4, 6))
                    .containsExactlyElementsOf(read.stream()
                            .map(text -> text.replace("READ", "INSERT"))
                            .toList());
        }
    }

    /** Tables in one transaction each as long as nothing is cut; in many; and in many that end in the middle of a COPY. */
    static Stream<Arguments> segments() {
        var many = new SegmentBounds(40, Duration.ZERO);
        var unfinished = new SegmentBounds(1_000_000, Duration.ZERO);
        return Stream.of(
                Arguments.of(SegmentBounds.STANDARD, 1),
                Arguments.of(many, 1),
                Arguments.of(unfinished, 1),
                Arguments.of(many, 3),
                Arguments.of(unfinished, 2));
    }

    @ParameterizedTest
    @MethodSource("segments")
    void aSnapshotUnderConcurrentWritersIsWholeEvenWhenItIsCutShortAgainAndAgain(SegmentBounds bounds, int tablesAtOnce)
            throws Exception {
        CaptureSettings settings = RunningCapture.reading(database, tablesAtOnce, 1 << 20);
        database.execute(
                "create table a (id int primary key, v int)",
                "create table b (id int primary key, v int)",
                "create table c (id int primary key, v int)");
        for (String table : List.of("a", "b", "c")) {
            database.execute("insert into " + table + " select i, 0 from generate_series(1, " + KEYS + ") i");
        }
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var stop = new AtomicBoolean();
        var threads = Executors.newFixedThreadPool(4);
        List<CaptureEvent> delivered = new ArrayList<>();
        try {
            List<Future<Void>> writers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                writers.add(threads.submit(writer(new Random(seed + i), stop)));
            }
            Random random = new Random(seed);
            for (int cut = 0; cut < 6; cut++) {
                try (var running = RunningCapture.start(settings, positionOf(delivered), bounds)) {
                    int some = 1 + random.nextInt(2 * KEYS);
                    running.await(events -> events.size() >= some);
                    List<CaptureEvent> events = running.events();
                    delivered.addAll(events.subList(0, Math.min(events.size(), some)));
                }
            }
            stop.set(true);
            for (Future<Void> writer : writers) {
                writer.get();
            }
        } finally {
            stop.set(true);
            threads.shutdown();
        }
        try (var running = RunningCapture.start(settings, positionOf(delivered), bounds)) {
            if (!last(delivered).position().snapshot().complete()) {
                running.await(events ->
                        !events.isEmpty() && last(events).position().snapshot().complete());
            }
            database.execute("insert into a values (1000000, 0)");
            running.awaitText("INSERT a[1000000, 0]");
            delivered.addAll(running.events());
        }
        Map<String, String> replayed = replay(delivered, seed);
        Map<String, String> expected = new TreeMap<>();
        for (String table : List.of("a", "b", "c")) {
            String rows = database.query("select string_agg(id || '=' || v, ',' order by id) from " + table);
            for (String row : rows.split(",", -1)) {
                expected.put(table + row.substring(0, row.indexOf('=')), row.substring(row.indexOf('=') + 1));
            }
        }
        assertThat(replayed).as("seed %d", seed).isEqualTo(expected);
        assertThat(last(delivered).position().snapshot().complete()).isTrue();
    }

    private static @Nullable Position positionOf(List<CaptureEvent> delivered) {
        return delivered.isEmpty() ? null : last(delivered).position();
    }

    /**
     * Applies every event as a strict database would: a row read or inserted whose key is there, an update or delete of one
     * that is not, or a value that does not grow by one is an error.
     */
    private static Map<String, String> replay(List<CaptureEvent> events, long seed) {
        Map<String, String> state = new TreeMap<>();
        for (CaptureEvent event : events) {
            if (!(event instanceof CaptureEvent.Row row)) {
                continue;
            }
            String table = row.relation().name().table();
            List<String> values = RunningCapture.values(row);
            String key = table + values.get(0);
            String what = "seed " + seed + ", " + row.kind() + " " + table + values;
            switch (row.kind()) {
                case READ, READ_AGAIN, INSERT ->
                    assertThat(state.put(key, values.get(1))).as(what).isNull();
                case UPDATE -> {
                    Tuple old = row.before();
                    String oldKey = old == null
                            ? key
                            : table + RunningCapture.values(old).get(0);
                    int before = Integer.parseInt(String.valueOf(state.remove(oldKey)));
                    assertThat(Integer.parseInt(values.get(1))).as(what).isEqualTo(before + 1);
                    assertThat(state.put(key, values.get(1))).as(what).isNull();
                }
                case DELETE -> assertThat(state.remove(key)).as(what).isNotNull();
            }
        }
        return state;
    }

    private Callable<Void> writer(Random random, AtomicBoolean stop) {
        return () -> {
            try (var connection = database.connect()) {
                connection.setAutoCommit(false);
                while (!stop.get()) {
                    write(connection, random);
                }
            }
            return null;
        };
    }

    private static void write(Connection connection, Random random) throws SQLException {
        try (var statement = connection.createStatement()) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                String table = List.of("a", "b", "c").get(random.nextInt(3));
                int id = 1 + random.nextInt(KEYS);
                statement.execute(
                        switch (random.nextInt(5)) {
                            case 0 -> "delete from " + table + " where id = " + id;
                            case 1 -> "insert into " + table + " values (" + id + ", 0) on conflict do nothing";
                            case 2 -> moved(table, id, 1 + random.nextInt(KEYS));
                            default -> "update " + table + " set v = v + 1 where id = " + id;
                        });
            }
            if (random.nextInt(5) > 0) {
                connection.commit();
            }
        } catch (SQLException e) {
            // A deadlock, or two that moved a row to the same key.
            if (!Set.of("40P01", "23505").contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
        } finally {
            connection.rollback();
        }
    }

    private static String moved(String table, int from, int to) {
        return "update " + table + " set id = " + to + ", v = v + 1 where id = " + from
                + " and not exists (select from " + table + " where id = " + to + ")";
    }

    private static CaptureEvent last(List<CaptureEvent> events) {
        return events.get(events.size() - 1);
    }
}
