package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.envelope.ChangeJson;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.DebeziumJson;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.envelope.RowJson;
import io.paillette.capture.envelope.ValueJson;
import io.paillette.capture.envelope.Wal2Json;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a real database's changes are in each envelope. */
final class EnvelopesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String P = "__debezium_unavailable_value";

    private final Database database = PostgresServer.shared().newDatabase();
    private final ValueJson rows = new RowJson(ValueHandling.PLAIN);
    private final ValueJson changes = changes(ValueHandling.PLAIN);
    private final Wal2Json wal2json = new Wal2Json(ValueHandling.PLAIN);

    @Test
    void ofRowsOnlyTheNewestIsToldAndATombstoneOfWhatIsGone() throws Exception {
        database.execute("create table t (id int primary key, name text)", "insert into t values (1, 'was there')");
        try (var running = RunningCapture.start(settings(Map.of(CaptureOption.SNAPSHOT_MODE, "initial")))) {
            running.awaitChanges(1);
            database.execute(
                    "insert into t values (2, 'b')",
                    "update t set name = 'c' where id = 2",
                    "update t set id = 3 where id = 2",
                    "delete from t where id = 3");
            running.awaitChanges(5);
            assertThat(Told.records(rows, running.events()))
                    .containsExactly(
                            "{\"id\":1} {\"id\":1,\"name\":\"was there\"}",
                            "{\"id\":2} {\"id\":2,\"name\":\"b\"}",
                            "{\"id\":2} {\"id\":2,\"name\":\"c\"}",
                            "{\"id\":2} null __debezium.newkey={\"id\":3}",
                            "{\"id\":3} {\"id\":3,\"name\":\"c\"} __debezium.oldkey={\"id\":2}",
                            "{\"id\":3} null");
        }
    }

    @Test
    void whatIsLeftOfEachKeyOfTheRowsIsTheTable() throws Exception {
        database.execute("create table t (id int primary key, v int)");
        try (var running = RunningCapture.start(settings(Map.of()))) {
            database.execute(
                    "insert into t select i, i from generate_series(1, 50) i",
                    "update t set id = id + 25 where id > 25",
                    "delete from t where id % 3 = 0",
                    "update t set v = -v where id % 2 = 0",
                    "insert into t values (1000, 0)");
            running.awaitText("INSERT t[1000, 0]");
            var left = new TreeMap<Integer, String>();
            for (ChangeRecord record : Told.told(rows, running.events())) {
                int id = JSON.readTree(rows.key(record)).get("id").asInt();
                byte[] value = rows.value(record);
                left.remove(id);
                if (value != null) {
                    left.put(id, new String(value, UTF_8));
                }
            }
            assertThat("[" + String.join(",", left.values()) + "]")
                    .isEqualTo(database.query("select replace(json_agg(t order by id)::text, ', ', ',') from t")
                            .replaceAll("\\s", ""));
        }
    }

    @Test
    void aTruncateIsNotToldByRowsAndSaysWhatToDo() throws Exception {
        database.execute("create table t (id int primary key)");
        try (var running = RunningCapture.start(settings(Map.of()))) {
            database.execute("truncate t");
            running.awaitChanges(1);
            assertThatThrownBy(() -> Told.records(rows, running.events()))
                    .isInstanceOf(BadValueException.class)
                    .hasMessageContaining("table public.t was truncated")
                    .hasMessageContaining("skipped.operations=t");
            assertThat(Told.records(changes, running.events()).get(0))
                    .startsWith("null {\"record\":null,\"changes\":null,\"action\":\"truncate\",\"metadata\":{");
            JsonNode truncate = JSON.readTree(
                    wal2json.value(Told.told(wal2json, running.events()).get(0)));
            assertThat(truncate.get("action").asText()).isEqualTo("T");
            assertThat(Told.fields(truncate)).containsExactly("action", "xid", "timestamp", "lsn", "schema", "table");
        }
    }

    @Test
    void aTableWithoutAKeyIsRefusedByRowsAndToldByTheOthers() throws Exception {
        database.execute("create table t (v text)", "alter table t replica identity full");
        try (var running = RunningCapture.start(settings(Map.of()))) {
            database.execute("insert into t values ('a')", "update t set v = 'b'", "delete from t");
            running.awaitChanges(3);
            var row = (CaptureEvent.Row) running.events().get(0);
            assertThat(Envelope.ROW.refusal(row.relation()).orElseThrow())
                    .contains("table public.t has no key", "message.key.columns");
            assertThat(Envelope.CHANGE.refusal(row.relation())).isEmpty();
            assertThatThrownBy(() -> Told.records(rows, running.events())).hasMessageContaining("has no key");
            assertThat(Told.told(changes, running.events()))
                    .extracting(record -> action(changes, record))
                    .containsExactly("insert", "update", "delete");
            assertThat(Told.told(wal2json, running.events()))
                    .extracting(record -> action(wal2json, record))
                    .containsExactly("I", "U", "D");
        }
    }

    @Test
    void aChangeHasTheOldValuesOfWhatChangedWhereTheWalHasThem() throws Exception {
        database.execute(
                "create table t (id int primary key, a text, b int)",
                "create table f (id int primary key, a text, b int, j json)",
                "alter table f replica identity full");
        try (var running = RunningCapture.start(settings(Map.of()))) {
            database.execute(
                    "insert into t values (1, 'x', null)",
                    "update t set a = 'y'",
                    "delete from t",
                    "insert into f values (1, 'x', null, '{\"k\": [1, 2]}')",
                    "update f set a = null, b = 7",
                    "update f set a = a",
                    "update f set id = 2",
                    "delete from f");
            running.awaitChanges(8);
            assertThat(Told.records(changes, running.events()).stream()
                            .map(record -> record.substring(0, record.indexOf(",\"metadata\":"))))
                    .containsExactly(
                            "{\"id\":1} {\"record\":{\"id\":1,\"a\":\"x\",\"b\":null},\"changes\":null,\"action\":\"insert\"",
                            "{\"id\":1} {\"record\":{\"id\":1,\"a\":\"y\",\"b\":null},\"changes\":{},\"action\":\"update\"",
                            "{\"id\":1} {\"record\":{\"id\":1},\"changes\":null,\"action\":\"delete\"",
                            "{\"id\":1} {\"record\":{\"id\":1,\"a\":\"x\",\"b\":null,\"j\":{\"k\": [1, 2]}},\"changes\":null,\"action\":\"insert\"",
                            "{\"id\":1} {\"record\":{\"id\":1,\"a\":null,\"b\":7,\"j\":{\"k\": [1, 2]}},\"changes\":{\"a\":\"x\",\"b\":null},\"action\":\"update\"",
                            "{\"id\":1} {\"record\":{\"id\":1,\"a\":null,\"b\":7,\"j\":{\"k\": [1, 2]}},\"changes\":{},\"action\":\"update\"",
                            "{\"id\":1} {\"record\":{\"id\":1,\"a\":null,\"b\":7,\"j\":{\"k\": [1, 2]}},\"changes\":null,\"action\":\"delete\"",
                            "{\"id\":2} {\"record\":{\"id\":2,\"a\":null,\"b\":7,\"j\":{\"k\": [1, 2]}},\"changes\":null,\"action\":\"insert\"",
                            "{\"id\":2} {\"record\":{\"id\":2,\"a\":null,\"b\":7,\"j\":{\"k\": [1, 2]}},\"changes\":null,\"action\":\"delete\"");
        }
    }

    @Test
    void metadataSaysWhereAndWhenAndNoTwoRecordsHaveTheSameIdempotencyKey() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "create table u (id int, \"k:\" text, primary key (id, \"k:\"))",
                "insert into u values (1, '2:3'), (1, '2'), (12, '3')");
        try (var running = RunningCapture.start(settings(Map.of(CaptureOption.SNAPSHOT_MODE, "initial")))) {
            running.awaitChanges(3);
            database.execute("insert into t values (1), (2)", "update t set id = 3 where id = 1", "truncate t, u");
            running.awaitChanges(7);
            List<JsonNode> metadata = new ArrayList<>();
            for (ChangeRecord record : Told.told(changes, running.events())) {
                metadata.add(JSON.readTree(changes.value(record)).get("metadata"));
            }
            assertThat(metadata).hasSize(9);
            Set<String> keys = new HashSet<>();
            metadata.forEach(each -> keys.add(each.get("idempotency_key").asText()));
            assertThat(keys).hasSize(9);
            JsonNode second = metadata.get(4);
            var row = (CaptureEvent.Row) running.events().stream()
                    .filter(event -> event instanceof CaptureEvent.Row of && of.ordinal() == 2)
                    .findFirst()
                    .orElseThrow();
            assertThat(Told.fields(second))
                    .containsExactly(
                            "table_schema",
                            "table_name",
                            "commit_timestamp",
                            "commit_lsn",
                            "commit_idx",
                            "idempotency_key",
                            "transaction_annotations",
                            "database_name",
                            "consumer",
                            "database");
            assertThat(second.get("table_schema").asText()).isEqualTo("public");
            assertThat(second.get("table_name").asText()).isEqualTo("t");
            assertThat(second.get("commit_lsn").asLong())
                    .isEqualTo(row.transaction().commit().value());
            assertThat(second.get("commit_idx").asLong()).isEqualTo(2);
            assertThat(second.get("commit_timestamp").asText()).matches("20\\d\\d-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{6}Z");
            assertThat(java.time.Instant.parse(second.get("commit_timestamp").asText()))
                    .isEqualTo(row.transaction().committed());
            assertThat(second.get("consumer").toString()).isEqualTo("{\"name\":\"app.public.t\"}");
            assertThat(second.get("database").toString()).isEqualTo("{\"name\":\"app\",\"database\":\"shop\"}");
            assertThat(second.get("database_name").asText()).isEqualTo("app");
        }
    }

    @Test
    void aValueThatTheWalDoesNotCarryIsThePlaceholderInRowsWhateverItsTypeAndLeftOutInWal2json() throws Exception {
        database.execute(
                "create table t (id int primary key, v int, big text, j jsonb, n numeric, a int[])",
                "alter table t alter big set storage external, alter j set storage external, alter n set storage external,"
                        + " alter a set storage external",
                "insert into t select 1, 1, repeat('x', 9999), to_jsonb(repeat('x', 9999)), repeat('7', 20000)::numeric,"
                        + " array(select generate_series(1, 9999))");
        try (var running = RunningCapture.start(settings(Map.of()))) {
            database.execute("update t set v = 2");
            running.awaitChanges(1);
            ChangeRecord update = Told.told(rows, running.events()).get(0);
            String placeholder = "\"" + P + "\"";
            assertThat(new String(rows.value(update), UTF_8))
                    .isEqualTo("{\"id\":1,\"v\":2,\"big\":" + placeholder + ",\"j\":" + placeholder + ",\"n\":"
                            + placeholder + ",\"a\":" + placeholder + "}");
            JsonNode change = JSON.readTree(changes.value(update));
            assertThat(change.at("/record/n").asText()).isEqualTo(P);
            JsonNode written = JSON.readTree(wal2json.value(update));
            assertThat(written.get("columns"))
                    .extracting(column -> column.get("name").asText())
                    .containsExactly("id", "v");
        }
    }

    @Test
    void whatIsNotToldOrMaskedIsSoInEveryEnvelope() throws Exception {
        database.execute(
                "create table t (id int primary key, secret text, pin int, name text)",
                "alter table t replica identity full");
        var options = new EnumMap<CaptureOption, String>(CaptureOption.class);
        options.put(CaptureOption.COLUMN_EXCLUDE_LIST, ".*secret");
        CaptureSettings settings =
                settings(options, Map.of("column.mask.with.3.chars", ".*pin", "column.truncate.to.2.chars", ".*name"));
        try (var running = RunningCapture.start(settings)) {
            database.execute(
                    "insert into t values (1, 'hidden1', 2147483646, 'Annabel')",
                    "update t set secret = 'hidden2', pin = 2147483645, name = 'Annette'",
                    "update t set secret = 'hidden3', pin = null, name = 'Bob'",
                    "update t set id = 2",
                    "delete from t");
            running.awaitChanges(5);
            for (ValueJson json : List.of(
                    rows,
                    changes,
                    wal2json,
                    new DebeziumJson("1", "app", "shop", ValueHandling.DEFAULT, InstantSource.system()))) {
                // the numbers are too long to stand in a time or a place by chance
                assertThat(String.join("\n", Told.records(json, running.events())))
                        .doesNotContain("hidden", "secret", "2147483646", "2147483645", "Annabel", "Annette", "Bob")
                        .contains("***", "An", "Bo");
            }
            List<ChangeRecord> told = Told.told(changes, running.events());
            assertThat(JSON.readTree(changes.value(told.get(1))).get("changes").toString())
                    .isEqualTo("{}");
            assertThat(JSON.readTree(changes.value(told.get(2))).get("changes").toString())
                    .isEqualTo("{\"name\":\"An\"}");
        }
    }

    @Test
    void plainValuesAreWhatJsonCallsThemUnlessAnotherFormIsChosen() throws Exception {
        database.execute(
                "create extension hstore",
                "create table t (id int primary key, n numeric, p numeric(9,2), d date, ti time,"
                        + " ts timestamp, tz timestamptz, j json, h hstore, by bytea, iv interval, b1 bit(1), b4 bit(4), pt point,"
                        + " an numeric[], aj jsonb[], ad date[], f float4)");
        try (var running = RunningCapture.start(settings(Map.of()))) {
            database.execute("insert into t values (1, 12345678901234567890.10, 'NaN', '2024-02-29', '01:02:03.5',"
                    + " '2024-02-29 12:34:56.7', '2024-02-29 12:34:56.7+02', '[1, {\"a\":null}]', 'a=>NULL', '\\x01ff',"
                    + " '1 day 2 hours', B'1', B'0101', point(1,-2.5), '{1.0,NULL}', array['{\"b\": 2}'::jsonb],"
                    + " '{infinity,0044-03-15 BC}', 1)");
            running.awaitChanges(1);
            ChangeRecord insert = Told.told(rows, running.events()).get(0);
            assertThat(new String(rows.value(insert), UTF_8))
                    .isEqualTo(
                            "{\"id\":1,\"n\":12345678901234567890.10,\"p\":\"NaN\",\"d\":\"2024-02-29\",\"ti\":\"01:02:03.5\","
                                    + "\"ts\":\"2024-02-29T12:34:56.7\",\"tz\":\"2024-02-29T10:34:56.700000Z\",\"j\":[1, {\"a\":null}],"
                                    + "\"h\":{\"a\":null},\"by\":\"Af8=\",\"iv\":\"P0Y0M1DT2H0M0S\",\"b1\":\"1\",\"b4\":\"0101\","
                                    + "\"pt\":{\"x\":1.0,\"y\":-2.5},\"an\":[1.0,null],\"aj\":[{\"b\": 2}],"
                                    + "\"ad\":[\"infinity\",\"-0043-03-15\"],\"f\":1.0}");
            JsonNode chosen = JSON.readTree(new RowJson(ValueHandling.DEFAULT
                            .with(DecimalHandling.STRING)
                            .with(TimePrecision.MICROSECONDS)
                            .plain())
                    .value(insert));
            assertThat(chosen.get("n").asText()).isEqualTo("12345678901234567890.10");
            assertThat(chosen.get("n").isTextual()).isTrue();
            assertThat(chosen.get("ts").asLong()).isEqualTo(1709210096700000L);
            assertThat(chosen.get("d").asLong()).isEqualTo(19782);
            assertThat(chosen.get("iv").asText()).isEqualTo("P0Y0M1DT2H0M0S");
            assertThat(ValueHandling.DEFAULT.plain()).isEqualTo(ValueHandling.PLAIN);
        }
    }

    private static String action(ValueJson json, ChangeRecord record) {
        try {
            return JSON.readTree(json.value(record)).get("action").asText();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ValueJson changes(ValueHandling handling) {
        return new ChangeJson("app", "shop", table -> "app." + table, handling);
    }

    private CaptureSettings settings(Map<CaptureOption, String> options) {
        return settings(options, Map.of());
    }

    private CaptureSettings settings(Map<CaptureOption, String> options, Map<String, String> masks) {
        var all = new EnumMap<CaptureOption, String>(CaptureOption.class);
        all.put(CaptureOption.SNAPSHOT_MODE, "no_data");
        all.putAll(options);
        all.put(CaptureOption.URL, database.url());
        return CaptureSettings.of(database.name(), all, masks);
    }
}
