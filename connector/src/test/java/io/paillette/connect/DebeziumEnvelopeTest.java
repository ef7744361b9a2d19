package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.DebeziumJson;
import io.paillette.capture.type.BinaryHandling;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.HstoreHandling;
import io.paillette.capture.type.IntervalHandling;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;
import io.paillette.struct.Change;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.NameAdjustment;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.json.JsonConverter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows of a real database, as Connect's JsonConverter writes them and as the broker does. */
final class DebeziumEnvelopeTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00.123456789Z");

    private final Database database = PostgresServer.shared().newDatabase();

    @ParameterizedTest
    @MethodSource("handlings")
    void schemalessJsonOfConnectIsTheJsonOfTheBroker(ValueHandling handling) throws Exception {
        database.execute("create extension hstore", EVERY_TYPE);
        List<CaptureEvent> events = captured(
                "insert into things values (" + VALUES + ")",
                "insert into things (id, required) values (2, 'x')",
                "update things set t = 'changed' where id = 1",
                "update things set id = 3 where id = 2",
                "insert into things (id, required, t) select 5, 'x', string_agg(md5(i::text), '') from generate_series(1, 999) i",
                "update things set i2 = 1 where id = 5",
                "alter table things replica identity full",
                "update things set i2 = 7 where id = 1",
                "delete from things where id = 1",
                "truncate things");
        var broker = new DebeziumJson("1", "app", database.name(), handling, InstantSource.fixed(NOW));
        var structs = structs(handling);
        var values = converter(false);
        var keys = converter(true);
        int compared = 0;
        for (CaptureEvent event : events) {
            List<Change> changes = structs.of(event);
            List<ChangeRecord> records = records(event);
            assertThat(changes).hasSameSizeAs(records);
            for (int i = 0; i < changes.size(); i++) {
                Change change = changes.get(i);
                assertThat(json(keys.fromConnectData(change.topic(), change.keySchema(), change.key())))
                        .isEqualTo(json(broker.key(records.get(i))));
                JsonNode ours = json(values.fromConnectData(change.topic(), change.valueSchema(), change.value()));
                JsonNode brokers = json(broker.value(records.get(i)));
                keyOnlyBeforeAsConnectMustTellIt(ours, brokers);
                assertThat(ours).as("%s", records.get(i)).isEqualTo(brokers);
                compared++;
            }
        }
        assertThat(compared).isEqualTo(12);
    }

    @Test
    void schemasAreNamedAndOrderedAsInDebezium() throws Exception {
        database.execute("create table orders (id int primary key, item text not null, at timestamptz)");
        List<CaptureEvent> events = captured("insert into orders values (1, 'pearl', now())");
        Change change = events.stream()
                .flatMap(event -> structs(ValueHandling.DEFAULT).of(event).stream())
                .findFirst()
                .orElseThrow();
        assertThat(change.topic()).isEqualTo("app.public.orders");
        Schema key = Objects.requireNonNull(change.keySchema());
        Schema value = Objects.requireNonNull(change.valueSchema());
        assertThat(key.name()).isEqualTo("app.public.orders.Key");
        assertThat(key.isOptional()).isFalse();
        assertThat(value.name()).isEqualTo("app.public.orders.Envelope");
        assertThat(value.version()).isEqualTo(2);
        assertThat(value.fields().stream().map(field -> field.name()))
                .containsExactly("before", "after", "source", "transaction", "op", "ts_ms", "ts_us", "ts_ns");
        Schema row = value.field("after").schema();
        assertThat(row.name()).isEqualTo("app.public.orders.Value");
        assertThat(row.isOptional()).isTrue();
        assertThat(row.field("id").schema().isOptional()).isFalse();
        assertThat(row.field("item").schema()).isEqualTo(Schema.STRING_SCHEMA);
        assertThat(row.field("at").schema().name()).isEqualTo("io.debezium.time.ZonedTimestamp");
        assertThat(row.field("at").schema().isOptional()).isTrue();
        assertThat(value.field("source").schema().name()).isEqualTo("io.debezium.connector.postgresql.Source");
        assertThat(value.field("source").schema().fields().stream().map(field -> field.name()))
                .containsExactly(
                        "version",
                        "connector",
                        "name",
                        "ts_ms",
                        "snapshot",
                        "db",
                        "sequence",
                        "ts_us",
                        "ts_ns",
                        "schema",
                        "table",
                        "txId",
                        "lsn",
                        "xmin",
                        "origin",
                        "origin_lsn");
    }

    @Test
    void columnsLeftOutOrMaskedAndAKeyOfOnesChoiceAreInTheSchemasAsDebeziumMarksThem() throws Exception {
        database.execute(
                "create table people (id int primary key, name varchar(40) not null, pin int not null, ssn text)",
                "alter table people replica identity full");
        var settings = CaptureSettings.of(
                database.name(),
                Map.of(
                        CaptureOption.URL, database.url(),
                        CaptureOption.SNAPSHOT_MODE, "no_data",
                        CaptureOption.COLUMN_EXCLUDE_LIST, ".*ssn",
                        CaptureOption.MESSAGE_KEY_COLUMNS, "public.people:ssn,id"),
                Map.of("column.mask.with.2.chars", ".*pin", "column.truncate.to.3.chars", ".*name"));
        Change change = captured(settings, "insert into people values (1, 'Annabel', 7, '123')").stream()
                .flatMap(event -> structs(ValueHandling.DEFAULT).of(event).stream())
                .findFirst()
                .orElseThrow();
        Schema row = Objects.requireNonNull(change.valueSchema()).field("after").schema();
        assertThat(row.fields().stream().map(field -> field.name())).containsExactly("id", "name", "pin");
        assertThat(row.field("name").schema().parameters()).isEqualTo(Map.of("truncateLength", "3"));
        assertThat(row.field("pin").schema().parameters()).isEqualTo(Map.of("masked", "true"));
        assertThat(row.field("pin").schema().type()).isEqualTo(Schema.Type.STRING);
        assertThat(json(converter(false).fromConnectData(change.topic(), change.valueSchema(), change.value()))
                        .get("after")
                        .toString())
                .isEqualTo("{\"id\":1,\"name\":\"Ann\",\"pin\":\"**\"}");
        assertThat(json(converter(true).fromConnectData(change.topic(), change.keySchema(), change.key()))
                        .toString())
                .isEqualTo("{\"ssn\":\"123\",\"id\":1}");
    }

    @Test
    void theSourceOfWhatWasReplicatedNamesItsOrigin() throws Exception {
        database.execute("create table orders (id int primary key)");
        String origin = "connect_" + database.name();
        database.query("select pg_replication_origin_create('" + origin + "')");
        List<CaptureEvent> events = captured(
                "select pg_replication_origin_session_setup('" + origin + "')",
                "begin; select pg_replication_origin_xact_setup('0/10', now()); insert into orders values (1); commit",
                "select pg_replication_origin_session_reset()");
        database.query("select pg_replication_origin_drop('" + origin + "')");
        Change change = events.stream()
                .flatMap(event -> structs(ValueHandling.DEFAULT).of(event).stream())
                .findFirst()
                .orElseThrow();
        JsonNode source = json(converter(false).fromConnectData(change.topic(), change.valueSchema(), change.value()))
                .get("source");
        assertThat(source.get("origin").asText()).isEqualTo(origin);
        assertThat(source.get("origin_lsn").asLong()).isEqualTo(16);
    }

    @Test
    void aColumnThatBecameNotNullAfterItsNullsWereWrittenIsStillTold() throws Exception {
        database.execute("create table later (id int primary key, item text)");
        List<CaptureEvent> events = captured(
                "insert into later values (1, null)",
                "update later set item = 'x'",
                "alter table later alter item set not null");
        var structs = structs(ValueHandling.DEFAULT);
        var values = converter(false);
        List<JsonNode> items = new ArrayList<>();
        for (CaptureEvent event : events) {
            for (Change change : structs.of(event)) {
                items.add(json(values.fromConnectData(change.topic(), change.valueSchema(), change.value()))
                        .at("/after/item"));
            }
        }
        assertThat(items).extracting(JsonNode::asText).containsExactly("null", "x");
    }

    /**
     * The WAL has only the key of a deleted row. A column that is NOT NULL is required in the schema, so Connect's record
     * must have a value there and has the type's zero, as Debezium's has; the broker's, without a schema, has null.
     */
    private static void keyOnlyBeforeAsConnectMustTellIt(JsonNode ours, JsonNode brokers) {
        if (ours.at("/before/required").asText().isEmpty()
                && brokers.at("/before/required").isNull()) {
            ((ObjectNode) ours.get("before")).putNull("required");
        }
    }

    static final String EVERY_TYPE =
            """
            create type mood as enum ('sad', 'happy, very');
            create domain positive as numeric(8,3) check (value > 0);
            create table things (id int primary key, required text not null,
                b bool, i2 smallint, i8 bigint, o oid, f4 real, f8 double precision,
                n numeric, n2 numeric(20,5), d positive, t text, v varchar(20), c char(5), by bytea,
                da date, ti time, ti3 time(3), tz timetz, ts timestamp, ts3 timestamp(3), tstz timestamptz,
                u uuid, j json, jb jsonb, m mood, ip inet, iv interval, xm xml,
                ai int[], an numeric[], an2 numeric(5,2)[], at text[], ab bool[], ad date[], au uuid[], am mood[],
                aby bytea[], atz timestamptz[], ajb jsonb[], h hstore, ah hstore[], ats timestamp[], ati time(3)[], aiv interval[],
                b1 bit, b12 bit(12), pt point, tv tsvector, ab3 bit(3)[], apt point[])
            """;

    static final String VALUES =
            """
            1, 'r', true, -7, 9007199254740993, 4294967295, 1.5, 'NaN', 12345.678900, 1.5, 2.125, 'tëxt "q" \\', 'v',
            'c', '\\xdeadbeef', '2026-02-28', '23:59:59.999999', '01:02:03.004', '12:00+02', '2026-02-28 12:34:56.789',
            '1969-12-31 23:59:59.999', '2026-02-28 12:34:56+02', '7d444840-9dc0-11d1-b245-5ffdce74fad2', '{"a" : 1}',
            '{"b": [null, 2]}', 'happy, very', '10.0.0.1/8', '1 day 02:00', '<a/>', '{1,null,3}', '{1.50,2}',
            '{1.5,null}', '{a,"b,c",null,"NULL"}', '{t,f,null}', '{2026-02-28}',
            '{7d444840-9dc0-11d1-b245-5ffdce74fad2}', '{sad,"happy, very"}', array['\\x01'::bytea],
            array['2026-02-28 12:34:56+02'::timestamptz], array['{"a": 1}'::jsonb], 'a=>1, "b ü"=>NULL',
            array['a=>1'::hstore, null], '{2026-02-28 12:34:56.789012,NULL}', '{23:59:59.999}', '{1 mon,-00:00:01}',
            B'1', B'100000000011', point(1, -2.5), 'fat:2 rat', array[B'101'::bit(3), null], array[point(0, 1)]
            """;

    /** Each choice once. */
    static Stream<ValueHandling> handlings() {
        var some = ValueHandling.DEFAULT;
        return Stream.of(
                        Stream.of(DecimalHandling.values()).map(some::with),
                        Stream.of(TimePrecision.values()).map(some::with),
                        Stream.of(IntervalHandling.values()).map(some::with),
                        Stream.of(HstoreHandling.values()).map(some::with),
                        Stream.of(BinaryHandling.values()).map(some::with))
                .flatMap(choices -> choices)
                .distinct();
    }

    private ChangeStructs structs(ValueHandling handling) {
        var debezium = new DebeziumEnvelope("1", "app", database.name(), InstantSource.fixed(NOW));
        return new ChangeStructs(
                new Naming(TopicNames.of("app"), NameAdjustment.NONE, NameAdjustment.NONE),
                handling,
                debezium,
                debezium,
                true);
    }

    private static List<ChangeRecord> records(CaptureEvent event) {
        if (event instanceof CaptureEvent.Row row) {
            return ChangeRecords.of(row);
        }
        return event instanceof CaptureEvent.Truncate truncate ? ChangeRecords.of(truncate) : List.of();
    }

    private List<CaptureEvent> captured(String... statements) throws CaptureException, InterruptedException {
        return Captured.of(database, Captured.settings(database, Map.of()), statements);
    }

    private List<CaptureEvent> captured(CaptureSettings settings, String... statements)
            throws CaptureException, InterruptedException {
        return Captured.of(database, settings, statements);
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
