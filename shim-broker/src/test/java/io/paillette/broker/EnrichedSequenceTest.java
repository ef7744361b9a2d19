package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnrichedSequenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> NO_DATA = Map.of("snapshot.mode", "no_data");
    private static final String QUERY = "select o.id, c.name, c.tier from orders o"
            + " join customers c on c.id = o.customer_id where o.id = any($1)";

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void whatTheQueryFindsIsInTheValueOfEachEnvelopeAndNullWhereItFindsNothing() throws Exception {
        shop();
        database.execute("insert into orders values (1, 7, 5)");
        String properties = sequence("told", "")
                + sequence("change", "envelope=change", "where=total > 1")
                + sequence("row", "envelope=row")
                + sequence("flat", "envelope=row", "transforms=id", "transforms.id.type=" + kafkas("InsertField$Value"))
                + "sequence.flat.transforms.id.topic.field=topic\n"
                + sequence("meta", "envelope=change", "key.converter=org.apache.kafka.connect.json.JsonConverter")
                + "sequence.meta.key.converter.schemas.enable=false\n";
        try (var broker = FedBroker.start(database, directory, source() + properties)) {
            broker.await("told", 1);
            database.execute(
                    "insert into orders values (2, 8, 6)",
                    "update orders set id = 3 where id = 1",
                    "delete from orders where id = 2");
            assertThat(enrichments(broker, "told", 7, "/enrichment"))
                    .containsExactly(
                            "r {\"name\":\"Ann\",\"tier\":1.50}",
                            "c null",
                            "d null",
                            "tombstone",
                            "c {\"name\":\"Ann\",\"tier\":1.50}",
                            "d null",
                            "tombstone");
            assertThat(enrichments(broker, "change", 5, "/metadata/enrichment"))
                    .containsExactly(
                            "read {\"name\":\"Ann\",\"tier\":1.50}",
                            "insert null",
                            "delete null",
                            "insert {\"name\":\"Ann\",\"tier\":1.50}",
                            "delete null");
            assertThat(broker.await("row", 5))
                    .containsExactly(
                            "{\"id\":1} {\"id\":1,\"customer_id\":7,\"total\":5,\"enrichment\":{\"name\":\"Ann\",\"tier\":1.50}}",
                            "{\"id\":2} {\"id\":2,\"customer_id\":8,\"total\":6,\"enrichment\":null}",
                            "{\"id\":1}",
                            "{\"id\":3} {\"id\":3,\"customer_id\":7,\"total\":5,\"enrichment\":{\"name\":\"Ann\",\"tier\":1.50}}",
                            "{\"id\":2}");
            assertThat(broker.await("meta", 5).get(0)).contains("\"enrichment\":\"{\\\"name\\\":\\\"Ann\\\"");
        }
    }

    @Test
    void functionsAndTransformationsHaveItAlready() throws Exception {
        shop();
        Files.writeString(
                directory.resolve("functions.js"),
                """
                function filter(action, record, changes, metadata) { return metadata.enrichment !== null }
                function transform(action, record, changes, metadata) { return metadata.enrichment.name }
                function route(action, record, changes, metadata) { return { key: String(metadata.enrichment.tier) } }
                """);
        String properties = sequence("called", "envelope=change", "functions=functions.js")
                + sequence("moved", "envelope=row", "enrich.into=headers", "transforms=named")
                + "sequence.moved.transforms.named.type=" + kafkas("InsertHeader") + "\n"
                + "sequence.moved.transforms.named.header=more\n"
                + "sequence.moved.transforms.named.value.literal=x\n"
                + sequence("headers", "envelope=wal2json", "enrich.into=headers", "where=total > 1")
                + sequence("masked", "envelope=row", "transforms=mask")
                + "sequence.masked.transforms.mask.type=" + kafkas("MaskField$Value") + "\n"
                + "sequence.masked.transforms.mask.fields=enrichment\n"
                + "sequence.masked.transforms.mask.replacement=gone\n";
        try (var broker =
                FedBroker.start(database, directory, source() + properties).streaming()) {
            database.execute("insert into orders values (1, 7, 5), (2, 8, 6), (3, 7, 0)");
            assertThat(broker.await("called", 2)).containsExactly("1.5 \"Ann\"", "1.5 \"Ann\"");
            assertThat(broker.await("masked", 3).get(0))
                    .isEqualTo("{\"id\":1} {\"id\":1,\"customer_id\":7,\"total\":5,\"enrichment\":\"gone\"}");
            assertThat(broker.all("headers", 2))
                    .extracting(FedBroker::headers)
                    .containsExactly("name=Ann tier=1.50", "name=null tier=null");
            assertThat(broker.all("moved", 3))
                    .extracting(FedBroker::headers)
                    .containsExactly(
                            "name=Ann tier=1.50 more=x", "name=null tier=null more=x", "name=Ann tier=1.50 more=x");
        }
    }

    @Test
    void aRowForWhichItFailsStopsItsSequenceThereOrIsADeadLetter() throws Exception {
        shop();
        String properties = sequence("strict", "")
                + sequence("tolerant", "errors.tolerance=all", "errors.deadletterqueue.topic.name=letters")
                + "sequence.all.tables=public.orders\n";
        try (var broker =
                FedBroker.start(database, directory, source() + properties).streaming()) {
            database.execute("insert into customers values (7, 'Ann again', 2)");
            database.execute("insert into orders values (1, 8, 1), (2, 7, 1), (3, 8, 1)");
            broker.await("all", 3);
            assertThat(enrichments(broker, "tolerant", 2, "/after/id")).containsExactly("c 1", "c 3");
            assertThat(broker.await("letters", 1).get(0))
                    .startsWith("{\"id\":2} ")
                    .doesNotContain("enrichment");
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            FilteredSequenceTest.troubles(broker))
                    .contains("The query of sequence.strict.enrich fails for the row of public.orders with id=2")
                    .contains("it finds more than one row of that key"));
            assertThat(enrichments(broker, "strict", 1, "/after/id")).containsExactly("c 1");
            database.execute("delete from customers where name = 'Ann again'");
            assertThat(ApiClient.of(broker)
                            .post("sequences/strict/resume", Map.of())
                            .code())
                    .isIn(200, 202);
            assertThat(enrichments(broker, "strict", 3, "/enrichment/name")).containsExactly("c ", "c \"Ann\"", "c ");
            database.execute(
                    "alter table customers drop column tier", "insert into orders values (4, 7, 1), (5, 7, 1)");
            broker.await("all", 5);
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            FilteredSequenceTest.troubles(broker))
                    .contains("The query of sequence.tolerant.enrich is none, at character 22"));
            assertThat(broker.await("letters", 1)).as("no row is to blame").hasSize(1);
        }
    }

    @Test
    void aQueryThatIsNoneIsRefusedWhereverItIsDefined() throws Exception {
        shop();
        database.execute("create table keyless (v text)", "create table taken (id int primary key, enrichment text)");
        assertRefused(
                "source app: The query of sequence.s.enrich is none, at character 12: column \"nam\" does not exist.",
                Map.of("s.tables", "public.orders", "s.enrich", "select id, nam from orders where id = any($1)"));
        assertRefused(
                "sequence.s.enrich: table public.keyless has no key by which a query could find its rows",
                Map.of("s.tables", "public.keyless", "s.enrich", "select v from keyless where v = any($1)"));
        assertRefused(
                "sequence.s.enrich: table public.taken has a column \"enrichment\" of its own",
                Map.of("s.tables", "public.taken", "s.envelope", "row", "s.enrich", "select 1 as id, $1 as x"));
        assertRefused(
                "wal2json has no place for it in the value: set sequence.s.enrich.into=headers",
                Map.of("s.tables", "public.orders", "s.envelope", "wal2json", "s.enrich", QUERY));
        assertRefused(
                "\"body\" must be value or headers",
                Map.of("s.tables", "public.orders", "s.enrich", QUERY, "s.enrich.into", "body"));
        assertRefused("there is nothing to go there", Map.of("s.tables", "public.orders", "s.enrich.into", "headers"));
        try (var broker =
                FedBroker.start(database, directory, NO_DATA, Map.of()).streaming()) {
            var api = ApiClient.of(broker);
            var answer = api.put("some", Map.of("tables", "public.orders", "enrich", "select id from orders"));
            assertThat(answer.code()).isEqualTo(400);
            assertThat(answer.text()).contains("takes no keys").contains("WHERE id = ANY($1)");
            assertThat(api.put("some", Map.of("tables", "public.orders", "enrich", QUERY, "key", "id"))
                            .code())
                    .isEqualTo(201);
            api.awaitHeld("some");
            database.execute("insert into orders values (1, 7, 5)");
            assertThat(enrichments(broker, "some", 1, "/enrichment/name")).containsExactly("c \"Ann\"");
        }
    }

    private void shop() {
        database.execute(
                "create table customers (id int, name text, tier numeric)",
                "insert into customers values (7, 'Ann', 1.50)",
                "create table orders (id int primary key, customer_id int, total int)");
    }

    private String source() {
        return """
                source.app.url=store
                source.app.tables=public.orders
                source.app.slot.name=slot_%s
                """
                .formatted(database.name());
    }

    private static String sequence(String name, String... options) {
        var text = new StringBuilder();
        text.append("sequence.%1$s.tables=public.orders%nsequence.%1$s.enrich=%2$s%n".formatted(name, QUERY));
        for (String option : options) {
            text.append(option.isEmpty() ? "" : "sequence." + name + "." + option + "\n");
        }
        return text.toString();
    }

    private static String kafkas(String transformation) {
        return "org.apache.kafka.connect.transforms." + transformation;
    }

    private void assertRefused(String why, Map<String, String> sequences) {
        assertThatThrownBy(() -> FedBroker.start(database, directory, NO_DATA, sequences))
                .hasMessageContaining(why);
    }

    /** What happened, and what is at a place of the value. */
    private static List<String> enrichments(FedBroker broker, String topic, int count, String at) throws IOException {
        var all = new ArrayList<String>();
        for (String record : broker.await(topic, count)) {
            int blank = record.indexOf("} {");
            if (blank < 0) {
                all.add("tombstone");
            } else {
                JsonNode value = JSON.readTree(record.substring(blank + 2));
                all.add(value.path(value.has("op") ? "op" : "action").asText() + " " + raw(record, value.at(at), at));
            }
        }
        return all;
    }

    /** With the digits that it has. */
    private static String raw(String record, JsonNode value, String at) {
        String field = "\"" + at.substring(at.lastIndexOf('/') + 1) + "\":";
        return value.isObject()
                ? record.substring(record.indexOf(field) + field.length()).replaceFirst("}.*", "}")
                : value.toString();
    }
}
