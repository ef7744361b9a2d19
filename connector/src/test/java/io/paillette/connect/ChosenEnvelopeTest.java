package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.envelope.ChangeJson;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ValueHandling;
import io.paillette.struct.Change;
import io.paillette.struct.ChangeEnvelope;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.NameAdjustment;
import io.paillette.struct.RowEnvelope;
import io.paillette.struct.ValueEnvelope;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.connect.data.ConnectSchema;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rows of a real database in the envelopes that are not Debezium's. */
final class ChosenEnvelopeTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database = PostgresServer.shared().newDatabase();
    private final DebeziumEnvelope debezium =
            new DebeziumEnvelope("1", "app", "shop", InstantSource.fixed(Instant.EPOCH));

    @Test
    void rowsAreTheRowAloneAndWhatIsGoneIsATombstone() throws Exception {
        database.execute("create table t (id int primary key, name text not null)");
        List<Change> changes = changes(
                new RowEnvelope(),
                captured(
                        "insert into t values (1, 'a')",
                        "update t set name = 'b'",
                        "update t set id = 2",
                        "delete from t"));
        assertThat(texts(changes))
                .containsExactly(
                        "{\"id\":1} {\"id\":1,\"name\":\"a\"}",
                        "{\"id\":1} {\"id\":1,\"name\":\"b\"}",
                        "{\"id\":1} null __debezium.newkey={\"id\":2}",
                        "{\"id\":2} {\"id\":2,\"name\":\"b\"} __debezium.oldkey={\"id\":1}",
                        "{\"id\":2} null");
        Schema row = Objects.requireNonNull(changes.get(0).valueSchema());
        assertThat(row.name()).isEqualTo("app.public.t.Value");
        assertThat(row.isOptional()).isFalse();
        assertThat(row.field("name").schema()).isEqualTo(Schema.STRING_SCHEMA);
        assertThat(changes.get(3).valueSchema()).isSameAs(row);
        assertThat(changes.get(4).valueSchema()).isNull();
    }

    @Test
    void rowsHaveEveryTypeAsTheAfterOfDebeziumsEnvelopeHasIt() throws Exception {
        database.execute("create extension hstore", DebeziumEnvelopeTest.EVERY_TYPE);
        List<CaptureEvent> events = captured(
                "insert into things values (" + DebeziumEnvelopeTest.VALUES.replace("'NaN'", "1.5") + ")",
                "insert into things (id, required) values (2, 'x')",
                "update things set t = 'changed' where id = 1");
        List<Change> rows = changes(new RowEnvelope(), events);
        List<Change> wanted = changes(debezium, events);
        List<Change> told = changes(new ChangeEnvelope("app", "shop", TopicNames.of("app")::of), events);
        assertThat(rows).hasSize(3);
        for (int i = 0; i < rows.size(); i++) {
            JsonNode after = json(wanted.get(i)).get("after");
            assertThat(json(rows.get(i))).isEqualTo(after);
            assertThat(json(told.get(i)).get("record")).isEqualTo(after);
            assertComesBackWithItsSchema(rows.get(i));
            assertComesBackWithItsSchema(told.get(i));
        }
    }

    @Test
    void aChangeSaysWhichOldValuesAreSomeAndMakesNoneUp() throws Exception {
        database.execute(
                "create table t (id int primary key, a text not null, b int)",
                "create table f (id int primary key, a text not null, b int)",
                "alter table f replica identity full");
        List<Change> changes = changes(
                new ChangeEnvelope("app", "shop", TopicNames.of("app")::of),
                captured(
                        "insert into t values (1, 'x', 1)",
                        "update t set a = 'y'",
                        "delete from t",
                        "insert into f values (1, 'x', null)",
                        "update f set a = 'y', b = 7",
                        "update f set id = 2",
                        "delete from f",
                        "truncate f"));
        assertThat(changes).allMatch(change -> change.value() != null);
        assertThat(summaries(changes))
                .containsExactly(
                        "{\"id\":1} insert {\"id\":1,\"a\":\"x\",\"b\":1} null null",
                        "{\"id\":1} update {\"id\":1,\"a\":\"y\",\"b\":1} {\"id\":null,\"a\":null,\"b\":null} null",
                        "{\"id\":1} delete {\"id\":1,\"a\":null,\"b\":null} null null",
                        "{\"id\":1} insert {\"id\":1,\"a\":\"x\",\"b\":null} null null",
                        "{\"id\":1} update {\"id\":1,\"a\":\"y\",\"b\":7} {\"id\":null,\"a\":\"x\",\"b\":null} [\"a\",\"b\"]",
                        "{\"id\":1} delete {\"id\":1,\"a\":\"y\",\"b\":7} null null",
                        "{\"id\":2} insert {\"id\":2,\"a\":\"y\",\"b\":7} null null",
                        "{\"id\":2} delete {\"id\":2,\"a\":\"y\",\"b\":7} null null",
                        "null truncate null null null");
        var schemas = new IdentityHashMap<Schema, Boolean>();
        changes.forEach(change -> schemas.put(Objects.requireNonNull(change.valueSchema()), true));
        assertThat(schemas).as("one schema for each table").hasSize(2);
        assertThat(changes.get(5).headers().lastWithName("__debezium.newkey")).isNotNull();
        assertThat(changes.get(6).headers().lastWithName("__debezium.oldkey")).isNotNull();
    }

    @Test
    void metadataOfAChangeIsThatOfTheBrokersJson() throws Exception {
        database.execute("create table t (id int primary key)");
        List<CaptureEvent> events = captured(
                "begin; select pg_logical_emit_message(true, 'paillette:transaction_annotations.set', '{\"by\": \"me\"}');"
                        + " insert into t values (1); commit");
        var broker = new ChangeJson("app", "shop", table -> "app." + table, ValueHandling.DEFAULT);
        Change change = changes(new ChangeEnvelope("app", "shop", TopicNames.of("app")::of), events).stream()
                .filter(each -> each.topic().equals("app.public.t"))
                .findFirst()
                .orElseThrow();
        CaptureEvent.Row row = (CaptureEvent.Row) events.stream()
                .filter(CaptureEvent.Row.class::isInstance)
                .findFirst()
                .orElseThrow();
        var wanted = (ObjectNode)
                JSON.readTree(broker.value(ChangeRecords.of(row).get(0))).get("metadata");
        boolean sent = database.major() >= 14; // logical messages are
        assertThat(wanted.get("transaction_annotations").isNull()).isEqualTo(!sent);
        if (sent) {
            wanted.put("transaction_annotations", "{\"by\": \"me\"}");
        }
        wanted.putNull("changed_columns");
        assertThat(json(change).get("metadata")).isEqualTo(wanted);
    }

    @Test
    void aTruncateAndATableWithoutAKeyAreRefusedByRowsWithWhatToDo() throws Exception {
        database.execute("create table t (id int primary key)", "create table u (v text)");
        List<CaptureEvent> events = captured("truncate t", "insert into u values ('a')");
        assertThatThrownBy(() -> changes(new RowEnvelope(), of(events, CaptureEvent.Truncate.class)))
                .isInstanceOf(BadValueException.class)
                .hasMessageContaining("table public.t was truncated")
                .hasMessageContaining("skipped.operations=t");
        assertThatThrownBy(() -> changes(new RowEnvelope(), of(events, CaptureEvent.Row.class)))
                .isInstanceOf(BadValueException.class)
                .hasMessageContaining("table public.u has no key");
        assertThat(changes(new ChangeEnvelope("app", "shop", TopicNames.of("app")::of), events))
                .hasSize(2);
    }

    private static List<CaptureEvent> of(List<CaptureEvent> events, Class<? extends CaptureEvent> kind) {
        return events.stream().filter(kind::isInstance).toList();
    }

    @Test
    void whatRowsMayBeNullIsFoundOutByTheRowsThemselves() throws Exception {
        database.execute("create table later (id int primary key, item text)");
        List<CaptureEvent> events = captured(
                "insert into later values (1, null)",
                "update later set item = 'x'",
                "alter table later alter item set not null");
        assertThat(texts(changes(new RowEnvelope(), events)))
                .containsExactly("{\"id\":1} {\"id\":1,\"item\":null}", "{\"id\":1} {\"id\":1,\"item\":\"x\"}");
    }

    @Test
    void everyNameIsOneThatAvroAllowsWhereThatIsAskedFor() throws Exception {
        database.execute("create table \"Order-s\" (\"2nd id\" int primary key, \"a.b\" text)");
        List<CaptureEvent> events = captured("insert into \"Order-s\" values (1, 'x')");
        for (ValueEnvelope envelope :
                List.of(new RowEnvelope(), new ChangeEnvelope("app", "shop", TopicNames.of("app")::of), debezium)) {
            var structs = new ChangeStructs(
                    new Naming(TopicNames.of("my-app"), NameAdjustment.AVRO, NameAdjustment.AVRO),
                    ValueHandling.DEFAULT,
                    envelope,
                    debezium,
                    true);
            Change change = events.stream()
                    .flatMap(event -> structs.of(event).stream())
                    .findFirst()
                    .orElseThrow();
            assertAvroNames(Objects.requireNonNull(change.valueSchema()));
            assertComesBackWithItsSchema(change);
        }
    }

    @Test
    void maskedAndExcludedColumnsAreSoInEveryEnvelope() throws Exception {
        database.execute(
                "create table t (id int primary key, secret text, pin int not null)",
                "alter table t replica identity full");
        var settings = CaptureSettings.of(
                database.name(),
                Map.of(
                        CaptureOption.URL, database.url(),
                        CaptureOption.SNAPSHOT_MODE, "no_data",
                        CaptureOption.COLUMN_EXCLUDE_LIST, ".*secret"),
                Map.of("column.mask.with.3.chars", ".*pin"));
        List<CaptureEvent> events = Captured.of(
                database,
                settings,
                "insert into t values (1, 'hidden', 2147483646)",
                "update t set secret = 'hidden2', pin = 2147483645",
                "delete from t");
        for (ValueEnvelope envelope :
                List.of(new RowEnvelope(), new ChangeEnvelope("app", "shop", TopicNames.of("app")::of))) {
            // the numbers are too long to stand in a time or a place by chance
            assertThat(String.join("\n", texts(changes(envelope, events))))
                    .contains("\"***\"")
                    .doesNotContain("hidden", "secret", "2147483646", "2147483645");
        }
        assertThat(json(changes(new ChangeEnvelope("app", "shop", TopicNames.of("app")::of), events)
                                .get(1))
                        .at("/metadata/changed_columns")
                        .toString())
                .isEqualTo("[]");
    }

    private static void assertAvroNames(Schema schema) {
        if (schema.name() != null) {
            assertThat(schema.name()).matches("[A-Za-z_][A-Za-z0-9_.]*");
        }
        if (schema.type() == Schema.Type.STRUCT) {
            for (Field field : schema.fields()) {
                assertThat(field.name()).matches("[A-Za-z_][A-Za-z0-9_]*");
                assertAvroNames(field.schema());
            }
        }
    }

    /** As a converter with schemas writes and reads it. */
    private static void assertComesBackWithItsSchema(Change change) throws IOException {
        Schema schema = Objects.requireNonNull(change.valueSchema());
        ConnectSchema.validateValue(schema, change.value());
        ((Struct) Objects.requireNonNull(change.value())).validate();
        var converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "true"), false);
        byte[] written = converter.fromConnectData(change.topic(), schema, change.value());
        var back = converter.toConnectData(change.topic(), written);
        assertThat(json(converter.fromConnectData(change.topic(), back.schema(), back.value())))
                .isEqualTo(json(written));
        assertThat(back.schema().name()).isEqualTo(schema.name());
    }

    private static List<String> summaries(List<Change> changes) throws IOException {
        List<String> summaries = new ArrayList<>();
        for (Change change : changes) {
            JsonNode value = json(change);
            summaries.add(json(change, true) + " " + value.get("action").asText() + " " + value.get("record") + " "
                    + value.get("changes") + " " + value.at("/metadata/changed_columns"));
        }
        return summaries;
    }

    /** Key, value and headers. */
    private static List<String> texts(List<Change> changes) throws IOException {
        List<String> texts = new ArrayList<>();
        for (Change change : changes) {
            var text = new StringBuilder(json(change, true) + " " + json(change));
            for (var header : change.headers()) {
                text.append(' ')
                        .append(header.key())
                        .append('=')
                        .append(json(converter(true).fromConnectData(change.topic(), header.schema(), header.value())));
            }
            texts.add(text.toString());
        }
        return texts;
    }

    private List<Change> changes(ValueEnvelope envelope, List<CaptureEvent> events) {
        var structs = new ChangeStructs(
                new Naming(TopicNames.of("app"), NameAdjustment.NONE, NameAdjustment.NONE),
                ValueHandling.DEFAULT,
                envelope,
                debezium,
                true);
        return events.stream().flatMap(event -> structs.of(event).stream()).toList();
    }

    private List<CaptureEvent> captured(String... statements) throws Exception {
        return Captured.of(database, Captured.settings(database, Map.of()), statements);
    }

    private static JsonNode json(Change change) throws IOException {
        return json(change, false);
    }

    private static JsonNode json(Change change, boolean key) throws IOException {
        return json(converter(key)
                .fromConnectData(
                        change.topic(),
                        key ? change.keySchema() : change.valueSchema(),
                        key ? change.key() : change.value()));
    }

    private static JsonConverter converter(boolean key) {
        var converter = new JsonConverter();
        converter.configure(Map.of("schemas.enable", "false"), key);
        return converter;
    }

    private static JsonNode json(byte @Nullable [] bytes) throws IOException {
        return bytes == null ? JSON.nullNode() : JSON.readTree(bytes);
    }
}
