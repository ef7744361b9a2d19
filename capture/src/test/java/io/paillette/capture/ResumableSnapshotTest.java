package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A capture that is given up in the middle of a table goes on there. */
final class ResumableSnapshotTest {

    private static final SegmentBounds SHORT = new SegmentBounds(7, Duration.ZERO);

    private static final int CUTS = 10;

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    /** @param values for every i from 1 on, a unique key */
    private record Keys(String name, String columns, String list, String values) {}

    private static final String TEXT = "(array['ä', 'Z', 'a', 'É', '-', '\\', chr(39)])[1 + i % 7] || i / 7";

    private static final List<Keys> KEYS = List.of(
            new Keys("number", "k int", "k", "(i * 7919) % 401 - 200"),
            new Keys("several", "k smallint, v text, l bigint", "k, l", "i % 3 - 1, 'v', -i"),
            new Keys("other_order", "l text, k int", "k, l", "'\"' || chr(64 + i % 26), i / 26"),
            new Keys("numeric", "k numeric", "k", "case i when 3 then 'NaN' else i * 0.10 - 5 end"),
            new Keys(
                    "float",
                    "k float8",
                    "k",
                    "case i when 3 then 'NaN' when 4 then '-Infinity' else (1.0 / i)::float8 end"),
            new Keys("uuid", "k uuid", "k", "md5(i::text)::uuid"),
            new Keys("icu", "k text collate \"de-x-icu\"", "k", TEXT),
            new Keys("c", "k text collate \"C\"", "k", TEXT),
            new Keys("default_collation", "k text", "k", TEXT),
            new Keys("varchar_and_bpchar", "k varchar(40), c char(9)", "c, k", TEXT + ", 'x' || i % 2"),
            new Keys("bytea", "k bytea", "k", "decode(md5(i::text), 'hex')"),
            new Keys(
                    "timestamptz",
                    "k timestamptz",
                    "k",
                    "case i when 1 then 'infinity' when 2 then '0044-03-15 BC' else"
                            + " '2024-02-29 12:00+02'::timestamptz + i * interval '1.000001 s' end"),
            new Keys("enum", "m mood, k int", "m, k", "(array['z', 'it''s', 'a,b'])[1 + i % 3]::mood, i"),
            new Keys("composite", "p pair", "p", "row('a,\"(' || i % 5, -i)::pair"),
            new Keys("array", "k int[]", "k", "array[i % 4, -i]"),
            new Keys("domain", "k code", "k", "(chr(200 + i) || 'x')::code"),
            new Keys("quoted", "\"K \"\"1\" int", "\"K \"\"1\"", "i"));

    @Test
    void eachRowIsReadOnceAndInTheOrderOfTheKeyThoughTheCaptureIsCutTenTimes() throws Exception {
        database.execute(
                "create type mood as enum ('z', 'it''s', 'a,b')",
                "create type pair as (t text, n int)",
                "create domain code as text collate \"C\" check (value <> '')");
        for (Keys keys : KEYS) {
            database.execute(
                    "create table k_" + keys.name() + " (" + keys.columns() + ", other text, primary key ("
                            + keys.list() + "))",
                    "insert into k_" + keys.name() + " select " + keys.values()
                            + ", repeat('x', i) from generate_series(1, 60) i");
        }
        List<String> read = readWithCuts(100, RunningCapture.settings(database, SnapshotMode.INITIAL, true));
        for (Keys keys : KEYS) {
            String name = "k_" + keys.name();
            assertThat(read.stream().filter(text -> text.startsWith("READ " + name + "[")))
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(texts(name, rows("select * from " + name + " order by " + keys.list())));
        }
    }

    @Test
    void rowsOfAPartitionedTableComeInTheOrderOfItsKeyWhateverPartitionTheyAreIn() throws Exception {
        Assumptions.assumeTrue(
                Integer.parseInt(database.query("show server_version_num")) >= 130000,
                "Postgres 12 cannot publish through the root");
        database.execute(
                "create table t (id int primary key, v text) partition by hash (id)",
                "create table t0 partition of t for values with (modulus 2, remainder 0)",
                "create table t1 partition of t for values with (modulus 2, remainder 1)",
                "insert into t select i, 'x' || i from generate_series(1, 150) i");
        assertThat(readWithCuts(14, RunningCapture.settings(database, SnapshotMode.INITIAL, true)))
                .as("seed %d", seed)
                .containsExactlyElementsOf(texts("t", rows("select * from t order by id")));
    }

    @Test
    void aTableThatJoinsLateIsGoneOnWithToo() throws Exception {
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.NO_DATA, false);
        RunningCapture.start(settings).close();
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, 'x' || i from generate_series(1, 150) i");
        assertThat(readWithCuts(14, settings))
                .as("seed %d", seed)
                .containsExactlyElementsOf(texts("t", rows("select * from t order by id")));
    }

    @Test
    void aTableWithoutAKeyIsReadFromTheBeginning() throws Exception {
        database.execute("create table t (id int)", "insert into t select generate_series(1, 150)");
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, true);
        Position middle;
        try (var running = RunningCapture.start(settings, null, SHORT)) {
            middle = running.await(events -> events.size() >= 30).get(29).position();
        }
        assertThat(middle.snapshot()).isEqualTo(SnapshotProgress.NOT_STARTED);
        try (var running = RunningCapture.start(settings, middle, SHORT)) {
            running.await(ResumableSnapshotTest::isComplete);
            assertThat(running.texts()).containsExactlyInAnyOrderElementsOf(texts("t", rows("select * from t")));
        }
    }

    @Test
    void whatNoReplicaIdentityTellsIsReadAsWithoutAKey() throws Exception {
        database.execute(
                "create table t (id int primary key, u int not null unique)",
                "alter table t replica identity using index t_u_key",
                "insert into t select i, -i from generate_series(1, 50) i");
        CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, true);
        try (var running = RunningCapture.start(settings, null, SHORT)) {
            CaptureEvent.Row row = (CaptureEvent.Row)
                    running.await(events -> !events.isEmpty()).get(0);
            assertThat(row.position().snapshot().reading()).isEmpty();
        }
    }

    @Test
    void noTransactionStaysOpenWhileNobodyTakesWhatWasRead() throws Exception {
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, repeat('x', 10000) from generate_series(1, 3000) i");
        CaptureSettings settings = RunningCapture.narrow(database, SnapshotMode.INITIAL, true);
        try (var running = RunningCapture.start(settings, null, new SegmentBounds(1_000_000, Duration.ofMillis(200)))) {
            running.await(events -> !events.isEmpty());
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> database.query(
                            "select count(*) from pg_stat_activity"
                                    + " where datname = current_database() and pid <> pg_backend_pid()"
                                    + " and backend_xmin is not null")
                    .equals("0"));
            database.execute("delete from t where id = 2999");
            running.await(events -> events.stream().anyMatch(CaptureEvent.SnapshotStep.class::isInstance));
            assertThat(running.texts()).hasSize(2999);
        }
    }

    @Test
    void howFarTheReadingIsCanBeAsked() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create table u (id int primary key)",
                "insert into t select generate_series(1, 100)",
                "insert into u select generate_series(1, 20)",
                "analyze");
        CaptureSettings settings = RunningCapture.narrow(database, SnapshotMode.INITIAL, true);
        Position middle;
        try (var running = RunningCapture.start(settings, null, SHORT)) {
            middle = running.await(events -> !events.isEmpty()).get(6).position();
            // One batch was taken, the next is in the queue, and another one waits for room.
            Awaitility.await().untilAsserted(() -> assertThat(running.capture().reading())
                    .isEqualTo(new ReadingState(2, 0, 14, 120)));
        }
        try (var running = RunningCapture.start(settings, middle, SHORT)) {
            running.await(ResumableSnapshotTest::isComplete);
            assertThat(running.capture().reading()).isEqualTo(new ReadingState(2, 2, 113, 120));
        }
    }

    @Test
    void aPositionForPeopleHasNoKeysOfRows() throws Exception {
        database.execute("create table t (name text primary key)", "insert into t values ('somebody')");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true))) {
            Position position =
                    running.await(events -> !events.isEmpty()).get(0).position();
            assertThat(PositionText.write(position)).contains("somebody");
            assertThat(PositionText.write(position.withoutKeys())).doesNotContain("somebody");
        }
    }

    /** Goes on where the last event was that was looked at, wherever that is. */
    private List<String> readWithCuts(int mostEvents, CaptureSettings settings) throws Exception {
        System.out.println("ResumableSnapshotTest seed " + seed);
        List<CaptureEvent> read = new ArrayList<>();
        for (int cut = 0; cut < CUTS; cut++) {
            try (var running = RunningCapture.start(settings, position(read), SHORT)) {
                int some = 1 + random.nextInt(mostEvents);
                running.await(events -> events.size() >= some);
                read.addAll(running.events().subList(0, some));
            }
        }
        try (var running = RunningCapture.start(settings, position(read), SHORT)) {
            running.await(ResumableSnapshotTest::isComplete);
            read.addAll(running.events());
        }
        return RunningCapture.texts(read);
    }

    private static boolean isComplete(List<CaptureEvent> events) {
        return events.stream()
                .anyMatch(event -> event instanceof CaptureEvent.SnapshotStep
                        && event.position().snapshot().complete());
    }

    private static @Nullable Position position(List<CaptureEvent> events) {
        return events.isEmpty() ? null : events.get(events.size() - 1).position();
    }

    private static List<String> texts(String table, List<String> rows) {
        return rows.stream().map(row -> "READ " + table + "[" + row + "]").toList();
    }

    /** As {@link RunningCapture#texts} has them. */
    private List<String> rows(String query) throws SQLException {
        try (var connection = database.connect();
                var statement = connection.createStatement()) {
            for (String setting : RandomWorkload.TEXT_SETTINGS) {
                statement.execute(setting);
            }
            List<String> rows = new ArrayList<>();
            try (var row = statement.executeQuery(query)) {
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.add(row.getString(i));
                    }
                    rows.add(String.join(", ", values));
                }
            }
            return rows;
        }
    }
}
