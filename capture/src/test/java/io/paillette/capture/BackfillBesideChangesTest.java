package io.paillette.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tables are read again and again while four sessions write them and captures are cut at random. Each state of a row has a
 * number of its own, larger than that of the state before: so a consumer that takes events as they come sees at once when one
 * is late.
 */
final class BackfillBesideChangesTest {

    private static final int WRITERS = 4;
    private static final int KEYS = 60;
    private static final int TRANSACTIONS = 400;
    private static final long PATIENCE_NANOS = Duration.ofSeconds(90).toNanos();

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final AtomicInteger running = new AtomicInteger();

    /** Of each key the number of its last state; negative once it was deleted in that. */
    private final Map<Integer, Long> states = new HashMap<>();

    private int truncates;
    private int backfills;
    private int reread;

    @ParameterizedTest
    @ValueSource(strings = {"default", "full"})
    void noRowComesAfterALaterStateOfItAndNoChangeIsMissed(String identity) throws Exception {
        System.out.println("BackfillBesideChangesTest " + identity + " seed " + seed);
        database.execute(
                "create table t (id int primary key, state bigint, filler text)",
                "alter table t replica identity " + identity,
                "create sequence state");
        CaptureSettings settings = RunningCapture.settings(database);
        Capture.start(settings, Optional.empty()).close();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                long own = random.nextLong();
                running.incrementAndGet();
                writers.add(threads.submit(() -> write(writer, new Random(own))));
            }
            follow(settings);
            for (Future<?> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
            threads.awaitTermination(10, TimeUnit.SECONDS);
        }
        System.out.println(backfills + " backfills, " + reread + " rows of them, " + truncates + " truncates");
        assertThat(reread).as("seed %d", seed).isPositive();
    }

    private void follow(CaptureSettings settings) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Position stored = null;
        boolean last = false;
        Backfill asked = another();
        boolean done = false;
        while (!done) {
            assertThat(System.nanoTime()).as("seed %d", seed).isLessThan(deadline);
            var bounds = new SegmentBounds(1 + random.nextInt(30), Duration.ofSeconds(30));
            Optional<Position> from =
                    Optional.ofNullable(stored).map(position -> PositionText.read(PositionText.write(position)));
            int most = 1 + random.nextInt(4000);
            try (var capture = Capture.start(settings, from, bounds)) {
                capture.backfill(List.of(asked));
                for (int taken = 0; taken < most && !done && System.nanoTime() < deadline; ) {
                    List<BackfillProgress> now = capture.backfills();
                    boolean ended = now.size() == 1
                            && now.get(0).hasEnded()
                            && now.get(0).asked().equals(asked);
                    if (ended) {
                        assertThat(now.get(0).fault()).as("seed %d", seed).isEmpty();
                        done = last && states().equals(rows());
                        last = running.get() == 0;
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
        }
        assertThat(done).as("seed %d", seed).isTrue();
    }

    private Backfill another() {
        String where = random.nextBoolean() ? "" : "id % 2 = 0";
        return new Backfill("round " + backfills++, new TableName("public", "t"), where, false);
    }

    private void take(CaptureEvent event) {
        if (event instanceof CaptureEvent.Truncate) {
            truncates++;
            states.replaceAll((id, state) -> -Math.abs(state));
        } else if (event instanceof CaptureEvent.Row row) {
            Tuple before = row.before();
            Tuple after = row.after();
            if (before != null && (after == null || id(before) != id(after))) {
                states.computeIfPresent(id(before), (id, state) -> -Math.abs(state));
            }
            if (after != null) {
                take(row, id(after), number(after, 1));
            }
        }
    }

    private void take(CaptureEvent.Row row, int id, long state) {
        Long known = states.put(id, state);
        boolean read = row.kind().isRead();
        reread += read ? 1 : 0;
        if (known != null) {
            assertThat(state)
                    .as("seed %d: %s of %d after %d", seed, row.kind(), id, known)
                    .matches(now -> now > Math.abs(known) || (read && now.equals(known)));
        }
    }

    private static int id(Tuple tuple) {
        return (int) number(tuple, 0);
    }

    private static long number(Tuple tuple, int column) {
        byte[] value = tuple.value(column);
        return Long.parseLong(new String(Objects.requireNonNull(value), US_ASCII));
    }

    private Map<Integer, Long> states() {
        Map<Integer, Long> all = new TreeMap<>(states);
        all.values().removeIf(state -> state < 0);
        return all;
    }

    private Map<Integer, Long> rows() throws SQLException {
        Map<Integer, Long> rows = new TreeMap<>();
        try (Connection connection = database.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("select id, state from t")) {
            while (row.next()) {
                rows.put(row.getInt(1), row.getLong(2));
            }
        }
        return rows;
    }

    /** Each has keys of its own, so that the numbers of their states are in the order of their commits. */
    private @Nullable Void write(int writer, Random own) throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < TRANSACTIONS; i++) {
                for (int change = own.nextInt(4); change >= 0; change--) {
                    try (var statement = connection.createStatement()) {
                        statement.execute(change(writer, own));
                    }
                }
                if (own.nextInt(10) == 0) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
                pause(connection, own.nextInt(25));
            }
        } finally {
            running.decrementAndGet();
        }
        return null;
    }

    /** Chunks are to be read between changes, not after them all. */
    private static void pause(Connection connection, int millis) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("select pg_sleep(" + millis + " / 1000.0)");
        }
        connection.rollback();
    }

    private static String change(int writer, Random own) {
        int id = key(writer, own);
        int other = key(writer, own);
        if (writer == 0 && own.nextInt(100) == 0) {
            return "truncate t";
        }
        return switch (own.nextInt(20)) {
            case 0, 1, 2 -> "delete from t where id = " + id;
            case 3, 4, 5 ->
                "update t set id = " + other + ", state = nextval('state') where id = " + id
                        + " and not exists (select from t where id = " + other + ")";
            default ->
                "insert into t values (" + id + ", nextval('state'), repeat('x', " + own.nextInt(3000)
                        + ")) on conflict (id) do update set state = nextval('state')";
        };
    }

    private static int key(int writer, Random own) {
        return own.nextInt(KEYS) * WRITERS + writer;
    }
}
