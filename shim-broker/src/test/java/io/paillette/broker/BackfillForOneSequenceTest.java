package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows once more for one of several sequences that read their table. */
class BackfillForOneSequenceTest {

    private static final Database DATABASE = PostgresServer.shared().newDatabase();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A chunk of them takes about as long as a look at what is asked for. */
    private static final String SLOWLY = "pg_sleep(0.001) is not null";

    @TempDir
    static Path directory;

    private static FedBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = start(
                DATABASE,
                directory,
                Map.of(
                        "old.tables", "public.*",
                        "fresh.tables", "public.*",
                        "fresh.envelope", "row",
                        "written.tables", "public.*",
                        "written.operations", "insert,update,delete",
                        "elsewhere.tables", "public.elsewhere",
                        "failing.tables", "public.failing",
                        "failing.where", "1 / id > 0"));
        // While there is one the broker looks every second.
        DATABASE.query("select paillette.pause_backfill(paillette.backfill('app', 'public.t'))::text");
    }

    private static FedBroker start(Database database, Path files, Map<String, String> sequences) throws Exception {
        return FedBroker.start(database, files, Map.of("snapshot.mode", "no_data"), sequences)
                .streaming();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void table() {
        DATABASE.execute("drop table if exists t", "create table t (id int primary key, v text)");
    }

    @Test
    void itsRowsGoToThatOneHoweverItIsAskedForAndChangesGoToAll() throws Exception {
        long before = end("fresh");
        long others = end("old");
        insert(1, 30);
        awaitEnd("fresh", before + 30);
        String inSql = asked("id <= 10", "fresh");
        String sentence = http("backfill", "start", "public.t", "--where", "id > 10", "--sequence", "fresh", "--wait")
                .out();
        assertThat(sentence).containsPattern("app +public.t +fresh +id > 10 +DONE");
        awaitState(inSql, "done");
        insert(31, 31);
        awaitEnd("old", others + 31);
        awaitEnd("fresh", before + 61);

        assertThat(since("old", others))
                .allSatisfy(record -> assertThat(record.value()).contains("\"op\":\"c\""));
        assertThat(since("fresh", before + 30).stream().map(ConsumerRecord::key))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 31)
                        .mapToObj(id -> "{\"id\":" + id + "}")
                        .toList());
        assertThat(http("backfill", "list", "--json").out())
                .contains("\"sequence\":\"fresh\",\"where\":\"id > 10\"", "\"sequence\":\"\",\"where\":\"\"");
    }

    @Test
    void oneThatCannotBeToldTheRowsIsRefusedOrEndsWithAWord() throws Exception {
        assertRefused("source app has no sequence \"nope\"; it has elsewhere, failing, fresh", "nope");
        assertRefused(
                "sequence elsewhere does not read table public.t; its tables are [public.elsewhere]", "elsewhere");
        assertRefused(
                "sequence written does not tell rows that are read: its operations are delete, insert, update",
                "written");
        String id = asked("", "nope");
        awaitState(id, "failed");
        assertThat(fault(id)).startsWith("source app has no sequence \"nope\"");
    }

    @Test
    void oneThatIsRemovedOrChangedMeanwhileEndsAndNobodyElseGetsTheRest() throws Exception {
        insert(1, 2_500);
        assertThat(http("sequence", "create", "made", "--tables", "public.t").code())
                .isZero();
        long others = end("old");
        String removed = asked(SLOWLY, "made"); // at once: its feed may not know it yet
        Awaitility.await().atMost(PATIENCE).until(() -> end("made") > 0);
        assertThat(http("sequence", "delete", "made", "--delete-topic").code()).isZero();
        assertThat(http("sequence", "create", "made", "--tables", "public.t").code())
                .isZero();
        awaitState(removed, "cancelled");
        assertThat(fault(removed)).isEqualTo("sequence made was removed");
        assertThat(Integer.parseInt(DATABASE.query("select rows from paillette.backfills where id = " + removed)))
                .isLessThan(2_500);
        assertThat(end("made")).as("it is another one").isZero();

        String changed = asked(SLOWLY, "made");
        Awaitility.await().atMost(PATIENCE).until(() -> end("made") > 0);
        assertThat(http("sequence", "alter", "made", "--tables", "public.elsewhere")
                        .code())
                .isZero();
        awaitState(changed, "failed");
        assertThat(fault(changed))
                .isEqualTo("sequence made does not read table public.t; its tables are" + " [public.elsewhere]");
        assertThat(since("old", others)).isEmpty();
        assertThat(http("sequence", "delete", "made", "--delete-topic").code()).isZero();
    }

    @Test
    @Tag("proof") // takes as long as all others here
    void aTableThatGetsANameWhichTheSequenceDoesNotReadEndsIt() throws Exception {
        insert(1, 2_500);
        assertThat(http("sequence", "create", "named", "--tables", "public.t").code())
                .isZero();
        String id = asked(SLOWLY, "named");
        Awaitility.await().atMost(PATIENCE).until(() -> end("named") > 0);
        DATABASE.execute("alter table t rename to renamed", "insert into renamed values (0, 'x')");
        awaitState(id, "failed");
        assertThat(fault(id))
                .isEqualTo("its table is called public.renamed by now, which sequence named does not read");
        DATABASE.execute("alter table renamed rename to t");
        String again = asked("id < 10", "named");
        awaitState(again, "done");
    }

    @Test
    @Tag("proof") // takes as long as all others here
    void oneThatFailsMeanwhileStopsAloneAsTheRowsAreNotForIt() throws Exception {
        DATABASE.execute(
                "create table failing (id int primary key, v text)",
                "insert into failing select i, 'x' from generate_series(1, 1500) i");
        String id = DATABASE.query(
                "select paillette.backfill('app', 'public.failing', '" + SLOWLY + "', sequence => 'fresh')::text");
        Awaitility.await().atMost(PATIENCE).until(() -> DATABASE.query(
                        "select rows > 0 from paillette.backfills where id = " + id)
                .equals("t"));
        DATABASE.execute("insert into failing values (0, 'x')");
        Awaitility.await().atMost(PATIENCE).until(() -> FilteredSequenceTest.troubles(broker)
                .contains("sequence failing has stopped"));
        awaitState(id, "done");
    }

    @Test
    @Tag("proof") // takes as long as all others here
    void oneWhoseSequenceIsNotInTheFileAnyMoreEndsAndTheOthersAreNotToldTheRest(@TempDir Path files) throws Exception {
        Database database = PostgresServer.shared().newDatabase();
        String of = "select state || ' ' || fault from paillette.backfills";
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, 'x' from generate_series(1, 1500) i");
        try (var both = start(database, files, Map.of("gone.tables", "public.t", "kept.tables", "public.t"))) {
            database.query("select paillette.backfill('app', 'public.t', '" + SLOWLY + "', sequence => 'gone')::text");
            Awaitility.await().atMost(PATIENCE).until(() -> both.has("gone"));
            Awaitility.await().atMost(PATIENCE).until(() -> database.query(of).startsWith("running"));
        }
        try (var kept = start(database, files, Map.of("kept.tables", "public.t"))) {
            Awaitility.await().atMost(PATIENCE).until(() -> database.query(of).startsWith("failed"));
            assertThat(database.query(of)).isEqualTo("failed source app has no sequence \"gone\"; it has kept");
            database.execute("insert into t values (0, 'x')");
            Awaitility.await().atMost(PATIENCE).until(() -> kept.has("kept"));
            Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(TopicRecords.keys(kept, "kept"))
                    .containsExactly("{\"id\":0}"));
        }
    }

    private static void insert(int from, int to) {
        DATABASE.execute("insert into t select i, 'x' from generate_series(" + from + ", " + to + ") i");
    }

    private static String asked(String condition, String sequence) {
        return DATABASE.query("select paillette.backfill('app', 'public.t', '" + condition + "', sequence => '"
                + sequence + "')::text");
    }

    private static void awaitState(String id, String state) {
        Awaitility.await(state)
                .atMost(PATIENCE)
                .until(
                        () -> DATABASE.query("select state || ' ' || fault from paillette.backfills where id = " + id),
                        now -> now.startsWith(state));
    }

    private static String fault(String id) {
        return DATABASE.query("select fault from paillette.backfills where id = " + id);
    }

    private static void assertRefused(String why, String sequence) {
        RanCommand ran = http("backfill", "start", "public.t", "--sequence", sequence);
        assertThat(ran.err()).contains(why);
        assertThat(ran.code()).isEqualTo(2);
    }

    private static RanCommand http(String... arguments) {
        return RanCommand.http(broker, arguments);
    }

    private static long end(String topic) {
        return Long.parseLong(DATABASE.query("select coalesce(sum(p.next_offset), 0) from paillette.partition p"
                + " join paillette.topic t on t.id = p.topic_id where t.name = '" + topic + "'"));
    }

    private static void awaitEnd(String topic, long count) {
        Awaitility.await(topic).atMost(PATIENCE).until(() -> end(topic) >= count);
        assertThat(end(topic)).isEqualTo(count);
    }

    private static List<ConsumerRecord<String, String>> since(String topic, long offset) {
        return TopicRecords.read(broker, topic).stream()
                .filter(record -> record.offset() >= offset)
                .toList();
    }
}
