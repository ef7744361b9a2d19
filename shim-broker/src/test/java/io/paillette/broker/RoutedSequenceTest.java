package io.paillette.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expressions that choose keys, partitions and headers. */
class RoutedSequenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> NO_DATA = Map.of("snapshot.mode", "no_data");

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void expressionsChooseKeyPartitionAndHeadersOfEachRecord() throws Exception {
        database.execute(
                "create table orders (id int primary key, customer int, note text)",
                "alter table orders replica identity full",
                "insert into orders values (1, 7, 'a')");
        String properties =
                """
                source.app.url=store
                source.app.tables=public.orders
                source.app.slot.name=slot_%s
                sequence.all.tables=public.orders
                sequence.chosen.tables=public.orders
                sequence.chosen.envelope=wal2json
                sequence.chosen.partitions=2
                sequence.chosen.where=id < 100
                sequence.chosen.route.key='customer-' || customer
                sequence.chosen.route.partition=nullif(customer %% 2, 1)
                sequence.chosen.route.headers.was=old.note
                sequence.chosen.route.headers.Is=coalesce(note, 'none')
                sequence.called.tables=public.orders
                sequence.called.envelope=change
                sequence.called.functions.text=function transform(a, record) { return record.id }
                sequence.called.route.headers.note=upper(note)
                sequence.called.operations=read, insert
                """
                        .formatted(database.name());
        try (var broker = FedBroker.start(database, directory, properties).streaming()) {
            broker.await("all", 1);
            database.execute(
                    "insert into orders values (2, 8, null), (100, 9, 'x')",
                    "update orders set note = 'b' where id = 1",
                    "update orders set id = 3, customer = 10 where id = 2",
                    "delete from orders where id = 3");
            broker.await("all", 9);
            assertThat(broker.all("chosen", 6))
                    .filteredOn(record -> !record.key().equals("customer-7"))
                    .allMatch(record -> record.partition() == 0)
                    .extracting(record -> record.key() + " "
                            + JSON.readTree(record.value()).get("action").asText() + " " + FedBroker.headers(record))
                    .containsExactly(
                            "customer-8 I was=null Is=none",
                            "customer-8 D was=null Is=none",
                            "customer-10 I was=null Is=none",
                            "customer-10 D was=null Is=none");
            assertThat(broker.all("chosen", 6))
                    .filteredOn(record -> record.key().equals("customer-7"))
                    .as("as the key says")
                    .hasSize(2)
                    .allMatch(record ->
                            record.partition() == Utils.toPositive(Utils.murmur2("customer-7".getBytes(UTF_8))) % 2);
            assertThat(broker.all("called", 3))
                    .extracting(FedBroker::headers)
                    .containsExactly("note=A", "note=null", "note=X");
        }
    }

    @Test
    void whatIsNoPartitionIsADeadLetterOrStopsTheSequence() throws Exception {
        database.execute(
                "create table orders (id int primary key, place text)",
                "create table guarded (id int primary key, place text)");
        var source = Map.of("snapshot.mode", "no_data", "column.mask.with.4.chars", "public.guarded.place");
        var sequences = new HashMap<>(Map.of(
                "strict.tables", "public.orders",
                "strict.route.partition", "place",
                "tolerant.where", "id > 0",
                "tolerant.tables", "public.orders",
                "tolerant.route.partition", "place",
                "tolerant.operations", "insert",
                "strict.where", "id > 0",
                "strict.operations", "insert",
                "tolerant.errors.tolerance", "all",
                "tolerant.errors.deadletterqueue.topic.name", "letters"));
        sequences.putAll(Map.of(
                "masked.tables", "public.guarded",
                "masked.operations", "insert",
                "masked.route.partition", "place",
                "masked.errors.tolerance", "all",
                "masked.errors.deadletterqueue.topic.name", "guarded_letters",
                "masked.errors.deadletterqueue.context.headers.enable", "true"));
        try (var broker = FedBroker.start(database, directory, source, sequences)) {
            database.execute("insert into guarded values (1, 'secret')");
            database.execute("insert into orders values (1, '0'), (2, 'here'), (3, '1'), (4, '-1'), (5, '0')");
            assertThat(broker.await("tolerant", 2))
                    .hasSize(2)
                    .element(1)
                    .asString()
                    .startsWith("{\"id\":5} ");
            assertThat(broker.await("letters", 3)).hasSize(3);
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            FilteredSequenceTest.troubles(broker))
                    .contains("sequence.strict.route.partition fails for the row of public.orders with id=2")
                    .contains("\\\"here\\\" is no partition, which is a whole number from 0"));
            assertThat(broker.await("strict", 1)).hasSize(1);
            assertThat(broker.all("guarded_letters", 1))
                    .extracting(letter -> letter.value() + FedBroker.headers(letter))
                    .singleElement()
                    .asString()
                    .contains("its value is no partition")
                    .doesNotContain("secret");
        }
    }

    @Test
    void whatCannotChooseIsSaidAtTheStart() throws Exception {
        database.execute("create table orders (id int primary key, customer int)");
        assertRefused(
                "source app: The expression of sequence.s.route.key is none, at character 1: column \"kunde\" does not exist.",
                Map.of("s.tables", "public.orders", "s.route.key", "kunde"));
        assertRefused(
                "The expression of sequence.s.route.key reads customer, which the WAL does not carry for deletes",
                Map.of("s.tables", "public.orders", "s.route.key", "customer"));
        assertRefused(
                "choose columns with sequence.s.key",
                Map.of("s.tables", "public.orders", "s.envelope", "row", "s.route.key", "id"));
        assertRefused(
                "functions, transformations and converters choose themselves",
                Map.of(
                        "s.tables",
                        "public.orders",
                        "s.route.partition",
                        "0",
                        "s.value.converter",
                        "org.apache.kafka.connect.json.JsonConverter"));
        assertRefused("sequence.s.rout.key", Map.of("s.tables", "public.orders", "s.rout.key", "id"));
    }

    private void assertRefused(String why, Map<String, String> sequences) {
        assertThatThrownBy(() -> FedBroker.start(database, directory, NO_DATA, sequences))
                .hasMessageContaining(why);
    }
}
