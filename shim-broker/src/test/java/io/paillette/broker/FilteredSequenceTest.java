package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilteredSequenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> NO_DATA = Map.of("snapshot.mode", "no_data");

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void aTableFeedsEachSequenceThatNamesItWithWhatMeetsItsCondition() throws Exception {
        database.execute(
                "create table orders (id int primary key, status text, total numeric)",
                "alter table orders replica identity full",
                "create table other (id int primary key)",
                "insert into orders values (1, 'new', 5), (2, 'paid', 50)");
        var sequences = Map.of(
                "paid.tables", "public.orders",
                "paid.where", "status = 'paid' and old.status is distinct from 'paid'",
                "large.tables", "public.*",
                "large.topic", "app.public.orders",
                "large.where", "id > 1 -- every row with that id");
        try (var broker = FedBroker.start(database, directory, Map.of(), sequences)) {
            broker.await("app.public.orders", 1);
            database.execute(
                    "update orders set status = 'paid', total = 6",
                    "insert into other values (1), (2)",
                    "delete from orders where id = 2",
                    "insert into orders values (3, 'paid', 1)");
            assertThat(changes(broker.await("paid", 3))).containsExactly("r 2", "u 1", "c 3");
            assertThat(changes(broker.await("app.public.orders", 6)))
                    .containsExactly("r 2", "u 2", "c 2", "d 2", "tombstone", "c 3");
            assertThat(broker.has("app.public.other")).isFalse();
        }
    }

    @Test
    void aSequenceTellsTheOperationsColumnsAndKeyThatItNames() throws Exception {
        database.execute(
                "create table orders (id int primary key, customer int, status text)",
                "alter table orders replica identity full");
        var sequences = Map.of(
                "by_customer.tables", "public.orders",
                "by_customer.operations", "insert, delete",
                "by_customer.columns", "id, status",
                "by_customer.key", "customer, id",
                "whole.tables", "public.orders",
                "whole.operations", "update,truncate");
        try (var broker = FedBroker.start(database, directory, NO_DATA, sequences)) {
            database.execute(
                    "insert into orders values (1, 7, 'new')",
                    "update orders set customer = 8",
                    "delete from orders",
                    "truncate orders");
            List<String> told = broker.await("by_customer", 3);
            assertThat(told.get(0))
                    .startsWith("{\"customer\":7,\"id\":1} {\"before\":null,\"after\":{\"id\":1,\"status\":\"new\"}");
            assertThat(told.get(1))
                    .startsWith("{\"customer\":8,\"id\":1} {\"before\":{\"id\":1,\"status\":\"new\"},\"after\":null");
            assertThat(told.get(2)).isEqualTo("{\"customer\":8,\"id\":1}");
            List<String> whole = broker.await("whole", 2);
            assertThat(whole.get(0)).startsWith("{\"id\":1} {\"before\":{\"id\":1,\"customer\":7,\"status\":\"new\"}");
            assertThat(JSON.readTree(whole.get(1)).get("op").asText()).isEqualTo("t");
        }
    }

    @Test
    void whereNobodyKnowsWhetherItHoldsTheChangeComesAndSaysSo() throws Exception {
        database.execute("create table orders (id int primary key, status text)");
        var sequences = Map.of("paid.tables", "public.orders", "paid.where", "status = 'paid'");
        try (var broker = FedBroker.start(database, directory, NO_DATA, sequences)) {
            database.execute("insert into orders values (1, 'new'), (2, 'paid')", "delete from orders where id = 1");
            assertThat(changes(broker.await("paid", 3))).containsExactly("c 2", "d 1", "tombstone");
            assertThat(broker.all("paid", 3))
                    .extracting(FedBroker::headers)
                    .containsExactly("", "paillette.where=unknown", "paillette.where=unknown");
        }
    }

    @Test
    void aConditionThatIsNoneKeepsTheBrokerFromStartingAndSaysWhere() throws Exception {
        database.execute("create table orders (id int primary key, status text)");
        var sequences = Map.of("paid.tables", "public.orders", "paid.where", "statsu = 'paid'");
        assertThatThrownBy(() -> FedBroker.start(database, directory, NO_DATA, sequences))
                .hasMessage(
                        "source app: The condition of sequence.paid.where is none, at character 1: column \"statsu\""
                                + " does not exist.");
    }

    @Test
    void oneThatFailsForARowStopsThereAndGoesOnFromThereOnceItIsCorrected() throws Exception {
        database.execute("create table orders (id int primary key, n int)");
        try (var broker = FedBroker.start(
                database, directory, NO_DATA, Map.of("some.tables", "public.orders", "some.where", "60 / n > 10"))) {
            database.execute("insert into orders values (1, 2)");
            broker.await("some", 1);
            database.execute(
                    "insert into orders values (2, 3)",
                    "insert into orders values (3, 0)",
                    "insert into orders values (4, 1)");
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(troubles(broker))
                    .contains("sequence.some.where fails for the row of public.orders with id=3")
                    .contains("division by zero"));
        }
        try (var broker = FedBroker.start(
                database,
                directory,
                NO_DATA,
                Map.of("some.tables", "public.orders", "some.where", "60 / nullif(n, 0) > 10"))) {
            assertThat(changes(broker.await("some", 3))).containsExactly("c 1", "c 2", "c 4");
        }
    }

    @Test
    void whatASequenceCannotBeIsSaidAtTheStart() throws Exception {
        database.execute("create table keyless (v text)", "create table t (id int primary key, email text)");
        assertRefused(
                "sequence.s: its topic is compacted, which keeps nothing of table public.keyless",
                Map.of("s.tables", "public.keyless", "s.cleanup.policy", "compact"));
        assertRefused(
                "sequence.s.key: the WAL does not say which rows of public.t had another such key before",
                Map.of("s.tables", "public.t", "s.envelope", "row", "s.key", "email"));
        assertRefused(
                "sequence.s.key: table public.t has no column \"mail\"; it has id, email",
                Map.of("s.tables", "public.t", "s.key", "mail"));
        assertRefused(
                "sequence.s.columns: no table of the sequence has a column \"mail\"",
                Map.of("s.tables", "public.t", "s.columns", "mail"));
        assertRefused(
                "sequence.s.cleanup.policy: must contain compact with envelope=row",
                Map.of("s.tables", "public.t", "s.envelope", "row", "s.cleanup.policy", "delete"));
        assertRefused(
                "topic \"s\" is that of sequence r as well, with other partitions, topic configs or another envelope",
                Map.of("s.tables", "public.t", "r.tables", "public.t", "r.topic", "s", "r.envelope", "change"));
        assertRefused(
                "sequence.r and sequence.s both name table public.t for topic s",
                Map.of("s.tables", "public.t", "s.where", "id > 1", "r.tables", "public.*", "r.topic", "s"));
        assertRefused(
                "sequence.s: Invalid value a week for configuration retention.ms",
                Map.of("s.tables", "public.t", "s.retention.ms", "a week"));
    }

    private void assertRefused(String why, Map<String, String> sequences) {
        assertThatThrownBy(() -> FedBroker.start(database, directory, NO_DATA, sequences))
                .hasMessageContaining(why);
    }

    /** {@code c 7} for each value. */
    private static List<String> changes(List<String> records) throws IOException {
        var changes = new ArrayList<String>();
        for (String record : records) {
            int blank = record.indexOf("} {");
            if (blank < 0) {
                changes.add("tombstone");
            } else {
                JsonNode value = JSON.readTree(record.substring(blank + 2));
                JsonNode row = value.get(value.get("after").isNull() ? "before" : "after");
                changes.add(value.get("op").asText() + " " + row.get("id").asInt());
            }
        }
        return changes;
    }

    /** What a person should look at, of the source and of its sequences. */
    static String troubles(FedBroker broker) throws IOException, InterruptedException {
        JsonNode status = status(broker);
        return status.get("problems") + " " + status.get("warnings");
    }

    static JsonNode status(FedBroker broker) throws IOException, InterruptedException {
        URI http = URI.create(broker.line().http().orElseThrow() + "/status");
        return JSON.readTree(HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(http).build(), BodyHandlers.ofString())
                .body());
    }
}
