package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.Commands.Ran;
import io.paillette.broker.config.FeedKeys.SequenceOption;
import io.paillette.broker.config.SequenceReader;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sequence is one thing, whichever way it is defined: file, HTTP, command, and what one of these has exported. */
class SequenceWaysTest {

    /** allocate says 1024, and filter true. */
    private static final String WASM =
            "AGFzbQEAAAABDAJgAX8Bf2ACf38BfgMDAgABBQMBAAEHHgMGbWVtb3J5AgAIYWxsb2NhdGUAAAZmaWx0ZXIAAQoRAgUAQYAICwkAQoSAgICAAQsLCgEAQQgLBHRydWU=";

    /** Some options exclude others, so it takes a few sequences to have them all. */
    private static final Map<String, Map<String, String>> SEQUENCES = sequences();

    @TempDir
    Path directory;

    private static Map<String, Map<String, String>> sequences() {
        var all = new LinkedHashMap<String, Map<String, String>>();
        all.put(
                "enriched",
                of(
                        "topic",
                        "some.rows",
                        "partitions",
                        "2",
                        "envelope",
                        "debezium",
                        "where",
                        "v <> 'a = b \\ # ! : ü' and\n\tid > 0",
                        "operations",
                        "insert,update",
                        "columns",
                        "id,v",
                        "key",
                        "id",
                        "enrich",
                        "select id, upper(v) as loud from t where id = any($1)",
                        "enrich.into",
                        "headers",
                        "retention.ms",
                        "3600000",
                        "retention.bytes",
                        "100000000",
                        "route.topic",
                        "case when new.id < 0 then 'app.public.below' end",
                        "route.partition",
                        "new.id % 2",
                        "route.key",
                        "new.v",
                        "route.headers.kind",
                        "old.v"));
        all.put(
                "chained",
                of(
                        "envelope",
                        "row",
                        "transforms",
                        "id",
                        "transforms.id.type",
                        "org.apache.kafka.connect.transforms.HeaderFrom$Value",
                        "transforms.id.fields",
                        "v",
                        "transforms.id.headers",
                        "v",
                        "transforms.id.operation",
                        "copy",
                        "transforms.id.predicate",
                        "gone",
                        "transforms.id.negate",
                        "true",
                        "predicates",
                        "gone",
                        "predicates.gone.type",
                        "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone",
                        "key.converter",
                        "org.apache.kafka.connect.json.JsonConverter",
                        "key.converter.schemas.enable",
                        "false",
                        "value.converter",
                        "org.apache.kafka.connect.json.JsonConverter",
                        "header.converter",
                        "org.apache.kafka.connect.storage.StringConverter",
                        "compression.type",
                        "zstd"));
        all.put(
                "letters",
                of(
                        "envelope",
                        "change",
                        "functions.text",
                        "const filter = (action, record) => record.v !== \"\\\\ü\"",
                        "errors.tolerance",
                        "all",
                        "errors.deadletterqueue.topic.name",
                        "dead",
                        "errors.deadletterqueue.context.headers.enable",
                        "true",
                        "errors.retry.timeout",
                        "100",
                        "errors.retry.delay.max.ms",
                        "50",
                        "compression.type",
                        "snappy"));
        all.put("module", of("envelope", "change", "functions.text", WASM, "functions.language", "wasm"));
        return all;
    }

    private static Map<String, String> of(String... pairs) {
        var properties = new LinkedHashMap<>(Map.of("source", "app", "tables", "public.t"));
        for (int i = 0; i < pairs.length; i += 2) {
            properties.put(pairs[i], pairs[i + 1]);
        }
        return properties;
    }

    @Test
    void everyOptionMeansTheSameByFileHttpAndCommandAndExported() throws Exception {
        Files.write(directory.resolve("functions.wasm"), Base64.getDecoder().decode(WASM));
        var set = new TreeSet<String>();
        var text = new StringBuilder();
        SEQUENCES.forEach((name, properties) -> {
            Map<String, String> written = new LinkedHashMap<>(properties);
            String language = written.remove("functions.language");
            if (language != null) { // in a file the other option for them
                written.remove("functions.text");
                written.put("functions", "functions." + language);
            }
            set.addAll(properties.keySet());
            set.addAll(written.keySet());
            text.append(SequenceReader.text(name, written));
        });
        assertThat(set)
                .as("options that are set here; add a new one to a sequence")
                .containsAll(Arrays.stream(SequenceOption.values())
                        .map(SequenceOption::key)
                        .toList());

        String file = exported(text.toString(), broker -> "");
        assertThat(file).contains("sequence.module.functions.language=wasm\n").doesNotContain(".functions=");
        assertThat(properties(file)).isEqualTo(properties(text()));
        assertThat(exported("", SequenceWaysTest::byHttp)).isEqualTo(file);
        assertThat(exported("", broker -> byCommand(broker, directory))).isEqualTo(file);
        Path exported = Files.writeString(directory.resolve("exported.properties"), file);
        assertThat(exported("", broker -> {
                    Ran ran = Commands.of(broker).http("sequence", "apply", exported.toString());
                    assertThat(ran.code()).as(ran.err()).isZero();
                    Ran again = Commands.of(broker).http("sequence", "apply", exported.toString(), "--prune");
                    assertThat(again.err()).isEqualTo("the broker has these sequences already; nothing was changed\n");
                    return "";
                }))
                .isEqualTo(file);
    }

    /** Of a broker with a database of its own, once what it is told compresses what it stores as it says. */
    private String exported(String sequences, Function<FedBroker, String> way) throws Exception {
        Database database = PostgresServer.shared().newDatabase();
        database.execute("create table t (id int primary key, v text)", "alter table t replica identity full");
        try (var broker = FedBroker.start(database, directory, source(database) + sequences)) {
            assertThat(way.apply(broker)).isEmpty();
            for (String name : SEQUENCES.keySet()) {
                ApiClient.of(broker).awaitHeld(name);
            }
            database.execute("insert into t values (2, 'b')");
            assertThat(broker.await("letters", 1)).singleElement().asString().startsWith("{\"id\":2}");
            broker.await("chained", 1);
            broker.await("some.rows", 1);
            assertThat(database.query(
                            "select r.compression || ' ' || c.compression from paillette.records('letters', 0) r,"
                                    + " paillette.records('chained', 0) c"))
                    .isEqualTo("snappy zstd");
            return ApiClient.of(broker).get("config").text();
        }
    }

    private static String source(Database database) {
        return "source.app.url=store\nsource.app.tables=public.*\nsource.app.snapshot.mode=no_data\nsource.app.slot.name=slot_"
                + database.name() + "\n";
    }

    private static String text() {
        var text = new StringBuilder();
        SEQUENCES.forEach((name, properties) -> text.append(SequenceReader.text(name, properties)));
        return text.toString();
    }

    private static Map<Object, Object> properties(String text) throws Exception {
        var properties = new Properties();
        properties.load(new java.io.StringReader(text));
        return properties;
    }

    private static String byHttp(FedBroker broker) {
        var problems = new StringBuilder();
        SEQUENCES.forEach((name, properties) -> {
            try {
                var answer = ApiClient.of(broker).put(name, properties);
                problems.append(answer.code() == 201 ? "" : answer.text());
            } catch (Exception e) {
                problems.append(e);
            }
        });
        return problems.toString();
    }

    private static String byCommand(FedBroker broker, Path directory) {
        var problems = new StringBuilder();
        SEQUENCES.forEach((name, properties) -> {
            List<String> words = new ArrayList<>(List.of("sequence", "create", name));
            String language = properties.get("functions.language");
            if (language != null) {
                words.addAll(List.of(
                        "--functions",
                        directory.resolve("functions." + language).toString()));
            }
            properties.forEach((key, value) -> {
                if (language == null || !key.startsWith("functions.")) {
                    words.addAll(List.of("--set", key + "=" + value));
                }
            });
            Ran ran = Commands.of(broker).http(words.toArray(String[]::new));
            problems.append(ran.code() == 0 ? "" : ran.err());
        });
        return problems.toString();
    }
}
