package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.Commands.Ran;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of sequences on one broker, and what that exports on another. */
class SequenceApplyTest {

    private static final Database DATABASE = PostgresServer.shared().newDatabase();
    private static final Database OTHER = PostgresServer.shared().newDatabase();
    private static final Path GO =
            Path.of("..", "functions", "src", "test", "resources", "io", "paillette", "function", "guide.wasm");

    @TempDir
    static Path directory;

    private static FedBroker broker;
    private static FedBroker other;

    private final Commands commands = Commands.of(broker);

    @BeforeAll
    static void start() throws Exception {
        for (Database database : List.of(DATABASE, OTHER)) {
            database.execute("create table t (id int primary key, v text)", "create table u (id int primary key)");
        }
        Path second = Files.createDirectory(directory.resolve("second"));
        broker = FedBroker.start(
                DATABASE, directory, Map.of("snapshot.mode", "no_data"), Map.of("w.tables", "public.t"));
        other = FedBroker.start(OTHER, second, Map.of("snapshot.mode", "no_data"));
    }

    @AfterAll
    static void stop() {
        broker.close();
        other.close();
    }

    @BeforeEach
    void noSequences() throws Exception {
        for (var page : ApiClient.of(broker).get("sequences").json().path("sequences")) {
            if (page.path("definedIn").asText().equals("store")) {
                assertThat(commands.http("sequence", "delete", page.path("name").asText(), "--delete-topic")
                                .code())
                        .isZero();
            }
        }
    }

    @Test
    void whatAFileSaysIsShownCheckedAndDoneAndOnceMoreChangesNothing() throws Exception {
        Files.writeString(directory.resolve("paid.js"), "const filter = (action, record) => record.v !== 'x'\n");
        Path file = file(
                """
                # no source: there is one
                listeners=PLAINTEXT://:9092
                sequence.a.tables=public.t
                sequence.a.where = id > 1
                sequence.a.functions=
                sequence.b.tables=public.t
                sequence.b.envelope=change
                sequence.b.functions=paid.js
                """);
        Ran dry = commands.http("sequence", "apply", file.toString(), "--dry-run");
        assertThat(dry.err())
                .contains("they are not applied: listeners\n")
                .contains("this can be done; nothing was changed");
        assertThat(dry.out().lines()).hasSize(6).anySatisfy(line -> assertThat(line)
                .matches("a +create +where +- +id > 1"));
        assertThat(commands.http("sequence", "describe", "a").code()).isEqualTo(2);

        Ran applied = commands.http("sequence", "apply", file.toString());
        assertThat(applied.err()).contains("sequence a is made: RUNNING, from offset {\"0\":0}");
        String version = version();
        assertThat(commands.http("sequence", "apply", file.toString(), "--json").out())
                .isEqualTo(
                        """
                        {"name":"a","action":"keep","property":null,"now":null,"wanted":null}
                        {"name":"b","action":"keep","property":null,"now":null,"wanted":null}
                        """);
        assertThat(version()).as("no version is made for nothing").isEqualTo(version);

        Path less = file(
                """
                sequence.a.tables=public.t
                sequence.a.where=id > 2
                sequence.w.source=app
                sequence.w.tables=public.t
                sequence.new.tables=public.t
                """);
        Ran plan = commands.http("sequence", "apply", less.toString(), "--prune", "--dry-run", "--json");
        assertThat(plan.out())
                .contains(
                        "{\"name\":\"a\",\"action\":\"change\",\"property\":\"where\",\"now\":\"id > 1\",\"wanted\":\"id > 2\"}\n")
                .contains("{\"name\":\"w\",\"action\":\"keep\"")
                .contains("{\"name\":\"new\",\"action\":\"create\"")
                .contains("{\"name\":\"b\",\"action\":\"remove\"");
        assertThat(version()).isEqualTo(version);
        Ran pruned = commands.http("sequence", "apply", less.toString(), "--prune");
        assertThat(pruned.err()).contains("sequence a is changed: RUNNING", "sequence b is removed");
        assertThat(broker.has("b")).as("its topic stays").isTrue();
        assertThat(commands.http("sequence", "apply", less.toString(), "--prune")
                        .err())
                .isEqualTo("the broker has these sequences already; nothing was changed\n");
    }

    @Test
    void whatIsWrongWithAFileIsSaidAtOnceAndNothingIsDone() throws Exception {
        assertRefused("where.properties cannot be read", Path.of("where.properties"));
        assertRefused("has no sequence", file("source.app.url=store\n"));
        assertRefused(
                "\"sequence.a.tables\" is set twice, on lines 1 and 2",
                file("sequence.a.tables=public.t\nsequence.a.tables=public.u\n"));
        assertRefused(
                "\"seqence.a.where\" (line 2) has to be", file("sequence.a.tables=public.t\nseqence.a.where=x\n"));
        assertRefused("not.js cannot be read", file("sequence.a.tables=public.t\nsequence.a.functions=not.js\n"));
        Files.writeString(directory.resolve("empty.js"), "\n");
        assertRefused("empty.js is empty", file("sequence.a.tables=public.t\nsequence.a.functions=empty.js\n"));
        assertRefused(
                "the end of its name has to be .js, .lua or .wasm",
                file("sequence.a.tables=public.t\nsequence.a.functions=a.py\n"));
        Path several = file(
                """
                sequence.good.tables=public.t
                sequence.bad.tables=public.t
                sequence.bad.where=idd = 1
                sequence.worse.tables=public.t
                sequence.worse.colums=id
                sequence.w.tables=public.other
                """);
        Ran ran = commands.http("sequence", "apply", several.toString(), "--prune");
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.err())
                .contains("column \"idd\" does not exist")
                .contains("did you mean \"sequence.worse.columns\"?")
                .contains("sequence w stands in the broker's properties file")
                .endsWith("nothing was changed\n");
        assertThat(DATABASE.query("select count(*) from paillette.sequence")).isEqualTo("0");
    }

    @Test
    void whatWasAlteredOnATopicIsExportedAsItIsAndAppliedElsewhere() throws Exception {
        ApiClient api = ApiClient.of(broker);
        api.put("plain", Map.of("tables", "public.t"));
        api.put(
                "told",
                Map.of("tables", "public.t", "partitions", "2", "retention.ms", "1000", "compression.type", "lz4"));
        api.put("newest", Map.of("tables", "public.t", "envelope", "row"));
        assertThat(export(commands))
                .contains("sequence.plain.tables=public.t\n")
                .doesNotContain("sequence.plain.partitions");
        assertThat(commands.kafka("topic", "alter", "plain", "--partitions", "3", "--set", "segment.ms=60000")
                        .out())
                .contains("segment.ms");
        assertThat(commands.kafka("topic", "alter", "told", "--set", "retention.ms=", "--set", "compression.type=zstd")
                        .code())
                .isZero();
        assertThat(commands.kafka("topic", "alter", "newest", "--set", "cleanup.policy=compact,delete")
                        .code())
                .isZero();
        String exported = export(commands);
        assertThat(exported)
                .contains(
                        "sequence.plain.partitions=3\n",
                        "sequence.plain.segment.ms=60000\n",
                        "sequence.told.partitions=2\n",
                        "sequence.told.compression.type=zstd\n",
                        "sequence.newest.cleanup.policy=compact,delete\n")
                .doesNotContain("retention.ms");
        Path file = file(exported);
        assertThat(commands.http("sequence", "apply", file.toString()).err())
                .isEqualTo("the broker has these sequences already; nothing was changed\n");

        assertThat(api.put("beside", Map.of("tables", "public.u", "topic", "plain"))
                        .text())
                .contains("\"topic\" : \"plain\"");
        Ran changed = commands.http(
                "sequence",
                "apply",
                file("sequence.plain.tables=public.t\nsequence.plain.where=id > 1\nsequence.plain.partitions=3\n")
                        .toString());
        assertThat(changed.err())
                .as("the other one of its topic says nothing of it")
                .contains("sequence plain is changed");
        assertThat(commands.http(
                                "sequence",
                                "apply",
                                file("sequence.plain.tables=public.t\nsequence.plain.partitions=4\n")
                                        .toString())
                        .err())
                .contains("nothing was changed");
        assertThat(commands.http("sequence", "alter", "plain", "--set", "where=")
                        .code())
                .isZero();
        assertThat(commands.http("sequence", "delete", "beside").code()).isZero();
        assertThat(export(commands)).isEqualTo(exported);

        Ran elsewhere = Commands.of(other).http("sequence", "apply", file.toString());
        assertThat(elsewhere.code()).as(elsewhere.err()).isZero();
        assertThat(export(Commands.of(other))).isEqualTo(exported);
        assertThat(topic(other, "plain")).contains("3 partitions", "segment.ms=60000");
        assertThat(topic(other, "told")).contains("2 partitions", "compression.type=zstd");
        assertThat(topic(other, "newest")).contains("cleanup.policy=compact,delete");
    }

    @Test
    void functionsOfMegabytesAreSentAndThoseThatAreTooLargeOrNoneAreRefused() throws Exception {
        Path js = Files.writeString(
                directory.resolve("large.js"), "const filter = () => true; // " + "x".repeat(2 << 20));
        Ran made = commands.http(
                "sequence",
                "create",
                "large",
                "--tables",
                "public.u",
                "--envelope",
                "change",
                "--functions",
                js.toString());
        assertThat(made.err()).isEmpty();
        assertThat(commands.http("sequence", "describe", "large").out())
                .contains("... (2097182 characters)")
                .hasSizeLessThan(10_000);
        assertThat(commands.http("sequence", "apply", file(export(commands)).toString())
                        .err())
                .contains("the broker has these sequences already");

        Path wasm = Files.write(directory.resolve("large.wasm"), new byte[7 << 20]);
        Ran refused = commands.http("sequence", "alter", "large", "--functions", wasm.toString());
        assertThat(refused.err()).contains("the body has more than 8388608 bytes: make the functions smaller");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(errorOf("functions.language", "wasm")).contains("it is said of nothing");
        assertThat(errorOf("functions.language", "wasm", "functions.text", "/w==x!"))
                .contains("sequence.large.functions.text: a module of WebAssembly has to be given in base64");
        assertThat(errorOf("functions.language", "python", "functions.text", "x"))
                .contains("\"python\" must be one of javascript, lua, wasm");
        DATABASE.execute("drop table u", "create table u (id int primary key)", "insert into u values (3)");
        assertThat(broker.await("large", 1))
                .as("of a table that was made anew")
                .last()
                .asString()
                .startsWith("{\"id\":3}");
    }

    private static String errorOf(String... options) throws Exception {
        var properties = new HashMap<>(Map.of("tables", "public.u", "envelope", "change"));
        for (int i = 0; i < options.length; i += 2) {
            properties.put(options[i], options[i + 1]);
        }
        return ApiClient.of(broker).put("large", properties).error();
    }

    @Test
    @Tag("proof") // makes a module of Go, and Lua, twice each
    void aModuleOfGoIsSentWithItsSequenceAndGivesWayToLuaAndThatToJavaScript() throws Exception {
        DATABASE.execute("create table orders (id int primary key, status text, total numeric, customer int)");
        Ran made = commands.http(
                "sequence",
                "create",
                "go",
                "--tables",
                "public.orders",
                "--envelope",
                "change",
                "--functions",
                GO.toString());
        assertThat(made.err()).isEmpty();
        DATABASE.execute("insert into orders values (1, 'new', 1, 7), (2, 'paid', 12.50, 7)");
        assertThat(broker.await("go", 1))
                .containsExactly("customer-7 {\"cents\":1250,\"order\":2,\"table\":\"orders\"}");
        assertThat(commands.http("sequence", "apply", file(export(commands)).toString())
                        .err())
                .contains("the broker has these sequences already");
        Path lua = Files.writeString(directory.resolve("go.lua"), "function filter() return false end");
        assertThat(commands.http("sequence", "alter", "go", "--functions", lua.toString())
                        .err())
                .isEmpty();
        assertThat(export(commands))
                .contains("sequence.go.functions.text=function filter() return false end\n", "language=lua\n");
        Path js = Files.writeString(directory.resolve("go.js"), "const filter = () => true");
        assertThat(commands.http("sequence", "alter", "go", "--functions", js.toString())
                        .err())
                .isEmpty();
        assertThat(export(commands))
                .contains("sequence.go.functions.text=const filter")
                .doesNotContain("language");
    }

    private void assertRefused(String why, Path file) {
        Ran ran = commands.http("sequence", "apply", file.toString());
        assertThat(ran.err()).contains(why);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.code()).isEqualTo(2);
    }

    private static String version() {
        return DATABASE.query("select last_value from paillette.sequence_version");
    }

    private static String export(Commands commands) {
        return commands.http("sequence", "export").out();
    }

    private static Path file(String text) throws Exception {
        return Files.writeString(Files.createTempFile(directory, "sequences", ".properties"), text);
    }

    private static Set<String> topic(FedBroker broker, String name) throws Exception {
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
        try (var admin = Admin.create(Map.of("bootstrap.servers", broker.line().kafka()))) {
            int partitions = admin.describeTopics(List.of(name))
                    .allTopicNames()
                    .get()
                    .get(name)
                    .partitions()
                    .size();
            Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            var all = new HashSet<>(Set.of(partitions + " partitions"));
            config.entries().forEach(entry -> all.add(entry.name() + "=" + entry.value()));
            return all;
        }
    }
}
