package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlFragment;
import io.paillette.capture.filter.Answer;
import io.paillette.capture.filter.AskedSource;
import io.paillette.capture.filter.Conditions;
import io.paillette.capture.filter.Decision;
import io.paillette.capture.filter.Question;
import io.paillette.capture.filter.RowFailures;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Conditions on rows that came through the WAL, asked of the server that they are of. */
final class ConditionsTest {

    private static final Set<CaptureEvent.Kind> UPDATES = Set.of(CaptureEvent.Kind.UPDATE);

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database);
    private final AskedSource source = new AskedSource(settings);
    private final Conditions conditions = new Conditions(source);

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void aNameWithoutPrefixIsThatOfTheNewRowAndOfTheOldOneWhereItWasDeleted() throws Exception {
        database.execute("create table t (id int primary key, status text)", "alter table t replica identity full");
        List<Row> rows = rowsOf(
                3, "insert into t values (1, 'new')", "update t set status = 'paid'", "delete from t where id = 1");
        assertThat(decide("status = 'paid'", rows)).containsExactly(Decision.NOT_MET, Decision.MET, Decision.MET);
        assertThat(decide("new.status = 'paid'", rows))
                .containsExactly(Decision.NOT_MET, Decision.MET, Decision.NOT_MET);
        assertThat(decide("old.status is distinct from 'paid' and status = 'paid' -- became", rows))
                .containsExactly(Decision.NOT_MET, Decision.MET, Decision.NOT_MET);
        assertThat(decide("old.id is null", rows)).containsExactly(Decision.MET, Decision.NOT_MET, Decision.NOT_MET);
        assertThat(decide("to_jsonb(new) - 'id' = jsonb '{\"status\": \"new\"}'", rows))
                .containsExactly(Decision.MET, Decision.NOT_MET, Decision.NOT_MET);
    }

    @Test
    void anySqlIsACondition() throws Exception {
        database.execute(
                "create type mood as enum ('sad', 'ok')",
                "create domain amount as numeric(10, 2)",
                "create table other (id int)",
                "insert into other values (2)",
                "create function is_odd(int) returns bool language sql as 'select $1 % 2 = 1'",
                "create table \"Übergröße \"\"x\"\"\" (id int primary key, \"select\" mood, a amount, j jsonb, tags text[],"
                        + " at timestamptz, b bytea, c char(5))");
        List<Row> rows = rowsOf(
                2,
                "insert into \"Übergröße \"\"x\"\"\" values"
                        + " (1, 'sad', 10.5, '{\"a\": {\"b\": [1, 2]}}', '{x,\"y z\"}', '2024-02-03 04:05:06+07', '\\x00ff', 'ab'),"
                        + " (2, 'ok', null, null, null, 'infinity', null, null)");
        for (String first : List.of(
                "\"select\" < 'ok'",
                "a > 10 and a < 11",
                "j @? '$.a.b[*] ? (@ == 2)'",
                "j ? 'a' and not j ?| '{b,c}' and '?' = $$?$$ /* ? */",
                "'y z' = any(tags)",
                "at < '2024-02-03'",
                "b = '\\x00ff'",
                "c = 'ab'",
                "is_odd(id)",
                "not exists (select from other where other.id = new.id)",
                "id = 1 or a is null and false",
                "id = 1 and 'ok'::text is not null",
                "id = 1 -- or\r and a is not null",
                "id = 1 and E'x'\n'\\' ? ' || E'it''s \\' ?' = 'x'' ? it''s '' ?' and j ? 'a'")) {
            assertThat(decide(first, rows)).as(first).containsExactly(Decision.MET, Decision.NOT_MET);
        }
        assertThat(decide("", rows)).containsExactly(Decision.MET, Decision.MET);
        assertThat(decide("null", rows)).containsExactly(Decision.NOT_MET, Decision.NOT_MET);
    }

    @Test
    void whatIsWrongWithAConditionIsSaidWithItsPlace() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        List<Row> rows = rowsOf(1, "insert into t values (1, 'x')");
        Relation relation = rows.get(0).relation();
        assertWrong(
                "idd = 1",
                relation,
                "The condition of sequence x is none, at character 1: column \"idd\" does not exist.");
        assertWrong("id = ", relation, "syntax error");
        assertWrong("id", relation, "argument of WHERE must be type boolean, not type integer");
        assertWrong("count(*) > 0", relation, "aggregate functions are not allowed in WHERE");
        assertWrong("true; select 1", relation, "syntax error");
        assertWrong("true); select (true", relation, "is more than one statement");
        assertWrong("true) or (true", relation, "closes a parenthesis that it has not opened, at character 5");
        assertThatThrownBy(() -> decide("false) or (true", rows))
                .as("of a table that is created later nobody checks it")
                .hasMessageContaining("closes a parenthesis that it has not opened, at character 6");
        assertWrong("new.nope = 1", relation, "column new.nope does not exist");
        assertWrong(
                "old.v = 'x'",
                relation,
                "reads old.v, which the WAL does not carry for updates of public.t: run"
                        + " ALTER TABLE public.t REPLICA IDENTITY FULL");
        check("old.id is null", relation, UPDATES);
        check("old.v = 'x'", relation, Set.of());
    }

    @Test
    void theRowForWhichItFailsIsNamed() throws Exception {
        database.execute("create table t (id int primary key, v int)");
        List<Row> rows = rowsOf(100, "insert into t select i, i % 70 from generate_series(1, 100) i");
        assertThatThrownBy(() -> decide("100 / v > 2", rows))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("fails for the row of public.t with id=70 at LSN")
                .hasMessageContaining("division by zero");
        assertThat(decide("v > 60", rows)).filteredOn(Decision.MET::equals).hasSize(9);
    }

    @Test
    void aColumnsCollationIsThatOfItsTable() throws Exception {
        database.execute(
                "create collation folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "create table t (id int primary key, email text collate folded, c text collate \"C\")");
        List<Row> rows = rowsOf(1, "insert into t values (1, 'Ann@X.com', 'Z')");
        assertThat(decide("email = 'ann@x.com' and c < 'a'", rows)).containsExactly(Decision.MET);
    }

    @Test
    void aDomainThatRefusesNullDoesNotRefuseTheRowThatIsNotThere() throws Exception {
        database.execute(
                "create domain d as text not null check (value <> '')",
                "create table t (id int primary key, s d)",
                "alter table t replica identity full");
        List<Row> rows = rowsOf(2, "insert into t values (1, 'x')", "delete from t");
        assertThat(decide("new.s is not distinct from 'x' and old.s is null", rows))
                .containsExactly(Decision.MET, Decision.NOT_MET);
    }

    @Test
    void whatAFunctionRaisesIsToldOfItsRow() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create function picky(int) returns bool language plpgsql as"
                        + " $$ begin if $1 = 3 then raise 'no three'; end if; return true; end $$");
        List<Row> rows = rowsOf(4, "insert into t select generate_series(1, 4)");
        assertThatThrownBy(() -> decide("picky(id)", rows))
                .hasMessageContaining("with id=3 at LSN")
                .hasMessageContaining("no three");
    }

    @Test
    void anErrorDoesNotShowWhatIsMasked() throws Exception {
        database.execute("create table t (id int primary key, ssn text)");
        var masked = CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL,
                        database.url(),
                        CaptureOption.TABLES,
                        "public.*",
                        CaptureOption.SLOT_NAME,
                        "slot_" + database.name(),
                        CaptureOption.SNAPSHOT_MODE,
                        "no_data"),
                Map.of("column.mask.with.4.chars", "public.t.ssn"));
        List<Row> rows = rowsOf(masked, 1, "insert into t values (1, '123-45')");
        assertThatThrownBy(() -> decide("ssn::int > 5", rows))
                .hasNoCause()
                .hasMessageContaining("SQLSTATE 22P02")
                .hasMessageNotContaining("123-45");
        assertThatThrownBy(() -> decide("(select sum(t.ssn::int) from t) > 5", rows))
                .hasNoCause()
                .hasMessage("The condition of sequence x fails with no rows at all: SQLSTATE 22P02. Correct it.");
    }

    @Test
    void oneThatCannotBeAskedAnyMoreIsTheFaultOfNoRow() throws Exception {
        database.execute(
                "create table t (id int primary key, v int)",
                "create table vip (id int)",
                "create function picked(int) returns bool language sql stable as 'select $1 in (select id from vip)'");
        List<Row> rows = rowsOf(4, "insert into t select i, i from generate_series(1, 4) i");
        Question question = new Question(
                new SqlCondition("x", "id in (select id from vip) is not null"),
                List.of(new SqlFragment("the expression", "picked(id)")));
        var failed = new ArrayList<CaptureException>();
        assertThat(conditions.ask(question, rows, (row, failure) -> failed.add(failure)))
                .hasSize(4);
        database.execute("alter table vip rename column id to vid");
        assertThatThrownBy(() -> conditions.ask(question, rows, (row, failure) -> failed.add(failure)))
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining("could not be asked")
                .hasMessageContaining("column \"id\" does not exist");
        database.execute("alter table vip rename column vid to id", "drop function picked");
        assertThatThrownBy(() -> conditions.ask(question, rows.subList(0, 1), (row, failure) -> failed.add(failure)))
                .hasMessageContaining("function picked(integer) does not exist");
        assertThat(failed).isEmpty();
    }

    @Test
    void partitionsWhoseOldRowsAreNotWholeAreNamed() throws Exception {
        Assumptions.assumeTrue(database.major() >= 13, "Postgres 12 cannot publish through the root");
        database.execute(
                "create table t (id int primary key, v text) partition by range (id)",
                "create table t_low partition of t for values from (0) to (10)",
                "alter table t replica identity full");
        Relation relation = Capture.relations(settings, table -> true).get(0);
        assertWrong("v = 'x'", relation, "partition public.t_low has another replica identity");
        check("id > 5", relation, UPDATES);
        database.execute("alter table t_low replica identity full");
        check("v = 'x'", relation, UPDATES);
    }

    @Test
    void oneThatIsCancelledEndsSoonAndIsNotSaidToBeWrong() throws Exception {
        database.execute("create table t (id int primary key)");
        List<Row> rows = rowsOf(2, "insert into t values (1), (2)");
        var cancelling = new Thread(() -> {
            Awaitility.await().until(() -> database.query(
                            "select count(*) from pg_stat_activity where query like '%the row%' and state = 'active'"
                                    + " and pid <> pg_backend_pid()")
                    .equals("1"));
            source.cancel();
        });
        cancelling.start();
        assertThatThrownBy(() -> decide("pg_sleep(15) is not null", rows))
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isTrue());
        cancelling.join();
        assertThatThrownBy(() -> decide("true", rows)).hasMessageContaining("is not asked any more");
    }

    @Test
    void itChangesNothingThoughTheRoleMay() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create table seen (id int)",
                "create function see(int) returns bool language sql as 'insert into seen values ($1) returning true'");
        List<Row> rows = rowsOf(1, "insert into t values (1)");
        assertThatThrownBy(() -> decide("see(id)", rows)).hasMessageContaining("read-only transaction");
        assertThat(database.query("select count(*) from seen")).isEqualTo("0");
    }

    @Test
    void itCannotChangeItsSessionForTheNextOne() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create table seen (id int)",
                "create function see(int) returns bool language sql as 'insert into seen values ($1) returning true'");
        List<Row> rows = rowsOf(1, "insert into t values (1)");
        assertThatThrownBy(() -> decide("set_config('transaction_read_only', 'off', true) = 'off'", rows))
                .hasMessageContaining("transaction read-write mode must be set before any query");
        for (String setting : List.of("default_transaction_read_only", "statement_timeout", "search_path")) {
            String now = "current_setting('" + setting + "')";
            assertThat(decide("set_config('" + setting + "', '0', false) = " + now, rows))
                    .containsExactly(Decision.MET);
            assertThat(decide(now + " in ('0', 'off')", rows)).containsExactly(Decision.NOT_MET);
        }
        assertThatThrownBy(() -> decide("see(id)", rows)).hasMessageContaining("read-only transaction");
    }

    @Test
    void whatTheWalDoesNotCarryIsUnknownOnlyWhereTheConditionReadsIt() throws Exception {
        database.execute(
                "create table t (id int primary key, v text, big text)",
                "alter table t alter big set storage external");
        List<Row> rows = rowsOf(
                3,
                "insert into t values (1, 'x', repeat('b', 9000))",
                "update t set v = 'y'",
                "delete from t where id = 1");
        assertThat(decide("length(big) = 9000", rows))
                .containsExactly(Decision.MET, Decision.UNKNOWN, Decision.UNKNOWN);
        assertThat(decide("v = 'y'", rows)).containsExactly(Decision.NOT_MET, Decision.MET, Decision.UNKNOWN);
        assertThat(decide("id = 1 and old.id is null", rows))
                .containsExactly(Decision.MET, Decision.NOT_MET, Decision.NOT_MET);
        assertThatThrownBy(() -> decide("old.v = 'x'", rows)).hasMessageContaining("REPLICA IDENTITY FULL");
    }

    @Test
    void aTablesNewShapeIsAskedAboutAsItIs() throws Exception {
        database.execute("create table t (id int primary key, v int)");
        List<Row> rows = rowsOf(
                3,
                "insert into t values (1, 5)",
                "alter table t alter v type text using 'v' || v",
                "insert into t values (2, 'v6')",
                "alter table t rename v to w",
                "alter table t add v int",
                "insert into t values (3, 'x', 7)");
        assertThat(decide("v is not null", rows.subList(0, 1))).containsExactly(Decision.MET);
        assertThat(decide("v is not null", rows.subList(1, 2))).containsExactly(Decision.MET);
        assertThat(decide("v > 6", rows.subList(2, 3))).containsExactly(Decision.MET);
    }

    @Test
    void whenItsSessionIsEndedItIsAskedAgain() throws Exception {
        database.execute("create table t (id int primary key)");
        List<Row> rows = rowsOf(1, "insert into t values (1)");
        assertThat(decide("id = 1", rows)).containsExactly(Decision.MET);
        database.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                + " where datname = current_database() and query = 'ROLLBACK' and pid <> pg_backend_pid()");
        assertThatThrownBy(() -> decide("id = 1", rows))
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isTrue());
        assertThat(decide("id = 1", rows)).containsExactly(Decision.MET);
    }

    @Test
    void rowsThatMeetARandomConditionAreThoseThatPostgresSelects() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        database.execute(
                "create table t (id int primary key, a int, b text, c numeric, d timestamptz, e text[])",
                "alter table t replica identity full",
                "create table audit (n serial, o t, w t)",
                "create function note() returns trigger language plpgsql as"
                        + " 'begin insert into audit (o, w) values (old, new); return null; end'");
        List<String> statements = new ArrayList<>(List.of(
                "create trigger note after insert or update or delete on t" + " for each row execute function note()"));
        IntStream.range(0, 200).forEach(i -> statements.add(RandomConditions.change(random, i)));
        List<Row> rows = new ArrayList<>();
        try (var running = RunningCapture.start(settings)) {
            database.execute(statements.toArray(String[]::new));
            int changes = Integer.parseInt(database.query("select count(*) from audit"));
            running.await(events -> rows(events).size() == 2 * changes);
            rows.addAll(rows(running.events()).stream()
                    .filter(row -> row.relation().name().table().equals("t"))
                    .toList());
        }
        for (int i = 0; i < 60; i++) {
            String condition = RandomConditions.condition(random, 3);
            List<Decision> decisions = decide(condition, rows);
            String met = IntStream.range(0, rows.size())
                    .filter(n -> decisions.get(n) == Decision.MET)
                    .mapToObj(n -> String.valueOf(n + 1))
                    .collect(Collectors.joining(","));
            assertThat(met).as(condition).isEqualTo(database.query(RandomConditions.expected(condition)));
            List<String> expressions =
                    List.of(RandomConditions.expression(random), RandomConditions.expression(random));
            assertValues(condition, expressions, rows);
        }
    }

    private void assertValues(String condition, List<String> expressions, List<Row> rows) throws CaptureException {
        List<Answer> answers = conditions.ask(question(condition, expressions), rows, RowFailures.NONE_IS_TAKEN);
        for (int i = 0; i < expressions.size(); i++) {
            int at = i;
            String values = IntStream.range(0, rows.size())
                    .filter(n -> answers.get(n).decision() == Decision.MET)
                    .mapToObj(n -> (n + 1) + ":"
                            + Objects.requireNonNullElse(
                                    answers.get(n).results().get(at), "NULL"))
                    .collect(Collectors.joining(","));
            assertThat(values)
                    .as(expressions.get(i) + " where " + condition)
                    .isEqualTo(database.query(RandomConditions.expected(condition, expressions.get(i))));
        }
    }

    private static Question question(String condition, List<String> expressions) {
        return new Question(
                new SqlCondition("sequence x", condition),
                expressions.stream()
                        .map(sql -> new SqlFragment("The expression of x", sql))
                        .toList());
    }

    @Test
    void anExpressionHasOneValueForEachRowOrIsRefusedWithItsPlace() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        List<Row> rows = rowsOf(2, "insert into t values (1, 'x'), (2, null)");
        Relation relation = rows.get(0).relation();
        assertThat(conditions.ask(question("id > 0 -- all", List.of("v || id -- text", "id")), rows, (row, e) -> {}))
                .extracting(Answer::results)
                .containsExactly(List.of("x1", "1"), Arrays.asList(null, "2"));
        Map<String, String> wrong = Map.of(
                "idd", "The expression of x is none, at character 1: column \"idd\" does not exist.",
                "id + ", "syntax error",
                "max(id)", "aggregate functions are not allowed in WHERE",
                "generate_series(1, 3)", "set-returning functions are not allowed in WHERE",
                "row_number() over ()", "window functions are not allowed in WHERE",
                "id), (id", "closes a parenthesis that it has not opened, at character 3",
                "1); delete from t; select (1", "more than one statement");
        wrong.forEach((sql, message) -> assertThatThrownBy(
                        () -> conditions.check(question("true", List.of("id", sql)), relation, Set.of()))
                .as(sql)
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining(message));
        assertThatThrownBy(
                        () -> conditions.check(question("", List.of("v")), relation, Set.of(CaptureEvent.Kind.DELETE)))
                .hasMessageContaining(
                        "The expression of x reads v, which the WAL does not carry for deletes of public.t");
        conditions.check(question("", List.of("id")), relation, Set.of(CaptureEvent.Kind.DELETE));
    }

    @Test
    void whatTheWalDoesNotCarryFailsForAnExpressionWhereItIsAskedFor() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        List<Row> rows = rowsOf(4, "insert into t values (1, 'x'), (2, 'x')", "delete from t");
        var failed = new ArrayList<String>();
        List<Answer> answers = conditions.ask(
                question("id > 1", List.of("v")), rows, (row, e) -> failed.add(String.valueOf(e.getMessage())));
        assertThat(answers.get(1).results()).containsExactly("x");
        assertThat(failed)
                .singleElement()
                .asString()
                .contains("The expression of x reads v")
                .contains("the delete of the row with id=2");
    }

    private void assertWrong(String condition, Relation relation, String message) {
        assertThatThrownBy(() -> check(condition, relation, UPDATES))
                .as(condition)
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining(message);
    }

    private void check(String condition, Relation relation, Set<CaptureEvent.Kind> kinds) throws CaptureException {
        conditions.check(Question.of(new SqlCondition("sequence x", condition)), relation, kinds);
    }

    private List<Decision> decide(String condition, List<Row> rows) throws CaptureException {
        return conditions.decide(new SqlCondition("sequence x", condition), rows);
    }

    private List<Row> rowsOf(int count, String... statements) throws Exception {
        return rowsOf(settings, count, statements);
    }

    private List<Row> rowsOf(CaptureSettings of, int count, String... statements) throws Exception {
        try (var running = RunningCapture.start(of)) {
            database.execute(statements);
            running.await(events -> rows(events).size() >= count);
            return rows(running.events());
        }
    }

    private static List<Row> rows(List<CaptureEvent> events) {
        return events.stream()
                .filter(Row.class::isInstance)
                .map(Row.class::cast)
                .toList();
    }
}
