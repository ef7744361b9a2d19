package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** WAL that the slot holds back is bounded by what is really undelivered, and is told when it is not. */
final class SlotGrowthTest {

    private static final long MEGABYTE = 1 << 20;

    private final PostgresServer server = PostgresServer.shared();
    private final Database database = server.newDatabase();

    @Test
    void aQuietDatabaseWithABusyNeighbourHoldsNoWal() throws Exception {
        Database neighbour = server.newDatabase();
        neighbour.execute("create table busy (v text)");
        database.execute("create table t (id int primary key)");
        CaptureSettings settings = RunningCapture.settings(database);
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into t values (1)");
            running.awaitChanges(1);
            for (int round = 1; round <= 5; round++) {
                Lsn before = lsn(settings, "confirmed_flush_lsn");
                neighbour.execute(
                        "insert into busy select repeat('x', 1000) from generate_series(1, 5000)",
                        "truncate busy",
                        "checkpoint");
                Lsn busy = Lsn.parse(neighbour.query("select pg_current_wal_insert_lsn()"));
                if (round == 1) {
                    assertThat(before).as("nothing stored, nothing confirmed").isLessThan(busy);
                }
                storeUntil(running, () -> lsn(settings, "confirmed_flush_lsn").value() >= busy.value() - MEGABYTE);
            }
            assertThat(running.texts()).containsExactly("INSERT t[1]");
            // Some 25 MB were written; a slot whose restart_lsn stands still holds them all.
            storeUntil(
                    running,
                    () -> running.capture().slot().map(SlotState::retainedBytes).orElse(Long.MAX_VALUE) < 8 * MEGABYTE);
        }
    }

    @Test
    void whatIsPassedOverIsConfirmedOnlyOnceThatIsStored() throws Exception {
        Database neighbour = server.newDatabase();
        neighbour.execute("create table busy (v text)");
        database.execute("create table t (id int primary key)");
        CaptureSettings settings = RunningCapture.settings(database);
        try (var running = RunningCapture.start(settings)) {
            Lsn start = lsn(settings, "confirmed_flush_lsn");
            neighbour.execute("insert into busy select repeat('x', 1000) from generate_series(1, 5000)");
            CaptureEvent passed = running.await(events -> !events.isEmpty()).get(0);
            assertThat(passed).isInstanceOf(CaptureEvent.Progress.class);
            assertThat(passed.position().end()).isGreaterThan(start);
            Awaitility.await()
                    .during(Duration.ofSeconds(2))
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> lsn(settings, "confirmed_flush_lsn").equals(start));
            running.storeAll();
            storeUntil(running, () -> lsn(settings, "confirmed_flush_lsn").compareTo(start) > 0);
        }
    }

    @Test
    void whatALongTransactionHeldIsLetGoOfThoughTheServerIsQuietAfterwards() throws Exception {
        database.execute("create table t (id int primary key)");
        CaptureSettings settings = RunningCapture.settings(database);
        try (var running = RunningCapture.start(settings);
                var open = database.connect();
                var statement = open.createStatement()) {
            open.setAutoCommit(false);
            statement.execute("insert into t values (1)");
            Database neighbour = server.newDatabase();
            neighbour.execute("create table busy as select repeat('x', 1000) as v from generate_series(1, 8000)");
            storeUntil(
                    running,
                    () -> running.capture().slot().map(SlotState::retainedBytes).orElse(0L) > 8 * MEGABYTE);
            open.rollback();
            neighbour.execute("checkpoint");
            storeUntil(
                    running,
                    () -> running.capture().slot().map(SlotState::retainedBytes).orElse(Long.MAX_VALUE) < MEGABYTE);
        }
    }

    @Test
    void aSlotThatHoldsBackTooMuchIsAWarning() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        CaptureSettings settings = CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL,
                        database.url(),
                        CaptureOption.SLOT_NAME,
                        "slot_" + database.name(),
                        CaptureOption.SNAPSHOT_MODE,
                        "no_data",
                        CaptureOption.SLOT_RETAINED_WAL_WARN_BYTES,
                        String.valueOf(4 * MEGABYTE)));
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into t select i, repeat('x', 1000) from generate_series(1, 8000) i");
            running.awaitChanges(8000);
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            running.capture().slot().flatMap(SlotState::warning))
                    .hasValueSatisfying(warning -> assertThat(warning)
                            .contains(settings.slot(), "slot.retained.wal.warn.bytes is " + 4 * MEGABYTE)));
            running.await(events -> events.get(events.size() - 1) instanceof CaptureEvent.Commit);
            database.execute("checkpoint");
            storeUntil(
                    running,
                    () -> running.capture().slot().isPresent()
                            && running.capture().slot().get().warning().isEmpty());
        }
    }

    /** Stores all that comes, as a caller does, until {@code reached}. */
    private static void storeUntil(RunningCapture running, java.util.concurrent.Callable<Boolean> reached) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            running.events().addAll(running.capture().poll(Duration.ZERO));
            running.storeAll();
            return reached.call();
        });
    }

    private Lsn lsn(CaptureSettings settings, String column) {
        return Lsn.parse(database.query(
                "select " + column + " from pg_replication_slots where slot_name = '" + settings.slot() + "'"));
    }
}
