package io.paillette.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.cli.remote.RemoteCommands;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands on a broker, with a sequence of three partitions: the row 7 is inserted, updated twice, and deleted among others. */
class RemoteCommandsTest {

    private static final Database DATABASE = PostgresServer.shared().newDatabase();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path directory;

    private static FedBroker broker;
    private static String lsn;

    @BeforeAll
    static void start() throws Exception {
        DATABASE.execute("create table t (id int primary key, v text)");
        broker = FedBroker.start(
                DATABASE,
                directory,
                Map.of("snapshot.mode", "no_data"),
                Map.of(
                        "rows.tables", "public.t",
                        "rows.partitions", "3",
                        "priced_rows.tables", "public.priced",
                        "priced_rows.envelope", "row"));
        DATABASE.execute("insert into t select i, 'a' from generate_series(1, 20) i");
        lsn = DATABASE.query("select pg_current_wal_insert_lsn()");
        DATABASE.execute(
                "update t set v = 'b' where id = 7",
                "update t set v = 'c' where id = 7",
                "insert into t select i, 'a' from generate_series(21, 40) i",
                "delete from t where id = 7");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> run("consume", "rows").out().lines().count() == 44);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private record Ran(int code, String out, String err) {}

    @Test
    void consumePrintsWhatIsThereFromAPlaceOn() {
        Ran row = run("consume", "rows", "--key", "id=7");
        assertThat(row.out().lines()).hasSize(5).allSatisfy(line -> assertThat(line)
                .matches("\\d:\\d+\t\\{\"id\":7}\t(null|\\{\"before\":.*)"));
        assertThat(row.code()).isZero();
        assertThat(run("consume", "rows", "--max", "3").out().lines()).hasSize(3);
        assertThat(run("consume", "rows", "--from", "end").out()).isEmpty();
        // Of the transaction before it the records do not say whether it was committed by then.
        assertThat(run("consume", "rows", "--from", lsn).out().lines().count()).isIn(24L, 44L);
        assertThat(run("consume", "rows", "--from", "2000-01-01T00:00:00Z")
                        .out()
                        .lines())
                .hasSize(44);
        assertThat(run("consume", "rows", "--json", "--key", "id=7").out())
                .contains("\"key\":{\"id\":7},\"value\":{\"before\":{\"id\":7,\"v\":null},\"after\":null")
                .contains("\"key\":{\"id\":7},\"value\":null");
    }

    @Test
    void numbersKeepTheirDigits() throws Exception {
        DATABASE.execute(
                "create table public.priced (n numeric primary key)",
                "insert into priced values (12345678901234567890.10)");
        Awaitility.await().atMost(PATIENCE).until(() -> broker.has("priced_rows"));
        assertThat(run("consume", "priced_rows", "--json", "--key", "n=12345678901234567890.10")
                        .out())
                .contains("\"value\":{\"n\":12345678901234567890.10}");
    }

    @Test
    void topicsAndGroupsAreListedWithHowFarTheyAre() {
        assertThat(run("topic", "list").out().lines())
                .anySatisfy(line -> assertThat(line).matches("rows +3 +44"));
        assertThat(run("topic", "describe", "rows", "--json").out().lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("\"first_offset\":0"));
        assertThat(run("topic", "create", "made", "--partitions", "2", "--config", "retention.ms=60000")
                        .out())
                .contains("made   2");
        assertRefused("already exists", "topic", "create", "made");
        assertThat(run("topic", "configs", "made").out().lines())
                .hasSize(2)
                .last()
                .asString()
                .matches("retention.ms +60000 +topic");
        assertThat(run(
                                "topic",
                                "alter",
                                "made",
                                "--partitions",
                                "3",
                                "--set",
                                "retention.ms=",
                                "--set",
                                "segment.ms=9000")
                        .out()
                        .lines())
                .hasSize(2)
                .last()
                .asString()
                .matches("segment.ms +9000 +topic");
        assertThat(run("topic", "describe", "made").out().lines()).hasSize(4);
        assertThat(run("topic", "configs", "made", "--all").out()).containsPattern("retention.ms +\\d+ +default");
        assertRefused("topic made has 3 partitions, asked for 2", "topic", "alter", "made", "--partitions", "2");
        assertRefused("nope", "topic", "alter", "made", "--partitions", "9", "--set", "nope=1");
        assertThat(run("topic", "describe", "made").out().lines())
                .as("all or nothing")
                .hasSize(4);
        assertRefused("say what to change", "topic", "alter", "made");
        assertRefused("there is no topic nope", "topic", "alter", "nope", "--partitions", "2");
        assertRefused("there is no topic nope", "topic", "delete", "made", "nope");
        assertThat(run("topic", "delete", "made", "nope", "--if-exists").err()).isEqualTo("topic made is deleted\n");
        assertRefused("there is no topic made", "topic", "describe", "made");
        assertThat(http("rewind", "--group", "listed", "--topic", "rows", "--to", "beginning")
                        .code())
                .isZero();
        assertThat(run("group", "list").out()).contains("listed");
        assertThat(run("group", "describe", "listed", "--json").out().lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("\"committed\":0"));
        Ran deleted = run("group", "delete", "listed", "nope");
        assertThat(deleted.err())
                .isEqualTo(
                        """
                        group listed is deleted
                        there is no group nope; ./paillette group list names those there are
                        """);
        assertThat(deleted.code()).isEqualTo(2);
        assertThat(run("group", "list").out()).doesNotContain("listed");
    }

    @Test
    void aGroupGoesOnWithTheVeryChangeOfARowThatItIsRewoundTo() {
        for (String change : List.of("first", "2", "last")) {
            Ran dry = http(
                    "rewind",
                    "--group",
                    "g" + change,
                    "--topic",
                    "rows",
                    "--key",
                    "id=7",
                    "--change",
                    change,
                    "--dry-run");
            assertThat(dry.out()).contains("WOULD BE");
            assertThat(run("group", "describe", "g" + change).code()).isEqualTo(2);
            Ran ran = http("rewind", "--group", "g" + change, "--topic", "rows", "--key", "id=7", "--change", change);
            assertThat(ran.err()).isEmpty();
            String first = firstOfRow7("g" + change);
            assertThat(first)
                    .as(change)
                    .contains(
                            change.equals("first")
                                    ? "\"after\":{\"id\":7,\"v\":\"a\"}"
                                    : change.equals("2") ? "\"after\":{\"id\":7,\"v\":\"b\"}" : "\"after\":null");
        }
    }

    @Test
    void whatCannotBeDoneIsSaidWithWhatToDo() {
        assertRefused("there is no topic nope", "consume", "nope");
        assertRefused("there is no topic nope", "topic", "describe", "nope");
        assertRefused("has partitions 0 to 2", "consume", "rows", "--partition", "3");
        assertRefused("is no place in a topic: write beginning, end, an offset", "consume", "rows", "--from", "soon");
        assertRefused("is no key: write column=value", "consume", "rows", "--key", "7");
        assertNotDone(
                "there are 4 changes of the row {id=7}",
                "rewind",
                "--group",
                "x",
                "--topic",
                "rows",
                "--key",
                "id=7",
                "--change",
                "5");
        assertNotDone(
                "is no change: write first, last",
                "rewind",
                "--group",
                "x",
                "--topic",
                "rows",
                "--key",
                "id=7",
                "--change",
                "0");
        assertNotDone("is not in rows-", "rewind", "--group", "x", "--topic", "rows", "--to", "100000");
        assertNotDone(
                "say where: to with a place, key with the key of a row", "rewind", "--group", "x", "--topic", "rows");
        assertRefused("group nope has committed nothing", "group", "describe", "nope");
        var nowhere = new StringWriter();
        assertThat(run(nowhere, "topic", "list", "--bootstrap-server", "nowhere")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void sequencesAndBackfillsAreLookedAfterOverHttp() throws Exception {
        DATABASE.execute("create table small (id int primary key)", "insert into small select generate_series(2, 7)");
        assertThat(http("sequence", "list").out().lines())
                .anySatisfy(line -> assertThat(line).matches("rows +app +rows +RUNNING +file +public.t"));
        assertNotDone("stands in the broker's properties file", "sequence", "alter", "rows", "--where", "id > 1");
        assertNotDone("stands in the broker's properties file", "sequence", "delete", "rows");
        assertNotDone("there is a sequence rows already", "sequence", "create", "rows", "--tables", "public.t");
        assertNotDone("there is no sequence nope", "sequence", "describe", "nope");
        assertNotDone(
                "at character 1: column \"idd\" does not exist",
                "sequence",
                "create",
                "few",
                "--tables",
                "public.small",
                "--where",
                "idd < 3");
        assertNotDone("--set partitions has no value", "sequence", "create", "few", "--set", "partitions");
        assertThat(http("sequence", "create", "few", "--dry-run", "--tables", "public.small", "--where", "id < 3")
                        .err())
                .contains("can be defined so");
        assertNotDone("there is no sequence few", "sequence", "describe", "few");
        assertThat(http(
                                "sequence",
                                "create",
                                "few",
                                "--tables",
                                "public.small",
                                "--where",
                                "id < 3",
                                "--set",
                                "partitions=2",
                                "--json")
                        .out())
                .isEqualTo(
                        "{\"name\":\"few\",\"topic\":\"few\",\"state\":\"RUNNING\",\"from_offset\":\"{\\\"0\\\":0,\\\"1\\\":0}\"}\n");
        assertThat(http("sequence", "describe", "few").out()).contains("properties.where", "id < 3");
        assertThat(http("sequence", "alter", "few", "--set", "where=", "--topic", "few")
                        .code())
                .isZero();
        assertThat(http("sequence", "export").out())
                .contains("sequence.few.tables=public.small\n")
                .doesNotContain("sequence.few.where");

        Ran waited = http("backfill", "start", "public.small", "--where", "id < 8", "--wait");
        assertThat(waited.out()).contains("DONE");
        assertThat(waited.err()).contains("[##############################] 100 %  6 of 6 rows  done");
        assertThat(http("backfill", "list", "--json").out())
                .contains("\"where\":\"id < 8\",\"state\":\"DONE\",\"rows\":6");
        assertNotDone("is done", "backfill", "pause", "1");
        assertNotDone("there is no backfill 99", "backfill", "cancel", "99");
        assertNotDone("is not the name of a table with its schema", "backfill", "start", "t");
        assertNotDone(
                "there is no source \"x\". Sources that brokers feed: app.",
                "backfill",
                "start",
                "public.small",
                "--source",
                "x");
        assertThat(http("sequence", "delete", "few", "--delete-topic").err()).contains("sequence few is removed");
        assertThat(broker.has("few")).isFalse();
        assertThat(run(new StringWriter(), "sequence", "list", "--http", "http://127.0.0.1:1")
                        .err())
                .contains("the broker at http://127.0.0.1:1 does not answer");
        assertThat(run(new StringWriter(), "sequence", "list", "--http", "nowhere")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void replaysAreLookedAfterOverHttp() {
        assertThat(run("topic", "create", "again", "--partitions", "3").code()).isZero();
        Ran waited = http(
                "replay",
                "start",
                "rows",
                "--to",
                "again",
                "--where",
                "key::jsonb->>'id' = '7' and value->>'op' = 'u'",
                "--header",
                "why=lost",
                "--wait");
        assertThat(waited.err()).contains("[##############################] 100 %  44 of 44 offsets  done");
        assertThat(waited.out()).contains("DONE   44       44  2          0");
        assertThat(run("consume", "again", "--json").out().lines()).hasSize(2).allSatisfy(line -> assertThat(line)
                .contains("\"key\":{\"id\":7},\"value\":{\"before\":")
                .contains("\"why\":\"lost\",\"paillette.replay.topic\":\"rows\""));
        assertThat(http("replay", "list", "--json").out()).contains("\"to\":\"again\",\"state\":\"DONE\"");
        assertThat(http("replay", "describe", "1").out().lines()).hasSize(4);
        assertThat(http("replay", "describe", "1", "--json").out()).contains("\"headers\":{\"why\":\"lost\"}");
        assertNotDone("replay 1 is done", "replay", "pause", "1");
        assertNotDone("there is no replay 99", "replay", "resume", "99");
        assertNotDone("./paillette backfill start, or a group sent back", "replay", "start", "again", "--to", "rows");
        assertNotDone(
                "at character 1: column \"a\" does not exist",
                "replay",
                "start",
                "rows",
                "--to",
                "again",
                "--where",
                "a");
    }

    @Test
    void linesBecomeRecordsAndWhatIsConsumedIsProducedAsItWas() {
        for (String topic : List.of("lines", "copy")) {
            assertThat(run("topic", "create", topic, "--partitions", "2").code())
                    .isZero();
        }
        assertThat(produce("one\r\nzwö\n\nlast", "lines", "--key", "k", "--header", "a=b")
                        .err())
                .isEqualTo("4 records are stored in lines\n");
        assertThat(produce("1:a:b\n:empty key\n", "lines", "--key-separator", ":")
                        .code())
                .isZero();
        assertThat(produce("not read", "lines", "--key", "k", "--null-value").err())
                .isEqualTo("1 record is stored in lines\n");
        assertThat(produce("k2\n", "lines", "--null-value", "--partition", "1").code())
                .isZero();
        assertThat(produce(new byte[] {(byte) 0xff, 0, 7, '\n'}, "lines", "--partition", "0")
                        .code())
                .isZero();
        assertThat(produce(
                                "{\"value\":{\"n\": 1.10},\"headers\":{\"two\":[\"x\",null],\"json\":{\"j\":1}},\"timestamp\":\"2001-02-03T04:05:06.789Z\"}\n",
                                "lines",
                                "--json",
                                "--partition",
                                "1")
                        .code())
                .isZero();
        String all = run("consume", "lines", "--json").out();
        assertThat(all)
                .contains("\"key\":\"k\",\"value\":\"zwö\",\"headers\":{\"a\":\"b\"}")
                .contains("\"key\":\"k\",\"value\":\"\"")
                .contains("\"key\":\"1\",\"value\":\"a:b\"")
                .contains("\"key\":\"\",\"value\":\"empty key\"")
                .contains("\"key\":\"k\",\"value\":null")
                .contains("\"key\":\"k2\",\"value\":null")
                .contains("\"key\":null,\"value\":\"/wAH\",\"valueEncoding\":\"base64\"")
                .contains(
                        "\"timestamp\":\"2001-02-03T04:05:06.789Z\",\"key\":null,\"value\":{\"n\":1.10},\"headers\":{\"two\":[\"x\",null],\"json\":{\"j\":1}}");
        assertThat(produce(all, "copy", "--json").err()).isEqualTo("10 records are stored in copy\n");
        String copied = run("consume", "copy", "--json").out();
        assertThat(copied.replace("\"topic\":\"copy\"", "\"topic\":\"lines\"")).isEqualTo(all);
    }

    @Test
    void whatCannotBeProducedIsSaidWithItsLine() {
        assertThat(run("topic", "create", "said", "--partitions", "1").code()).isZero();
        assertThat(produce("a:b\nc\n", "said", "--key-separator", ":").err())
                .contains("1 record is stored in said", "line 2: it has no \":\"");
        assertThat(produce("{}\n{\"valeu\":1}\n", "said", "--json").err())
                .contains("1 record is stored in said", "line 2: a record has no field \"valeu\"; it has key, value");
        assertThat(produce("{\"value\":1} {\"value\":2}\n", "said", "--json").err())
                .contains("line 1: this is no JSON object", "one on a line");
        assertThat(produce("{\"value\":1,\"value\":2}\n", "said", "--json").err())
                .contains("line 1: this is no JSON object", "no name twice");
        assertThat(produce("nonsense\n", "said", "--json").err()).contains("line 1: this is no JSON object");
        assertThat(produce("{\"partition\":3}\n", "said", "--json").err())
                .contains("line 1: there is no partition 3", "has partitions 0 to 0; give --partition");
        assertThat(produce("{\"timestamp\":\"soon\"}\n", "said", "--json").err())
                .contains("line 1: timestamp is \"soon\"");
        assertThat(produce("", "nope").err()).contains("there is no topic nope; ./paillette topic create makes one");
        assertThat(produce("a", "said", "--json", "--key", "k").err())
                .contains("with --json the lines say key and value");
        Ran sequence = produce("a", "rows");
        assertThat(sequence.err())
                .contains(
                        "0 records are stored in rows\n",
                        "topic rows is a sequence: it is fed from tables, write to those instead");
        assertThat(sequence.code()).isEqualTo(2);
        assertThat(produce("{}\nnonsense\n", "rows", "--json").err())
                .contains(
                        "topic rows is a sequence: it is fed from tables, write to those instead",
                        "After it, line 2: this is no JSON object");
    }

    @Test
    void whatWouldNotComeOutAsItWasIsPrintedAsText() {
        assertThat(run("topic", "create", "exact", "--partitions", "1").code()).isZero();
        assertThat(produce(
                                "{\"a\":1} {\"b\":2}\n{\"a\":1,\"a\":2}\n{\"a\":1e99999}\n{\"a\":\"\\ud800\"}\n{\"a\": 1e3}\n",
                                "exact")
                        .code())
                .isZero();
        assertThat(run("consume", "exact", "--json").out())
                .contains(
                        "\"value\":\"{\\\"a\\\":1} {\\\"b\\\":2}\"",
                        "\"value\":\"{\\\"a\\\":1,\\\"a\\\":2}\"",
                        "\"value\":\"{\\\"a\\\":1e99999}\"",
                        "\"value\":\"{\\\"a\\\":\\\"\\\\ud800\\\"}\"",
                        "\"value\":{\"a\":1000}");
    }

    @Test
    @Timeout(60) // it would wait for the input
    void aFailureIsSaidWhileTheInputIsStillOpen() throws Exception {
        try (var typed = new PipedOutputStream();
                var in = new PipedInputStream(typed)) {
            typed.write("a\n".getBytes(UTF_8));
            typed.flush();
            Ran sequence = runOn(
                    in,
                    new StringWriter(),
                    "produce",
                    "rows",
                    "--bootstrap-server",
                    broker.line().kafka());
            assertThat(sequence.err()).contains("0 records are stored in rows");
            assertThat(sequence.code()).isEqualTo(2);
        }
    }

    private static Ran produce(String in, String... arguments) {
        return produce(in.getBytes(UTF_8), arguments);
    }

    private static Ran produce(byte[] in, String... arguments) {
        List<String> all = new ArrayList<>(List.of("produce"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--bootstrap-server", broker.line().kafka()));
        return run(in, new StringWriter(), all.toArray(String[]::new));
    }

    private static Ran http(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--http";
        all[arguments.length + 1] = broker.line().http().orElseThrow();
        return run(new StringWriter(), all);
    }

    private static void assertNotDone(String why, String... arguments) {
        Ran ran = http(arguments);
        assertThat(ran.err()).contains(why);
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void aGroupWithConsumersIsLeftAlone() {
        try (var consumer = consumer("busy")) {
            consumer.subscribe(List.of("rows"));
            while (consumer.assignment().isEmpty()) {
                consumer.poll(Duration.ofMillis(100));
            }
            assertNotDone(
                    "group busy has 1 member that reads: stop them first",
                    "rewind",
                    "--group",
                    "busy",
                    "--topic",
                    "rows",
                    "--to",
                    "end");
            assertRefused("group busy has members that read: stop them first", "group", "delete", "busy");
        }
        assertThat(http("rewind", "--group", "busy", "--topic", "rows", "--to", "end")
                        .code())
                .isZero();
    }

    private static String firstOfRow7(String group) {
        try (var consumer = consumer(group)) {
            consumer.subscribe(List.of("rows"));
            while (true) {
                for (var record : consumer.poll(PATIENCE)) {
                    if ("{\"id\":7}".equals(record.key())) {
                        return record.value();
                    }
                }
            }
        }
    }

    private static KafkaConsumer<String, String> consumer(String group) {
        var properties = new Properties();
        properties.put("bootstrap.servers", broker.line().kafka());
        properties.put("group.id", group);
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }

    private static void assertRefused(String why, String... arguments) {
        Ran ran = run(arguments);
        assertThat(ran.err()).contains(why);
        assertThat(ran.code()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
    }

    private static Ran run(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--bootstrap-server";
        all[arguments.length + 1] = broker.line().kafka();
        return run(new StringWriter(), all);
    }

    private static Ran run(StringWriter out, String... arguments) {
        return run(new byte[0], out, arguments);
    }

    private static Ran run(byte[] in, StringWriter out, String... arguments) {
        return runOn(new ByteArrayInputStream(in), out, arguments);
    }

    private static Ran runOn(InputStream in, StringWriter out, String... arguments) {
        var err = new StringWriter();
        var commands = new CommandLine(CommandLine.Model.CommandSpec.create());
        RemoteCommands.all(in).forEach(commands::addSubcommand);
        int code = commands.setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Ran(code, out.toString(), err.toString());
    }
}
