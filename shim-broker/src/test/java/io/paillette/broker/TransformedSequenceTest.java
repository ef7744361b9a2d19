package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransformedSequenceTest {

    private static final String KAFKAS = "org.apache.kafka.connect.transforms.";
    private static final String SOURCE =
            """
            source.app.url=store
            source.app.tables=public.*
            source.app.snapshot.mode=no_data
            sequence.some.tables=public.orders
            """;

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void kafkasTransformationsAndPredicatesChangeWhatASequenceTells() throws Exception {
        database.execute("create table orders (id int primary key, status text, card text)");
        try (var broker = start(
                """
                sequence.some.envelope=row
                sequence.some.partitions=2
                sequence.some.transforms=from, mask, drafts, away, id
                sequence.some.transforms.from.type=%1$sInsertField$Value
                sequence.some.transforms.from.static.field=shop
                sequence.some.transforms.from.static.value=Lyon
                sequence.some.transforms.from.predicate=gone
                sequence.some.transforms.from.negate=true
                sequence.some.transforms.mask.type=%1$sMaskField$Value
                sequence.some.transforms.mask.fields=card
                sequence.some.transforms.mask.predicate=gone
                sequence.some.transforms.mask.negate=true
                sequence.some.transforms.drafts.type=%1$sFilter
                sequence.some.transforms.drafts.predicate=gone
                sequence.some.transforms.away.type=%1$sRegexRouter
                sequence.some.transforms.away.regex=some
                sequence.some.transforms.away.replacement=app.elsewhere.$0
                sequence.some.transforms.id.type=%1$sExtractField$Key
                sequence.some.transforms.id.field=id
                sequence.some.predicates=gone
                sequence.some.predicates.gone.type=%1$spredicates.RecordIsTombstone
                sequence.some.key.converter=org.apache.kafka.connect.storage.StringConverter
                """
                        .formatted(KAFKAS))) {
            database.execute(
                    "insert into orders values (1, 'new', '4000')",
                    "update orders set status = 'paid'",
                    "delete from orders",
                    "insert into orders values (2, null, null)");
            assertThat(broker.await("app.elsewhere.some", 3))
                    .containsExactly(
                            "1 {\"id\":1,\"status\":\"new\",\"card\":\"\",\"shop\":\"Lyon\"}",
                            "1 {\"id\":1,\"status\":\"paid\",\"card\":\"\",\"shop\":\"Lyon\"}",
                            "2 {\"id\":2,\"status\":null,\"card\":null,\"shop\":\"Lyon\"}");
            assertThat(broker.has("some")).isFalse();
            assertThat(get(broker, "/metrics")).contains("paillette_sequence_dropped_total{sequence=\"some\"} 1.0");
        }
    }

    @Test
    void aRecordIsWhatTheConnectorWouldMakeAndItsSchemaGoesToTheConverter() throws Exception {
        database.execute("create table orders (id int primary key, total numeric(6,2))");
        try (var broker = start(
                """
                sequence.some.value.converter=org.apache.kafka.connect.json.JsonConverter
                sequence.some.value.converter.decimal.format=NUMERIC
                """)) {
            database.execute("insert into orders values (1, 12.50)");
            assertThat(broker.await("some", 1).get(0))
                    .startsWith("{\"id\":1} {\"schema\":{\"type\":\"struct\",")
                    .contains(
                            "\"name\":\"app.public.orders.Envelope\"",
                            "\"name\":\"org.apache.kafka.connect.data.Decimal\"",
                            "\"after\":{\"id\":1,\"total\":12.50}");
            assertThat(broker.all("some", 1).get(0).timestamp()).isPositive();
        }
    }

    @Test
    void eachPluginOfThePathHasItsOwnClassesAndSeesThemFromItsThread() throws Exception {
        plugin("first", "one");
        plugin("second", "two");
        database.execute("create table orders (id int primary key)");
        try (var broker = start(
                """
                plugin.path=%s
                sequence.some.envelope=row
                sequence.some.transforms=a,b
                sequence.some.transforms.a.type=shop.First
                sequence.some.transforms.b.type=shop.Second
                """
                        .formatted(directory.resolve("plugins")))) {
            database.execute("insert into orders values (1)");
            assertThat(broker.all("some", 1)).extracting(FedBroker::headers).containsExactly("first=one second=two");
        }
    }

    /** A jar of its own with two classes, one of which has the same name in each. */
    private void plugin(String name, String word) throws IOException {
        String type = Character.toUpperCase(name.charAt(0)) + name.substring(1);
        Path home = Files.createDirectories(directory.resolve("plugins").resolve(name));
        PluginJars.write(
                home.resolve("plugin.jar"),
                Map.of(
                        "shop.Word",
                        "package shop; public class Word { public String toString() { return \"" + word + "\"; } }",
                        "shop." + type,
                        """
                        package shop;
                        import java.util.Map;
                        import org.apache.kafka.common.config.ConfigDef;
                        import org.apache.kafka.connect.source.SourceRecord;
                        import org.apache.kafka.connect.transforms.Transformation;
                        public class %s implements Transformation<SourceRecord> {
                            public SourceRecord apply(SourceRecord record) {
                                try {
                                    Class<?> word = Thread.currentThread().getContextClassLoader().loadClass("shop.Word");
                                    record.headers().addString("%s", word.getConstructor().newInstance().toString());
                                } catch (ReflectiveOperationException e) {
                                    throw new IllegalStateException(e);
                                }
                                return record;
                            }
                            public ConfigDef config() { return new ConfigDef(); }
                            public void configure(Map<String, ?> options) {}
                            public void close() {}
                        }
                        """
                                .formatted(type, name)));
    }

    @Test
    void oneThatFailsForAChangeStopsThereAndNamesItselfAndTheRow() throws Exception {
        database.execute("create table orders (id int primary key, note text)");
        String number =
                """
                sequence.some.envelope=row
                sequence.some.transforms=number
                sequence.some.transforms.number.type=%sCast$Value
                sequence.some.transforms.number.spec=note:%s
                """;
        try (var broker = start(number.formatted(KAFKAS, "int32"))) {
            database.execute("insert into orders values (1, '7')");
            broker.await("some", 1);
            database.execute("insert into orders values (2, 'many')", "insert into orders values (3, '9')");
            awaitReason(
                    broker,
                    "sequence.some.transforms.number fails for the insert of the row of public.orders with id=2 at LSN ",
                    KAFKAS + "Cast$Value: org.apache.kafka.connect.errors.DataException: ",
                    "(many)");
            assertThat(broker.await("some", 1)).containsExactly("{\"id\":1} {\"id\":1,\"note\":7}");
        }
        try (var broker = start(number.formatted(KAFKAS, "string"))) {
            assertThat(broker.await("some", 3))
                    .containsExactly(
                            "{\"id\":1} {\"id\":1,\"note\":7}",
                            "{\"id\":2} {\"id\":2,\"note\":\"many\"}",
                            "{\"id\":3} {\"id\":3,\"note\":\"9\"}");
        }
    }

    @Test
    void aTopicOfSomebodyElseIsNotWrittenTo() throws Exception {
        database.execute("create table orders (id int primary key)");
        try (var broker = start(
                """
                sequence.some.transforms=away
                sequence.some.transforms.away.type=%sRegexRouter
                sequence.some.transforms.away.regex=.*
                sequence.some.transforms.away.replacement=elsewhere
                """
                        .formatted(KAFKAS))) {
            database.execute("insert into orders values (1)");
            awaitReason(
                    broker,
                    "sequence.some.transforms fails for the insert of the row of public.orders with id=1",
                    "its record has topic \"elsewhere\", which is none of its source",
                    "as in app.shop.orders");
            assertThat(broker.has("elsewhere")).isFalse();
        }
    }

    @Test
    void whatIsWronglyConfiguredKeepsTheBrokerFromStarting() throws Exception {
        database.execute("create table orders (id int primary key)");
        refused("sequence.some.transforms=a\nsequence.some.transforms.a.type=" + KAFKAS + "RegexRouter")
                .hasMessageStartingWith(
                        "source app: Missing required configuration \"sequence.some.transforms.a.regex\"");
    }

    @Test
    void whatNamesNothingOrContradictsItselfIsRefused() {
        refused("sequence.some.transforms=a")
                .hasMessageContaining("set sequence.some.transforms.a.type to a class: a is named here");
        refused("sequence.some.transforms.a.type=" + KAFKAS + "Filter")
                .hasMessageContaining("sequence.some.transforms names none; add its name there");
        refused("sequence.some.envelope=wal2json\nsequence.some.value.converter=x")
                .hasMessageContaining("choose debezium, change or row");
        refused("plugin.path=nowhere\nsequence.some.value.converter=x")
                .hasMessageContaining("plugin.path")
                .hasMessageContaining("there is no ");
        refused("sequence.some.errors.tolerance=all")
                .hasMessageContaining("set sequence.some.errors.deadletterqueue.topic.name to a topic for them");
        refused("sequence.some.errors.deadletterqueue.topic.name=letters")
                .hasMessageContaining("set sequence.some.errors.tolerance=all as well");
        refused("sequence.some.errors.tolerance=all\nsequence.some.errors.deadletterqueue.topic.name=some")
                .hasMessageContaining("is the sequence's own topic");
        refused("sequence.some.errors.tolerance=all\nsequence.some.errors.deadletterqueue.topic.name=other\n"
                        + "sequence.other.tables=public.orders")
                .hasMessageContaining("\"other\" is the topic of sequence other: name another");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> refused(String properties) {
        return assertThatThrownBy(() -> start(properties).close());
    }

    private FedBroker start(String properties) throws Exception {
        return FedBroker.start(
                database, directory, SOURCE + "source.app.slot.name=slot_" + database.name() + "\n" + properties);
    }

    private static void awaitReason(FedBroker broker, String... parts) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        FilteredSequenceTest.troubles(broker).replace("\\\"", "\""))
                .contains(parts));
    }

    static String get(FedBroker broker, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(broker.line().http().orElseThrow() + path))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }
}
