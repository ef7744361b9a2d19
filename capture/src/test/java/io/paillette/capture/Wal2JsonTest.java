package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.Wal2Json;
import io.paillette.capture.type.ValueHandling;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a real database has in the envelope {@code wal2json}. */
final class Wal2JsonTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database = PostgresServer.shared().newDatabase();
    private final Wal2Json wal2json = new Wal2Json(ValueHandling.PLAIN);

    @Test
    void wal2jsonHasItsFieldsInItsOrderWithTypesAsSqlSpellsThem() throws Exception {
        database.execute(
                "create type \"Mood\" as enum ('ok')",
                "create domain price as numeric(8,2)",
                "create table t (id int primary key, n numeric(5,3), v varchar(30), b bool, by bytea, f float8,"
                        + " ts timestamp(3), d price, m \"Mood\", ai int[], j json, c \"char\")");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute("insert into t values (1, 2.5, 'x \"y\"', true, '\\x00ff', 'NaN', '2024-02-29 12:00',"
                    + " 1.5, 'ok', '{1,NULL}', '{\"a\" : 1}', 'z')");
            running.await(events -> events.stream().anyMatch(CaptureEvent.Commit.class::isInstance));
            var row = (CaptureEvent.Row) running.events().get(0);
            byte[] written = wal2json.value(ChangeRecords.of(row).get(0));
            JsonNode value = JSON.readTree(written);
            assertThat(Told.fields(value))
                    .containsExactly("action", "xid", "timestamp", "lsn", "schema", "table", "columns");
            assertThat(value.get("action").asText()).isEqualTo("I");
            assertThat(value.get("xid").asLong()).isEqualTo(row.transaction().xid());
            assertThat(value.get("lsn").asText()).isEqualTo(row.lsn().toString());
            assertThat(value.get("timestamp").asText())
                    .isEqualTo(database.query(
                                    "select timestamptz '" + row.transaction().committed() + "' at time zone 'UTC'")
                            + "+00");
            assertThat(new String(written, UTF_8))
                    .endsWith(",\"columns\":[" + column("id", "integer", "1")
                            + "," + column("n", "numeric(5,3)", "2.500")
                            + "," + column("v", "character varying(30)", "\"x \\\"y\\\"\"")
                            + "," + column("b", "boolean", "true")
                            + "," + column("by", "bytea", "\"00ff\"")
                            + "," + column("f", "double precision", "\"NaN\"")
                            + "," + column("ts", "timestamp(3) without time zone", "\"2024-02-29 12:00:00\"")
                            + "," + column("d", "public.price", "\"1.50\"")
                            + "," + column("m", "public.\\\"Mood\\\"", "\"ok\"")
                            + "," + column("ai", "integer[]", "\"{1,NULL}\"")
                            + "," + column("j", "json", "\"{\\\"a\\\" : 1}\"")
                            + "," + column("c", "char", "\"z\"") + "]}");
            var commit = (CaptureEvent.Commit) running.events().get(1);
            JsonNode end = JSON.readTree(wal2json.commit(commit));
            assertThat(Told.fields(end)).containsExactly("action", "xid", "timestamp", "lsn", "nextlsn");
            assertThat(end.get("nextlsn").asText())
                    .isEqualTo(commit.position().end().toString());
            JsonNode begin = JSON.readTree(wal2json.begin(new CaptureEvent.Begin(row.transaction(), row.position())));
            assertThat(Told.fields(begin)).containsExactly("action", "xid", "timestamp", "lsn");
            assertThat(begin.get("action").asText()).isEqualTo("B");
        }
    }

    @Test
    void aRowThatIsReadIsAnInsertOfNoTransaction() throws Exception {
        database.execute("create table t (id int primary key)", "insert into t values (1)");
        try (var running = RunningCapture.start(RunningCapture.settings(database, SnapshotMode.INITIAL, true))) {
            running.awaitChanges(1);
            JsonNode read = JSON.readTree(
                    wal2json.value(Told.told(wal2json, running.events()).get(0)));
            assertThat(read.get("action").asText()).isEqualTo("I");
            assertThat(read.get("xid").isNull()).isTrue();
            assertThat(read.get("timestamp").asText()).startsWith("20").endsWith("+00");
            assertThat(read.get("lsn").asText()).matches("[0-9A-F]+/[0-9A-F]+");
        }
    }

    @Test
    void wal2jsonTellsTheIdentityOfWhatIsChangedOrGone() throws Exception {
        database.execute(
                "create table t (id int primary key, v text)",
                "create table f (id int primary key, v text)",
                "alter table f replica identity full");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute(
                    "insert into t values (1, 'a')",
                    "update t set v = 'b'",
                    "update t set id = 2",
                    "delete from t",
                    "insert into f values (1, null)",
                    "update f set v = 'b'",
                    "delete from f");
            running.awaitChanges(7);
            List<String> identities = new ArrayList<>();
            for (ChangeRecord record : Told.told(wal2json, running.events())) {
                JsonNode value = JSON.readTree(wal2json.value(record));
                var identity = new StringBuilder(value.get("action").asText());
                if (value.has("identity")) {
                    value.get("identity").forEach(column -> identity.append(' ')
                            .append(column.get("name").asText())
                            .append('=')
                            .append(column.get("value")));
                }
                identities.add(identity.toString());
            }
            assertThat(identities)
                    .containsExactly("I", "U id=1", "D id=1", "I", "D id=2", "I", "U id=1 v=null", "D id=1 v=\"b\"");
        }
    }

    @Test
    void messagesOfWal2jsonAreTextInAndOutsideOfTransactions() throws Exception {
        assumeTrue(database.major() >= 14, "Postgres sends logical messages from 14 on");
        database.execute("create table t (id int primary key)");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute(
                    "select pg_logical_emit_message(true, 'app', 'a\\\"é')",
                    "select pg_logical_emit_message(false, 'app', 'b')",
                    "insert into t values (1)");
            running.awaitChanges(3);
            List<JsonNode> messages = new ArrayList<>();
            for (CaptureEvent event : running.events()) {
                if (event instanceof CaptureEvent.LogicalMessage message) {
                    messages.add(JSON.readTree(wal2json.message(message)));
                }
            }
            assertThat(Told.fields(messages.get(0)))
                    .containsExactly("action", "xid", "timestamp", "lsn", "transactional", "prefix", "content");
            assertThat(messages)
                    .extracting(node -> node.get("transactional").asBoolean())
                    .containsExactly(true, false);
            assertThat(messages)
                    .extracting(node -> node.get("content").asText())
                    .containsExactly("a\\\"é", "b");
            assertThat(messages).extracting(node -> node.get("xid").isNull()).containsExactly(false, true);
            assertThat(messages)
                    .extracting(node -> node.get("timestamp").isNull())
                    .containsExactly(false, true);
        }
    }

    private static String column(String name, String type, String value) {
        return "{\"name\":\"" + name + "\",\"type\":\"" + type + "\",\"value\":" + value + "}";
    }
}
