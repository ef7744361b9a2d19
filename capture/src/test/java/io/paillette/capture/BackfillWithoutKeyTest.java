package io.paillette.capture;

import static io.paillette.capture.Backfilling.SMALL;
import static io.paillette.capture.Backfilling.await;
import static io.paillette.capture.Backfilling.awaitEnd;
import static io.paillette.capture.Backfilling.backfill;
import static io.paillette.capture.Backfilling.reads;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.BackfillProgress.State;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Rows that nothing but their place tells apart are read once more by that. */
final class BackfillWithoutKeyTest {

    /** A chunk of four rows. */
    private final Database database = PostgresServer.shared().newDatabase();

    private final CaptureSettings settings = RunningCapture.settings(database);

    @Test
    void everyRowComesOnceMoreThoughOthersLookTheSame() throws Exception {
        createTable(25);
        database.execute(
                "insert into t values (7, 'x7'), (null, null), (null, null)",
                "create table u ()",
                "alter table u replica identity full",
                "insert into u default values");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture()
                    .backfill(List.of(
                            backfill("all", ""), new Backfill("none", new TableName("public", "u"), "", false)));
            BackfillProgress done = awaitEnd(running);
            assertThat(done.rows()).isEqualTo(28);
            assertThat(done.estimatedRows()).isPositive();
            assertThat(running.texts())
                    .containsExactlyElementsOf(Stream.concat(
                                    reads(1, 25).stream(),
                                    Stream.of(
                                            "READ_AGAIN t[7, x7]",
                                            "READ_AGAIN t[null, null]",
                                            "READ_AGAIN t[null, null]",
                                            "READ_AGAIN u[]"))
                            .toList());
        }
    }

    @Test
    void onlyRowsThatMeetTheConditionComeWhereverTheyLie() throws Exception {
        createTable(5_000);
        database.execute(
                "create index on t (id)",
                "delete from t where id between 1000 and 4000",
                "vacuum analyze t",
                "update t set v = 'y' where id = 3");
        try (var running = RunningCapture.start(settings, null, SegmentBounds.STANDARD)) {
            running.capture()
                    .backfill(List.of(backfill("some", "public.t.id in (3, 4500) or t.v = 'x10' -- and no others")));
            assertThat(awaitEnd(running).rows()).isEqualTo(3);
            assertThat(running.texts())
                    .containsExactlyInAnyOrder(
                            "READ_AGAIN t[3, y]", "READ_AGAIN t[10, x10]", "READ_AGAIN t[4500, x4500]");
        }
    }

    @Test
    void aCaptureThatIsCutGoesOnWithTheNextRow() throws Exception {
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
                int third = third(events);
                read.addAll(RunningCapture.texts(events.subList(0, third + 1)));
                stored = events.get(third).position();
            }
        }
        assertThat(read).containsExactlyElementsOf(reads(1, 18));
    }

    @Test
    void aTableThatIsWrittenAnewInTheMiddleIsReadFromItsBeginning() throws Exception {
        createTable(400);
        database.execute("delete from t where id <= 200");
        try (var running = RunningCapture.start(narrow(), null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "")));
            running.await(all -> RunningCapture.texts(all).size() >= 5);
            database.execute("vacuum full t");
            awaitEnd(running);
            assertThat(running.texts()).hasSizeBetween(205, 399).containsAll(reads(201, 400));
        }
    }

    @Test
    void rowsThatComeWhileItIsReadAreToldByTheStreamAlone() throws Exception {
        createTable(400);
        try (var running = RunningCapture.start(narrow(), null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "")));
            running.await(all -> RunningCapture.texts(all).size() >= 5);
            database.execute("insert into t select i, 'x' || i from generate_series(401, 2000) i");
            BackfillProgress done = awaitEnd(running);
            assertThat(done.rows()).isBetween(400L, 800L);
            assertThat(running.texts()).contains("INSERT t[2000, x2000]").containsAll(reads(1, 400));
        }
    }

    @Test
    void partitionsAreReadOneAfterTheOtherAndMayComeAndGo() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table t (id int, v text) partition by list (id)",
                "create table a partition of t for values in (1)",
                "create table b (v text, nothing int, id int)",
                "alter table b drop column nothing",
                "alter table t attach partition b for values in (2)",
                "create table c partition of t for values in (3)",
                "create table sub partition of t for values in (4, 5) partition by list (id)",
                "create table d partition of sub for values in (4)",
                "alter table t replica identity full",
                "insert into t select 1 + i % 4, 'x' || i from generate_series(0, 399) i");
        try (var running = RunningCapture.start(narrow(), null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "t.id <> 9")));
            running.await(all -> RunningCapture.texts(all).size() >= 5);
            database.execute("drop table c", "create table e partition of sub for values in (5)", "vacuum full a");
            awaitEnd(running);
            assertThat(running.texts())
                    .containsAll(IntStream.range(0, 400)
                            .filter(i -> i % 4 != 2)
                            .mapToObj(i -> "READ_AGAIN t[" + (1 + i % 4) + ", x" + i + "]")
                            .toList());
        }
    }

    @Test
    void rowsTooLargeForOneChunkComeInSeveral() throws Exception {
        database.execute(
                "create table t (id int, v text)",
                "alter table t replica identity full",
                "insert into t select i, repeat('x', 200000) from generate_series(1, 12) i");
        try (var running = RunningCapture.start(settings, null, SegmentBounds.STANDARD)) {
            running.capture().backfill(List.of(backfill("large", "")));
            BackfillProgress done = awaitEnd(running);
            assertThat(running.texts()).hasSize(12).doesNotHaveDuplicates();
            assertThat(done.bytes()).isGreaterThan(12 * 200_000);
        }
    }

    @Test
    void ofTwoRowsThatLookTheSameTheOneThatIsLeftComesAndNoneThatIsGone() throws Exception {
        database.execute(
                "create table t (id int, v text)",
                "alter table t replica identity full",
                "insert into t values (1, 'same'), (2, 'gone'), (3, 'old'), (4, 'last of its chunk'), (1, 'same')");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            database.execute("insert into t values (5, 'so that the shape of the table is known')");
            running.awaitChanges(1);
            running.capture().backfill(List.of(backfill("slow", "pg_sleep(0.3) is not null")));
            running.await(all -> !database.query("select count(*) from pg_stat_activity where state = 'active'"
                            + " and query like '%pg_sleep(0.3)%' and pid <> pg_backend_pid()")
                    .equals("0"));
            database.execute(
                    "delete from t where ctid in (select ctid from t where id in (1, 2) order by ctid offset 1)",
                    "update t set v = 'new' where id = 3");
            awaitEnd(running);
            assertThat(running.texts())
                    .containsExactly(
                            "INSERT t[5, so that the shape of the table is known]",
                            "DELETE t[2, gone]",
                            "DELETE t[1, same]",
                            "UPDATE t[3, new]",
                            "READ_AGAIN t[1, same]",
                            "READ_AGAIN t[4, last of its chunk]",
                            "READ_AGAIN t[5, so that the shape of the table is known]",
                            "READ_AGAIN t[3, new]");
        }
    }

    @Test
    void aRowThatIsChangedAllTheTimeDoesNotHoldUpTheOthers() throws Exception {
        createTable(25);
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "id = 7 or pg_sleep(0.05) is not null")));
            for (int i = 0; running.capture().backfills().stream().noneMatch(BackfillProgress::hasEnded); i++) {
                database.execute("update t set v = 'y" + i + "' where id = 7");
                running.awaitMoment();
                running.storeAll();
            }
            assertThat(running.texts())
                    .containsAll(IntStream.rangeClosed(1, 25)
                            .filter(i -> i != 7)
                            .mapToObj(i -> "READ_AGAIN t[" + i + ", x" + i + "]")
                            .toList());
        }
    }

    @Test
    void updatesThatTellOnlyAUniqueIndexAreKnownByIt() throws Exception {
        database.execute(
                "create table t (id int not null, v text)",
                "create unique index by_id on t (id)",
                "alter table t replica identity using index by_id",
                "insert into t select i, 'x' || i from generate_series(1, 8) i");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "pg_sleep(0.1) is not null")));
            for (int i = 0; running.capture().backfills().stream().noneMatch(BackfillProgress::hasEnded); i++) {
                database.execute("update t set v = 'y" + i + "' where id = 3");
                running.awaitMoment();
                running.storeAll();
            }
            assertThat(running.texts())
                    .doesNotContain("READ_AGAIN t[3, x3]")
                    .containsAll(List.of("READ_AGAIN t[1, x1]", "READ_AGAIN t[2, x2]", "READ_AGAIN t[8, x8]"));
        }
    }

    @Test
    void aTableWithoutAReplicaIdentityAndOneThatGetsAKeyInTheMiddleAreReadToTheirEnd() throws Exception {
        database.execute(
                "create table t (id int, v text)", "insert into t select i, 'x' || i from generate_series(1, 400) i");
        try (var running = RunningCapture.start(narrow(), null, SMALL)) {
            running.capture().backfill(List.of(backfill("all", "")));
            running.await(all -> RunningCapture.texts(all).size() >= 5);
            database.execute("insert into t values (1000, 'told meanwhile')");
            database.execute("alter table t add primary key (id)");
            awaitEnd(running);
            assertThat(running.texts()).containsAll(reads(1, 400)).contains("INSERT t[1000, told meanwhile]");
        }
    }

    /** The changes of such a partition tell its own key alone: no chunk beside them could be told. */
    @Test
    void partitionsWithAKeyOfTheirOwnAreRefusedRatherThanReadInVainForEver() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table t (id int, v text) partition by list (v)",
                "create table a partition of t (primary key (id)) for values in ('x')",
                "create table b partition of t for values in ('y')",
                "alter table b replica identity full",
                "insert into t select i, 'x' from generate_series(1, 8) i");
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(List.of(backfill("own", "")));
            String fault = await(running, all -> !all.isEmpty() && all.get(0).hasEnded())
                    .get(0)
                    .fault();
            assertThat(fault).contains("by their place: public.a has a key of its own", "REPLICA IDENTITY FULL");
            database.execute("alter table a replica identity full");
            running.capture().backfill(List.of(backfill("full", "")));
            assertThat(await(
                                    running,
                                    all -> all.size() == 1
                                            && all.get(0).asked().id().equals("full")
                                            && all.get(0).hasEnded())
                            .get(0)
                            .rows())
                    .isEqualTo(8);
        }
    }

    @Test
    void whatCannotBeReadByItsPlaceFailsSayingWhatToDo() throws Exception {
        database.execute(
                "create access method another type table handler heap_tableam_handler",
                "create table elsewhere (id int) using another",
                "alter table elsewhere replica identity full",
                "create table untold (id int primary key, u int not null unique)",
                "alter table untold replica identity using index untold_u_key",
                "create table t (id int)");
        List<Backfill> asked = List.of(
                new Backfill("elsewhere", new TableName("public", "elsewhere"), "", false),
                new Backfill("untold", new TableName("public", "untold"), "", false),
                backfill("misspelt", "idd = 3"),
                backfill("good", ""));
        try (var running = RunningCapture.start(settings, null, SMALL)) {
            running.capture().backfill(asked);
            List<BackfillProgress> ended =
                    await(running, all -> all.size() == 4 && all.stream().allMatch(BackfillProgress::hasEnded));
            assertThat(ended.get(0).fault()).contains("public.elsewhere", "access method", "primary key");
            assertThat(ended.get(1).fault()).contains("public.untold", "REPLICA IDENTITY DEFAULT");
            assertThat(ended.get(2).fault()).contains("at character 1: column \"idd\" does not exist");
            assertThat(ended.get(3).state()).isEqualTo(State.DONE);
            assertThat(running.texts()).isEmpty();
        }
    }

    private void createTable(int rows) {
        database.execute(
                "create table t (id int, v text)",
                "alter table t replica identity full",
                "insert into t select i, 'x' || i from generate_series(1, " + rows + ") i");
    }

    private CaptureSettings narrow() {
        return RunningCapture.narrow(database, CaptureSettings.SnapshotMode.NO_DATA, true);
    }

    private static int third(List<CaptureEvent> events) {
        return IntStream.range(0, events.size())
                .filter(i -> events.get(i) instanceof CaptureEvent.Row)
                .skip(2)
                .findFirst()
                .orElseThrow();
    }
}
