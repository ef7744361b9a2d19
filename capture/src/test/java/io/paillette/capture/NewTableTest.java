package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureEvent.SnapshotStep;
import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class NewTableTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void aTableCreatedAndFilledInOneTransactionLosesNothing() throws Exception {
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            inOneTransaction(
                    "create table fresh (id int primary key, v text)",
                    "insert into fresh values (1, 'a')",
                    "update fresh set v = 'b'");
            assertThat(running.awaitChanges(2)).containsExactly("INSERT fresh[1, a]", "UPDATE fresh[1, b]");
        }
    }

    @Test
    void aKeyAddedOrDroppedInTheSameTransactionNeverBreaksTheApplication() throws Exception {
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            inOneTransaction(
                    "create table t (id int)",
                    "insert into t values (1)",
                    "update t set id = 2",
                    "alter table t add primary key (id)",
                    "update t set id = 3",
                    "alter table t drop constraint t_pkey",
                    "update t set id = 4",
                    "insert into t values (9)",
                    "alter table t replica identity full",
                    "update t set id = 10 where id = 9");
            assertThat(running.awaitText("UPDATE t[10]"))
                    .containsExactly("INSERT t[1]", "UPDATE t[3]", "INSERT t[9]", "UPDATE t[10]");
        }
    }

    @Test
    void aKeyThatIsAddedBesideAnotherSessionsOpenDdlNeitherWaitsForThatNorLosesAnUpdate() throws Exception {
        database.execute("create table t (id int, v text)", "insert into t values (1, 'a')");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true));
                var other = database.connect()) {
            running.awaitText("READ t[1, a]");
            other.setAutoCommit(false);
            execute(other, "create table of_other (id int primary key)");
            assertThat(lockTimeoutAfter("alter table t add primary key (id)")).isEqualTo("42s");
            // The other session may still have the publication, and then nobody is told of this.
            database.execute("update t set v = 'b'");
            other.commit();
            database.execute("alter table t add column w int");
            running.await(events -> running.texts().stream().anyMatch(text -> text.contains("t[1, b")));
            running.storeAll();
            database.execute("update t set v = 'c'");
            running.awaitText("UPDATE t[1, c, null]");
        }
    }

    @Test
    void whatACrashOfTheServerTookFromWhatTheTriggerWroteDownIsReadAllTheSame() throws Exception {
        Assumptions.assumeTrue(database.major() >= 15, "before Postgres 15 ALTER PUBLICATION holds nobody up");
        database.execute("create table t (id int, v text)", "insert into t values (1, 'a')");
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, true);
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            running.awaitText("READ t[1, a]");
            running.await(events ->
                    events.stream().filter(SnapshotStep.class::isInstance).count() == 2);
            stored = running.events().get(running.events().size() - 1).position();
            running.storeAll();
        }
        try (var other = database.connect()) {
            other.setAutoCommit(false);
            execute(other, "create table of_other (id int primary key)");
            database.execute("alter table t add primary key (id)");
            other.commit();
        }
        database.execute(
                "update t set v = 'b'",
                "truncate paillette_capture.unplaced", // unlogged: a crash does this
                "alter table t add column w int");
        try (var running = RunningCapture.resume(settings, stored)) {
            running.awaitText("READ t[1, b, null]");
        }
    }

    @Test
    void aTableThatLosesItsKeyBesideAnotherSessionsOpenDdlWaitsForThatRatherThanHaveItsUpdatesRefused()
            throws Exception {
        Assumptions.assumeTrue(database.major() >= 15, "before Postgres 15 ALTER PUBLICATION holds nobody up");
        database.execute("create table t (id int primary key, v text)", "insert into t values (1, 'a')");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true));
                var other = database.connect()) {
            running.awaitText("READ t[1, a]");
            other.setAutoCommit(false);
            execute(other, "create table of_other (id int primary key)");
            var dropping =
                    CompletableFuture.supplyAsync(() -> lockTimeoutAfter("alter table t drop constraint t_pkey"));
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.query(
                            "select count(*) from pg_stat_activity where query like 'alter table t drop%'"
                                    + " and wait_event_type = 'Lock' and now() - query_start > interval '500 ms'")
                    .equals("1"));
            other.commit();
            assertThat(dropping.get()).isEqualTo("42s");
            database.execute("update t set v = 'b'", "insert into t values (2, 'c')");
            running.awaitText("INSERT t[2, c]");
        }
    }

    /** What a session that had set its own has after this statement. */
    private String lockTimeoutAfter(String ddl) {
        try (var session = database.connect();
                var statement = session.createStatement()) {
            session.setAutoCommit(false);
            statement.execute("set lock_timeout = '42s'");
            statement.execute(ddl);
            try (var row = statement.executeQuery("show lock_timeout")) {
                row.next();
                String timeout = row.getString(1);
                session.commit();
                return timeout;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTableThatIsMarkedWhileAnotherIsReadFirstIsToldOnFromItsReading() throws Exception {
        for (String table : List.of("one", "two")) {
            database.execute(
                    "create table " + table + " (id int)", "insert into " + table + " select generate_series(1, 5000)");
        }
        CaptureSettings settings = RunningCapture.narrow(database, SnapshotMode.INITIAL, true);
        try (var running = RunningCapture.start(settings)) {
            CaptureEvent first = running.await(events -> !events.isEmpty()).get(0);
            String other = ((CaptureEvent.Row) first).relation().name().table().equals("one") ? "two" : "one";
            // As is done for one that the trigger could not move.
            database.execute("alter publication " + settings.joiningPublication() + " add table " + other);
            running.await(events ->
                    events.get(events.size() - 1).position().snapshot().complete());
            database.execute("insert into " + other + " values (0)");
            running.awaitText("INSERT " + other + "[0]");
            running.awaitText("READ " + other + "[5000]");
            running.await(events ->
                    events.stream().filter(SnapshotStep.class::isInstance).count() == 3);
            running.storeAll();
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.query(
                            "select count(*) from pg_publication_tables where pubname = '"
                                    + settings.joiningPublication() + "'")
                    .equals("0"));
            database.execute("insert into " + other + " values (-1)");
            running.awaitText("INSERT " + other + "[-1]");
            assertThat(running.texts().stream().filter(text -> text.startsWith("READ")))
                    .hasSizeBetween(10_000, 10_001)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aTableWithoutKeyNeverBreaksTheApplication() throws Exception {
        database.execute("create table keyless (id int)");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute(
                    "insert into keyless values (1)",
                    "update keyless set id = 2",
                    "delete from keyless",
                    "truncate keyless",
                    "create table keyless_too (id int)",
                    "insert into keyless_too values (1)",
                    "update keyless_too set id = 2",
                    "insert into keyless_too values (3)");
            assertThat(running.awaitChanges(4))
                    .containsExactly(
                            "INSERT keyless[1]",
                            "TRUNCATE [keyless]",
                            "INSERT keyless_too[1]",
                            "INSERT keyless_too[3]");
        }
    }

    @Test
    void rowsOfCreateTableAsAreRead() throws Exception {
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute(
                    "create table made as select i as id from generate_series(1, 3) i", "insert into made values (4)");
            running.awaitText("READ made[1]");
            database.execute("insert into made values (5)");
            running.awaitText("INSERT made[5]");
            assertThat(running.texts().stream().map(text -> text.replaceAll("READ|INSERT", "row")))
                    .containsExactlyInAnyOrder(
                            "row made[1]", "row made[2]", "row made[3]", "row made[4]", "row made[5]");
        }
    }

    @Test
    void withoutTheTriggerATableJoinsLateAndEachRowComesOnce() throws Exception {
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.NO_DATA, false);
        database.execute("create table first (id int primary key)");
        try (var running = RunningCapture.start(settings);
                var open = database.connect()) {
            database.execute("create table late (id int primary key)", "insert into late values (1)");
            open.setAutoCommit(false);
            execute(open, "insert into late values (2)");
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.query(
                            "select count(*) from pg_publication_tables where tablename = 'late'" + " and pubname = '"
                                    + settings.publication() + "'")
                    .equals("1"));
            execute(open, "insert into late values (3)");
            open.commit();
            database.execute("insert into late values (4)");
            running.await(events -> events.stream().anyMatch(CaptureEvent.SnapshotStep.class::isInstance));
            running.awaitChanges(4);
            assertThat(running.texts().stream().map(text -> text.replaceAll("READ|INSERT", "row")))
                    .containsExactlyInAnyOrder("row late[1]", "row late[2]", "row late[3]", "row late[4]");
            running.storeAll();
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.query(
                            "select count(*) from pg_publication_tables where pubname = '"
                                    + settings.joiningPublication() + "'")
                    .equals("0"));
            database.execute("insert into late values (5)");
            assertThat(running.awaitChanges(5)).hasSize(5).last().isEqualTo("INSERT late[5]");
        }
    }

    @Test
    void whoeverWritesAPartitionAsItsRootJoinsLateIsWaitedFor() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.NO_DATA, false);
        database.execute("create table first (id int primary key)");
        try (var running = RunningCapture.start(settings);
                var open = database.connect()) {
            open.setAutoCommit(false);
            database.execute(
                    "create table root (id int primary key) partition by range (id)",
                    "create table leaf partition of root for values from (0) to (10)");
            execute(open, "insert into leaf values (1)");
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.query(
                            "select count(*) from pg_publication_tables where tablename = 'root'" + " and pubname = '"
                                    + settings.publication() + "'")
                    .equals("1"));
            database.execute("create table its_turn_is_later as select 1 as id");
            running.awaitText("READ its_turn_is_later[1]");
            execute(open, "insert into leaf values (2)");
            open.commit();
            database.execute("insert into root values (3)");
            running.awaitText("READ root[1]");
            running.await(events -> running.texts().size() == 4);
            assertThat(running.texts().stream()
                            .filter(text -> text.contains("root"))
                            .map(text -> text.replaceAll("READ|INSERT", "row")))
                    .containsExactlyInAnyOrder("row root[1]", "row root[2]", "row root[3]");
        }
    }

    @Test
    void aPublicationForAllTablesOfSomebodyElseDisturbsNothing() throws Exception {
        database.execute("create publication native for all tables", "create table first (id int primary key)");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.NO_DATA, true));
                var other = database.connect()) {
            database.execute("create table t (id int primary key, v text)", "insert into t values (1, 'a')");
            running.awaitText("INSERT t[1, a]");
            other.setAutoCommit(false);
            execute(other, "create table of_other (id int primary key)");
            // Written down, where somebody has the publication, and taken back when the table is moved.
            database.execute("create table later (id int primary key)", "insert into later values (1)");
            other.commit();
            running.await(events -> running.texts().stream().anyMatch(text -> text.endsWith(" later[1]")));
        }
    }

    @Test
    void whatAnotherRoleHasInstalledDisturbsNothing() throws Exception {
        CaptureSettings owners = RunningCapture.settings(database, SnapshotMode.NO_DATA, true);
        database.execute("create table first (id int primary key)");
        RunningCapture.start(owners).close();
        String role = "lesser_" + database.name();
        database.execute(
                "create role " + role + " login replication password 'x'",
                "grant create on database " + database.name() + " to " + role,
                "create schema theirs authorization " + role,
                "set role " + role + "; create table theirs.t (id int primary key); insert into theirs.t values (1)");
        CaptureSettings theirs = CaptureSettings.of(
                "theirs",
                java.util.Map.of(
                        CaptureOption.URL,
                        database.url().replace("user=postgres", "user=" + role),
                        CaptureOption.TABLES,
                        "theirs.*",
                        CaptureOption.SLOT_NAME,
                        "lesser_" + owners.slot()));
        try (var running = RunningCapture.start(theirs)) {
            running.awaitText("READ t[1]");
        } finally {
            database.execute("select pg_drop_replication_slot('lesser_" + owners.slot() + "')");
        }
    }

    @Test
    void aPartitionThatSomebodyHasLockedHoldsUpNoOtherTable() throws Exception {
        for (boolean trigger : List.of(false, true)) {
            database.execute(
                    "drop table if exists root, late, leaf2",
                    "create table root (id int primary key) partition by range (id)",
                    "create table leaf partition of root for values from (0) to (10)");
            CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.NO_DATA, trigger);
            try (var running = RunningCapture.start(settings);
                    var open = database.connect()) {
                open.setAutoCommit(false);
                execute(open, "lock table leaf in access exclusive mode");
                inOneTransaction(
                        "create table late (id int primary key)",
                        "insert into late values (1)",
                        "create table leaf2 (id int primary key)",
                        "alter table root attach partition leaf2 for values from (10) to (20)");
                running.await(events -> running.texts().stream().anyMatch(text -> text.endsWith(" late[1]")));
            }
        }
    }

    @Test
    void whatIsUpdatedBeforeANewKeyIsNoticedIsReadAgain() throws Exception {
        database.execute("create table t (id int, v text)");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.NO_DATA, false))) {
            database.execute("insert into t values (1, 'a')");
            running.awaitChanges(1);
            inOneTransaction("alter table t add primary key (id)", "update t set v = 'b'");
            assertThat(running.awaitText("READ t[1, b]")).containsExactly("INSERT t[1, a]", "READ t[1, b]");
            running.storeAll();
            database.execute("update t set v = 'c'");
            assertThat(running.awaitChanges(3)).last().isEqualTo("UPDATE t[1, c]");
        }
    }

    @Test
    void aTableThatWasReadAtTheStartIsReadAgainWhenUpdatesBeforeItsKeyWasNoticedWereNotTold() throws Exception {
        database.execute("create table t (id int, v text)", "insert into t values (1, 'a')");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, false))) {
            running.awaitText("READ t[1, a]");
            running.await(events ->
                    events.stream().filter(SnapshotStep.class::isInstance).count() == 2);
            running.storeAll();
            inOneTransaction("alter table t add primary key (id)", "update t set v = 'b'");
            assertThat(running.awaitText("READ t[1, b]")).containsExactly("READ t[1, a]", "READ t[1, b]");
        }
    }

    @Test
    void aTableThatComesWhileTheSlotIsMadeIsReadOnce() throws Exception {
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, false);
        try (var open = database.connect()) {
            // Postgres makes no slot before everybody who writes is done.
            open.setAutoCommit(false);
            execute(open, "create table meanwhile (id int primary key)");
            execute(open, "insert into meanwhile values (1)");
            var starting = CompletableFuture.supplyAsync(() -> startUnchecked(settings));
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> database.query(
                            "select count(*) from pg_replication_slots where slot_name = '" + settings.slot() + "'")
                    .equals("1"));
            open.commit();
            try (var running = starting.get()) {
                running.awaitText("READ meanwhile[1]");
                database.execute("insert into meanwhile values (2)");
                assertThat(running.awaitText("INSERT meanwhile[2]"))
                        .containsExactly("READ meanwhile[1]", "INSERT meanwhile[2]");
            }
        }
    }

    private static RunningCapture startUnchecked(CaptureSettings settings) {
        try {
            return RunningCapture.start(settings);
        } catch (CaptureException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theSameHoldsForAKeyThatComesWhileNothingIsCaptured() throws Exception {
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, false);
        database.execute("create table t (id int, v text)", "insert into t values (1, 'a')");
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            running.awaitText("READ t[1, a]");
            running.await(events ->
                    events.stream().filter(SnapshotStep.class::isInstance).count() == 2);
            stored = running.events().get(running.events().size() - 1).position();
            running.storeAll();
        }
        inOneTransaction("alter table t add primary key (id)", "update t set v = 'b'");
        try (var running = RunningCapture.resume(settings, stored)) {
            assertThat(running.awaitText("READ t[1, b]")).containsExactly("READ t[1, b]");
        }
    }

    @Test
    void aLateTableWhoseRowsWereNotStoredIsReadAgainAfterARestart() throws Exception {
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.NO_DATA, false);
        database.execute("create table first (id int primary key)");
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into first values (1)");
            running.await(events -> events.size() == 2);
            stored = running.events().get(1).position();
            running.storeAll();
            database.execute("create table late (id int primary key)", "insert into late values (1)");
            running.awaitText("READ late[1]");
        }
        try (var running = RunningCapture.resume(settings, stored)) {
            assertThat(running.awaitText("READ late[1]")).containsOnlyOnce("READ late[1]");
        }
    }

    @Test
    void onlyMatchingTablesAreCapturedAndNeverOurOwn() throws Exception {
        database.execute(
                "create schema paillette",
                "create table paillette.batch (id int primary key)",
                "create schema other",
                "create table other.t (id int primary key)",
                "create table public.\"Mixed \"\"Case\" (id int primary key)",
                "create unlogged table public.unlogged (id int primary key)");
        CaptureSettings settings = RunningCapture.settings(database);
        CaptureSettings all = CaptureSettings.of(
                "test",
                java.util.Map.of(
                        CaptureOption.URL, settings.server().jdbcUrl(),
                        CaptureOption.TABLES, "*.*",
                        CaptureOption.SLOT_NAME, settings.slot()));
        RunningCapture.start(settings).close();
        assertThat(published(settings)).isEqualTo("public.Mixed \"Case");
        RunningCapture.start(all).close();
        assertThat(published(all)).isEqualTo("other.t,public.Mixed \"Case");
        RunningCapture.start(settings).close();
        assertThat(published(settings)).isEqualTo("public.Mixed \"Case");
    }

    @Test
    void partitionsComeAsTheirRoot() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table root (id int primary key, v text) partition by range (id)",
                "create table leaf1 partition of root for values from (0) to (10)");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            inOneTransaction(
                    "create table leaf2 partition of root for values from (10) to (20)",
                    "insert into root values (1, 'a'), (11, 'b')",
                    "update root set v = 'c' where id = 11");
            assertThat(running.awaitChanges(3))
                    .containsExactly("INSERT root[1, a]", "INSERT root[11, b]", "UPDATE root[11, c]");
        }
    }

    private String published(CaptureSettings settings) {
        return database.query("select string_agg(schemaname || '.' || tablename, ',' order by 1) from"
                + " pg_publication_tables where pubname = '" + settings.publication() + "'");
    }

    /** Any warning is one of the trigger's. */
    private void inOneTransaction(String... statements) throws SQLException {
        try (var connection = database.connect()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                execute(connection, sql);
            }
            connection.commit();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
            if (statement.getWarnings() != null) {
                throw statement.getWarnings();
            }
        }
    }
}
