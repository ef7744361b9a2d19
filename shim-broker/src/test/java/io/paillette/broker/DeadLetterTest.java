package io.paillette.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLetterTest {

    private static final String TOLERANT =
            """
            sequence.%1$s.tables=public.orders
            sequence.%1$s.errors.tolerance=all
            sequence.%1$s.errors.deadletterqueue.topic.name=letters
            sequence.%1$s.errors.deadletterqueue.context.headers.enable=true
            """;

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void whatFailsForAChangeIsInTheDeadLetterTopicAndTheRestGoesOn() throws Exception {
        database.execute("create table orders (id int primary key, n int, note text)");
        Files.writeString(
                directory.resolve("functions.js"), "function transform(action, record) { return record.note.length }");
        String properties = TOLERANT.formatted("asked")
                + "sequence.asked.where=6 / n > 0\n"
                + TOLERANT.formatted("called")
                + """
                sequence.called.envelope=change
                sequence.called.functions=functions.js
                """
                + TOLERANT.formatted("cast")
                + """
                sequence.cast.envelope=row
                sequence.cast.transforms=number
                sequence.cast.transforms.number.type=org.apache.kafka.connect.transforms.Cast$Value
                sequence.cast.transforms.number.spec=note:int32
                """;
        try (var broker = start(properties)) {
            database.execute(
                    "insert into orders values (1, 1, '1'), (2, 0, '2'), (3, 3, null), (4, 4, 'four'), (5, 5, '5')");

            assertThat(broker.await("asked", 4)).hasSize(4);
            assertThat(broker.await("called", 4))
                    .containsExactly("{\"id\":1} 1", "{\"id\":2} 1", "{\"id\":4} 4", "{\"id\":5} 1");
            assertThat(broker.await("cast", 4))
                    .containsExactly(
                            "{\"id\":1} {\"id\":1,\"n\":1,\"note\":1}",
                            "{\"id\":2} {\"id\":2,\"n\":0,\"note\":2}",
                            "{\"id\":3} {\"id\":3,\"n\":3,\"note\":null}",
                            "{\"id\":5} {\"id\":5,\"n\":5,\"note\":5}");
            List<ConsumerRecord<String, String>> letters = broker.all("letters", 3);
            assertThat(letters)
                    .extracting(ConsumerRecord::key)
                    .containsExactly("{\"id\":2}", "{\"id\":3}", "{\"id\":4}");
            assertThat(letters.get(0).value()).contains("\"op\":\"c\"", "\"after\":{\"id\":2,\"n\":0,\"note\":\"2\"}");
            assertThat(headers(letters.get(0)))
                    .containsEntry("topic", "asked")
                    .containsEntry("connector.name", "asked")
                    .containsEntry("stage", "TRANSFORMATION")
                    .hasEntrySatisfying(
                            "exception.message", said -> assertThat(said).contains("with id=2", "division by zero"));
            assertThat(letters.get(1).value()).contains("\"record\":{\"id\":3,\"n\":3,\"note\":null}");
            assertThat(headers(letters.get(1)))
                    .containsEntry("exception.class.name", "io.paillette.function.FunctionException")
                    .hasEntrySatisfying(
                            "exception.message", said -> assertThat(said).contains("TypeError"));
            assertThat(letters.get(2).value()).isEqualTo("{\"id\":4,\"n\":4,\"note\":\"four\"}");
            assertThat(headers(letters.get(2)))
                    .containsEntry("class.name", "org.apache.kafka.connect.transforms.Cast$Value")
                    .containsEntry("exception.class.name", "org.apache.kafka.connect.errors.DataException")
                    .hasEntrySatisfying("exception.stacktrace", trace -> assertThat(trace)
                            .contains("at org.apache.kafka.connect.transforms.Cast"));
            assertThat(TransformedSequenceTest.get(broker, "/metrics"))
                    .contains(
                            "paillette_sequence_dead_letters_total{sequence=\"asked\"} 1.0",
                            "paillette_sequence_dead_letters_total{sequence=\"called\"} 1.0",
                            "paillette_sequence_dead_letters_total{sequence=\"cast\"} 1.0");
        }
    }

    @Test
    void ofALargeTransactionAllIsSeenAtOnceWhicheverTopicItIsIn() throws Exception {
        database.execute("create table orders (id int primary key, note text, padding text)");
        String properties = TOLERANT.formatted("cast")
                + """
                sequence.cast.envelope=row
                sequence.cast.partitions=3
                sequence.cast.transforms=number, away
                sequence.cast.transforms.number.type=org.apache.kafka.connect.transforms.Cast$Value
                sequence.cast.transforms.number.spec=note:int32
                sequence.cast.transforms.away.type=org.apache.kafka.connect.transforms.RegexRouter
                sequence.cast.transforms.away.regex=cast
                sequence.cast.transforms.away.replacement=app.other.numbers
                """;
        try (var broker = start(properties)) {
            database.execute("insert into orders select i, case when i % 100 = 0 then 'none' else i::text end,"
                    + " repeat('x', 1000) from generate_series(1, 9000) i");
            List<ConsumerRecord<String, String>> letters = broker.all("letters", 90);
            assertThat(letters)
                    .extracting(ConsumerRecord::key)
                    .doesNotHaveDuplicates()
                    .hasSize(90);
            assertThat(broker.all("app.other.numbers", 8910))
                    .extracting(ConsumerRecord::key)
                    .doesNotHaveDuplicates()
                    .hasSize(8910);
        }
    }

    /** Of a source that cannot be asked each change would go there. */
    @Test
    void aConditionThatFailsForNoRowInParticularStopsTheSequenceAllTheSame() throws Exception {
        database.execute(
                "create table orders (id int primary key)", "create table other (id int primary key, gone int)");
        try (var broker = start(TOLERANT.formatted("asked")
                + "sequence.asked.where=exists (select from other where gone is distinct from new.id)\n")) {
            database.execute("insert into other values (1, 0)", "insert into orders values (1)");
            broker.await("asked", 1);
            database.execute("alter table other drop column gone", "insert into orders values (2)");
            Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                            FilteredSequenceTest.troubles(broker))
                    .contains("sequence asked has stopped"));
            assertThat(broker.has("letters")).isFalse();
        }
    }

    private FedBroker start(String properties) throws Exception {
        return FedBroker.start(
                database,
                directory,
                """
                source.app.url=store
                source.app.tables=public.*
                source.app.snapshot.mode=no_data
                source.app.slot.name=slot_%s
                %s"""
                        .formatted(database.name(), properties));
    }

    private static Map<String, String> headers(ConsumerRecord<String, String> record) {
        var headers = new TreeMap<String, String>();
        record.headers()
                .forEach(header -> headers.put(
                        header.key().replaceFirst("^__connect\\.errors\\.", ""), new String(header.value(), UTF_8)));
        return headers;
    }
}
