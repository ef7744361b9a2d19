package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Every row comes in the shape that its table had when it was written, whenever it is read. */
final class SchemaChangeTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database);

    @Test
    void columnsAddedDroppedRenamedAndRetypedBetweenRowsWhileNobodyReadsAreThoseOfEachRow() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        RunningCapture.start(settings).close();
        database.execute(
                "insert into t values (1, 'a')",
                "alter table t add column n int default 7",
                "insert into t values (2, 'b')",
                "alter table t rename column v to w",
                "insert into t values (3, 'c', 8)",
                "alter table t alter column n type text using 'n' || n",
                "update t set w = 'd' where id = 1",
                "alter table t drop column n",
                "insert into t values (4, 'e')");
        try (var running = RunningCapture.start(settings)) {
            running.awaitChanges(5);
            assertThat(shapes(running))
                    .containsExactly(
                            "id, v: [1, a]",
                            "id, v, n: [2, b, 7]",
                            "id, w, n: [3, c, 8]",
                            "id, w, n: [1, d, n7]",
                            "id, w: [4, e]");
        }
    }

    @Test
    void aKeyAddedMovedToAnotherColumnAndRenamedIsThatOfEachChange() throws Exception {
        database.execute("create table t (id int, code int not null, v text)");
        try (var running = RunningCapture.start(settings)) {
            database.execute(
                    "insert into t values (1, 11, 'a')",
                    "alter table t add primary key (id)",
                    "update t set v = 'b'",
                    "alter table t drop constraint t_pkey, add primary key (code)",
                    "update t set v = 'c'",
                    "alter table t rename column code to sku",
                    "update t set v = 'd'",
                    "delete from t");
            running.awaitChanges(5);
            assertThat(keys(running))
                    .containsExactly("INSERT []", "UPDATE [id]", "UPDATE [code]", "UPDATE [sku]", "DELETE [sku]");
        }
    }

    @Test
    void whatAnIndexIncludesBesideItsKeyIsNoneOfTheKeyWhetherReadOrChanged() throws Exception {
        database.execute(
                "create table t (id int, v text, primary key (id) include (v))",
                "create table u (id int, v text, primary key (id) include (v))",
                "alter table u replica identity full",
                "insert into t values (1, 'a')",
                "insert into u values (1, 'a')");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true))) {
            running.awaitChanges(2);
            database.execute("update t set v = 'b'", "update u set v = 'b'");
            running.awaitChanges(4);
            assertThat(keys(running)).containsExactlyInAnyOrder("READ [id]", "READ [id]", "UPDATE [id]", "UPDATE [id]");
        }
    }

    @Test
    void aTableDroppedAndMadeAgainUnderItsNameIsAnotherTable() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        RunningCapture.start(settings).close();
        database.execute(
                "insert into t values (1, 'a')",
                "drop table t",
                "create table t (code text primary key)",
                "insert into t values ('x')");
        try (var running = RunningCapture.start(settings)) {
            running.awaitChanges(2);
            assertThat(shapes(running)).containsExactly("id, v: [1, a]", "code: [x]");
        }
    }

    @Test
    void partitionsAttachedAndDetachedTellWhatIsWrittenThroughTheirRootAndNothingElse() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table root (id int primary key) partition by range (id)",
                "create table low partition of root for values from (0) to (10)");
        CaptureSettings rootOnly = CaptureSettings.of(
                "test",
                java.util.Map.of(
                        CaptureOption.URL,
                        settings.server().jdbcUrl(),
                        CaptureOption.TABLES,
                        "public.root",
                        CaptureOption.SLOT_NAME,
                        settings.slot(),
                        CaptureOption.SNAPSHOT_MODE,
                        "initial"));
        database.execute("insert into root values (1)");
        try (var running = RunningCapture.start(rootOnly)) {
            running.awaitText("READ root[1]");
            database.execute(
                    "create table high (id int primary key)",
                    "insert into high values (11)", // nobody captures it yet
                    "alter table root attach partition high for values from (10) to (20)",
                    "insert into root values (12)",
                    "alter table root detach partition high",
                    "insert into high values (13)",
                    "insert into root values (2)");
            assertThat(running.awaitText("INSERT root[2]"))
                    .containsExactly("READ root[1]", "INSERT root[12]", "INSERT root[2]");
        }
    }

    @Test
    void anEnumsNewValueIsToldInTheSessionThatAddsItThoughAnotherSchemaHasAnEnumOfThatName() throws Exception {
        database.execute(
                "create schema other",
                "create type other.mood as enum ('x')",
                "create type mood as enum ('a')",
                "create table t (id int primary key, m mood, o other.mood, many mood[])",
                "insert into t values (1, 'a', 'x', '{a}')");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute("insert into t values (2, 'a', 'x', '{a}')");
            running.awaitChanges(1);
            database.execute(
                    "alter type mood add value 'new'",
                    "insert into t values (3, 'new', 'x', '{a,new}')",
                    "alter type mood rename value 'a' to 'b'",
                    "update t set o = null where id = 2");
            assertThat(running.awaitChanges(3))
                    .containsExactly(
                            "INSERT t[2, a, x, {a}]", "INSERT t[3, new, x, {a,new}]", "UPDATE t[2, b, null, {b}]");
        }
    }

    @Test
    void namesOfAnyKindSurvive() throws Exception {
        String longest = "ü".repeat(31) + "x"; // 63 bytes
        List<String> names = List.of("Mixed Case", "dotted.name", "quo\"ted", "back\\slash", "spa ce ", longest);
        for (String name : names) {
            database.execute("create table " + quoted(name) + " (" + quoted(name) + " int primary key, " + quoted("ID")
                    + " int, id int)");
        }
        database.execute("insert into " + quoted(names.get(0)) + " values (1, 2, 3)");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true))) {
            running.await(events -> !events.isEmpty()
                    && events.get(events.size() - 1).position().snapshot().complete());
            for (String name : names.subList(1, names.size())) {
                database.execute("insert into " + quoted(name) + " values (1, 2, 3)");
            }
            running.awaitChanges(names.size());
            assertThat(running.events().stream()
                            .filter(CaptureEvent.Row.class::isInstance)
                            .map(CaptureEvent.Row.class::cast)
                            .map(row -> row.relation().name().table() + "|"
                                    + row.relation().columns().get(0).name() + "|"
                                    + row.relation().columns().get(1).name() + "|"
                                    + row.relation().columns().get(2).name()
                                    + RunningCapture.values(row)))
                    .containsExactlyElementsOf(names.stream()
                            .map(name -> name + "|" + name + "|ID|id[1, 2, 3]")
                            .toList());
        }
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private static List<String> shapes(RunningCapture running) {
        return rows(running).stream()
                .map(row -> String.join(
                                ", ",
                                row.relation().columns().stream()
                                        .map(Column::name)
                                        .toList())
                        + ": " + RunningCapture.values(row))
                .toList();
    }

    private static List<String> keys(RunningCapture running) {
        return rows(running).stream()
                .map(row -> row.kind() + " "
                        + row.relation().key().stream()
                                .map(i -> row.relation().columns().get(i).name())
                                .toList())
                .toList();
    }

    private static List<CaptureEvent.Row> rows(RunningCapture running) {
        return running.events().stream()
                .filter(CaptureEvent.Row.class::isInstance)
                .map(CaptureEvent.Row.class::cast)
                .toList();
    }
}
