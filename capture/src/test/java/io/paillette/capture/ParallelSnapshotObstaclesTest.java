package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.snapshot.SegmentBounds;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What stands in the way of tables that are read at the same time, and what becomes of the others then. */
final class ParallelSnapshotObstaclesTest {

    private final SeveralTables tables = new SeveralTables();

    @Test
    void thereAreNoMoreConnectionsThanTablesAndNoneOnceTheyAreRead() throws Exception {
        tables.create(List.of("a", "b"));
        tables.database.execute("analyze");
        try (var running = RunningCapture.start(
                RunningCapture.reading(tables.database, 64, SeveralTables.NARROW), null, SeveralTables.TEN_ROWS)) {
            tables.awaitQuiet(2);
            running.await(SeveralTables::isComplete);
            tables.assertReadOnce(running.events(), List.of("a", "b"));
            // The stream's is another one.
            Awaitility.await()
                    .untilAsserted(() -> assertThat(tables.connections()).isEqualTo(3));
            tables.database.execute("insert into a values (1000, 'since')");
            running.awaitText("INSERT a[1000, since]");
            assertThat(running.capture().reading())
                    .isEqualTo(new ReadingState(2, 2, 2 * SeveralTables.ROWS, 2 * SeveralTables.ROWS));
        }
    }

    @Test
    void aReaderThatIsEndedEndsTheCaptureAndTheNextGoesOnWithAllTables() throws Exception {
        tables.createLarge();
        List<CaptureEvent> events = new ArrayList<>();
        try (var running = RunningCapture.start(
                RunningCapture.reading(tables.database, 3, SeveralTables.NARROW), null, SegmentBounds.STANDARD)) {
            running.await(some -> !some.isEmpty());
            Awaitility.await().until(() -> tables.database
                    .query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                            + " where datname = current_database()"
                            + " and query like '%COPY%\"b\"%' and pid <> pg_backend_pid()")
                    .equals("1"));
            CaptureException failure = SeveralTables.failure(running);
            assertThat(failure).hasMessageContaining("could not be read");
            assertThat(failure.isTransient()).isTrue();
            Awaitility.await().until(() -> tables.connections() <= 1);
            events.addAll(running.events());
        }
        assertThat(SeveralTables.last(events).position().snapshot().reading()).isNotEmpty();
        tables.takeAll(events, 3);
        tables.assertReadOnce(events, SeveralTables.LARGE);
    }

    @Test
    void aTableThatMayNotBeReadAnyMoreIsNamedAndEndsTheReadingOfOthers() throws Exception {
        tables.create(SeveralTables.TABLES);
        String role = "reader_" + tables.database.name();
        tables.database.execute("create role " + role + " login superuser");
        CaptureSettings settings = CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.MAX_QUEUE_BYTES,
                        "1",
                        CaptureOption.URL,
                        tables.database.url().replaceAll("user=[^&]*", "user=" + role),
                        CaptureOption.SLOT_NAME,
                        "slot_" + tables.database.name(),
                        CaptureOption.SNAPSHOT_MAX_THREADS,
                        "4"));
        try (var running = RunningCapture.start(settings, null, SeveralTables.TEN_ROWS)) {
            tables.awaitQuiet(4);
            running.await(some -> SeveralTables.tables(some).size() == 4);
            tables.database.execute("alter role " + role + " nosuperuser", "grant select on a, c, d to " + role);
            CaptureException failure = SeveralTables.failure(running);
            assertThat(failure).hasMessageContaining("permission denied for table b");
            assertThat(failure.isTransient()).isFalse();
        } finally {
            tables.database.execute("drop owned by " + role, "drop role " + role);
        }
    }

    @Test
    void oneIsDroppedAndOthersAreChangedWhileAllAreRead() throws Exception {
        tables.create(SeveralTables.TABLES);
        try (var running = tables.startedReading(4)) {
            running.await(some -> SeveralTables.tables(some).size() == 4);
            tables.database.execute(
                    "drop table a",
                    "update b set v = 'old shape' where id = 1",
                    "alter table b drop v",
                    "alter table b add w int not null default 7",
                    "update b set w = 8 where id in (2, 199)",
                    "truncate c",
                    "insert into c values (3, 'after')",
                    "delete from d where id in (4, 198)");
            running.await(SeveralTables::isComplete);
            tables.database.execute("insert into d values (1000, 'end')");
            running.await(some -> RunningCapture.texts(some).contains("INSERT d[1000, end]")
                    && SeveralTables.last(some).position().snapshot().again().isEmpty());
            List<String> texts = running.texts();
            assertThat(texts.stream().filter(text -> text.startsWith("READ b[")))
                    .hasSize(SeveralTables.ROWS)
                    .contains("READ b[1, v1]", "READ b[2, v2]", "READ b[199, 8]", "READ b[200, 7]");
            assertThat(texts.stream().filter(text -> text.matches("(UPDATE|DELETE|INSERT) [bd].*")))
                    .containsExactly(
                            "UPDATE b[1, old shape]", "UPDATE b[2, 8]", "DELETE d[4, null]", "INSERT d[1000, end]");
            assertThat(texts.stream().filter(text -> text.startsWith("READ d[")))
                    .hasSize(SeveralTables.ROWS - 1)
                    .doesNotContain("READ d[198, v198]");
            assertThat(texts.subList(texts.indexOf("TRUNCATE [c]"), texts.size()))
                    .contains("READ c[3, after]");
        }
    }

    @Test
    void oneThatWaitsForATableDoesNotHoldUpTheOthersNorTheEnd() throws Exception {
        tables.create(SeveralTables.TABLES);
        try (Connection other = tables.database.connect()) {
            long began;
            try (var running = tables.startedReading(2)) {
                other.setAutoCommit(false);
                SeveralTables.execute(other, "lock table c in access exclusive mode");
                running.await(events -> RunningCapture.texts(events).size() == 3 * SeveralTables.ROWS);
                assertThat(SeveralTables.tables(running.events())).hasSize(3);
                began = System.nanoTime();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("paillette-reading-test")))
                    .isEmpty();
        }
    }

    @Test
    void aTableThatIsCapturedNoMoreIsLeftAndTheOthersAreReadOn() throws Exception {
        tables.create(SeveralTables.TABLES);
        List<CaptureEvent> events = new ArrayList<>();
        try (var running = tables.startedReading(4)) {
            events.addAll(running.await(some -> SeveralTables.tables(some).size() == 4));
        }
        int ofB = (int) RunningCapture.texts(events).stream()
                .filter(text -> text.startsWith("READ b["))
                .count();
        var settings = CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL,
                        tables.database.url(),
                        CaptureOption.SLOT_NAME,
                        "slot_" + tables.database.name(),
                        CaptureOption.TABLES,
                        "public.a,public.c,public.d",
                        CaptureOption.SNAPSHOT_MAX_THREADS,
                        "2"));
        try (var running =
                RunningCapture.start(settings, SeveralTables.last(events).position(), SeveralTables.TEN_ROWS)) {
            events.addAll(running.await(SeveralTables::isComplete));
        }
        tables.assertReadOnce(events, List.of("a", "c", "d"));
        assertThat(RunningCapture.texts(events)).hasSize(3 * SeveralTables.ROWS + ofB);
    }

    @Test
    void tablesThatAreLockedForLongAreReadOnceTheyAreNoMoreAndTheOthersMeanwhile() throws Exception {
        tables.create(SeveralTables.TABLES);
        tables.database.execute("create table bare (v text)", "insert into bare values ('one'), ('two')");
        try (Connection other = tables.database.connect();
                var running = tables.startedReading(4)) {
            other.setAutoCommit(false);
            // One that is read in part, one by key and one whose size is asked for first.
            SeveralTables.execute(other, "lock table a, c, bare in access exclusive mode");
            running.await(events -> isRead(events, "b") && isRead(events, "d"));
            Awaitility.await().until(() -> waiting("true").equals("3"));
            String began = tables.database.query("select clock_timestamp()");
            Awaitility.await().atMost(Duration.ofSeconds(25)).until(() -> waiting("backend_start > '" + began + "'")
                    .equals("3"));
            running.awaitMoment();
            other.rollback();
            running.await(SeveralTables::isComplete);
            tables.assertReadOnce(running.events());
            List<String> texts = running.texts();
            assertThat(texts.subList(texts.size() - 2, texts.size()))
                    .containsExactly("READ bare[one]", "READ bare[two]");
            assertThat(texts).hasSize(4 * SeveralTables.ROWS + 2);
        }
    }

    private static boolean isRead(List<CaptureEvent> events, String table) {
        return RunningCapture.texts(events).contains("READ " + table + "[200, v200]");
    }

    private String waiting(String condition) throws SQLException {
        return tables.database.query("select count(*) from pg_stat_activity where datname = current_database()"
                + " and wait_event_type = 'Lock' and application_name like 'paillette%' and " + condition);
    }

    @Test
    void tablesAreReadByAsManyThreadsAsTheServerHasConnectionsFor() throws Exception {
        tables.create(SeveralTables.TABLES);
        String role = createRole(4);
        try (var running = RunningCapture.start(as(role), null, SeveralTables.TEN_ROWS)) {
            running.await(SeveralTables::isComplete);
            tables.assertReadOnce(running.events());
            int most = running.events().stream()
                    .mapToInt(event -> event.position().snapshot().reading().size())
                    .max()
                    .orElseThrow();
            assertThat(most).as("tables read at once").isBetween(1, 3);
        } finally {
            tables.database.execute("drop owned by " + role, "drop role " + role);
        }
    }

    /** Threads are made anew for a table that was locked: so there are none by then, whoever connects first. */
    @Test
    @Tag("proof")
    void theReadingEndsWhereTheServerHasNoConnectionForAnyThread() throws Exception {
        tables.create(SeveralTables.TABLES);
        String role = createRole(10);
        try (Connection other = tables.database.connect();
                var running = RunningCapture.start(as(role), null, SeveralTables.TEN_ROWS)) {
            tables.awaitQuiet(4);
            other.setAutoCommit(false);
            SeveralTables.execute(other, "lock table a in access exclusive mode");
            tables.database.execute("alter role " + role + " connection limit 1");
            CaptureException failure = SeveralTables.failure(running);
            assertThat(failure)
                    .hasMessageContaining("snapshot.max.threads=64")
                    .hasMessageContaining("too many connections for role");
            assertThat(failure.isTransient()).isTrue();
            assertThat(isRead(running.events(), "d")).isTrue();
        } finally {
            tables.database.execute("drop owned by " + role, "drop role " + role);
        }
    }

    /** Of whom all tables are. */
    private String createRole(int connections) {
        String role = "limited_" + tables.database.name();
        tables.database.execute(
                "create role " + role + " login replication connection limit " + connections,
                "grant create on database " + tables.database.name() + " to " + role);
        for (String table : SeveralTables.TABLES) {
            tables.database.execute("alter table " + table + " owner to " + role);
        }
        return role;
    }

    private CaptureSettings as(String role) {
        return CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.MAX_QUEUE_BYTES,
                        "1",
                        CaptureOption.URL,
                        tables.database.url().replaceAll("user=[^&]*", "user=" + role),
                        CaptureOption.SLOT_NAME,
                        "slot_" + tables.database.name(),
                        CaptureOption.DDL_TRIGGER,
                        "false",
                        CaptureOption.SNAPSHOT_MAX_THREADS,
                        "64"));
    }
}
