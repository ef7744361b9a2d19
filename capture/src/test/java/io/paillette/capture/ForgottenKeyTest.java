package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Postgres forgets that a table ever had a key once its last index is dropped and it is vacuumed or analyzed: changes that were
 * written before and are read afterwards look as those of a table without one.
 */
final class ForgottenKeyTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database);

    @Test
    void anUpdateByAForgottenKeyIsToldAndTheTableReadOnceMoreWhereverTheCaptureIsCut() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        RunningCapture.start(settings).close();
        database.execute(
                "insert into t values (1, 'a'), (2, 'b')",
                "update t set v = 'c' where id = 1",
                "delete from t where id = 2",
                "insert into t values (3, 'd')",
                "alter table t drop constraint t_pkey",
                "insert into t values (4, 'e')",
                "analyze t");
        List<CaptureEvent> whole = new ArrayList<>();
        try (var running = RunningCapture.start(settings)) {
            whole.addAll(running.await(ForgottenKeyTest::isRead));
        }
        assertThat(RunningCapture.texts(whole))
                .containsExactly(
                        "INSERT t[1, a]",
                        "INSERT t[2, b]",
                        "UPDATE t[1, c]",
                        "READ t[1, c]",
                        "READ t[3, d]",
                        "READ t[4, e]");
        assertThat(keys(whole)).containsOnly(List.of());
        int read = 0;
        while (!(whole.get(read) instanceof CaptureEvent.Row row && row.kind() == CaptureEvent.Kind.READ)) {
            try (var running = RunningCapture.resume(settings, whole.get(read++).position())) {
                running.await(ForgottenKeyTest::isRead);
                assertThat(RunningCapture.texts(running.events()))
                        .as("after event %s", read)
                        .containsExactlyElementsOf(RunningCapture.texts(whole.subList(read, whole.size())));
            }
        }
        database.execute("insert into t values (5, 'f')");
        try (var running =
                RunningCapture.resume(settings, whole.get(whole.size() - 1).position())) {
            assertThat(running.awaitChanges(1)).containsExactly("INSERT t[5, f]");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter table t add primary key (b, a)",
                "create unique index i on t (b, a); alter table t replica identity using index i"
            })
    void aForgottenKeyIsRecalledFromAnOldRowAndTheTableIsNotReadForIt(String identity) throws Exception {
        database.execute("create table t (a int not null, v text, b int not null)", identity);
        RunningCapture.start(settings).close();
        database.execute(
                "insert into t values (1, 'x', 1), (2, 'y', 2), (3, 'z', 3)",
                "update t set a = 10 where a = 1",
                "update t set v = 'w' where a = 2",
                "delete from t where a = 3",
                identity.contains("index") ? "drop index i" : "alter table t drop constraint t_pkey",
                "vacuum t",
                "insert into t values (4, 'v', 4)");
        try (var running = RunningCapture.start(settings)) {
            assertThat(running.awaitChanges(7))
                    .containsExactly(
                            "INSERT t[1, x, 1]",
                            "INSERT t[2, y, 2]",
                            "INSERT t[3, z, 3]",
                            "UPDATE t[10, x, 1]",
                            "UPDATE t[2, w, 2]",
                            "DELETE t[3, null, 3]",
                            "INSERT t[4, v, 4]");
            assertThat(keys(running.events()))
                    .containsExactly(
                            List.of(), List.of(), List.of(), List.of(0, 2), List.of(0, 2), List.of(0, 2), List.of());
            assertThat(last(running.events()).position().snapshot().again()).isEmpty();
        }
    }

    @Test
    void aKeyOfOnesChoiceStaysWhereAnotherIsRecalled() throws Exception {
        var chosen = settings(Map.of(CaptureOption.MESSAGE_KEY_COLUMNS, "public.t:v"), Map.of());
        database.execute("create table t (id int primary key, v text)");
        RunningCapture.start(chosen).close();
        database.execute(
                "insert into t values (1, 'a')", "delete from t", "alter table t drop constraint t_pkey", "vacuum t");
        try (var running = RunningCapture.start(chosen)) {
            running.awaitChanges(2);
            assertThat(keys(running.events())).containsExactly(List.of(1), List.of(1));
        }
    }

    @Test
    void aRecalledKeyThatAMaskWouldMakeTheSameForTwoRowsIsRefusedAsAnyIs() throws Exception {
        var masked = settings(Map.of(), Map.of("column.mask.with.3.chars", "public.t.code"));
        database.execute("create table t (code text primary key, v text)");
        RunningCapture.start(masked).close();
        database.execute(
                "insert into t values ('a', 'b')", "delete from t", "alter table t drop constraint t_pkey", "vacuum t");
        try (var running = RunningCapture.start(masked)) {
            assertThatThrownBy(() -> running.awaitChanges(2))
                    .hasMessageContaining("Column \"code\" of table public.t is part of the key of its messages");
        }
    }

    @Test
    void partitionsWithKeysOfTheirOwnAreNotReadOnceMoreForTheirRootHasNone() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "12 tells of partitions, and not of their root");
        database.execute(
                "create table t (id int, v text) partition by list (id)",
                "create table t1 partition of t (primary key (id)) for values in (1)",
                "create table t2 partition of t (primary key (v)) for values in (2)");
        try (var running = RunningCapture.start(settings)) {
            database.execute(
                    "insert into t values (1, 'a'), (2, 'b')",
                    "update t set v = 'c' where id = 1",
                    "delete from t",
                    "insert into t values (1, 'd')");
            assertThat(running.awaitChanges(6))
                    .containsExactly(
                            "INSERT t[1, a]",
                            "INSERT t[2, b]",
                            "UPDATE t[1, c]",
                            "DELETE t[1, null]",
                            "DELETE t[null, b]",
                            "INSERT t[1, d]");
            assertThat(keys(running.events())).containsOnly(List.of());
            assertThat(last(running.events()).position().snapshot().again()).isEmpty();
        }
    }

    @Test
    void inArrearsAnUpdateByAForgottenKeyIsToldAndNothingWithheldForIt() throws Exception {
        var settings = this.settings.storingEveryPosition();
        database.execute("create table t (id int primary key, v text)");
        Position left;
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            running.capture().keep(Optional.of(new Lsn(1)));
            database.execute("insert into t values (1, 'a')", "update t set v = 'b'", "insert into t values (2, 'c')");
            running.awaitText("INSERT t[2, c]");
            running.await(events -> last(events) instanceof CaptureEvent.Commit);
            running.storeAll();
            left = running.events().get(0).position();
            stored = last(running.events()).position();
        }
        database.execute("alter table t drop constraint t_pkey", "analyze t", "insert into t values (3, 'd')");
        try (var running =
                RunningCapture.resume(settings, stored, new Arrears(Optional.of(left.end()), Optional.of(left)))) {
            assertThat(running.awaitText("INSERT t[3, d]"))
                    .containsExactly("UPDATE t[1, b]", "INSERT t[2, c]", "INSERT t[3, d]");
            assertThat(last(running.events()).position().snapshot().again()).isEmpty();
        }
    }

    private CaptureSettings settings(Map<CaptureOption, String> options, Map<String, String> masks) {
        var all = new HashMap<>(options);
        all.put(CaptureOption.URL, database.url());
        all.put(CaptureOption.TABLES, "public.*");
        all.put(CaptureOption.SLOT_NAME, "slot_" + database.name());
        all.put(CaptureOption.SNAPSHOT_MODE, "no_data");
        return CaptureSettings.of("test", all, masks);
    }

    private static boolean isRead(List<CaptureEvent> events) {
        return !events.isEmpty()
                && last(events) instanceof CaptureEvent.SnapshotStep step
                && !step.position().snapshot().tables().isEmpty();
    }

    private static CaptureEvent last(List<CaptureEvent> events) {
        return events.get(events.size() - 1);
    }

    private static List<List<Integer>> keys(List<CaptureEvent> events) {
        List<List<Integer>> keys = new ArrayList<>();
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Row row) {
                keys.add(row.relation().key());
            }
        }
        return keys;
    }
}
