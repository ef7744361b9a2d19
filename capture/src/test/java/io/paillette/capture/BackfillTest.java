package io.paillette.capture;

import static io.paillette.capture.Backfilling.SMALL;
import static io.paillette.capture.Backfilling.await;
import static io.paillette.capture.Backfilling.awaitEnd;
import static io.paillette.capture.Backfilling.backfill;
import static io.paillette.capture.Backfilling.reads;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.BackfillProgress.State;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class BackfillTest {

    /** A chunk of four rows. */
    private final Database database = PostgresServer.shared().newDatabase();

    private final CaptureSettings settings = RunningCapture.settings(database);

    @Test
    void everyRowComesOnceMoreInTheOrderOfTheKey() throws Exception {
        createTable(25);
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "")));
            assertThat(awaitEnd(running).rows()).isEqualTo(25);
            assertThat(running.texts()).containsExactlyElementsOf(reads(1, 25));
        }
    }

    @Test
    void onlyRowsThatMeetTheConditionComeWhateverCommentItEndsWith() throws Exception {
        createTable(25);
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("some", "id % 10 = 0 or v = 'x3' -- and no others")));
            BackfillProgress done = awaitEnd(running);
            assertThat(running.texts())
                    .containsExactly("READ_AGAIN t[3, x3]", "READ_AGAIN t[10, x10]", "READ_AGAIN t[20, x20]");
            assertThat(done.rows()).isEqualTo(3);
            assertThat(done.estimatedRows()).isPositive();
        }
    }

    @Test
    void aConditionMayUseWhatTheRoleFindsInItsSearchPath() throws Exception {
        createTable(5);
        database.execute("create function is_odd(int) returns bool language sql immutable as 'select $1 % 2 = 1'");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("odd", "is_odd(id)")));
            awaitEnd(running);
            assertThat(running.texts())
                    .containsExactly("READ_AGAIN t[1, x1]", "READ_AGAIN t[3, x3]", "READ_AGAIN t[5, x5]");
        }
    }

    @Test
    void namesOfObjectsAreQualifiedAsInTheStreamThoughTheConditionUsesTheSearchPath() throws Exception {
        database.execute(
                "create table t (id int primary key, v regclass)", "insert into t values (1, 't'), (2, 'pg_class')");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("names", "id < 3")));
            awaitEnd(running);
            assertThat(running.texts()).containsExactly("READ_AGAIN t[1, public.t]", "READ_AGAIN t[2, pg_class]");
        }
    }

    @Test
    void keysOfEveryTypeAreReadInPostgresOwnOrder() throws Exception {
        KeySamples.create(database);
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture()
                    .backfill(KeySamples.KEYS.stream()
                            .map(keys ->
                                    new Backfill(keys.name(), new TableName("public", "k_" + keys.name()), "", false))
                            .toList());
            await(
                    running,
                    all -> all.size() == KeySamples.KEYS.size()
                            && all.stream().allMatch(one -> one.state() == State.DONE));
            for (KeySamples.Keys keys : KeySamples.KEYS) {
                String table = "k_" + keys.name();
                assertThat(running.texts().stream().filter(text -> text.startsWith("READ_AGAIN " + table + "[")))
                        .containsExactlyElementsOf(inOrder(table, keys.list()));
            }
        }
    }

    @Test
    void aKeyThatLooksLikeAPlaceholderOfOurSqlIsAKeyLikeAnyOther() throws Exception {
        database.execute(
                "create table t (id text collate \"C\" primary key)",
                "insert into t select 'k' || i || x from generate_series(10, 40) i, unnest(array["
                        + "'${table}', '${key}', '${up_to}', '${beyond}', '${condition}', '${columns}', '$1', '\\']) x");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("odd keys", "id <> 'k13''${key}'")));
            awaitEnd(running);
            assertThat(running.texts()).containsExactlyElementsOf(inOrder("t", "id"));
        }
    }

    @Test
    void updatesOfPartitionsThatTellNoOldRowDoNotHaveAChunkReadForEver() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table t (id int primary key, v text) partition by hash (id)",
                "create table t0 partition of t for values with (modulus 1, remainder 0)",
                "alter table only t replica identity full",
                "insert into t select i, 'x' || i from generate_series(1, 25) i");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "id = 7 or pg_sleep(0.2) is not null")));
            while (running.capture().backfills().stream().noneMatch(BackfillProgress::hasEnded)) {
                database.execute("update t set v = 'y' where id = 7");
                running.awaitMoment();
                running.storeAll();
            }
            assertThat(running.texts().stream().filter(text -> text.startsWith("READ_AGAIN")))
                    .hasSizeGreaterThanOrEqualTo(24)
                    .doesNotContain("READ_AGAIN t[7, x7]");
        }
    }

    @Test
    void rowsThatAreReadAnewInTheMiddleOfAChunkAreNotFollowedByOlderOnes() throws Exception {
        createTable(3);
        try (var running = RunningCapture.start(settings, null, SegmentBounds.STANDARD)) {
            running.capture().backfill(List.of(backfill("slow", "pg_sleep(1) is not null")));
            running.await(all -> slowOnes("pg_sleep(1)") == 1);
            database.execute(
                    "alter publication " + settings.publication() + " drop table t",
                    "update t set v = 'untold' where id = 2");
            running.awaitText("READ t[2, untold]");
            awaitEnd(running);
            assertThat(running.texts().stream()
                            .filter(text -> text.contains("t[2, "))
                            .reduce((one, two) -> two))
                    .hasValueSatisfying(last -> assertThat(last).endsWith("t[2, untold]"));
        }
    }

    @Test
    void oneThatMustWaitSaysWhatForAndLetsOthersGoBeforeIt() throws Exception {
        createTable(5);
        database.execute("create table other (id int primary key)", "insert into other values (1)");
        try (var running = RunningCapture.start(settings, null, SMALL);
                Connection writer = database.connect()) {
            writer.setAutoCommit(false);
            execute(writer, "update t set v = 'y' where id = 1");
            running.capture()
                    .backfill(List.of(
                            backfill("first", ""), new Backfill("other", new TableName("public", "other"), "", false)));
            List<BackfillProgress> all = await(
                    running,
                    now -> now.size() == 2
                            && now.get(1).hasEnded()
                            && !now.get(0).fault().isEmpty());
            assertThat(all.get(0).state()).isEqualTo(State.WAITING);
            assertThat(all.get(0).fault()).contains("the transactions that write table public.t have ended");
            writer.rollback();
            await(running, now -> now.get(0).hasEnded());
            assertThat(running.capture().backfills())
                    .allMatch(one -> one.fault().isEmpty());
            assertThat(running.texts()).contains("READ_AGAIN t[1, x1]").hasSize(6);
        }
    }

    @Test
    void aConditionThatTakesTooLongForAChunkIsEvaluatedForFewerRowsAtATime() throws Exception {
        createTable(5);
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("slow", "pg_sleep(1.2) is not null and id < 5")));
            assertThat(awaitEnd(running).rows()).isEqualTo(4);
            assertThat(running.texts()).containsExactlyElementsOf(reads(1, 4));
        }
    }

    @Test
    void twoOfTheSameIdAreRefused() throws Exception {
        try (var running = RunningCapture.start(settings)) {
            assertThatThrownBy(
                            () -> running.capture().backfill(List.of(backfill("a", "id = 1"), backfill("a", "id = 2"))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("same id");
        }
    }

    @Test
    void aPartitionedTableIsReadAsOne() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table t (id int primary key, v text) partition by hash (id)",
                "create table t0 partition of t for values with (modulus 2, remainder 0)",
                "create table t1 partition of t for values with (modulus 2, remainder 1)",
                "insert into t select i, 'x' || i from generate_series(1, 25) i");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "id > 3")));
            awaitEnd(running);
            assertThat(running.texts()).containsExactlyElementsOf(reads(4, 25));
        }
    }

    @Test
    void rowsTooLargeForOneChunkComeInSeveral() throws Exception {
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, repeat('x', 200000) from generate_series(1, 12) i");
        try (var running = RunningCapture.start(settings, null, SegmentBounds.STANDARD)) {
            running.capture().backfill(List.of(backfill("large", "")));
            BackfillProgress done = awaitEnd(running);
            assertThat(running.texts()).hasSize(12).doesNotHaveDuplicates();
            assertThat(done.bytes()).isGreaterThan(12 * 200_000);
        }
    }

    @Test
    void aCaptureThatIsCutGoesOnWithTheNextRowWithoutBeingAskedAgain() throws Exception {
        createTable(25);
        List<String> read = new ArrayList<>();
        Position stored = null;
        for (int cut = 0; cut < 6; cut++) {
            try (var running = RunningCapture.start(settings, stored, SMALL)) {
                if (cut == 0) {
                    running.capture().backfill(List.of(backfill("all", "")));
                }
                List<CaptureEvent> events =
                        running.await(all -> RunningCapture.texts(all).size() >= 3);
                int third = events.indexOf(rows(events).get(2));
                read.addAll(RunningCapture.texts(events.subList(0, third + 1)));
                stored = events.get(third).position();
            }
        }
        assertThat(read).containsExactlyElementsOf(reads(1, 18));
    }

    @Test
    void oneThatIsPausedStaysWhereItIsAndGoesOnFromThere() throws Exception {
        createTable(400);
        try (var running = RunningCapture.start(narrow(), null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "")));
            running.await(all -> RunningCapture.texts(all).size() >= 5);
            running.capture().backfill(List.of(new Backfill("all", new TableName("public", "t"), "", true)));
            BackfillProgress paused =
                    await(running, all -> all.get(0).asked().paused()).get(0);
            assertThat(paused.rows()).isLessThan(400);
            database.execute("insert into t values (1000, 'told meanwhile')");
            running.awaitText("INSERT t[1000, told meanwhile]");
            assertThat(running.capture().backfills()).containsExactly(paused);
            running.capture().backfill(List.of(backfill("all", "")));
            awaitEnd(running);
            assertThat(running.texts().stream().filter(text -> text.startsWith("READ_AGAIN ")))
                    .hasSize(401)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void oneThatIsNotAskedForAnyMoreIsGivenUpAndTheNextIsDone() throws Exception {
        createTable(400);
        database.execute("create table other (id int primary key)", "insert into other values (1)");
        var other = new Backfill("other", new TableName("public", "other"), "", false);
        try (var running = RunningCapture.start(narrow(), null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "")));
            running.await(all -> RunningCapture.texts(all).size() >= 5);
            running.capture().backfill(List.of(other));
            awaitEnd(running);
            assertThat(running.texts()).contains("READ_AGAIN other[1]").hasSizeLessThan(400);
            running.capture().backfill(List.of());
            assertThat(await(running, List::isEmpty)).isEmpty();
        }
    }

    @Test
    void whileALongConditionIsEvaluatedTheStreamGoesOnAndGivingItUpEndsItOnTheServer() throws Exception {
        createTable(5);
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("slow", "pg_sleep(600) is not null")));
            running.await(all -> slowOnes("pg_sleep(600)") == 1);
            database.execute("update t set v = 'meanwhile' where id = 1");
            running.awaitText("UPDATE t[1, meanwhile]");
            running.capture().backfill(List.of(backfill("quick", "id = 2")));
            awaitEnd(running);
            assertThat(slowOnes("pg_sleep(600)")).isZero();
            assertThat(running.texts()).containsExactly("UPDATE t[1, meanwhile]", "READ_AGAIN t[2, x2]");
        }
    }

    @Test
    void closingTheCaptureEndsWhatTheServerDoesForABackfill() throws Exception {
        createTable(5);
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("slow", "pg_sleep(600) is not null")));
            running.await(all -> slowOnes("pg_sleep(600)") == 1);
        }
        Awaitility.await().until(() -> slowOnes("pg_sleep(600)") == 0);
    }

    @Test
    void whatCannotBeReadFailsSayingWhyAndHoldsUpNoOther() throws Exception {
        createTable(5);
        database.execute("create table hidden (id int primary key)");
        List<Backfill> asked = List.of(
                new Backfill("unknown", new TableName("public", "nosuch"), "", false),
                backfill("misspelt", "id = 3 or idd = 3"),
                backfill("two", "true); drop table t; select (1"),
                backfill("not a condition", "id"),
                backfill("or", "id = 3) or (id = 5"),
                backfill("late", "1 / (id - 3) is not null"),
                backfill("good", "id = 2"));
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(asked);
            List<BackfillProgress> ended =
                    await(running, all -> all.size() == 7 && all.stream().allMatch(BackfillProgress::hasEnded));
            assertThat(ended.get(0).fault()).contains("public.nosuch", "is not one that source test captures");
            assertThat(ended.get(1).fault())
                    .contains("backfill misspelt", "at character 11: column \"idd\" does not exist");
            assertThat(ended.get(2).fault()).contains("backfill two", "more than one statement");
            assertThat(ended.get(3).fault()).contains("must be type boolean");
            assertThat(ended.get(4).fault()).contains("backfill or", "closes a parenthesis", "at character 7");
            assertThat(ended.get(5).fault()).contains("division by zero");
            assertThat(ended.get(6).state()).isEqualTo(State.DONE);
            assertThat(running.texts()).containsExactly("READ_AGAIN t[2, x2]");
        }
    }

    @Test
    void oneWhoseTableIsDroppedOrGetsAnotherKeyFails() throws Exception {
        createTable(400);
        database.execute(
                "create table u (id int primary key, k int)",
                "insert into u select i, -i from generate_series(1, 400) i");
        List<Backfill> asked =
                List.of(backfill("dropped", ""), new Backfill("rekeyed", new TableName("public", "u"), "", false));
        try (var running = RunningCapture.start(narrow(), null, SMALL)) {
            running.capture().backfill(asked);
            running.await(all -> RunningCapture.texts(all).size() >= 5);
            database.execute("drop table t");
            running.await(all -> RunningCapture.texts(all).contains("READ_AGAIN u[5, -5]"));
            database.execute("alter table u drop constraint u_pkey, alter k set not null, add primary key (k)");
            List<BackfillProgress> ended = await(running, all -> all.stream().allMatch(BackfillProgress::hasEnded));
            assertThat(ended.get(0).fault()).contains("public.t", "was dropped");
            assertThat(ended.get(1).fault()).contains("The key of table public.u was changed");
        }
    }

    @Test
    void itWaitsForThoseWhoWroteTheTableBeforeItBegan() throws Exception {
        createTable(2);
        try (var running = RunningCapture.start(settings, null, SMALL);
                Connection writer = database.connect()) {
            writer.setAutoCommit(false);
            execute(writer, "update t set v = 'y' where id = 1");
            running.capture().backfill(List.of(backfill("all", "")));
            database.execute("insert into t values (3, 'x3')");
            running.awaitText("INSERT t[3, x3]");
            writer.commit();
            awaitEnd(running);
            assertThat(running.texts())
                    .containsExactly(
                            "INSERT t[3, x3]",
                            "UPDATE t[1, y]",
                            "READ_AGAIN t[1, y]",
                            "READ_AGAIN t[2, x2]",
                            "READ_AGAIN t[3, x3]");
        }
    }

    private void createTable(int rows) {
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, 'x' || i from generate_series(1, " + rows + ") i");
    }

    private CaptureSettings narrow() {
        return RunningCapture.narrow(database, CaptureSettings.SnapshotMode.NO_DATA, true);
    }

    private static List<CaptureEvent.Row> rows(List<CaptureEvent> events) {
        return events.stream()
                .filter(CaptureEvent.Row.class::isInstance)
                .map(CaptureEvent.Row.class::cast)
                .toList();
    }

    private int slowOnes(String condition) {
        return Integer.parseInt(database.query("select count(*) from pg_stat_activity where query like '%" + condition
                + "%' and state = 'active'" + " and pid <> pg_backend_pid()"));
    }

    private List<String> inOrder(String table, String order) throws Exception {
        return RunningCapture.rows(database, "select * from " + table + " order by " + order).stream()
                .map(row -> "READ_AGAIN " + table + "[" + row + "]")
                .toList();
    }

    private static void execute(Connection connection, String sql) throws Exception {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
