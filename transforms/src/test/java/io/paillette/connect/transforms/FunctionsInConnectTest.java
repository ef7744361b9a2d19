package io.paillette.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FunctionsInConnectTest {

    private static final Map<String, Object> OFFSET = Map.of("lsn", 42L);
    private static final Schema KEY =
            SchemaBuilder.struct().field("id", Schema.INT32_SCHEMA).build();
    /** Whatever there is to be told, as it comes. */
    private static final String ECHO =
            "function transform(action, record, changes, metadata) { return {action, record, changes, metadata} }";

    @TempDir
    Path directory;

    @Test
    void aFilterDropsRecordsAndWhatItKeepsIsAsItWas() {
        try (var functions = text("function filter(action, record) { return record.status === 'paid' }")) {
            SourceRecord paid = source(Changes.change("update", "paid"));
            assertThat(functions.apply(paid)).isEqualTo(paid);
            assertThat(functions.apply(paid).valueSchema()).isSameAs(paid.valueSchema());
            assertThat(functions.apply(source(Changes.change("insert", "new")))).isNull();
        }
    }

    @Test
    void ofTheEnvelopeChangeTheFourPartsAreThoseOfTheBroker() {
        try (var functions = text(ECHO)) {
            SourceRecord told = functions.apply(source(Changes.change("update", "paid")));
            assertThat(told.valueSchema()).isNull();
            assertThat(json(told.value())).isEqualTo(CHANGE.strip());
            assertThat(json(functions
                            .apply(schemaless(json(Changes.change("update", "paid")), OFFSET))
                            .value()))
                    .as("without the schema times and decimals are what Connect's converter has written of them")
                    .isEqualTo(SCHEMALESS.strip());
        }
    }

    private static final String CHANGE =
            """
            {"action":"update","record":{"id":1,"status":"paid","total":12.5,"due":"2024-02-29","made":"2024-02-29T12:34:56.789012","extra":{"a":[1]},"raw":"3q0="},"changes":{"status":"new"},"metadata":{"table_schema":"public","table_name":"orders","changed_columns":["status"]}}
            """;

    private static final String SCHEMALESS =
            """
            {"action":"update","record":{"id":1,"status":"paid","total":"BOI=","due":19782,"made":1709210096789012,"extra":"{\\"a\\":[1]}","raw":"3q0="},"changes":{"status":"new"},"metadata":{"table_schema":"public","table_name":"orders","changed_columns":["status"]}}
            """;

    @Test
    void ofDebeziumsEnvelopeTheFourPartsAreMadeOfWhatItHas() {
        try (var functions = text(ECHO)) {
            assertThat(json(functions
                            .apply(source(Changes.debezium("u", "new", "paid")))
                            .value()))
                    .isEqualTo(
                            """
                    {"action":"update","record":{"id":1,"status":"paid"},"changes":{"status":"new"},"metadata":{"table_schema":"public","table_name":"orders","commit_timestamp":"2024-02-29T12:34:56.789000Z","database_name":"app","database":{"name":"app","database":"shop"},"source":{"ts_ms":1709210096789,"name":"app","db":"shop","schema":"public","table":"orders","lsn":77}}}
                    """
                                    .strip());
            assertThat(json(functions
                            .apply(source(Changes.debezium("d", "new", null)))
                            .value()))
                    .startsWith("{\"action\":\"delete\",\"record\":{\"id\":1,\"status\":\"new\"},\"changes\":null,");
            assertThat(json(functions
                            .apply(source(Changes.debezium("t", null, null)))
                            .value()))
                    .startsWith("{\"action\":\"truncate\",\"record\":null,\"changes\":null,");
            assertThat(json(functions
                            .apply(source(Changes.debezium("u", null, "paid")))
                            .value()))
                    .startsWith("{\"action\":\"update\",\"record\":{\"id\":1,\"status\":\"paid\"},\"changes\":{},");
            assertThat(json(functions
                            .apply(source(Changes.debezium("u", "new", "__debezium_unavailable_value")))
                            .value()))
                    .contains("\"changes\":{},");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"action\":\"jump\",\"record\":1,\"changes\":null,\"metadata\":{}}",
                "{\"op\":\"m\",\"source\":{},\"message\":{\"prefix\":\"p\"}}",
                "{\"op\":\"u\",\"after\":1}",
                "{\"a\":[1,{\"b\":null}],\"big\":\"12345678901234567890\",\"half\":0.5}",
                "[1,2]",
                "true",
            })
    void anyOtherValueIsTheRecordAlone(String value) {
        try (var functions = text(ECHO)) {
            assertThat(json(functions.apply(schemaless(value, OFFSET)).value()))
                    .isEqualTo("{\"action\":null,\"record\":" + value + ",\"changes\":null,\"metadata\":null}");
        }
    }

    @Test
    void whatIsTextOrBytesIsReadAsJsonAndStaysTextOrBytes() {
        String change = json(Changes.change("update", "paid"));
        try (var functions = text("function transform(action, record) { return {action, of: record.id} }")) {
            SinkRecord text = sunk(functions, new SinkRecord("t", 3, null, "k", Schema.STRING_SCHEMA, change, 9));
            assertThat(text.value()).isEqualTo("{\"action\":\"update\",\"of\":1}");
            assertThat(text.valueSchema()).isEqualTo(Schema.STRING_SCHEMA);
            SinkRecord bytes = sunk(functions, new SinkRecord("t", 3, null, "k", null, change.getBytes(UTF_8), 9));
            assertThat((byte[]) bytes.value()).asString(UTF_8).isEqualTo("{\"action\":\"update\",\"of\":1}");
        }
        try (var functions = text("function transform(action, record) { return record + '!' }")) {
            assertThat(sunk(functions, new SinkRecord("t", 3, null, "k", Schema.STRING_SCHEMA, "{half", 9))
                            .value())
                    .isEqualTo("{half!");
        }
    }

    @Test
    void aRouteChoosesTopicKeyPartitionAndHeaders() {
        try (var functions = text(
                """
                function route(action, record) {
                    return record.status === 'stay' ? {} : { topic: 'orders.' + record.status,
                        key: record.status === 'paid' ? 'k7' : { id: record.id }, headers: { origin: 'shop', none: null } };
                }
                """)) {
            SourceRecord before = source(Changes.change("update", "paid"));
            before.headers().addString("origin", "old").addString("more", "kept");
            SourceRecord paid = functions.apply(before);
            assertThat(List.of(paid.topic(), paid.keySchema(), paid.key(), paid.sourceOffset()))
                    .containsExactly("orders.paid", Schema.STRING_SCHEMA, "k7", OFFSET);
            assertThat(paid.kafkaPartition()).as("as the key says").isNull();
            assertThat(paid.value()).isSameAs(before.value());
            assertThat(paid.headers())
                    .extracting(header -> header.key() + "=" + header.value())
                    .containsExactly("more=kept", "origin=shop", "none=null");
            assertThat(before.headers()).as("those of the record that came").hasSize(2);
            SourceRecord fresh = functions.apply(source(Changes.change("insert", "new")));
            assertThat(fresh.key()).isEqualTo(Map.of("id", 1L));
            assertThat(fresh.keySchema()).isNull();
            SourceRecord stayed = functions.apply(source(Changes.change("insert", "stay")));
            assertThat(stayed.kafkaPartition()).isEqualTo(1);
        }
        try (var functions = text("function route() { return { key: null, partition: 5 } }")) {
            SinkRecord made = sunk(functions, new SinkRecord("t", 3, KEY, key(), null, 1, 9));
            assertThat(made.key()).isNull();
            assertThat(made.kafkaPartition()).isEqualTo(5);
        }
        try (var functions = text("function route() { return { topic: 'elsewhere' } }")) {
            SinkRecord made = sunk(functions, new SinkRecord("t", 3, KEY, key(), null, 1, 9));
            assertThat(made.topic() + "-" + made.kafkaPartition() + " of " + made.originalTopic())
                    .isEqualTo("elsewhere-3 of t");
        }
    }

    @Test
    void recordsWithoutAValueAreKeptDroppedOrEvaluatedAsIsSaid() {
        String isCalled = "function transform(action, record) { return { called: [action, record] } }";
        SourceRecord tombstone = new SourceRecord(Map.of(), OFFSET, "t", 1, KEY, key(), null, null);
        try (var kept = text(isCalled);
                var dropped = functions(Map.of("functions.text", isCalled, "null.handling.mode", "drop"));
                var evaluated = functions(Map.of("functions.text", isCalled, "null.handling.mode", "evaluate"))) {
            assertThat(kept.apply(tombstone)).isSameAs(tombstone);
            assertThat(dropped.apply(tombstone)).isNull();
            assertThat(evaluated.apply(tombstone).value()).isEqualTo(Map.of("called", Arrays.asList(null, null)));
        }
        try (var functions = text("function transform(action) { return action === 'delete' ? null : 1 }")) {
            SourceRecord made = functions.apply(source(Changes.change("delete", "paid")));
            assertThat(made.value()).isNull();
            assertThat(made.valueSchema()).isNull();
            assertThat(made.key()).isEqualTo(key());
        }
    }

    @Test
    void numbersThatNeitherALongNorADoubleHoldsAreStringsWithAllTheirDigits() {
        try (var functions = text(
                "function transform() { return [1, 2.0, 0.1, 1e3, -0.5, 9007199254740991, 1e300, 2 ** 64, -(2 ** 63)] }")) {
            assertThat(functions.apply(source(Changes.change("insert", "new"))).value())
                    .isEqualTo(List.of(1L, 2L, 0.1, 1000L, -0.5, 9007199254740991L, 1e300, 0x1p64, -0x1p63));
        }
        try (var functions = text("function transform(action, record) { return record.n }")) {
            assertThat(functions
                            .apply(schemaless("{\"n\":9007199254740993}", OFFSET))
                            .value())
                    .isEqualTo("9007199254740993");
            for (String number : List.of("1e-999999999", "1e9999999999", "7".repeat(100_000))) {
                SinkRecord text = new SinkRecord("t", 3, null, "k", Schema.STRING_SCHEMA, "{\"n\":" + number + "}", 9);
                assertThat(sunk(functions, text).value()).isEqualTo(number);
            }
        }
    }

    @Test
    void aFailureIsADataExceptionThatNamesTheRecordAndThePlaceInTheFile() throws Exception {
        Path file = Files.writeString(
                directory.resolve("mine.js"),
                """
                function transform(action, record) {
                    return { shouted: record.status.toUpperCase() };
                }
                """);
        try (var functions = functions(Map.of("functions", file.toString()))) {
            assertThatThrownBy(() -> functions.apply(source(Changes.change("update", null))))
                    .isInstanceOf(DataException.class)
                    .hasMessage(
                            "functions fail for the record of topic app.public.orders at the source's offset {lsn=42} with the key"
                                    + " Struct{id=1}: transform (mine.js, line 2, column 23): TypeError: Cannot read property"
                                    + " 'toUpperCase' of null");
            assertThatThrownBy(() -> sunk(functions, new SinkRecord("t", 3, null, "k".repeat(500), null, Map.of(), 9)))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith(
                            "functions fail for the record of topic t, partition 3, offset 9 with the key "
                                    + "k".repeat(200) + "...: transform (mine.js, line 2");
            assertThat(functions.apply(source(Changes.change("update", "paid"))).value())
                    .isEqualTo(Map.of("shouted", "PAID"));
            assertThatThrownBy(() -> functions.apply(
                            new SourceRecord(Map.of(), OFFSET, "t", null, Map.of("when", new StringBuilder("now")))))
                    .isInstanceOf(DataException.class)
                    .hasMessageEndingWith("cannot be told to functions: when: there is no JSON for a value of"
                            + " java.lang.StringBuilder");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "io.debezium.time.Date | 2147483647 | infinity",
                "io.debezium.time.Date | -1 | 1969-12-31",
                "io.debezium.time.Time | 45296789 | 12:34:56.789",
                "io.debezium.time.MicroTime | 86400000000 | 24:00:00",
                "io.debezium.time.MicroTime | 0 | 00:00:00",
                "io.debezium.time.NanoTime | 1 | 00:00:00.000000001",
                "io.debezium.time.Timestamp | 9223372036825200 | infinity",
                "io.debezium.time.Timestamp | -1 | 1969-12-31T23:59:59.999",
                "io.debezium.time.MicroTimestamp | -9223372036832400000 | -infinity",
                "io.debezium.time.MicroTimestamp | 1709210096789012 | 2024-02-29T12:34:56.789012",
                "io.debezium.time.NanoTimestamp | 9223372036854775807 | infinity",
                "io.debezium.time.NanoTimestamp | -1 | 1969-12-31T23:59:59.999999999",
                "io.debezium.time.MicroDuration | 5 | 5",
            })
    void timesAreToldAsTheBrokerTellsThem(String name, long value, String told) {
        Schema schema = SchemaBuilder.int64().name(name).build();
        assertThat(PlainValue.of(schema, value)).hasToString(told);
    }

    @Test
    void whatCannotBeCalledIsRefusedBeforeTheFirstRecord() throws Exception {
        assertRefused(Map.of(), "name a file of functions, or give their text as functions.text");
        assertRefused(
                Map.of("functions", "nowhere.js"),
                "cannot be read on this worker: give the path of a file that is there on each of them");
        Path js = Files.writeString(directory.resolve("a.js"), "function filter() { return true }\nfunction (");
        assertRefused(Map.of("functions", js.toString(), "functions.text", "x"), "leave one of them out");
        assertRefused(Map.of("functions", js.toString()), "a.js, line 2, column 10: SyntaxError");
        assertRefused(Map.of("functions.text", "const x = 1"), "functions.js: it defines none of the functions");
        assertRefused(Map.of("functions.text", "x = 1", "functions.language", "lua"), "functions.lua");
        assertRefused(
                Map.of("functions.text", "not base64!", "functions.language", "wasm"),
                "functions.text: a module of WebAssembly has to be given in base64");
        assertRefused(
                Map.of("functions.text", "AGFzbQEAAAA=\n", "functions.language", "wasm"),
                "functions.wasm: it has 0 memories");
        assertRefused(
                Map.of("functions", js.toString(), "functions.language", "lua"),
                "of a file the end of its name says it");
        assertRefused(
                Map.of("functions.text", "x", "functions.language", "python"),
                "String must be one of: javascript, lua, wasm");
        assertRefused(
                Map.of(
                        "functions",
                        Files.writeString(directory.resolve("a.py"), "").toString()),
                "has to be one of .js, .lua, .wasm");
        assertRefused(
                Map.of("functions.text", "const filter = () => true", "null.handling.mode", "maybe"),
                "String must be one of: keep, drop, evaluate");
    }

    private static void assertRefused(Map<String, String> config, String why) {
        assertThatThrownBy(() -> functions(config))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(why);
    }

    @Test
    void connectFindsItByItsServiceFileAndKnowsItsVersion() {
        assertThat(ServiceLoader.load(Transformation.class).stream().map(ServiceLoader.Provider::type))
                .contains(Functions.class);
        assertThat(new Functions<SourceRecord>().version()).matches("\\d+\\.\\d+\\.\\d+.*");
    }

    private static Functions<SourceRecord> text(String javaScript) {
        return functions(Map.of("functions.text", javaScript));
    }

    private static Functions<SourceRecord> functions(Map<String, String> config) {
        var functions = new Functions<SourceRecord>();
        functions.configure(config);
        return functions;
    }

    /** The same behind a topic; which of the two a transformation is for, Java does not know when it runs. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static SinkRecord sunk(Functions<?> functions, SinkRecord record) {
        return (SinkRecord) ((Functions) functions)
                .apply(new SinkRecord(
                        record.topic(),
                        record.kafkaPartition(),
                        record.keySchema(),
                        record.key(),
                        record.valueSchema(),
                        record.value(),
                        record.kafkaOffset(),
                        1L,
                        TimestampType.CREATE_TIME));
    }

    private static SourceRecord source(Struct value) {
        return new SourceRecord(Map.of(), OFFSET, "app.public.orders", 1, KEY, key(), value.schema(), value);
    }

    private static Struct key() {
        return new Struct(KEY).put("id", 1);
    }

    private static SourceRecord schemaless(String json, Map<String, Object> offset) {
        return new SourceRecord(Map.of(), offset, "t", null, JsonText.schemaless(json.getBytes(UTF_8)));
    }

    /** As Connect's own converter writes it without a schema. */
    private static String json(Object value) {
        try (var converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", "false"), false);
            Schema schema = value instanceof Struct struct ? struct.schema() : null;
            return new String(converter.fromConnectData("t", schema, value), UTF_8);
        }
    }
}
