package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paillette.capture.CaptureSettings.OnSlotLoss;
import io.paillette.capture.CaptureSettings.SlotRules;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.testkit.PostgresPair;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A slot that cannot go on from the stored position is never gone on with in silence. */
final class SlotLossTest {

    private static final Position NOWHERE = Position.between(Lsn.NONE, SnapshotProgress.DONE);

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database).storingEveryPosition();

    @Test
    void aSlotThatIsGoneStopsTheSourceAndSaysWhatToDo() throws Exception {
        Position stored = capturedOnce();
        dropSlot(database, settings);
        database.execute("insert into t values (2)");
        assertThat(failure(settings, stored))
                .hasMessageContaining("Slot " + settings.slot() + " is gone")
                .hasMessageContaining(stored.end().toString())
                .hasMessageContaining("on.slot.loss to resnapshot");
    }

    @Test
    void aSlotThatIsGoneIsMadeAnewAndTheTablesAreReadAgain() throws Exception {
        Position stored = capturedOnce();
        dropSlot(database, settings);
        database.execute("insert into t values (2)", "create table u (id int)", "insert into u values (7)");
        try (var running = RunningCapture.resume(resnapshot(settings), stored)) {
            assertThat(running.awaitChanges(3)).containsExactlyInAnyOrder("READ t[1]", "READ t[2]", "READ u[7]");
            database.execute("insert into t values (3)", "insert into u values (8)");
            assertThat(running.awaitChanges(5)).contains("INSERT t[3]", "INSERT u[8]");
            running.storeAll();
        }
    }

    @Test
    void aSlotAdvancedBySomebodyElseIsALoss() throws Exception {
        Position stored = capturedOnce();
        database.execute("insert into t values (2)");
        database.query("select pg_replication_slot_advance('" + settings.slot() + "', pg_current_wal_lsn())");
        String confirmed = confirmed();
        assertThat(failure(settings, stored))
                .hasMessageContaining("was advanced by somebody else, or made anew: it begins at " + confirmed)
                .hasMessageContaining("after the stored position " + stored.end());
        try (var running = RunningCapture.resume(resnapshot(settings), stored)) {
            assertThat(running.awaitChanges(2)).containsExactlyInAnyOrder("READ t[1]", "READ t[2]");
        }
    }

    @Test
    void aSlotAdvancedInTheMiddleOfATransactionIsALossWhoeverStores() throws Exception {
        CaptureSettings loose = RunningCapture.settings(database);
        database.execute("create table t (id int primary key)");
        Position middle;
        try (var running = RunningCapture.start(loose)) {
            database.execute("insert into t values (1), (2)");
            middle = running.await(events -> !events.isEmpty()).get(0).position();
        }
        assertThat(middle.commit()).isNotEqualTo(Lsn.NONE);
        database.query("select pg_replication_slot_advance('" + settings.slot() + "', pg_current_wal_lsn())");
        assertThat(failure(loose, middle)).hasMessageContaining("(change 1 of " + middle.commit() + ")");
    }

    @Test
    void aSlotAheadOfAPositionThatOlderVersionsStoredIsGoneOnWith() throws Exception {
        Position stored = capturedOnce();
        database.query("select pg_replication_slot_advance('" + settings.slot() + "', pg_current_wal_lsn())");
        Position older = Position.between(stored.end(), SnapshotProgress.DONE);
        Position middle;
        try (var running = RunningCapture.resume(settings, older)) {
            database.execute("insert into t values (2), (3)");
            assertThat(running.awaitChanges(2)).containsExactly("INSERT t[2]", "INSERT t[3]");
            middle = running.events().get(0).position();
        }
        try (var running = RunningCapture.resume(settings, middle)) {
            assertThat(running.awaitChanges(1)).containsExactly("INSERT t[3]");
        }
    }

    @Test
    void anotherServerIsNamedByItsIdentifier() throws Exception {
        Position stored = capturedOnce();
        Position elsewhere =
                stored.on(new ServerIdentity("42", stored.server().orElseThrow().timeline()));
        assertThat(failure(settings, elsewhere))
                .hasMessageContaining("leads to another server (system identifier "
                        + stored.server().orElseThrow().system() + ") than the one captured so far (42)");
        try (var running = RunningCapture.resume(resnapshot(settings), elsewhere)) {
            assertThat(running.awaitChanges(1)).containsExactly("READ t[1]");
        }
    }

    @Test
    void aServerWhoseWalEndsBeforeTheStoredPositionWasRestored() throws Exception {
        Position stored = capturedOnce();
        Position ahead = stored.moved(new Lsn(stored.end().value() + (1L << 40)), stored.snapshot());
        assertThat(failure(settings, ahead))
                .hasMessageContaining("The WAL of the server ends at ")
                .hasMessageContaining("before the stored position " + ahead.end())
                .hasMessageContaining("restored to an earlier point");
        try (var running = RunningCapture.resume(resnapshot(settings), ahead)) {
            assertThat(running.awaitChanges(1)).containsExactly("READ t[1]");
        }
    }

    @Test
    void aTimelineThatDoesNotComeFromThePositionsOneIsALoss() throws Exception {
        Position stored = capturedOnce();
        ServerIdentity now = stored.server().orElseThrow();
        assertThat(failure(settings, stored.on(new ServerIdentity(now.system(), now.timeline() + 1))))
                .hasMessageContaining("The server is on timeline " + now.timeline())
                .hasMessageContaining("does not come from timeline " + (now.timeline() + 1));
    }

    @Test
    void afterAFailOverTheSlotIsGoneAndAPositionThatTheStandbyHadNotIsTold() throws Exception {
        try (PostgresPair pair = PostgresPair.start()) {
            String url = pair.newDatabase();
            CaptureSettings moving =
                    CaptureSettings.of("test", Map.of(CaptureOption.URL, url)).storingEveryPosition();
            execute(url, "create table t (id int primary key)");
            Position stored;
            try (var running = RunningCapture.start(moving)) {
                execute(url, "insert into t values (1)");
                running.await(events -> last(events).position().snapshot().complete()
                        && !running.texts().isEmpty());
                stored = last(running.events()).position();
            }
            pair.failOver();
            assertThat(failure(moving, stored)).hasMessageContaining("Slot paillette_test is gone");
            Position lacking = stored.moved(new Lsn(stored.end().value() + (1 << 20)), stored.snapshot());
            execute(
                    url,
                    "create table filler as select repeat('x', 1000) as v from generate_series(1, 5000)",
                    "insert into t values (2)");
            assertThat(failure(moving, lacking))
                    .hasMessageContaining("The server left timeline 1 at ")
                    .hasMessageContaining("before the stored position " + lacking.end());
            var read = new TableSnapshot(1, new TableName("public", "t"), "1:1:", lacking.end());
            Position rowsItLacks = stored.moved(stored.end(), new SnapshotProgress(true, List.of(read)));
            assertThat(failure(moving, rowsItLacks))
                    .hasMessageContaining("The server left timeline 1 at ")
                    .hasMessageContaining("before rows of table public.t were read (at " + lacking.end() + ")");
            try (var running = RunningCapture.resume(resnapshot(moving), lacking)) {
                running.awaitText("READ t[1]");
                running.awaitText("READ t[2]");
                assertThat(last(running.events()).position().server())
                        .hasValueSatisfying(
                                server -> assertThat(server.timeline()).isEqualTo(2));
            }
        }
    }

    @Test
    void aSlotThatStandbysKeepGoesOnAfterAFailOver() throws Exception {
        assumeTrue(database.major() >= 17, "before Postgres 17 standbys keep no slots");
        try (PostgresPair pair = PostgresPair.start()) {
            String url = pair.newDatabase();
            execute(url, "create table t (id int primary key)");
            Position stored;
            // It was made before anybody thought of a fail-over.
            RunningCapture.start(CaptureSettings.of("test", Map.of(CaptureOption.URL, url)))
                    .close();
            CaptureSettings moving = CaptureSettings.of(
                            "test",
                            Map.of(
                                    CaptureOption.URL,
                                    url,
                                    CaptureOption.SNAPSHOT_MODE,
                                    "no_data",
                                    CaptureOption.SLOT_FAILOVER,
                                    "true"))
                    .storingEveryPosition();
            try (var running = RunningCapture.start(moving)) {
                execute(url, "insert into t values (1)");
                running.awaitText("INSERT t[1]");
                running.await(events -> last(events) instanceof CaptureEvent.Commit);
                running.storeAll();
                stored = last(running.events()).position();
                pair.awaitCopyOf("paillette_test");
                execute(url, "insert into t values (2)");
            }
            pair.failOver();
            execute(url, "insert into t values (3)");
            try (var running = RunningCapture.resume(moving, stored)) {
                assertThat(running.awaitText("INSERT t[3]")).containsExactly("INSERT t[2]", "INSERT t[3]");
            }
        }
    }

    @Test
    void aSlotThatLosesItsWalWhileItIsReadSaysSo() throws Exception {
        assumeTrue(database.major() >= 13, "Postgres 12 keeps WAL without a limit");
        try (PostgresServer small = PostgresServer.start(Map.of(
                "max_slot_wal_keep_size",
                "16MB",
                "min_wal_size",
                "32MB",
                "max_wal_size",
                "32MB",
                "wal_keep_size",
                "0"))) {
            Database own = small.newDatabase();
            CaptureSettings losing = RunningCapture.settings(own).storingEveryPosition();
            own.execute("create table t (id int primary key)");
            Position stored;
            try (var running = RunningCapture.start(losing)) {
                own.execute("insert into t values (1)");
                running.await(events -> last(events) instanceof CaptureEvent.Commit);
                stored = last(running.events()).position();
                running.storeAll();
                own.execute("create table filler (v text)");
                CaptureException broken = catchThrowableOfType(CaptureException.class, () -> {
                    for (int round = 0; round < 40; round++) {
                        own.execute(
                                "insert into filler select repeat('x', 1000) from generate_series(1, 4000)",
                                "select pg_switch_wal()",
                                "checkpoint");
                        running.awaitMoment();
                    }
                });
                assertThat(broken).as("the server ends the reader").isNotNull();
            }
            assertThat(own.query("select wal_status from pg_replication_slots")).isEqualTo("lost");
            assertThat(failure(losing, stored))
                    .hasMessageContaining("Slot " + losing.slot() + " is lost")
                    .hasMessageContaining("max_slot_wal_keep_size");
            try (var running = RunningCapture.resume(resnapshot(losing), stored)) {
                running.awaitText("READ t[1]");
                own.execute("insert into t values (2)");
                running.awaitText("INSERT t[2]");
            }
        }
    }

    @Test
    void aSlotDroppedWhileTheRowsAreReadIsToldBeforeTheStreamBegins() throws Exception {
        database.execute("create table t as select i, repeat('x', 1000) as v from generate_series(1, 3000) i");
        CaptureSettings reading = CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL, database.url(),
                        CaptureOption.SLOT_NAME, settings.slot(),
                        CaptureOption.MAX_QUEUE_BYTES, "10000"));
        assertThat(droppedWhileReading(reading).isTransient()).isFalse();
        assertThat(droppedWhileReading(resnapshot(reading)).isTransient()).isTrue();
    }

    private CaptureException droppedWhileReading(CaptureSettings reading) throws Exception {
        try (var running = RunningCapture.start(reading)) {
            running.awaitChanges(1);
            dropSlot(database, reading);
            CaptureException end = catchThrowableOfType(
                    CaptureException.class, () -> running.await(events -> events.size() > 1_000_000));
            assertThat(end).hasMessageContaining("Slot " + reading.slot() + " was dropped before it was read from");
            return end;
        }
    }

    @Test
    void aCrashBeforeAnythingWasStoredAgainLeavesTheTablesToBeRead() throws Exception {
        for (CaptureSettings how : List.of(RunningCapture.settings(database), settings)) {
            database.execute("drop table if exists t");
            Position stored = capturedOnce(how);
            dropSlot(database, how);
            database.execute("insert into t values (2)");
            RunningCapture.resume(resnapshot(how), stored).close();
            database.execute("insert into t values (3)");
            try (var running = RunningCapture.resume(resnapshot(how), stored)) {
                assertThat(running.awaitChanges(3)).containsExactlyInAnyOrder("READ t[1]", "READ t[2]", "READ t[3]");
            }
            dropSlot(database, how);
        }
    }

    @Test
    void aTableThatComesWhileTheSlotIsMadeAnewIsRead() throws Exception {
        CaptureSettings withTrigger = RunningCapture.settings(database);
        Position stored = capturedOnce(withTrigger);
        dropSlot(database, withTrigger);
        try (var open = database.connect()) {
            // Postgres makes no slot before everybody who writes is done.
            open.setAutoCommit(false);
            try (var statement = open.createStatement()) {
                statement.execute("insert into t values (2)");
            }
            var starting = CompletableFuture.supplyAsync(() -> resumeUnchecked(resnapshot(withTrigger), stored));
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.query(
                            "select count(*) from pg_replication_slots where slot_name = '" + withTrigger.slot() + "'")
                    .equals("1"));
            database.execute("create table meanwhile (id int primary key)", "insert into meanwhile values (1)");
            open.commit();
            try (var running = starting.get()) {
                running.awaitText("READ meanwhile[1]");
            }
        }
    }

    private static RunningCapture resumeUnchecked(CaptureSettings how, Position stored) {
        try {
            return RunningCapture.resume(how, stored);
        } catch (CaptureException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsWrittenWhileTheTablesAreReadAgainIsNotLost() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Position stored = capturedOnce();
        database.execute("insert into t select generate_series(2, 2000)");
        dropSlot(database, settings);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(new Random(seed)));
        Map<String, Boolean> seen = new HashMap<>();
        try (var running = RunningCapture.resume(resnapshot(settings), stored)) {
            writer.join();
            database.execute("insert into t values (-1)");
            // Among the rows that are read, where that comes later.
            running.await(events -> running.texts().stream().anyMatch(text -> text.endsWith(" t[-1]"))
                    && events.stream().anyMatch(CaptureEvent.SnapshotStep.class::isInstance));
            for (String text : running.texts()) {
                String[] parts = text.split(" t", -1);
                seen.merge(parts[1], !parts[0].equals("DELETE"), (before, now) -> now);
            }
        }
        seen.values().removeIf(there -> !there);
        String expected = database.query("select string_agg('[' || id || ']', ' ' order by id) from t");
        assertThat(seen.keySet()).as("seed %d", seed).containsExactlyInAnyOrder(expected.split(" "));
    }

    private void write(Random random) {
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            for (int i = 0; i < 2000; i++) {
                int id = 1 + random.nextInt(3000);
                statement.execute(
                        random.nextBoolean()
                                ? "insert into t values (" + id + ") on conflict do nothing"
                                : "delete from t where id = " + id);
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the writer failed", e);
        }
    }

    /** One row was delivered and stored. */
    private Position capturedOnce() throws Exception {
        return capturedOnce(settings);
    }

    private Position capturedOnce(CaptureSettings how) throws Exception {
        database.execute("create table t (id int primary key)");
        try (var running = RunningCapture.start(how)) {
            database.execute("insert into t values (1)");
            running.await(events -> last(events) instanceof CaptureEvent.Commit);
            running.storeAll();
            return PositionText.read(PositionText.write(last(running.events()).position()));
        }
    }

    private static CaptureEvent last(List<CaptureEvent> events) {
        return events.isEmpty() ? new CaptureEvent.Progress(NOWHERE) : events.get(events.size() - 1);
    }

    private static CaptureSettings resnapshot(CaptureSettings settings) {
        SlotRules rules = settings.slotRules();
        return new CaptureSettings(
                settings.name(),
                settings.server(),
                settings.tables(),
                settings.publication(),
                settings.snapshot(),
                settings.ddlTrigger(),
                settings.queueBytes(),
                new SlotRules(
                        rules.name(),
                        rules.patience(),
                        OnSlotLoss.RESNAPSHOT,
                        rules.failover(),
                        rules.retainedWarnBytes(),
                        rules.everyPositionIsDurable()),
                settings.values(),
                settings.told(),
                settings.signals());
    }

    private static CaptureException failure(CaptureSettings settings, Position from) {
        CaptureException failure =
                catchThrowableOfType(CaptureException.class, () -> RunningCapture.resume(settings, from)
                        .close());
        assertThat(failure).isNotNull();
        assertThat(failure.isTransient()).isFalse();
        return failure;
    }

    private String confirmed() {
        return database.query(
                "select confirmed_flush_lsn from pg_replication_slots where slot_name = '" + settings.slot() + "'");
    }

    private static void dropSlot(Database database, CaptureSettings settings) {
        org.awaitility.Awaitility.await().ignoreExceptions().until(() -> {
            database.query("select pg_drop_replication_slot('" + settings.slot() + "')");
            return true;
        });
    }

    private static void execute(String url, String... statements) throws SQLException {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
