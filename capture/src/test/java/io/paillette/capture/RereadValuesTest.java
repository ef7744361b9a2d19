package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.DebeziumJson;
import io.paillette.capture.snapshot.CurrentRows;
import io.paillette.capture.type.ValueHandling;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code unavailable.value.handling=reread}: what an update leaves out is asked of the source. */
final class RereadValuesTest {

    private static final String BIG = "(select string_agg(md5(i::text), '') from generate_series(1, 200) i)";

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void theValueOfNowIsToldAndWhatIsNotThereAnyMoreIsNotInvented() throws Exception {
        database.execute(
                "create table docs (id int primary key, n int, doc text)",
                "insert into docs select i, 0, " + BIG + " || i from generate_series(1, 7) i",
                "create table gone (id int primary key, n int, doc text)",
                "insert into gone select 1, 0, " + BIG,
                "create table other (id int primary key, n int, doc text)",
                "insert into other select 1, 0, " + BIG,
                "create table changed (id int primary key, n int, doc text, more text)",
                "insert into changed select 1, 0, " + BIG + ", " + BIG);
        Position from = begin(reread());
        database.execute(
                "update docs set n = 1",
                "update docs set doc = doc || '!' where id = 2",
                "delete from docs where id = 3",
                "update docs set doc = null where id = 4",
                "update docs set id = 50, n = 2 where id = 5",
                "update docs set id = 60, n = 2 where id = 6",
                "update docs set id = 61, n = 3 where id = 60",
                "update gone set n = 1",
                "drop table gone",
                "update other set n = 1",
                "begin; alter table other rename to older; create table other (id int primary key, n int, doc text);"
                        + " insert into other values (1, 0, 'not this'); commit",
                "update changed set n = 1",
                "alter table changed drop doc",
                "alter table changed alter more type varchar(9000)");
        String whole = database.query("select " + BIG);
        try (var running = RunningCapture.resume(reread(), from)) {
            running.await(all -> updates(all).size() == 14);
            assertThat(updates(running.events()))
                    .containsExactly(
                            "docs[1, 1, " + whole + "1]",
                            "docs[2, 1, " + whole + "2!]",
                            "docs[3, 1, unchanged]",
                            "docs[4, 1, unchanged]",
                            "docs[5, 1, unchanged]",
                            "docs[6, 1, unchanged]",
                            "docs[7, 1, " + whole + "7]",
                            "docs[2, 1, " + whole + "2!]",
                            "docs[4, 1, null]",
                            "docs[50, 2, " + whole + "5]",
                            "docs[60, 2, unchanged]",
                            "docs[61, 3, " + whole + "6]",
                            "gone[1, 1, unchanged]",
                            "other[1, 1, " + whole + "]");
        }
    }

    @Test
    void rowsAreFoundByTheirKeysWhateverThoseAreCalledAndMadeOf() throws Exception {
        database.execute(
                "create type mood as enum ('sad', 'it''s \\')",
                "create table \"A b\" (n int, \"K 1\" mood, \"k\"\"2\" numeric(10,2), k3 varchar(20), doc text,"
                        + " primary key (k3, \"K 1\", \"k\"\"2\"))",
                "create table coded (n int, code text not null, doc text)",
                "create unique index coded_code on coded (code)",
                "alter table coded replica identity using index coded_code",
                "create table parts (id int primary key, n int, doc text) partition by range (id)",
                "create table low partition of parts for values from (0) to (9)");
        String whole = database.query("select " + BIG);
        boolean roots = database.major() >= 13;
        String partition = roots ? "parts" : "low"; // 12 tells of partitions alone
        try (var running = RunningCapture.start(reread())) {
            database.execute(
                    "insert into \"A b\" values (0, 'it''s \\', 1.5, '${key}''', " + BIG + "), (0, 'sad', 1.5, '1', "
                            + BIG + " || 2)",
                    "insert into coded values (0, '\\N', " + BIG + ")",
                    "insert into parts values (1, 0, " + BIG + ")",
                    "update \"A b\" set n = 1",
                    "update coded set n = 1",
                    "update parts set n = 1");
            running.await(all -> updates(all).size() == 4);
            assertThat(updates(running.events()))
                    .containsExactly(
                            "A b[1, it's \\, 1.50, ${key}', " + whole + "]",
                            "A b[1, sad, 1.50, 1, " + whole + "2]",
                            "coded[1, \\N, " + whole + "]",
                            partition + "[1, 1, " + whole + "]");
        }
    }

    @Test
    void aMaskMasksWhatIsReadAndWhatIsNotToldIsNotAskedFor() throws Exception {
        database.execute("create table docs (id int primary key, n int, doc text, secret text)");
        var settings = reread(
                Map.of(CaptureOption.COLUMN_EXCLUDE_LIST, ".*secret"), Map.of("column.truncate.to.5.chars", ".*doc"));
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into docs values (1, 0, " + BIG + ", " + BIG + ")", "update docs set n = 1");
            running.await(all -> updates(all).size() == 1);
            CaptureEvent.Row row = rows(running.events()).get(0);
            assertThat(RunningCapture.values(row).get(3)).isEqualTo("unchanged");
            var json = new DebeziumJson("1", "app", "x", ValueHandling.DEFAULT, InstantSource.system());
            assertThat(new String(json.value(ChangeRecords.of(row).get(0)), UTF_8))
                    .contains("\"after\":{\"id\":1,\"n\":1,\"doc\":\"c4ca4\"}");
        }
    }

    @Test
    void manyLargeValuesAreReadPartByPart() throws Exception {
        database.execute(
                "create table docs (id int primary key, n int, doc text)",
                "alter table docs alter doc set storage external",
                "insert into docs select i, 0, repeat(md5(i::text), 10000) from generate_series(1, 50) i");
        try (var running = RunningCapture.start(reread())) {
            database.execute("update docs set n = 1");
            running.await(all -> updates(all).size() == 50);
            for (CaptureEvent.Row row : rows(running.events())) {
                assertThat(RunningCapture.values(row).get(2)).hasSize(320_000);
            }
            assertThat(running.events().stream().map(CaptureEvent::position).distinct())
                    .hasSize(running.events().size());
        }
    }

    @Test
    void aTableThatIsLockedIsWaitedForAndACaptureThatWaitsCanBeClosed() throws Exception {
        database.execute(
                "create table docs (id int primary key, n int, doc text)",
                "insert into docs values (1, 0, " + BIG + ")");
        Position from = begin(reread());
        database.execute("update docs set n = 1");
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table docs");
            long began;
            try (var running = RunningCapture.resume(reread(), from)) {
                long twoTries = System.nanoTime() + Duration.ofMillis(4500).toNanos();
                running.await(all -> System.nanoTime() > twoTries);
                assertThat(updates(running.events())).isEmpty();
                assertThat(database.query("select count(*) from pg_locks where not granted"
                                + " and database = (select oid from pg_database where datname = current_database())"))
                        .isEqualTo("1");
                began = System.nanoTime();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            try (var running = RunningCapture.resume(reread(), from)) {
                running.awaitMoment();
                connection.rollback();
                running.await(all -> updates(all).size() == 1);
                assertThat(updates(running.events()).get(0)).doesNotContain("unchanged");
            }
        }
    }

    @Test
    void aTableThatMayNotBeReadIsAFaultThatStays() throws Exception {
        database.execute(
                "create table docs (id int primary key, n int, doc text)",
                "insert into docs values (1, 0, " + BIG + ")");
        Position from = begin(reread());
        database.execute("update docs set n = 1");
        try (var running = RunningCapture.resume(reread(), from)) {
            running.await(all -> updates(all).size() == 1);
            assertThat(updates(running.events()).get(0)).doesNotContain("unchanged");
            Relation docs = rows(running.events()).get(0).relation();
            database.execute("create role " + database.name());
            try (var connection = database.connect();
                    var statement = connection.createStatement()) {
                statement.execute("set role " + database.name());
                var rows = new CurrentRows(connection);
                assertThatThrownBy(() -> rows.rows(docs, List.of(0), List.of(2), List.of(List.of("1")), 1))
                        .isInstanceOfSatisfying(CaptureException.class, e -> assertThat(e.isTransient())
                                .isFalse())
                        .hasMessageContaining("Grant the role of the source what is missing");
            }
        }
    }

    @Test
    void aConnectionThatIsEndedWhileNothingHappensIsMadeAnewAndServersDoNotEndItForThat() throws Exception {
        database.execute(
                "create table docs (id int primary key, n int, doc text)",
                "insert into docs values (1, 0, " + BIG + ")");
        if (database.major() >= 14) {
            database.execute("alter database " + database.name() + " set idle_session_timeout = '200ms'");
        }
        try (var running = RunningCapture.start(reread())) {
            database.execute("update docs set n = 1");
            running.await(all -> updates(all).size() == 1);
            String sessions = "select string_agg(pid::text, ' ' order by pid) from pg_stat_activity"
                    + " where datname = current_database() and application_name like 'paillette%'";
            String before = database.query(sessions);
            long idle = System.nanoTime() + Duration.ofMillis(600).toNanos();
            running.await(all -> System.nanoTime() > idle);
            assertThat(database.query(sessions)).isEqualTo(before);
            assertThat(database.query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                            + " where datname = current_database() and query = 'ROLLBACK'"))
                    .isEqualTo("1");
            database.execute("update docs set n = 2");
            running.await(all -> updates(all).size() == 2);
            assertThat(updates(running.events()).get(1))
                    .isEqualTo("docs[1, 2, " + database.query("select " + BIG) + "]");
        }
    }

    @Test
    void aServerThatGoesAwayIsAFaultThatPassesAndNothingIsToldInItsPlace() throws Exception {
        database.execute(
                "create table docs (id int primary key, n int, doc text)",
                "insert into docs values (1, 0, " + BIG + ")");
        Position from = begin(reread());
        database.execute("update docs set n = 1");
        try (var locking = database.connect();
                var statement = locking.createStatement()) {
            locking.setAutoCommit(false);
            statement.execute("lock table docs");
            try (var running = RunningCapture.resume(reread(), from)) {
                running.awaitMoment();
                assertThatThrownBy(() -> running.await(all -> {
                            database.query("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                    + " where datname = current_database() and application_name like 'paillette%'");
                            return false;
                        }))
                        .isInstanceOfSatisfying(CaptureException.class, e -> assertThat(e.isTransient())
                                .isTrue());
                assertThat(updates(running.events())).isEmpty();
            }
        }
    }

    @Test
    void whatIsNotToldCostsNoQuestion() throws Exception {
        database.execute(
                "create table docs (id int primary key, n int, doc text)",
                "insert into docs values (1, 0, " + BIG + ")");
        var settings = reread(Map.of(CaptureOption.COLUMN_EXCLUDE_LIST, ".*docs\\.doc"), Map.of());
        Position from = begin(settings);
        database.execute("update docs set n = 1");
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table docs");
            try (var running = RunningCapture.resume(settings, from)) {
                running.await(all -> updates(all).size() == 1);
                assertThat(database.query("select count(*) from pg_stat_activity"
                                + " where datname = current_database() and query = 'ROLLBACK'"))
                        .isEqualTo("0");
            }
        }
    }

    @Test
    void largeAndSmallRowsOfSeveralTablesComeInOrderAndInPartsThatAreNotMuchMoreThanEnough() throws Exception {
        database.execute(
                "create table small (id int primary key, n int, doc text)",
                "insert into small select i, 0, " + BIG + " || i from generate_series(1, 300) i",
                "create table large (id int primary key, n int, doc text)",
                "alter table large alter doc set storage external",
                "insert into large select i, 0, repeat(md5(i::text), 50000) from generate_series(1, 12) i",
                "create table mixed (id int primary key, n int, doc text)",
                "alter table mixed alter doc set storage external",
                "insert into mixed select i, 0, repeat(md5(i::text), case i % 7 when 0 then 200000 else 200 end)"
                        + " from generate_series(1, 40) i");
        Position from = begin(reread());
        database.execute(
                "begin; update small set n = 1; update large set n = 1; update mixed set n = 1;"
                        + " update small set n = 2 where id < 100; commit",
                "begin; do $$ begin for i in reverse 40 .. 1 loop update mixed set n = 3 where id = i;"
                        + " update large set n = 3 where id = i; update small set n = 3 where id = i; end loop; end $$;"
                        + " commit");
        int expected = 300 + 12 + 40 + 99 + 40 + 12 + 40;
        try (var running = RunningCapture.resume(reread(), from)) {
            running.await(all -> updates(all).size() == expected);
            assertThat(running.events().stream().map(CaptureEvent::position).distinct())
                    .hasSize(running.events().size());
            assertThat(rows(running.events()).stream()
                            .map(CaptureEvent.Row::position)
                            .toList())
                    .isSortedAccordingTo(Comparator.comparing(Position::commit).thenComparing(Position::ordinal));
            for (CaptureEvent.Row row : rows(running.events())) {
                assertThat(RunningCapture.values(row).get(2)).hasSizeGreaterThan(6000);
            }
            Relation large = rows(running.events()).stream()
                    .map(CaptureEvent.Row::relation)
                    .filter(relation -> relation.name().table().equals("large"))
                    .findFirst()
                    .orElseThrow();
            try (var connection = database.connect()) {
                var rows = new CurrentRows(connection);
                var keys = IntStream.rangeClosed(1, 12)
                        .mapToObj(i -> List.of("" + i))
                        .toList();
                var cut = rows.rows(large, List.of(0), List.of(2), keys, 4 << 20);
                assertThat(cut.all()).isFalse();
                assertThat(cut.count()).isEqualTo(3);
                assertThat(rows.rows(large, List.of(0), List.of(2), keys.subList(0, 1), 1)
                                .all())
                        .as("one row is all that there can be, and the connection goes on after the cut")
                        .isTrue();
            }
        }
    }

    /** Where the stream begins; all that comes is of later. */
    private Position begin(CaptureSettings settings) throws Exception {
        database.execute("create table begun (id int primary key)");
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into begun values (1)");
            running.awaitChanges(1);
            running.await(all -> all.get(all.size() - 1) instanceof CaptureEvent.Commit);
            running.storeAll();
            return running.events().get(running.events().size() - 1).position();
        }
    }

    private static List<CaptureEvent.Row> rows(List<CaptureEvent> events) {
        List<CaptureEvent.Row> rows = new ArrayList<>();
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Row row && row.kind() == CaptureEvent.Kind.UPDATE) {
                rows.add(row);
            }
        }
        return rows;
    }

    private static List<String> updates(List<CaptureEvent> events) {
        return rows(events).stream()
                .map(row -> row.relation().name().table() + RunningCapture.values(row))
                .toList();
    }

    private CaptureSettings reread() {
        return reread(Map.of(), Map.of());
    }

    private CaptureSettings reread(Map<CaptureOption, String> more, Map<String, String> masks) {
        var options = new EnumMap<CaptureOption, String>(CaptureOption.class);
        options.putAll(more);
        options.put(CaptureOption.URL, database.url());
        options.put(CaptureOption.SLOT_NAME, "slot_" + database.name());
        options.put(CaptureOption.SNAPSHOT_MODE, "no_data");
        options.put(CaptureOption.UNAVAILABLE_VALUE_HANDLING, "reread");
        return CaptureSettings.of("test", options, masks);
    }
}
