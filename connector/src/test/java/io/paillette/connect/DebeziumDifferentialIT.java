package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Debezium and this connector beside each other in one worker, on one database with random changes: keys, values, schemas,
 * order and tombstones are the same but for what docs/debezium.md declares. {@code -Druns=20} for more seeds, {@code -Dseed=}
 * for one.
 */
final class DebeziumDifferentialIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int CHANGES = 400;

    /** Topic and number of a record. */
    private static final Pattern PLACE = Pattern.compile("^([^\\[]*)\\[\\d+\\]");

    private final ConnectWorker worker = SharedWorker.worker();
    private final Database database = PostgresServer.shared().newDatabase();

    /** Without an underscore, which avro_unicode would write otherwise. */
    private final String number = database.name().replaceAll("\\D", "");

    private final String ours = "app" + number;
    private final String theirs = "dbz" + number;

    @AfterEach
    void remove() {
        worker.delete("/connectors/" + ours);
        worker.delete("/connectors/" + theirs);
    }

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("runs", 1)).map(run -> Long.getLong("seed", System.nanoTime()));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bothTellTheSame(long seed) {
        var random = new Random(seed);
        List<String> extensions = RandomChanges.EXTENSIONS.stream()
                .filter(extension -> database.query(
                                "select count(*) from pg_available_extensions where name = '" + extension + "'")
                        .equals("1"))
                .toList();
        extensions.forEach(extension -> database.execute("create extension " + extension));
        var changes = new RandomChanges(random, extensions);
        database.execute(RandomChanges.PREPARATION.toArray(String[]::new));
        database.execute(changes.tables().toArray(String[]::new));
        for (int i = 0; i < 40; i++) {
            database.execute(changes.change());
        }
        database.execute(Marks.TABLE);
        try (var reader =
                new TopicReader(SharedWorker.bootstrap(), "(" + ours + "|" + theirs + ")[._-]public[._-].*")) {
            Map<String, String> names = Map.of(
                    "schema.name.adjustment.mode",
                    adjustment(random),
                    "field.name.adjustment.mode",
                    adjustment(random),
                    "topic.delimiter",
                    List.of(".", "_", "-").get(random.nextInt(3)),
                    "tombstones.on.delete",
                    String.valueOf(random.nextBoolean()));
            System.out.println("seed " + seed + ": " + names);
            worker.put("/connectors/" + theirs + "/config", Sample.asJson(with(names, debezium())));
            worker.put("/connectors/" + ours + "/config", Sample.asJson(with(names, ours())));
            worker.awaitRunning(theirs);
            worker.awaitRunning(ours);
            var marks = new Marks(database, worker, List.of(theirs, ours), DebeziumDifferentialIT::isMark);
            marks.awaitStreaming(reader);
            for (int i = 0; i < CHANGES; i++) {
                database.execute(changes.change());
            }
            marks.awaitAll(reader);
            List<ConsumerRecord<String, String>> read = reader.toTheEnd(LIMIT);
            assertThat(worker.get("/connectors/" + ours + "/status"))
                    .contains("RUNNING")
                    .doesNotContain("FAILED");
            compare(seed, told(read, theirs), told(read, ours));
        }
    }

    private static String adjustment(Random random) {
        return List.of("none", "avro", "avro_unicode").get(random.nextInt(3));
    }

    private static Map<String, String> with(Map<String, String> more, Map<String, String> config) {
        var all = new HashMap<>(config);
        all.putAll(more);
        return all;
    }

    private static boolean isMark(ConsumerRecord<String, String> record, String prefix, long id) {
        return record.topic().matches(prefix + "[._-]public[._-]marks")
                && tree(record.key()).at("/payload/id").asLong() == id;
    }

    private static void compare(long seed, Map<String, List<JsonNode>> debeziums, Map<String, List<JsonNode>> ours) {
        List<String> differences = new ArrayList<>();
        assertThat(ours.keySet()).as("seed %d", seed).isEqualTo(debeziums.keySet());
        debeziums.forEach((topic, theirs) -> {
            List<JsonNode> mine = ours.getOrDefault(topic, List.of());
            for (int i = 0; i < Math.max(theirs.size(), mine.size()); i++) {
                JsonNode one = i < theirs.size() ? theirs.get(i) : null;
                JsonNode other = i < mine.size() ? mine.get(i) : null;
                differ(topic + "[" + i + "]", one, other, differences);
            }
        });
        Map<String, Integer> kinds = new LinkedHashMap<>();
        differences.forEach(difference -> kinds.merge(PLACE.matcher(difference).replaceFirst("$1[]"), 1, Integer::sum));
        assertThat(kinds).as("seed %d, Debezium's first, and how often", seed).isEmpty();
    }

    /** Names of fields instead of their numbers, so that the same difference is the same text. */
    private static void differ(String at, JsonNode theirs, JsonNode ours, List<String> differences) {
        if (theirs instanceof ObjectNode one && ours instanceof ObjectNode other) {
            var names = new LinkedHashSet<String>();
            one.fieldNames().forEachRemaining(names::add);
            other.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> differ(at + "." + name, one.get(name), other.get(name), differences));
        } else if (theirs instanceof ArrayNode one && ours instanceof ArrayNode other && one.size() == other.size()) {
            for (int i = 0; i < one.size(); i++) {
                String name = one.get(i).path("field").asText(String.valueOf(i));
                differ(at + "[" + name + "]", one.get(i), other.get(i), differences);
            }
        } else if (theirs == null || !theirs.equals(ours)) {
            differences.add(at + ": " + cut(theirs) + " | " + cut(ours));
        }
    }

    private static String cut(JsonNode node) {
        String text = String.valueOf(node);
        return text.length() > 200 ? text.substring(0, 200) + "..." : text;
    }

    /** By topic without its prefix; rows that were read come first, in the order of their keys. */
    private static Map<String, List<JsonNode>> told(List<ConsumerRecord<String, String>> records, String prefix) {
        Map<String, List<JsonNode>> told = new TreeMap<>();
        for (ConsumerRecord<String, String> record : records) {
            if (record.topic().matches(prefix + "[._-].*") && !record.topic().endsWith("marks")) {
                told.computeIfAbsent(record.topic().substring(prefix.length()), topic -> new ArrayList<>())
                        .add(normal(record, prefix));
            }
        }
        told.values().forEach(list -> {
            List<JsonNode> read =
                    list.stream().filter(DebeziumDifferentialIT::isRead).toList();
            List<JsonNode> changed =
                    list.stream().filter(record -> !isRead(record)).toList();
            list.clear();
            read.stream()
                    .sorted(Comparator.comparing(
                            record -> record.at("/key/payload/id").asLong()))
                    .forEach(list::add);
            list.addAll(changed);
        });
        return told;
    }

    private static boolean isRead(JsonNode record) {
        return record.at("/value/payload/op").asText().equals("r");
    }

    private static JsonNode normal(ConsumerRecord<String, String> record, String prefix) {
        ObjectNode all = JSON.createObjectNode();
        all.set("key", tree(named(record.key(), prefix)));
        all.set("value", tree(elementsMayBeNull(named(record.value(), prefix))));
        record.headers().forEach(header -> {
            if (header.key().endsWith("key")) {
                all.set(header.key(), tree(named(new String(header.value(), StandardCharsets.UTF_8), prefix)));
            }
        });
        if (all.at("/value/payload") instanceof ObjectNode payload) {
            payload.remove(List.of("ts_ms", "ts_us", "ts_ns"));
            if (payload.get("source") instanceof ObjectNode source) {
                source.remove(List.of("version", "sequence"));
                if (isRead(all)) {
                    source.remove(List.of("ts_ms", "ts_us", "ts_ns", "lsn", "txId", "snapshot"));
                }
            }
        }
        return all;
    }

    /** Of an array of an enum Debezium's schema says they may not, and it has nothing for such an array where one is. */
    private static String elementsMayBeNull(String json) {
        return json.replaceAll(
                "(\"items\":\\{\"type\":\"string\",\"optional\":)false(,\"name\":\"io.debezium.data.Enum\")",
                "$1true$2");
    }

    private static String named(String json, String prefix) {
        return json == null
                ? "null"
                : json.replaceAll("\"" + prefix + "[._-]", "\"x.")
                        .replace("\"name\":\"" + prefix + "\"", "\"name\":\"x\"");
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, String> debezium() {
        var config = new HashMap<>(common("io.debezium.connector.postgresql.PostgresConnector", theirs));
        config.put("plugin.name", "pgoutput");
        config.put("poll.interval.ms", "20");
        config.put("skipped.operations", "none");
        return config;
    }

    private Map<String, String> ours() {
        var config = new HashMap<>(common("io.paillette.connect.PostgresSourceConnector", ours));
        config.put("table.exclude.list", "public.spatial_ref_sys"); // PostGIS's, which Debezium leaves out by itself
        return config;
    }

    private Map<String, String> common(String type, String prefix) {
        return Map.ofEntries(
                Map.entry("connector.class", type),
                Map.entry("topic.prefix", prefix),
                Map.entry("database.hostname", "127.0.0.1"),
                Map.entry("database.port", Integer.toString(database.port())),
                Map.entry("database.user", "postgres"),
                Map.entry("database.password", "postgres"),
                Map.entry("database.dbname", database.name()),
                Map.entry("slot.name", prefix + "_" + database.name()),
                Map.entry("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
                Map.entry("key.converter.schemas.enable", "true"),
                Map.entry("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
                Map.entry("value.converter.schemas.enable", "true"),
                Map.entry("tasks.max", "1"));
    }
}
