package io.paillette.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What replays with random conditions find, beside what Postgres selects of the records that a consumer has read. */
class ReplayConditionsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PARTITIONS = 3;
    private static final int RECORDS = 400;
    private static final int CONDITIONS = 25;
    private static final long FROM_MILLIS = 1_700_000_000_000L;

    private final Database database = PostgresServer.shared().newDatabase();
    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);

    @TempDir
    Path directory;

    @Test
    void aReplayFindsTheRecordsThatPostgresSelectsOfThoseAConsumerHasRead() throws Exception {
        System.out.println("seed " + seed);
        try (var broker = FedBroker.withoutSource(database, directory)) {
            try (Admin admin =
                    Admin.create(Map.of("bootstrap.servers", broker.line().kafka()))) {
                admin.createTopics(List.of(
                                new NewTopic("random", PARTITIONS, (short) 1), new NewTopic("found", 1, (short) 1)))
                        .all()
                        .get();
            }
            produce(broker);
            database.execute(
                    "create table public.looked_for (k text)",
                    "insert into public.looked_for values ('k1'), ('k4'), (null)",
                    "create function public.json_or_null(value text) returns jsonb language plpgsql as"
                            + " $$ begin return value::jsonb; exception when others then return null; end $$",
                    "create table public.consumed (partition int, \"offset\" bigint, \"timestamp\" timestamptz, key text,"
                            + " value jsonb, value_text text, headers jsonb)");
            keep(consumed(broker, "random"));
            Map<String, String> conditions = new TreeMap<>();
            for (int i = 0; i < CONDITIONS; i++) {
                String condition = condition(4);
                conditions.put(ask(condition, i), condition);
            }
            Awaitility.await().atMost(PATIENCE).until(() -> database.query(
                            "select count(*) from paillette.replays where state not in ('waiting', 'running')")
                    .equals(String.valueOf(CONDITIONS)));
            assertThat(database.query("select coalesce(string_agg(condition || ': ' || fault, E'\\n'), '')"
                            + " from paillette.replays where state <> 'done'"))
                    .as("seed " + seed)
                    .isEmpty();
            Map<String, List<String>> found = places(consumed(broker, "found"));
            int some = 0;
            for (var asked : conditions.entrySet()) {
                List<String> places = found.getOrDefault(asked.getKey(), List.of());
                assertThat(places)
                        .as("seed %d: %s", seed, asked.getValue())
                        .doesNotHaveDuplicates()
                        .containsExactlyInAnyOrderElementsOf(selected(asked.getValue()));
                some += places.isEmpty() || places.size() == RECORDS ? 0 : 1;
            }
            assertThat(some).as("conditions that choose; seed %d", seed).isGreaterThan(CONDITIONS / 3);
        }
    }

    /** The replay's number, which is in a header of what it publishes. */
    private String ask(String condition, int number) throws SQLException {
        try (Connection connection = database.connect();
                var statement = connection.prepareStatement(
                        "select paillette.replay('random', ?, 'found', headers => jsonb_build_object('number', ?::text))")) {
            statement.setString(1, condition);
            statement.setString(2, String.valueOf(number));
            statement.execute();
        }
        return String.valueOf(number);
    }

    /** A condition can end with a comment. */
    private List<String> selected(String condition) throws SQLException {
        var places = new ArrayList<String>();
        try (Connection connection = database.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("select partition || ' ' || \"offset\" from public.consumed as record"
                        + " where (" + condition + "\n)")) {
            while (row.next()) {
                places.add(row.getString(1));
            }
        }
        return places;
    }

    private static Map<String, List<String>> places(List<ConsumerRecord<byte[], byte[]>> found) {
        Map<String, List<String>> places = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : found) {
            places.computeIfAbsent(header(record, "number"), number -> new ArrayList<>())
                    .add(header(record, "paillette.replay.partition") + " "
                            + header(record, "paillette.replay.offset"));
        }
        return places;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    private void keep(List<ConsumerRecord<byte[], byte[]>> records) throws Exception {
        try (Connection connection = database.connect();
                var statement = connection.prepareStatement("insert into public.consumed values (?, ?,"
                        + " to_timestamp(?::bigint / 1000.0), ?, public.json_or_null(?), ?, ?::jsonb)")) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                String value = text(record.value());
                statement.setInt(1, record.partition());
                statement.setLong(2, record.offset());
                statement.setLong(3, record.timestamp());
                statement.setString(4, text(record.key()));
                statement.setString(5, value);
                statement.setString(6, value);
                Map<String, @Nullable String> headers = new LinkedHashMap<>();
                for (Header header : record.headers()) {
                    headers.put(header.key(), text(header.value()));
                }
                statement.setString(7, JSON.writeValueAsString(headers));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** As the page on replays says: what is no text in hex. */
    private static @Nullable String text(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.indexOf('\0') < 0 ? text : "\\x" + HexFormat.of().formatHex(bytes);
        } catch (CharacterCodingException e) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
    }

    private void produce(FedBroker broker) {
        var properties = new Properties();
        properties.put("bootstrap.servers", broker.line().kafka());
        properties.put("compression.type", List.of("none", "gzip", "zstd").get(random.nextInt(3)));
        try (var producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                var headers = new RecordHeaders();
                for (int n = random.nextInt(4); n > 0; n--) { // of one name the last is seen
                    String value = "w" + random.nextInt(4);
                    headers.add(
                            random.nextBoolean() ? "why" : "other",
                            random.nextInt(6) == 0 ? null : value.getBytes(UTF_8));
                }
                producer.send(new ProducerRecord<>(
                        "random",
                        random.nextInt(PARTITIONS),
                        FROM_MILLIS + random.nextInt(100_000),
                        key(),
                        value(),
                        headers));
            }
        }
    }

    private byte @Nullable [] key() {
        return switch (random.nextInt(10)) {
            case 0 -> null;
            case 1 -> new byte[] {(byte) 0xfe, 1};
            case 2 -> new byte[0];
            default -> ("k" + random.nextInt(8)).getBytes(UTF_8);
        };
    }

    private byte @Nullable [] value() {
        String object = "{\"n\": " + random.nextInt(9) + ", \"text\": \"" + "aäx?'".substring(random.nextInt(5))
                + "\", \"deep\": [" + random.nextInt(5) + ", {\"to\": null}]}";
        return switch (random.nextInt(12)) {
            case 0 -> null;
            case 1 -> new byte[0];
            case 2 -> new byte[] {0, (byte) 0xff, 1};
            case 3 -> ("no JSON, " + object).getBytes(UTF_8);
            case 4 ->
                object.replace("\"text\": \"", "\"text\": \"\\u0000").getBytes(UTF_8); // which jsonb does not take
            case 5 -> String.valueOf(random.nextInt(9)).getBytes(UTF_8);
            case 6 -> "null".getBytes(UTF_8);
            default -> object.getBytes(UTF_8);
        };
    }

    /** One that fails for no record: what becomes of others is told elsewhere. */
    private String condition(int depth) {
        if (depth == 0 || random.nextInt(5) == 0) {
            return atom();
        }
        String one = condition(depth - 1);
        String other = condition(depth - 1);
        return switch (random.nextInt(7)) {
            case 0, 1 -> "(" + one + " and " + other + ")";
            case 2, 3 -> "(" + one + " or " + other + ")";
            case 4 -> "not (" + one + ")";
            case 5 -> "case when " + one + " then " + other + " else " + atom() + " end";
            default -> "(" + one + ") is not true -- or " + other.replace('\n', ' ') + "\n";
        };
    }

    private String atom() {
        int n = random.nextInt(9);
        return any(
                "value->>'n' = '" + n + "'",
                "value->'n' > '" + n + "'",
                "value @> '{\"n\": " + n + "}'",
                "value @? '$.deep[*] ? (@ > " + n % 5 + ")'",
                "value #>> '{deep,1,to}' is null and value ? 'deep'",
                "value ?| array['n', 'nope'] and not value ?& array['n', 'nope']",
                "jsonb_typeof(value) = '"
                        + List.of("object", "number", "null", "string").get(n % 4) + "'",
                "value is null",
                "value = '" + n + "'",
                "value_text is null",
                "value_text like '%?%'",
                "value_text ~ '\\\\x00|n\": [0-" + n % 5 + "]'",
                "length(value_text) > " + 5 * n,
                "coalesce(value->>'text', '') < 'ä'",
                "key = 'k" + n + "'",
                "key in ('k" + n + "', 'k1', '')",
                "record.key is null",
                "key || '?' like 'k%?'",
                "key like '\\\\x%'",
                "exists (select from public.looked_for l where l.k = record.key)",
                "key not in (select k from public.looked_for where k is not null)",
                "headers->>'why' = 'w" + n % 4 + "'",
                "headers ? 'other'",
                "headers = '{}'",
                "headers @> '{\"why\": null}'",
                "(select count(*) from jsonb_object_keys(headers)) = " + n % 3,
                "\"offset\" % " + (n + 1) + " = 0",
                "\"offset\" between " + 10 * n + " and " + 20 * n,
                "partition = " + n % PARTITIONS,
                "\"timestamp\" < '2023-11-14T22:14:" + (20 + 4 * n) + "Z'",
                "extract(second from \"timestamp\") > " + 5 * n,
                "date_trunc('minute', record.\"timestamp\") = timestamptz '2023-11-14 22:14:00+00'",
                "true",
                "null");
    }

    private String any(String... these) {
        return these[random.nextInt(these.length)];
    }

    private static List<ConsumerRecord<byte[], byte[]>> consumed(FedBroker broker, String topic) {
        Map<String, Object> properties =
                Map.of("bootstrap.servers", broker.line().kafka(), "isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> end = consumer.endOffsets(all);
            var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
            while (all.stream().anyMatch(of -> consumer.position(of) < end.get(of))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }
}
