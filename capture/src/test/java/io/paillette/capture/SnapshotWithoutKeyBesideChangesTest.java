package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A table without a key is read for the first time while sessions write it and captures are cut at random. What is told is
 * applied strictly: no row twice, none that is there missing at the end. All that may lack is the reading of a row that was
 * changed before its turn came; its change is told.
 */
final class SnapshotWithoutKeyBesideChangesTest {

    private static final int ROWS = 1_200;
    private static final int WRITERS = 4;
    private static final int CUTS = 5;
    private static final Set<String> EXPECTED = Set.of("40001", "40P01");

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.narrow(database, SnapshotMode.INITIAL, true);
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final AtomicBoolean enough = new AtomicBoolean();
    private final Set<String> live = new HashSet<>();

    /** Rows that a change told to be gone without their having been read. */
    private final Set<String> unread = new HashSet<>();

    private int streamed;

    @ParameterizedTest
    @ValueSource(strings = {"one table", "partitions"})
    void nothingIsToldTwiceAndNoRowIsMissingWhereverTheReadingIsCut(String kind) throws Exception {
        System.out.println("SnapshotWithoutKeyBesideChangesTest " + kind + " seed " + seed);
        create(kind.equals("partitions"));
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        Position position = null;
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                long own = random.nextLong();
                writers.add(threads.submit(() -> write(new Random(own))));
            }
            for (int cut = 0; cut < CUTS; cut++) {
                position = take(position, 1 + random.nextInt(ROWS / CUTS * 3 / 2));
            }
            enough.set(true);
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            enough.set(true);
            threads.shutdownNow();
            threads.awaitTermination(10, TimeUnit.SECONDS);
        }
        database.execute("insert into t values (-1, 0, '')");
        try (var running = RunningCapture.start(settings, position, SegmentBounds.STANDARD)) {
            running.awaitText("INSERT t[-1, 0, ]");
            running.events().forEach(this::apply);
        }
        System.out.println(streamed + " changes, " + unread.size() + " of rows that had not been read");
        assertThat(live)
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(RunningCapture.rows(database, "select * from t"));
        assertThat(streamed).as("seed %d", seed).isPositive();
    }

    private void create(boolean partitioned) {
        if (partitioned) {
            Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
            database.execute(
                    "create table t (state bigint, v int, filler text) partition by list (v)",
                    "create table t0 partition of t for values in (0)",
                    "create table t1 (filler text, nothing int, v int, state bigint)",
                    "alter table t1 drop column nothing",
                    "alter table t attach partition t1 for values in (1)",
                    "create table t2 partition of t for values in (2)",
                    "alter table t0 replica identity full",
                    "alter table t1 replica identity full",
                    "alter table t2 replica identity full");
        } else {
            database.execute("create table t (state bigint, v int, filler text)");
        }
        database.execute(
                "alter table t replica identity full",
                "create sequence state",
                "insert into t select nextval('state'), i % 3, '' from generate_series(1, " + ROWS + ") i",
                "delete from t where state % 7 = 0",
                "vacuum t");
    }

    /** So many events, from there on. */
    private @Nullable Position take(@Nullable Position from, int most) throws Exception {
        try (var running = RunningCapture.start(settings, from, SegmentBounds.STANDARD)) {
            List<CaptureEvent> some =
                    running.await(events -> events.size() >= most).subList(0, most);
            some.forEach(this::apply);
            return some.get(most - 1).position();
        }
    }

    private void apply(CaptureEvent event) {
        if (!(event instanceof CaptureEvent.Row row)) {
            return;
        }
        String what = "seed " + seed + ": " + row.kind() + " " + RunningCapture.values(row);
        Tuple before = row.before();
        Tuple after = row.after();
        streamed += row.kind() == CaptureEvent.Kind.READ ? 0 : 1;
        if (before != null && !live.remove(text(before))) {
            assertThat(unread.add(text(before)))
                    .as("%s is gone for the first time", what)
                    .isTrue();
        }
        if (after != null) {
            String now = text(before == null ? after : after.filledFrom(before));
            assertThat(live.add(now)).as("%s comes for the first time", what).isTrue();
            assertThat(unread).as("%s is gone", what).doesNotContain(now);
        }
    }

    private static String text(Tuple tuple) {
        return String.join(", ", RunningCapture.values(tuple));
    }

    private @Nullable Void write(Random own) throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            while (!enough.get()) {
                try {
                    for (int change = own.nextInt(4); change >= 0; change--) {
                        execute(connection, change(own));
                    }
                    if (own.nextInt(10) == 0) {
                        connection.rollback();
                    } else {
                        connection.commit();
                    }
                } catch (SQLException e) {
                    connection.rollback();
                    if (!EXPECTED.contains(String.valueOf(e.getSQLState()))) {
                        throw e;
                    }
                }
            }
        }
        return null;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String change(Random own) {
        String any = " where (tableoid, ctid) in (select tableoid, ctid from t tablesample system (10) limit 1)";
        return switch (own.nextInt(10)) {
            case 0, 1 -> "delete from t" + any;
            case 2 -> "update t set v = " + own.nextInt(3) + ", state = nextval('state')" + any;
            case 3, 4, 5 -> "update t set state = nextval('state')" + any;
            default ->
                "insert into t select nextval('state'), " + own.nextInt(3) + ", repeat('x', " + own.nextInt(300) + ")";
        };
    }
}
