package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sequence that cannot tell a change stops alone, and is told all it missed once it can. */
class StoppedSequenceTest {

    private static final Map<String, String> NO_DATA = Map.of("snapshot.mode", "no_data");
    private static final Map<String, String> SEQUENCES = Map.of(
            "good.tables", "public.t",
            "good.envelope", "row",
            "bad.tables", "public.t",
            "bad.envelope", "change",
            "bad.functions", "functions.js");

    private static final String LENGTH = "function transform(action, record) { return record.v.length }";
    private static final String LENGTH_OF_ANY = "function transform(action, record) { return record.v?.length ?? -1 }";

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @BeforeEach
    void table() {
        database.execute("create table t (id int primary key, v text)");
    }

    @Test
    void theOthersGoOnAndItGoesOnWhereItStoppedOnceItIsCorrected() throws Exception {
        functions(LENGTH);
        try (var broker = start(SEQUENCES)) {
            database.execute(
                    "insert into t values (1, 'a')",
                    "insert into t values (2, 'bb'), (3, null), (4, 'dddd')",
                    "insert into t values (5, 'eeeee')");
            assertThat(broker.await("good", 5)).hasSize(5);
            assertThat(broker.await("bad", 2)).containsExactly("{\"id\":1} 1", "{\"id\":2} 2");
            assertThat(FilteredSequenceTest.troubles(broker))
                    .startsWith("[] ")
                    .contains("sequence bad has stopped at ")
                    .contains("fails for the insert of the row of public.t with id=3")
                    .contains("Cannot read property 'length' of null");
            Awaitility.await("the source's position is beyond").until(() -> behind(broker) > 0);
        }
        try (var broker = start(SEQUENCES)) { // not corrected: the same again, and nobody else hears anything twice
            Awaitility.await().until(() -> FilteredSequenceTest.troubles(broker).contains("with id=3"));
            database.execute("insert into t values (6, 'ffffff')");
            assertThat(broker.await("good", 6)).hasSize(6);
            assertThat(broker.await("bad", 2)).hasSize(2);
        }
        functions(LENGTH_OF_ANY);
        try (var broker = start(SEQUENCES)) {
            database.execute("insert into t values (7, '')");
            assertThat(broker.await("bad", 7))
                    .containsExactly(
                            "{\"id\":1} 1",
                            "{\"id\":2} 2",
                            "{\"id\":3} -1",
                            "{\"id\":4} 4",
                            "{\"id\":5} 5",
                            "{\"id\":6} 6",
                            "{\"id\":7} 0");
            assertThat(broker.await("good", 7)).hasSize(7);
            assertThat(FilteredSequenceTest.troubles(broker)).isEqualTo("[] []");
            Awaitility.await("the slot lets go").atMost(Duration.ofSeconds(20)).until(() -> behind(broker) == 0);
        }
    }

    @Test
    void oneThatIsToBeTriedAgainGoesOnByItselfAndTheOthersHearNothingTwice() throws Exception {
        functions("let tries = 0;\nfunction transform(action, record) {"
                + " if (record.v === null && ++tries < 3) throw new Error('not yet'); return tries }");
        var sequences = new HashMap<>(SEQUENCES);
        sequences.put("bad.errors.retry.timeout", "-1");
        sequences.put("bad.errors.retry.delay.max.ms", "500");
        try (var broker = start(sequences)) {
            database.execute("insert into t values (1, 'a'), (2, null), (3, 'c')", "insert into t values (4, 'd')");
            assertThat(broker.await("bad", 4))
                    .containsExactly("{\"id\":1} 0", "{\"id\":2} 3", "{\"id\":3} 3", "{\"id\":4} 3");
            database.execute("insert into t values (5, 'e')");
            assertThat(broker.await("bad", 5)).hasSize(5);
            assertThat(ids(broker.await("good", 5))).containsExactly(1, 2, 3, 4, 5);
            assertThat(FilteredSequenceTest.troubles(broker)).isEqualTo("[] []");
        }
    }

    @Test
    void whatFailsEachTimeUntilItsTimeIsOverIsADeadLetter() throws Exception {
        functions("let tries = 0;\nfunction transform(action, record) {"
                + " if (record.v === null) throw new Error('try ' + ++tries); return 0 }");
        var sequences = new HashMap<>(SEQUENCES);
        sequences.put("bad.errors.retry.timeout", "1500");
        sequences.put("bad.errors.tolerance", "all");
        sequences.put("bad.errors.deadletterqueue.topic.name", "letters");
        sequences.put("bad.errors.deadletterqueue.context.headers.enable", "true");
        try (var broker = start(sequences)) {
            database.execute("insert into t values (1, 'a'), (2, null), (3, 'c')");
            assertThat(ids(broker.await("good", 3))).containsExactly(1, 2, 3);
            Awaitility.await("it stands there meanwhile, and says so")
                    .until(() -> FilteredSequenceTest.troubles(broker).contains("with id=2"));
            assertThat(broker.await("bad", 2)).containsExactly("{\"id\":1} 0", "{\"id\":3} 0");
            assertThat(ids(broker.await("letters", 1))).containsExactly(2);
            assertThat(database.query("select headers::text from paillette.records_text('letters', 0)"))
                    .containsPattern("try ([2-9]|1\\d)[^0-9]");
            assertThat(FilteredSequenceTest.troubles(broker)).isEqualTo("[] []");
        }
    }

    /** It was begun anew in the middle of the transaction, again and again from its start. */
    @Test
    void oneThatIsToBeTriedAgainDoesNotKeepItsSourceInATransactionThatTakesLongerThanItsPause() throws Exception {
        functions("function transform(action, record) { if (record.v === null) throw new Error('never'); return 0 }");
        var sequences = new HashMap<>(SEQUENCES);
        sequences.put("bad.errors.retry.timeout", "2000");
        sequences.put("bad.errors.retry.delay.max.ms", "100");
        sequences.put("bad.errors.tolerance", "all");
        sequences.put("bad.errors.deadletterqueue.topic.name", "letters");
        sequences.put("slow.tables", "public.t");
        sequences.put("slow.envelope", "change");
        sequences.put(
                "slow.functions.text",
                "function filter() { const end = Date.now() + 2; while (Date.now() < end) {} return true }");
        try (var broker = start(sequences)) {
            database.execute(
                    "insert into t select i, case when i > 1 then repeat('x', 500) end from generate_series(1, 500) i");
            assertThat(broker.await("good", 500)).hasSize(500);
            assertThat(ids(broker.await("letters", 1))).containsExactly(1);
            assertThat(broker.await("bad", 499)).hasSize(499);
        }
    }

    @Test
    void oneThatIsToBeTriedAgainKeepsATableThatIsToBeReadWaitingAndNotItsSourceForGood() throws Exception {
        functions(
                "let until; function transform(action, record) { if (record.v !== null) return 0;"
                        + " until = until ?? Date.now() + 3000; if (Date.now() < until) throw new Error('not yet'); return 1 }");
        var sequences = new HashMap<>(SEQUENCES);
        sequences.put("bad.tables", "public.*");
        sequences.put("bad.errors.retry.timeout", "-1");
        sequences.put("bad.errors.retry.delay.max.ms", "500");
        try (var broker = start(sequences)) {
            database.execute("insert into t values (1, 'a'), (2, null)");
            Awaitility.await().until(() -> FilteredSequenceTest.troubles(broker).contains("with id=2"));
            database.execute("create table late (id int primary key, v text)", "insert into late values (3, 'c')");
            assertThat(broker.await("bad", 3)).containsExactly("{\"id\":1} 0", "{\"id\":2} 1", "{\"id\":3} 0");
            assertThat(ids(broker.await("good", 2))).containsExactly(1, 2);
        }
    }

    @Test
    void itIsTriedAgainWhenAskedForOnceWhatItAsksIsMended() throws Exception {
        database.execute(
                "create function fine(text) returns boolean language plpgsql as $$ begin raise 'not yet'; end $$");
        try (var broker = start(Map.of("good.tables", "public.t"))) {
            var api = ApiClient.of(broker);
            api.put("some", Map.of("tables", "public.t", "where", "public.fine(v)"));
            api.awaitHeld("some");
            database.execute("insert into t values (1, 'a'), (2, 'b')");
            broker.await("good", 2);
            Awaitility.await().until(() -> api.get("sequences/some")
                    .json()
                    .get("state")
                    .asText()
                    .equals("STOPPED"));
            assertThat(api.get("sequences/some").json().get("reason").asText()).contains("not yet");
            assertThat(api.post("sequences/none/resume", Map.of()).code()).isEqualTo(404);
            database.execute(
                    "create or replace function fine(text) returns boolean language plpgsql as $$ begin return true; end $$");
            assertThat(api.post("sequences/some/resume", Map.of()).code()).isEqualTo(202);
            assertThat(ids(broker.await("some", 2))).containsExactly(1, 2);
            assertThat(api.post("sequences/some/resume", Map.of()).code()).isEqualTo(202);
            database.execute("insert into t values (3, 'c')");
            assertThat(ids(broker.await("some", 3))).containsExactly(1, 2, 3);
            assertThat(ids(broker.await("good", 3))).containsExactly(1, 2, 3);
            assertThat(api.get("sequences/some").json().get("state").asText()).isEqualTo("RUNNING");
        }
    }

    @Test
    void oneThatIsDefinedWronglyAfterAWhileStopsAloneToo() throws Exception {
        Map<String, String> right =
                Map.of("good.tables", "public.t", "some.tables", "public.t", "some.where", "id > 0");
        try (var broker = start(right)) {
            database.execute("insert into t values (1, 'a')");
            broker.await("some", 1);
        }
        Map<String, String> wrong =
                Map.of("good.tables", "public.t", "some.tables", "public.t", "some.where", "di > 0");
        try (var broker = start(wrong)) {
            assertThat(FilteredSequenceTest.troubles(broker)).contains("column \\\"di\\\" does not exist");
            database.execute("insert into t values (2, 'b')");
            broker.await("good", 2);
        }
        try (var broker = start(right)) {
            assertThat(broker.await("some", 2)).hasSize(2);
            assertThat(broker.await("good", 2)).hasSize(2);
        }
    }

    @Test
    void twoThatStoppedAtDifferentPlacesCatchUpTogetherAndOneMayFailOnceMore() throws Exception {
        Map<String, String> sequences = Map.of(
                "one.tables",
                "public.t",
                "one.where",
                "10 / (id - 2) < 100",
                "two.tables",
                "public.t",
                "two.where",
                "10 / (id - 4) < 100",
                "good.tables",
                "public.t");
        try (var broker = start(sequences)) {
            for (int id = 1; id <= 6; id++) {
                database.execute("insert into t values (" + id + ", 'x')");
            }
            broker.await("good", 6);
            assertThat(broker.await("one", 1)).hasSize(1);
            assertThat(broker.await("two", 3)).hasSize(3);
        }
        Map<String, String> half = Map.of(
                "one.tables",
                "public.t",
                "one.where",
                "10 / (id - 5) < 100",
                "two.tables",
                "public.t",
                "two.where",
                "true",
                "good.tables",
                "public.t");
        try (var broker = start(half)) {
            assertThat(broker.await("two", 6)).hasSize(6);
            assertThat(broker.await("one", 4)).hasSize(4);
            Awaitility.await().until(() -> FilteredSequenceTest.troubles(broker).contains("sequence one has stopped"));
            database.execute("insert into t values (7, 'x')");
            assertThat(ids(broker.await("two", 7))).containsExactly(1, 2, 3, 4, 5, 6, 7);
        }
        Map<String, String> both =
                Map.of("one.tables", "public.t", "two.tables", "public.t", "good.tables", "public.t");
        try (var broker = start(both)) {
            assertThat(ids(broker.await("one", 7))).containsExactly(1, 2, 3, 4, 5, 6, 7);
            database.execute("insert into t values (8, 'x')");
            for (String sequence : List.of("one", "two", "good")) {
                assertThat(ids(broker.await(sequence, 8))).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
            }
        }
    }

    @Test
    @Tag("proof") // takes as long as all others here
    void aTransactionThatSpreadsOverManyAppendsIsNoReasonForLossEither() throws Exception {
        Map<String, String> failing = Map.of(
                "good.tables", "public.t",
                "some.tables", "public.t",
                "some.where", "10 / (id - 20000) < 100");
        try (var broker = start(failing)) {
            database.execute("insert into t select i, repeat('x', 400) from generate_series(1, 40000) i");
            assertThat(broker.await("good", 40_000)).hasSize(40_000);
            assertThat(broker.await("some", 19_999)).hasSize(19_999);
        }
        try (var broker = start(Map.of("good.tables", "public.t", "some.tables", "public.t"))) {
            database.execute("insert into t values (0, 'last')");
            assertThat(broker.await("some", 40_001)).hasSize(40_001);
            assertThat(broker.await("good", 40_001)).hasSize(40_001);
            assertThat(new HashSet<>(broker.await("some", 40_001))).hasSize(40_001);
        }
    }

    @Test
    @Tag("proof") // takes as long as all others here
    void rowsAreNotReadAgainForOthersWhileItCouldNotBeToldOfThem() throws Exception {
        Map<String, String> failing =
                Map.of("good.tables", "public.t", "some.tables", "public.t", "some.where", "10 / (id - 2) < 100");
        try (var broker = start(failing)) {
            database.execute("insert into t values (1, 'x')", "insert into t values (2, 'x')");
            broker.await("good", 2);
            Awaitility.await().until(() -> FilteredSequenceTest.troubles(broker).contains("sequence some has stopped"));
            database.query("select paillette.backfill('app', 'public.t')");
            database.execute("insert into t values (3, 'x')");
            Awaitility.await()
                    .during(Duration.ofSeconds(4))
                    .atMost(Duration.ofSeconds(6))
                    .until(() -> broker.await("good", 3).size() == 3);
        }
        try (var broker = start(Map.of("good.tables", "public.t", "some.tables", "public.t"))) {
            assertThat(ids(broker.await("some", 6))).containsExactly(1, 2, 3, 1, 2, 3);
            assertThat(ids(broker.await("good", 6))).containsExactly(1, 2, 3, 1, 2, 3);
        }
    }

    @Test
    void theFirstChangeAfterTheRowsThatWereThereIsNoReasonToStopTheOthers() throws Exception {
        database.execute("insert into t values (1, 'x')", "create table large (id int primary key, v text)");
        Map<String, String> failing =
                Map.of("good.tables", "public.t", "some.tables", "public.t", "some.where", "10 / (id - 2) < 100");
        Map<String, String> options = Map.of("snapshot.mode", "initial");
        try (var broker = FedBroker.start(database, directory, options, failing).streaming()) {
            broker.await("some", 1);
            database.execute("insert into t values (2, 'x')");
            broker.await("good", 2);
            Awaitility.await().until(() -> FilteredSequenceTest.troubles(broker).contains("sequence some has stopped"));
        }
        try (var broker = FedBroker.start(
                database, directory, options, Map.of("good.tables", "public.t", "some.tables", "public.t"))) {
            assertThat(ids(broker.await("some", 2))).containsExactly(1, 2);
            assertThat(ids(broker.await("good", 2))).containsExactly(1, 2);
        }
    }

    @Test
    @Tag("proof") // takes as long as all others here
    void rowsOfOtherTablesAreReadOnRightAfterItHasCaughtUp() throws Exception {
        Map<String, String> failing =
                Map.of("good.tables", "public.t", "some.tables", "public.t", "some.where", "10 / (id - 2) < 100");
        database.execute(
                "create table other (id int primary key, v text)",
                "insert into other select i, repeat('x', 200) from generate_series(1, 50000) i");
        try (var broker = start(failing).streaming()) {
            database.execute("insert into t values (1, 'x')", "insert into t values (2, 'x')");
            Awaitility.await().until(() -> FilteredSequenceTest.troubles(broker).contains("sequence some has stopped"));
            database.query("select paillette.backfill('app', 'public.other')");
            broker.await("app.public.other", 1);
        }
        try (var broker = start(Map.of("good.tables", "public.t", "some.tables", "public.t"))) {
            assertThat(ids(broker.await("some", 2))).containsExactly(1, 2);
            assertThat(broker.await("app.public.other", 50_000)).hasSize(50_000);
        }
    }

    @Test
    void oneThatIsTakenOutGivesUpWhatItMissedOnlyOnceThatIsStored() throws Exception {
        Map<String, String> failing =
                Map.of("good.tables", "public.t", "some.tables", "public.t", "some.where", "10 / (id - 2) < 100");
        try (var broker = start(failing).streaming()) {
            database.execute("insert into t values (1, 'x')", "insert into t values (2, 'x')");
            broker.await("good", 2);
            Awaitility.await().until(() -> behind(broker) > 0);
        }
        Map<String, String> without = Map.of("good.tables", "public.t");
        try (var broker = start(without)) {
            assertThat(behind(broker)).isZero();
        }
        try (var broker = start(Map.of("good.tables", "public.t", "some.tables", "public.t"))) {
            database.execute("insert into t values (3, 'x')");
            assertThat(ids(broker.await("good", 3))).containsExactly(1, 2, 3);
            assertThat(FilteredSequenceTest.troubles(broker)).isEqualTo("[] []");
        }
    }

    private FedBroker start(Map<String, String> sequences) throws Exception {
        return FedBroker.start(database, directory, NO_DATA, sequences);
    }

    private static List<Integer> ids(List<String> records) {
        return records.stream()
                .map(record -> Integer.valueOf(record.substring("{\"id\":".length(), record.indexOf('}'))))
                .toList();
    }

    /** How many sequences are behind in what is stored. */
    private static int behind(FedBroker broker) throws IOException, InterruptedException {
        JsonNode behind =
                FilteredSequenceTest.status(broker).get("sources").get(0).get("behind");
        return behind == null ? 0 : behind.size();
    }

    private void functions(String text) throws IOException {
        Files.writeString(directory.resolve("functions.js"), text);
    }
}
