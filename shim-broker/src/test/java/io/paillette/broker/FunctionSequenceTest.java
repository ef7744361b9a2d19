package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FunctionSequenceTest {

    private static final Map<String, String> NO_DATA = Map.of("snapshot.mode", "no_data");
    private static final Map<String, String> SEQUENCE =
            Map.of("some.tables", "public.orders", "some.envelope", "change", "some.functions", "functions.js");
    private static final Map<String, String> COMPACTED = with(SEQUENCE, "some.cleanup.policy", "compact");

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void aSequenceTellsWhatItsFunctionsMakeOfEachChange() throws Exception {
        database.execute(
                "create table orders (id int primary key, status text, total numeric)",
                "alter table orders replica identity full",
                "insert into orders values (1, 'new', 12.50)");
        functions(
                """
                function filter(action, record) { return record === null || record.id !== 2 }
                function transform(action, record, changes, metadata) {
                    if (action === 'delete') return null;
                    return [action, record && record.status, changes, metadata.table_name];
                }
                function route(action, record, changes) {
                    if (action === 'truncate') return {};
                    const partition = record.id === 9 ? 1 : undefined;
                    return { key: 'order ' + record.id, partition, headers: { total: String(record.total) } };
                }
                """);
        try (var broker = FedBroker.start(database, directory, Map.of(), SEQUENCE)) {
            broker.await("some", 1);
            database.execute(
                    "insert into orders values (2, 'new', 1), (3, 'new', 9007199254740993)",
                    "update orders set status = 'paid' where id <> 3",
                    "update orders set id = 4 where id = 1",
                    "truncate orders");
            assertThat(broker.await("some", 6))
                    .containsExactly(
                            "order 1 [\"read\",\"new\",null,\"orders\"]",
                            "order 3 [\"insert\",\"new\",null,\"orders\"]",
                            "order 1 [\"update\",\"paid\",{\"status\":\"new\"},\"orders\"]",
                            "order 1",
                            "order 4 [\"insert\",\"paid\",null,\"orders\"]",
                            "[\"truncate\",null,null,\"orders\"]");
            assertThat(database.query("select string_agg(headers::text, ' ' order by \"offset\")"
                            + " from paillette.records('some', 0) where \"offset\" in (0, 1, 5)"))
                    .isEqualTo("[{\"key\": \"total\", \"value\": \"12.5\"}]"
                            + " [{\"key\": \"total\", \"value\": \"9007199254740993\"}] []");
            database.execute("insert into orders values (9, 'new', 1)");
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            FilteredSequenceTest.troubles(broker))
                    .contains("with id=9")
                    .contains("its record has partition 1, and topic some has 1, from 0"));
        }
    }

    @Test
    void oneThatFailsForAChangeStopsThereAndGoesOnFromThereOnceItIsCorrected() throws Exception {
        database.execute("create table orders (id int primary key, note text)");
        functions("function transform(action, record) {\n    return record.note.length;\n}");
        try (var broker = FedBroker.start(database, directory, NO_DATA, COMPACTED)) {
            database.execute("insert into orders values (1, 'one')");
            broker.await("some", 1);
            database.execute(
                    "insert into orders values (2, '')",
                    "insert into orders values (3, null)",
                    "insert into orders values (4, 'four')");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(FilteredSequenceTest.troubles(broker))
                                    .containsPattern(
                                            "sequence\\.some\\.functions fails for the insert of the row of public\\.orders with"
                                                    + " id=3 at LSN [0-9A-F]+/[0-9A-F]+: transform \\(functions\\.js, line 2, column 12\\):"
                                                    + " TypeError: Cannot read property 'length' of null\\. Correct it so that it works for"
                                                    + " such a change too: alter the sequence, or start the broker again where the properties file has it"));
        }
        functions("function transform(action, record) { return record?.note?.length ?? null }");
        try (var broker = FedBroker.start(database, directory, NO_DATA, COMPACTED)) {
            assertThat(broker.await("some", 4))
                    .containsExactly("{\"id\":1} 3", "{\"id\":2} 0", "{\"id\":3}", "{\"id\":4} 4");
            database.execute("truncate orders");
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            FilteredSequenceTest.troubles(broker))
                    .contains("fails for the truncate of table public.orders")
                    .contains("no key, without which the compacted topic some"));
        }
    }

    @Test
    void oneInLuaStopsAndGoesOnAlike() throws Exception {
        database.execute("create table orders (id bigint primary key, note text, tags jsonb)");
        Map<String, String> lua = with(COMPACTED, "some.functions", "functions.lua");
        Path file = directory.resolve("functions.lua");
        Files.writeString(
                file,
                """
                function transform(action, record)
                    if action == 'delete' then return json.null end
                    record.note = record.note:upper()
                    return record
                end
                """);
        try (var broker = FedBroker.start(database, directory, NO_DATA, lua)) {
            database.execute("insert into orders values (9223372036854775807, 'one', '[]')", "delete from orders");
            assertThat(broker.await("some", 2))
                    .containsExactly(
                            "{\"id\":9223372036854775807}"
                                    + " {\"id\":9223372036854775807,\"note\":\"ONE\",\"tags\":[]}",
                            "{\"id\":9223372036854775807}");
            database.execute("insert into orders values (2, null, null)");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(FilteredSequenceTest.troubles(broker))
                                    .containsPattern(
                                            "sequence\\.some\\.functions fails for the insert of the row of public\\.orders with"
                                                    + " id=2 at LSN [0-9A-F]+/[0-9A-F]+: transform \\(functions\\.lua, line 3\\): attempt to"
                                                    + " index a null value \\(field 'note'\\)\\. Correct it so that it works for such a"
                                                    + " change too: alter the sequence, or start the broker again where the properties file has it"));
        }
        Files.writeString(file, "function transform(action, record) return record.note end");
        try (var broker = FedBroker.start(database, directory, NO_DATA, lua)) {
            assertThat(broker.await("some", 3)).last().isEqualTo("{\"id\":2}");
        }
    }

    @Test
    void aBrokerThatStopsDoesNotWaitForFunctions() throws Exception {
        database.execute("create table orders (id int primary key)");
        functions("function filter(a, record) { while (record.id > 1) {} return true }");
        long stopping;
        try (var broker = FedBroker.start(database, directory, NO_DATA, SEQUENCE)) {
            database.execute("insert into orders values (1)");
            broker.await("some", 1);
            database.execute("insert into orders select i from generate_series(2, 2000) i");
            Awaitility.await("it is called").until(FunctionSequenceTest::isWatched);
            stopping = System.nanoTime();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - stopping)).isLessThan(Duration.ofSeconds(20));
    }

    /** The thread that ends calls waits for a time only while there is one to wait for. */
    private static boolean isWatched() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("paillette-limit-")
                        && thread.getState() == Thread.State.TIMED_WAITING);
    }

    @Test
    void aFileThatIsNoneKeepsTheBrokerFromStartingAndSaysWhere() throws Exception {
        database.execute("create table orders (id int primary key)");
        functions("function filter() {\n    retrun true;\n}");
        assertThatThrownBy(() -> FedBroker.start(database, directory, NO_DATA, SEQUENCE))
                .hasMessageStartingWith(
                        "source app: sequence.some.functions cannot be called: functions.js, line 2, column 12: SyntaxError: ");
    }

    @Test
    void functionsAreThereOnlyForTheEnvelopeThatTheyAreCalledWith() throws Exception {
        assertThatThrownBy(() -> FedBroker.start(
                        database,
                        directory,
                        NO_DATA,
                        Map.of("some.tables", "public.orders", "some.functions", "nowhere.js")))
                .hasMessageContaining("set sequence.some.envelope=change")
                .hasMessageContaining("nowhere.js cannot be read");
    }

    private static Map<String, String> with(Map<String, String> options, String option, String value) {
        var more = new HashMap<>(options);
        more.put(option, value);
        return more;
    }

    private void functions(String text) throws IOException {
        Files.writeString(directory.resolve("functions.js"), text);
    }
}
