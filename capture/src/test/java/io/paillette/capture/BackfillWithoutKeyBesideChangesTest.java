package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A table without a key is read again and again while sessions write it, it is written anew, and captures are cut at random. The
 * consumer knows from the stream which rows there are: it must never be told one that is gone, and of those that nobody touched
 * since a backfill was asked for all must be told.
 */
final class BackfillWithoutKeyBesideChangesTest {

    private static final int WRITERS = 4;
    private static final int BACKFILLS = 5;
    private static final long PATIENCE_NANOS = Duration.ofSeconds(90).toNanos();
    private static final Set<String> EXPECTED = Set.of("40001", "40P01");

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();

    /** By their text, how many there are that look so. */
    private final Map<String, Integer> live = new HashMap<>();

    /** What the backfill that is under way is to tell, unless it is touched. */
    private Map<String, Integer> expected = Map.of();

    private final Set<String> touched = new HashSet<>();
    private final Map<String, Integer> told = new HashMap<>();
    private boolean writtenAnew;
    private int backfills;
    private int rows;
    private int untouched;
    private int anew;

    @ParameterizedTest
    @ValueSource(strings = {"one table", "partitions"})
    void noRowComesOnceItIsGoneAndAllThatNobodyTouchesCome(String kind) throws Exception {
        System.out.println("BackfillWithoutKeyBesideChangesTest " + kind + " seed " + seed);
        createTable(kind.equals("partitions"));
        CaptureSettings settings = RunningCapture.settings(database);
        Capture.start(settings, Optional.empty()).close();
        database.execute("insert into t select nextval('state'), i % 3, '' from generate_series(1, 600) i");
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                long own = random.nextLong();
                running.incrementAndGet();
                writers.add(threads.submit(() -> write(new Random(own))));
            }
            follow(settings);
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            enough.set(true);
            threads.shutdownNow();
            threads.awaitTermination(10, TimeUnit.SECONDS);
        }
        System.out.println(backfills + " backfills, " + rows + " rows of them, " + untouched
                + " untouched; written anew " + anew + " times");
        assertThat(rows).as("seed %d", seed).isPositive();
    }

    private void createTable(boolean partitioned) {
        if (!partitioned) {
            database.execute("create table t (state bigint, v int, filler text)");
        } else {
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
        }
        database.execute("alter table t replica identity full", "create sequence state");
    }

    private void follow(CaptureSettings settings) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Position stored = null;
        boolean last = false;
        Backfill asked = another();
        boolean done = false;
        while (!done) {
            assertThat(System.nanoTime()).as("seed %d", seed).isLessThan(deadline);
            var bounds = new SegmentBounds(1 + random.nextInt(60), Duration.ofSeconds(30));
            Optional<Position> from =
                    Optional.ofNullable(stored).map(position -> PositionText.read(PositionText.write(position)));
            int most = 1 + random.nextInt(4000);
            try (var capture = Capture.start(settings, from, bounds)) {
                capture.backfill(List.of(asked));
                for (int taken = 0; taken < most && !done && System.nanoTime() < deadline; ) {
                    List<BackfillProgress> now = capture.backfills();
                    if (now.size() == 1
                            && now.get(0).hasEnded()
                            && now.get(0).asked().equals(asked)) {
                        assertThat(now.get(0).fault()).as("seed %d", seed).isEmpty();
                        checkUntouched();
                        enough.set(backfills >= BACKFILLS);
                        done = last && live.equals(rows());
                        last = running.get() == 0;
                        writeAnewNowAndThen();
                        asked = another();
                        capture.backfill(List.of(asked));
                    }
                    for (CaptureEvent event : capture.poll(Duration.ofMillis(20))) {
                        if (taken++ < most) {
                            take(event);
                            stored = event.position();
                            capture.stored(stored);
                        }
                    }
                }
            }
            writeAnewNowAndThen();
        }
        assertThat(done).as("seed %d", seed).isTrue();
    }

    private Backfill another() {
        expected = Map.copyOf(live);
        touched.clear();
        told.clear();
        writtenAnew = false;
        return new Backfill("round " + backfills++, new TableName("public", "t"), "", false);
    }

    private void writeAnewNowAndThen() {
        if (random.nextInt(3) == 0) {
            database.execute("vacuum full t");
            writtenAnew = true;
            anew++;
        }
    }

    private void checkUntouched() {
        expected.forEach((text, count) -> {
            if (!touched.contains(text)) {
                untouched++;
                assertThat(told.getOrDefault(text, 0))
                        .as("seed %d: %s, which nobody touched", seed, text)
                        .matches(times -> times.equals(count) || (writtenAnew && times > count));
            }
        });
    }

    private void take(CaptureEvent event) {
        if (event instanceof CaptureEvent.Truncate) {
            touched.addAll(live.keySet());
            live.clear();
        } else if (event instanceof CaptureEvent.Row row) {
            if (row.kind() == CaptureEvent.Kind.READ_AGAIN) {
                rows++;
                String text = text(Objects.requireNonNull(row.after()));
                assertThat(live)
                        .as("seed %d: %s was read and is gone", seed, text)
                        .containsKey(text);
                told.merge(text, 1, Integer::sum);
            } else {
                change(row);
            }
        }
    }

    private void change(CaptureEvent.Row row) {
        Tuple before = row.before();
        Tuple after = row.after();
        if (before != null) {
            String gone = text(before);
            touched.add(gone);
            assertThat(live).as("seed %d: %s", seed, row.kind()).containsKey(gone);
            live.computeIfPresent(gone, (text, count) -> count == 1 ? null : count - 1);
        }
        if (after != null) {
            String come = text(before == null ? after : after.filledFrom(before));
            touched.add(come);
            live.merge(come, 1, Integer::sum);
        }
    }

    private static String text(Tuple tuple) {
        return String.join("|", RunningCapture.values(tuple));
    }

    private Map<String, Integer> rows() throws SQLException {
        Map<String, Integer> all = new HashMap<>();
        RunningCapture.rows(database, "select concat_ws('|', state, v, filler) from t")
                .forEach(text -> all.merge(text, 1, Integer::sum));
        return all;
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
                execute(connection, "select pg_sleep(" + own.nextInt(25) + " / 1000.0)");
                connection.rollback();
            }
        } finally {
            running.decrementAndGet();
        }
        return null;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Of any row, and now and then of one that looks as another does. */
    private static String change(Random own) {
        String any = " where (tableoid, ctid) in (select tableoid, ctid from t order by random() limit 1)";
        if (own.nextInt(1500) == 0) {
            return "truncate t";
        }
        return switch (own.nextInt(20)) {
            case 0, 1, 2 -> "delete from t" + any;
            case 3, 4, 5 -> "insert into t select * from t" + any;
            case 6, 7 -> "update t set v = " + own.nextInt(3) + any;
            case 8, 9, 10, 11 -> "update t set state = nextval('state')" + any;
            default ->
                "insert into t select nextval('state'), " + own.nextInt(3) + ", string_agg(md5(random()::text), '')"
                        + " from generate_series(1, " + (1 + own.nextInt(100)) + ") i";
        };
    }
}
