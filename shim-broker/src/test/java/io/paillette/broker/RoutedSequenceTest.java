package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expressions that choose topics, keys, partitions and headers. */
class RoutedSequenceTest {

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
            String records = "select string_agg(concat_ws(' ', coalesce(key, '-'), value::jsonb ->> 'action',"
                    + " (select string_agg((h ->> 'key') || '=' || coalesce(h ->> 'value', 'NULL'), ',')"
                    + " from jsonb_array_elements(headers) h)), chr(10) order by \"offset\")"
                    + " from paillette.records_text('chosen', %d)";
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(
                            () -> assertThat(database.query(records.formatted(0)))
                                    .isEqualTo(
                                            """
                            customer-8 I was=NULL,Is=none
                            customer-8 D was=NULL,Is=none
                            customer-10 I was=NULL,Is=none
                            customer-10 D was=NULL,Is=none"""));
            assertThat(database.query(
                            "select string_agg(p || ' ' || key, ',' order by p, \"offset\") from (select 0 as p, * from"
                                    + " paillette.records_text('chosen', 0) union all select 1, * from"
                                    + " paillette.records_text('chosen', 1)) r where key = 'customer-7'"))
                    .as("as the key says")
                    .matches("(. customer-7,?){2}");
            broker.await("called", 3);
            assertThat(database.query("select string_agg(headers -> 0 ->> 'value', ',' order by \"offset\")"
                            + " from paillette.records_text('called', 0)"))
                    .isEqualTo("A,X");
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
            broker.await("guarded_letters", 1);
            assertThat(database.query(
                            "select value || headers::text from paillette.records_text('guarded_letters', 0)"))
                    .contains("its value is no partition")
                    .doesNotContain("secret");
        }
    }

    @Test
    void expressionsAndFunctionsChooseATopicOfTheSource() throws Exception {
        database.execute(
                "create table orders (id int primary key, status text)",
                "alter table orders replica identity full",
                "create table archived (id int primary key)");
        var sequences = Map.of(
                "archive.tables", "public.archived",
                "live.tables", "public.orders",
                "live.envelope", "wal2json",
                "live.route.topic",
                        "case status when 'old' then 'archive' when 'new' then null else 'app.by.' || status end",
                "live.route.key", "status || id",
                "called.tables", "public.orders",
                "called.envelope", "change",
                "called.functions.text",
                        "function transform(action, record) { return record.id }"
                                + " function route(action, record) { return {topic: 'app.called.' + record.status} }");
        try (var broker = FedBroker.start(database, directory, NO_DATA, sequences)) {
            database.execute(
                    "insert into orders values (1, 'new'), (2, 'old'), (3, 'paid')",
                    "update orders set status = 'old' where id = 1",
                    "delete from orders where id = 1");
            assertThat(broker.await("live", 1)).singleElement().asString().startsWith("new1 ");
            assertThat(broker.await("archive", 3))
                    .extracting(record -> record.substring(0, 4))
                    .containsExactly("old2", "old1", "old1");
            assertThat(broker.await("app.by.paid", 1))
                    .singleElement()
                    .asString()
                    .startsWith("paid3 ");
            assertThat(broker.await("app.called.old", 3))
                    .containsExactly("{\"id\":2} 2", "{\"id\":1} 1", "{\"id\":1} 1");
            assertThat(broker.await("app.called.paid", 1)).containsExactly("{\"id\":3} 3");
        }
    }

    @Test
    void aTopicThatIsNoneOfItsSourceIsADeadLetterAndAMaskedOneIsNotTold() throws Exception {
        database.execute(
                "create table orders (id int primary key, place text)",
                "create table guarded (id int primary key, place text)");
        var source = Map.of("snapshot.mode", "no_data", "column.mask.with.4.chars", "public.guarded.place");
        var sequences = new HashMap<String, String>();
        for (String table : List.of("orders", "guarded")) {
            sequences.put(table + ".tables", "public." + table);
            sequences.put(table + ".operations", "insert");
            sequences.put(table + ".route.topic", "place");
            sequences.put(table + ".errors.tolerance", "all");
            sequences.put(table + ".errors.deadletterqueue.topic.name", table + "_letters");
            sequences.put(table + ".errors.deadletterqueue.context.headers.enable", "true");
        }
        try (var broker = FedBroker.start(database, directory, source, sequences)) {
            database.execute(
                    "insert into orders values (1, 'elsewhere'), (2, 'app. x.y'), (3, null)",
                    "insert into guarded values (1, 'secret')");
            assertThat(broker.await("orders", 1)).singleElement().asString().startsWith("{\"id\":3} ");
            broker.await("orders_letters", 2);
            assertThat(database.query(
                            "select string_agg(headers::text, ' ') from paillette.records_text('orders_letters', 0)"))
                    .contains("sequence.orders.route.topic fails for the insert of the row of public.orders with id=1")
                    .contains("which is none of its source: choose the topic of a sequence of the source");
            broker.await("guarded_letters", 1);
            assertThat(database.query(
                            "select value || headers::text from paillette.records_text('guarded_letters', 0)"))
                    .contains("its record has a topic, which is none of its source")
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
