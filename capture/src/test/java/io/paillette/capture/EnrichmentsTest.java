package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlFragment;
import io.paillette.capture.filter.AskedSource;
import io.paillette.capture.filter.Conditions;
import io.paillette.capture.filter.Decision;
import io.paillette.capture.filter.Enriched;
import io.paillette.capture.filter.Enrichment;
import io.paillette.capture.filter.Enrichment.Form;
import io.paillette.capture.filter.Enrichments;
import io.paillette.capture.filter.Question;
import io.paillette.capture.filter.RowFailures;
import io.paillette.capture.filter.RowKey;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Queries for what belongs to rows that came through the WAL, asked of the server that they are of. */
final class EnrichmentsTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database);
    private final AskedSource source = new AskedSource(settings);
    private final Enrichments enrichments = new Enrichments(source);

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void whatIsFoundForARowIsAJsonObjectAndNullWhereNothingIs() throws Exception {
        database.execute(
                "create table customers (id int primary key, name text, tier numeric)",
                "insert into customers values (7, 'Ann \"A\" ${results} ?', 1.50)",
                "create table t (id int primary key, customer_id int)");
        List<Row> rows = rowsOf(2, "insert into t values (1, 7), (2, 8)");
        String query = "select o.id, c.name, c.tier, jsonb '{\"a\": 1}' ? 'a' as \"?\" from t o"
                + " join customers c on c.id = o.customer_id where o.id = any($1) -- by its key";
        assertThat(json(query, rows))
                .containsExactly("{\"name\":\"Ann \\\"A\\\" ${results} ?\",\"tier\":1.50,\"?\":true}", null);
        Enriched texts = enrichments.find(enrichment(query, Form.TEXTS), rows, RowFailures.NONE_IS_TAKEN);
        assertThat(texts.columns()).containsExactly("name", "tier", "?");
        assertThat(texts.texts(key("1"))).containsExactly("Ann \"A\" ${results} ?", "1.50", "true");
        assertThat(texts.texts(key("2"))).containsExactly(null, null, null);
    }

    @Test
    void aCompositeKeyIsAnArrayForEachColumnInItsOrder() throws Exception {
        database.execute(
                "create type kind as enum ('a', 'b')",
                "create table t (v int, name varchar(20), k kind, primary key (k, name))");
        List<Row> rows = rowsOf(3, "insert into t values (1, 'x', 'a'), (2, 'x', 'b'), (3, '{\"\\, NULL', 'a')");
        assertThat(json(
                        "select k, name, v, $1[1] is null as n from t where (name, k) in (select * from unnest($1, $2))",
                        rows))
                .containsExactly("{\"v\":1,\"n\":false}", "{\"v\":2,\"n\":false}", "{\"v\":3,\"n\":false}");
    }

    @Test
    void whatIsWrongWithAQueryIsSaidWithItsPlace() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        List<Row> rows = rowsOf(1, "insert into t values (1, 'x')");
        Relation relation = rows.get(0).relation();
        assertWrong(
                "select id, w from t where id = any($1)",
                relation,
                "The query of x is none, at character 12: column \"w\" does not exist.");
        assertWrong("select id, v from t where id = any($1) where", relation, "at character 40: syntax error");
        assertWrong(
                "select id, v from t where id = any($2)",
                relation,
                "The query of x has a parameter $2, which is nothing: $1 is an array of id.");
        assertWrong("select id, v from t where id = any($0)", relation, "has a parameter $0");
        assertWrong("select id, v from t where v = '$1'", relation, "takes no keys");
        assertWrong("select v from t where id = any($1)", relation, "has no column \"id\", by which its rows");
        assertWrong("select id from t where id = any($1)", relation, "has no column but the key's");
        assertWrong("select id, v, v from t where id = any($1)", relation, "has two columns called \"v\"");
        assertWrong("select v as id, v as w from t where id = any($1)", relation, "operator does not exist");
        assertWrong("select id, v from t where id = any($1); drop table t", relation, "syntax error");
        assertWrong("select id, v from t where id = any($1)); drop table t; select (1", relation, "more than one");
        assertThatThrownBy(() -> json("select id, v from t where id = any($1)) union (select 2, 'y'", rows))
                .as("of a table that is created later nobody checks it")
                .hasMessageContaining("closes a parenthesis that it has not opened, at character 39");
        assertWrong(
                "with d as (delete from t where id = any($1) returning *) select * from d", relation, "data-modifying");
        enrichments.check(enrichment("select * from t where id = any ($1) -- all", Form.TEXTS), relation);
    }

    @Test
    void aKeyThatHasMoreThanOneRowFailsForItsRowsAndNoOther() throws Exception {
        database.execute("create table t (id int primary key)", "create table many (id int, v int)");
        List<Row> rows =
                rowsOf(3, "insert into many values (1, 1), (2, 1), (2, 2)", "insert into t values (1), (2), (3)");
        var failed = new ArrayList<String>();
        Enriched found = enrichments.find(
                enrichment("select id, v from many where id = any($1)", Form.JSON),
                ours(rows),
                (row, failure) -> failed.add(String.valueOf(failure.getMessage())));
        assertThat(failed)
                .singleElement()
                .asString()
                .contains("The query of x fails for the row of public.t with id=2 at LSN ")
                .contains("finds more than one row of that key");
        assertThat(found.json(key("1"))).isEqualTo("{\"v\":1}");
        assertThat(found.json(key("3"))).isNull();
    }

    @Test
    void aRowForWhichItFailsIsFoundOutAmongMany() throws Exception {
        database.execute("create table t (id int primary key, v int)");
        List<Row> rows = rowsOf(50, "insert into t select i, i - 20 from generate_series(1, 50) i");
        var failed = new ArrayList<String>();
        String query = "select id, 100 / v as part from t where id = any($1)";
        Enriched found = enrichments.find(
                enrichment(query, Form.JSON), rows, (row, failure) -> failed.add(String.valueOf(failure.getMessage())));
        assertThat(failed)
                .singleElement()
                .asString()
                .contains("with id=20 at LSN")
                .contains("division by zero");
        assertThat(found.found()).hasSize(49);
        assertThatThrownBy(() -> enrichments.find(enrichment(query, Form.JSON), rows, RowFailures.NONE_IS_TAKEN))
                .hasMessageContaining("division by zero");
    }

    @Test
    void aQueryThatNoLongerFitsIsTheFaultOfNoRow() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create table names (id int, name text)",
                "create function told(text) returns text language sql as 'select $1'");
        List<Row> rows = rowsOf(2, "insert into t values (1), (2)");
        Enrichment named = enrichment("select id, name from names where id = any($1)", Form.JSON);
        Enrichment called = enrichment("select id, told(name) as name from names where id = any($1)", Form.JSON);
        for (Enrichment each : List.of(named, called)) {
            enrichments.check(each, rows.get(0).relation());
        }
        database.execute("alter table names rename column name to called");
        assertStops(named, rows, "The query of x is none, at character 12: column \"name\" does not exist");
        database.execute("alter table names rename column called to name", "drop function told");
        assertStops(called, rows.subList(0, 1), "at character 12: function told(text) does not exist");
        enrichments.find(named, rows, RowFailures.NONE_IS_TAKEN);
        database.execute("drop table names");
        assertStops(named, rows.subList(0, 1), "at character 22: relation \"names\" does not exist");
    }

    @Test
    void aRightThatTheRoleHasNoMoreIsTheFaultOfNoRow() throws Exception {
        String role = "role_" + database.name();
        database.execute(
                "create table t (id int primary key)",
                "create role " + role + " login",
                "grant select on t to " + role);
        List<Row> rows = rowsOf(2, "insert into t values (1), (2)");
        Enrichment enrichment = enrichment("select id, 'x' as v from t where id = any($1)", Form.JSON);
        var condition = new SqlCondition("x", "id in (select id from t)");
        try (var theirs =
                new AskedSource(settings(database.url().replaceFirst("user=[^&]*", "user=" + role), Map.of()))) {
            var asked = new Enrichments(theirs);
            var conditions = new Conditions(theirs);
            assertThat(asked.find(enrichment, rows, RowFailures.NONE_IS_TAKEN).found())
                    .hasSize(2);
            assertThat(conditions.decide(condition, rows)).containsOnly(Decision.MET);
            database.execute("revoke select on t from " + role);
            var failed = new ArrayList<CaptureException>();
            String denied = "could not be asked: ERROR: permission denied for table t. Grant the role";
            assertThatThrownBy(() -> asked.find(enrichment, rows, (row, failure) -> failed.add(failure)))
                    .hasMessageContaining(denied);
            assertThatThrownBy(
                            () -> conditions.ask(Question.of(condition), rows, (row, failure) -> failed.add(failure)))
                    .hasMessageContaining(denied);
            assertThat(failed).isEmpty();
        } finally {
            database.execute("drop role " + role);
        }
    }

    @Test
    void moreRowsThanKeysAreNotRead() throws Exception {
        database.execute("create table t (id int primary key)");
        List<Row> rows = rowsOf(3, "insert into t values (1), (2), (3)");
        var failed = new ArrayList<String>();
        String query = "select t.id, repeat('x', 100000) as v from t left join generate_series(1, 40000) i on t.id = 2"
                + " where t.id = any($1)"; // 4 GB for one key
        Enriched found = enrichments.find(
                enrichment(query, Form.JSON), rows, (row, failure) -> failed.add(String.valueOf(failure.getMessage())));
        assertThat(failed)
                .singleElement()
                .asString()
                .contains("with id=2 at LSN")
                .contains("finds more than one row of that key");
        assertThat(found.found()).hasSize(2);
    }

    @Test
    void moreKeysAreAskedForAtOnceWhileAnswersAreSmallAndFewerAfterALargeOne() throws Exception {
        database.execute("create table t (id int primary key)");
        List<Row> rows = rowsOf(350, "insert into t select generate_series(1, 350)");
        Enrichment small = enrichment("select id, cardinality($1) as keys from t where id = any($1)", Form.TEXTS);
        assertThat(keysAskedWith(small, rows)).containsExactly("100", "200", "50");
        assertThat(keysAskedWith(small, rows)).as("it goes on so").containsExactly("350");
        Enrichment large = enrichment(
                "select id, cardinality($1) as keys, case when id <= 40 then repeat('x', 1000000) end as v from t"
                        + " where id = any($1)",
                Form.TEXTS);
        assertThat(keysAskedWith(large, rows.subList(0, 40))).containsExactly("40");
        assertThat(keysAskedWith(large, rows.subList(0, 40))).containsExactly("16", "8");
        assertThat(keysAskedWith(large, rows.subList(40, 100))).containsExactly("16", "32", "12");
    }

    private List<String> keysAskedWith(Enrichment enrichment, List<Row> rows) throws CaptureException {
        Enriched found = enrichments.find(enrichment, rows, RowFailures.NONE_IS_TAKEN);
        assertThat(found.found()).hasSize(rows.size());
        return rows.stream()
                .map(row -> String.valueOf(
                        found.texts(RowKey.of(row.relation(), row.after())).get(0)))
                .distinct()
                .toList();
    }

    @Test
    void anErrorShowsNoValueOfATableThatHasMaskedOnes() throws Exception {
        database.execute("create table t (id int primary key, ssn text)");
        var masked = settings(database.url(), Map.of("column.mask.with.4.chars", "public.t.ssn"));
        List<Row> rows = rowsOf(masked, 2, "insert into t values (1, '123-45'), (2, '17')");
        var failures = new ArrayList<CaptureException>();
        enrichments.find(
                enrichment("select id, ssn::int as n from t where id = any($1)", Form.JSON),
                rows,
                (row, failure) -> failures.add(failure));
        assertThat(failures).singleElement().satisfies(failure -> assertThat(failure)
                .hasNoCause()
                .hasMessageContaining("with id=1 at LSN")
                .hasMessageContaining("SQLSTATE 22P02")
                .hasMessageNotContaining("123-45"));
        assertThatThrownBy(() -> json(
                        "select t.id, n from t, (select sum(ssn::int) as n from t offset 0) s where id = any($1)",
                        rows))
                .hasNoCause()
                .hasMessageContaining("SQLSTATE 22P02")
                .hasMessageNotContaining("123-45");
    }

    @Test
    void keysThatAreEqualAreNotTakenForMoreThanOneRow() throws Exception {
        database.execute("create table t (id numeric primary key)");
        List<Row> rows = rowsOf(3, "insert into t values (1.0)", "delete from t", "insert into t values (1.00)");
        assertThat(json("select k as id, 'found' as v from unnest($1) k", List.of(rows.get(0), rows.get(2))))
                .containsExactly("{\"v\":\"found\"}", "{\"v\":\"found\"}");
    }

    @Test
    void oneThatTakesTooLongWithoutAnyKeyIsWrong() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create function slow() returns int immutable language plpgsql as"
                        + " $$ begin perform pg_sleep(15); return 1; end $$");
        Relation relation = rowsOf(1, "insert into t values (1)").get(0).relation();
        var cancelling = new Thread(() -> Awaitility.await().until(() -> database.query(
                        "select count(pg_cancel_backend(pid)) from pg_stat_activity where query like"
                                + " '%the ordinal%' and state = 'active' and pid <> pg_backend_pid()")
                .equals("1")));
        cancelling.start();
        assertWrong(
                "select id, slow() as v from t where id = any($1)",
                relation,
                "The query of x is given up by Postgres with no keys at all");
        cancelling.join();
    }

    /** Cancelled as by statement_timeout, wherever it sleeps. */
    @Test
    void oneThatTakesTooLongForOneKeyOrRowIsNotAskedForEachOther() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create function slow(int) returns int volatile language plpgsql as"
                        + " $$ begin perform pg_sleep(15); return $1; end $$");
        List<Row> rows = rowsOf(4, "insert into t select generate_series(1, 4)");
        var failed = new ArrayList<CaptureException>();
        var cancelled = new AtomicInteger();
        var ended = new AtomicBoolean();
        var cancelling = new Thread(
                () -> Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> {
                    cancelled.addAndGet(Integer.parseInt(database.query(
                            "select count(pg_cancel_backend(pid)) from pg_stat_activity where wait_event = 'PgSleep'"
                                    + " and datname = current_database()")));
                    return ended.get();
                }));
        cancelling.start();
        String advice = " alone: it takes more than 20 s, or what it reads is locked for so long";
        assertThatThrownBy(() -> enrichments.find(
                        enrichment("select k as id, slow(k) as v from unnest($1) k", Form.JSON),
                        rows,
                        (row, failure) -> failed.add(failure)))
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining(
                        "The query of x is given up by Postgres for the row of public.t with id=1" + advice);
        var question = Question.of(new SqlCondition("x", "slow(id) = 2"));
        assertThatThrownBy(() -> new Conditions(source).ask(question, rows, (row, failure) -> failed.add(failure)))
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining(
                        "The condition of x is given up by Postgres for the row of public.t with id=1" + advice);
        ended.set(true);
        cancelling.join();
        assertThat(failed).isEmpty();
        assertThat(cancelled).as("of four, of two and of one").hasValue(6);
    }

    private CaptureSettings settings(String url, Map<String, String> more) {
        return CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL,
                        url,
                        CaptureOption.TABLES,
                        "public.*",
                        CaptureOption.SLOT_NAME,
                        "slot_" + database.name(),
                        CaptureOption.SNAPSHOT_MODE,
                        "no_data"),
                more);
    }

    private void assertStops(Enrichment enrichment, List<Row> rows, String message) {
        var failed = new ArrayList<CaptureException>();
        assertThatThrownBy(() -> enrichments.find(enrichment, rows, (row, failure) -> failed.add(failure)))
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining(message);
        assertThat(failed).isEmpty();
    }

    @Test
    void aChangedKeyIsAskedForAsItWasAndAsItIs() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create table names (id int, name text)",
                "insert into names values (1, 'one'), (2, 'two')");
        List<Row> rows = rowsOf(2, "insert into t values (1)", "update t set id = 2");
        Enriched found = enrichments.find(
                enrichment("select id, name from names where id = any($1)", Form.TEXTS),
                rows.subList(1, 2),
                RowFailures.NONE_IS_TAKEN);
        assertThat(found.texts(key("1"))).containsExactly("one");
        assertThat(found.texts(key("2"))).containsExactly("two");
        assertThat(found.texts(Optional.empty())).containsExactly((String) null);
    }

    @Test
    void itChangesNothingNeitherRowsNorItsSession() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create table seen (id int)",
                "create function see(int) returns int language sql as 'insert into seen values ($1) returning 1'");
        List<Row> rows = rowsOf(1, "insert into t values (1)");
        assertThatThrownBy(() -> json("select id, see(id) from t where id = any($1)", rows))
                .hasMessageContaining("read-only transaction");
        assertThatThrownBy(() -> json(
                        "select id, set_config('transaction_read_only', 'off', true) from t where id = any($1)", rows))
                .hasMessageContaining("transaction read-write mode must be set before any query");
        assertThat(json(
                        "select id, set_config('default_transaction_read_only', 'off', false) as s,"
                                + " set_config('statement_timeout', '0', false) as t from t where id = any($1)",
                        rows))
                .containsExactly("{\"s\":\"off\",\"t\":\"0\"}");
        assertThatThrownBy(() -> json("select id, see(id) as again from t where id = any($1)", rows))
                .hasMessageContaining("read-only transaction");
        assertThat(json(
                        "select id, current_setting('default_transaction_read_only') as s,"
                                + " current_setting('statement_timeout') as t from t where id = any($1)",
                        rows))
                .containsExactly("{\"s\":\"on\",\"t\":\"20s\"}");
        assertThat(database.query("select count(*) from seen")).isEqualTo("0");
    }

    @Test
    void whatIsFoundForRandomRowsIsWhatPostgresSelectsForEach() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        database.execute(
                "create table t (a numeric, b timestamptz, c text, primary key (a, b, c))",
                "create table joined (a numeric, b timestamptz, c text, j jsonb, n numeric, ts timestamp, arr text[])");
        var statements = new ArrayList<String>();
        List<String> texts =
                List.of("''", "'a,b'", "E'{\\\\\"'", "'NULL'", "'null'", "' '", "'ä€😀'", "E'\\n'", "'$1 ? ${keys}'");
        for (int i = 0; i < 300; i++) {
            statements.add("insert into t values (%s, timestamptz '2024-03-31 01:00+02' + %d * interval '1.5 hour', %s)"
                            .formatted(
                                    random.nextInt(10) == 0
                                            ? "'NaN'"
                                            : random.nextInt(40) + "." + random.nextInt(3) + "0",
                                    random.nextInt(9),
                                    texts.get(random.nextInt(texts.size())))
                    + " on conflict do nothing");
        }
        statements.add(
                "insert into joined select a, b, c, jsonb_build_object('k', c), a / 3, b::timestamp, array[c, null]"
                        + " from t where hashtext(t::text) % 2 = 0");
        List<Row> rows = ours(rowsUntil("joined", statements.toArray(String[]::new)));
        List<@Nullable String> found = json(
                "select o.* from joined o, unnest($1, $2, $3) k (a, b, c) where (o.a, o.b, o.c) = (k.a, k.b, k.c)",
                rows);
        String expected = database.query("select string_agg(coalesce((select row_to_json(r)::text from"
                + " (select o.j, o.n, o.ts, o.arr from joined o where (o.a, o.b, o.c) = (t.a, t.b, t.c)) r), 'null'),"
                + " chr(10) order by t.a, t.b, t.c) from t");
        assertThat(found).contains((String) null);
        assertThat(found.stream().map(String::valueOf).sorted().toList())
                .isEqualTo(expected.lines().sorted().toList());
    }

    private void assertWrong(String query, Relation relation, String message) {
        assertThatThrownBy(() -> enrichments.check(enrichment(query, Form.JSON), relation))
                .as(query)
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining(message);
    }

    private List<@Nullable String> json(String query, List<Row> rows) throws CaptureException {
        Enriched found = enrichments.find(enrichment(query, Form.JSON), rows, RowFailures.NONE_IS_TAKEN);
        return rows.stream()
                .map(row -> found.json(RowKey.of(row.relation(), row.after())))
                .toList();
    }

    private static Enrichment enrichment(String query, Form form) {
        return new Enrichment(new SqlFragment("The query of x", query), form);
    }

    private static Optional<RowKey> key(String... texts) {
        return Optional.of(new RowKey(List.of(texts)));
    }

    private static List<Row> ours(List<Row> rows) {
        return rows.stream()
                .filter(row -> row.relation().name().table().equals("t"))
                .toList();
    }

    private List<Row> rowsUntil(String table, String... statements) throws Exception {
        try (var running = RunningCapture.start(settings)) {
            database.execute(statements);
            database.execute(
                    "create table " + table + "_end (id int primary key)", "insert into " + table + "_end values (1)");
            running.await(events -> rows(events).stream()
                    .anyMatch(row -> row.relation().name().table().equals(table + "_end")));
            return rows(running.events());
        }
    }

    private List<Row> rowsOf(int count, String... statements) throws Exception {
        return rowsOf(settings, count, statements);
    }

    private List<Row> rowsOf(CaptureSettings settings, int count, String... statements) throws Exception {
        try (var running = RunningCapture.start(settings)) {
            database.execute(statements);
            running.await(events -> ours(rows(events)).size() >= count);
            return ours(rows(running.events()));
        }
    }

    private static List<Row> rows(List<CaptureEvent> events) {
        return events.stream()
                .filter(Row.class::isInstance)
                .map(Row.class::cast)
                .toList();
    }
}
