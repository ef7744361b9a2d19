package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Debezium's published transforms and Kafka's, behind this connector and behind Debezium's, side by side on the same changes:
 * what comes out is the same.
 */
final class TransformsIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final ConnectWorker worker = SharedWorker.worker();
    private final Database database = PostgresServer.shared().newDatabase();
    private final String ours = "ours-" + database.name();
    private final String theirs = "theirs-" + database.name();

    @AfterEach
    void remove() {
        worker.delete("/connectors/" + ours);
        worker.delete("/connectors/" + theirs);
    }

    @Test
    @Proves(
            client = "Debezium's transforms",
            version = Published.DEBEZIUM,
            what =
                    "ExtractNewRecordState, EventRouter, PartitionRouting, ByLogicalTableRouter, HeaderToValue make of records of Paillette's connector what they make of Debezium's")
    void transformsMakeOfOurRecordsWhatTheyMakeOfDebeziums() {
        database.execute(
                Marks.TABLE,
                "create table orders (id int primary key, item text not null, price numeric(10,2), note text)",
                "alter table orders replica identity full",
                "create table kept (id int primary key, v text)",
                "create table shard_1 (id int primary key, v text)",
                "create table shard_2 (id int primary key, v text)",
                "create table parted (id int primary key, region text)",
                "create table outbox (id uuid primary key, aggregatetype text not null, aggregateid text not null,"
                        + " type text not null, payload jsonb)");
        try (var reader = new TopicReader(SharedWorker.bootstrap(), "(" + ours + "|" + theirs + ")\\..*")) {
            start(theirs, "io.debezium.connector.postgresql.PostgresConnector");
            start(ours, "io.paillette.connect.PostgresSourceConnector");
            var marks = new Marks(database, worker, List.of(theirs, ours), TransformsIT::isMark);
            marks.awaitStreaming(reader);
            change();
            marks.awaitAll(reader);
            List<ConsumerRecord<String, String>> all = reader.toTheEnd(LIMIT);

            Map<String, List<String>> told = told(all, ours);
            assertThat(told).isEqualTo(told(all, theirs));
            assertThat(told.keySet().stream().map(place -> place.replaceFirst("-\\d$", "")))
                    .contains("orders", "kept", "all_shards", "parted", "events.order", "events.customer");
            assertThat(told).containsKeys("parted-0", "parted-1");
            assertThat(told.toString())
                    .contains("\"__deleted\":\"true\"", "__dbz__physicalTableIdentifier", "\"origin\":\"shop\"");
        }
    }

    private void change() {
        database.execute(
                "insert into orders values (1, 'pearl', 3.50, 'a'), (2, 'ruby', null, null)",
                "update orders set item = 'opal', note = 'b' where id = 1",
                "update orders set id = 3 where id = 2",
                "delete from orders where id = 1",
                "insert into kept values (1, 'x'), (2, null)",
                "update kept set v = 'y' where id = 1",
                "update kept set id = 7 where id = 2",
                "delete from kept where id = 1",
                "insert into shard_1 values (1, 'one')",
                "insert into shard_2 values (1, 'another')",
                "update shard_1 set v = 'two'",
                "delete from shard_2",
                "insert into parted select i, 'r' || i % 5 from generate_series(1, 20) i",
                "insert into outbox values ('7d444840-9dc0-11d1-b245-5ffdce74fad2', 'order', '17', 'OrderMade',"
                        + " '{\"id\": 17, \"lines\": [{\"sku\": \"a\", \"count\": 2}]}'),"
                        + " ('7d444840-9dc0-11d1-b245-5ffdce74fad3', 'customer', '4', 'CustomerGone', null)",
                "delete from outbox");
    }

    private void start(String name, String type) {
        var config = new HashMap<String, String>();
        config.put("connector.class", type);
        config.put("tasks.max", "1");
        config.put("topic.prefix", name);
        config.put("database.hostname", "127.0.0.1");
        config.put("database.port", Integer.toString(database.port()));
        config.put("database.user", "postgres");
        config.put("database.password", "postgres");
        config.put("database.dbname", database.name());
        config.put("slot.name", name.replace('-', '_'));
        // Keys may have the name of the connector, and so be of other partitions; those that a transform chooses are
        // compared.
        config.put("topic.creation.default.partitions", "1");
        config.put("topic.creation.default.replication.factor", "-1");
        config.put("topic.creation.groups", "spread");
        config.put("topic.creation.spread.include", ".*parted");
        config.put("topic.creation.spread.partitions", "2");
        config.put("topic.creation.spread.replication.factor", "-1");
        if (name.equals(theirs)) {
            config.put("plugin.name", "pgoutput");
            config.put("poll.interval.ms", "20");
        }
        config.put("transforms", "outbox,unwrap,stamp,take,drop,key,keep,logical,spread,name");
        transform(
                config,
                "outbox",
                "io.debezium.transforms.outbox.EventRouter",
                "isOutbox",
                Map.of(
                        "route.topic.replacement", name + ".events.${routedByValue}",
                        "table.fields.additional.placement", "type:header:eventType",
                        "table.expand.json.payload", "true"));
        transform(
                config,
                "unwrap",
                "io.debezium.transforms.ExtractNewRecordState",
                "isOrders",
                Map.of(
                        "delete.tombstone.handling.mode", "rewrite",
                        "add.fields", "op,table,lsn,source.ts_ms",
                        "add.headers", "db"));
        transform(
                config,
                "stamp",
                "org.apache.kafka.connect.transforms.InsertHeader",
                "isOrders",
                Map.of("header", "origin", "value.literal", "shop"));
        transform(
                config,
                "take",
                "io.debezium.transforms.HeaderToValue",
                "isOrders",
                Map.of("headers", "origin", "fields", "origin", "operation", "copy"));
        transform(
                config,
                "drop",
                "org.apache.kafka.connect.transforms.ReplaceField$Value",
                "isOrders",
                Map.of("exclude", "price", "renames", "item:article"));
        transform(
                config,
                "key",
                "org.apache.kafka.connect.transforms.ValueToKey",
                "isOrders",
                Map.of("fields", "article,id"));
        transform(
                config,
                "keep",
                "io.debezium.transforms.ExtractNewRecordState",
                "isKept",
                Map.of("delete.tombstone.handling.mode", "tombstone", "add.headers", "op"));
        transform(
                config,
                "logical",
                "io.debezium.transforms.ByLogicalTableRouter",
                "isShard",
                Map.of("topic.regex", "(.*)shard_(.*)", "topic.replacement", "$1all_shards"));
        transform(
                config,
                "spread",
                "io.debezium.transforms.partitions.PartitionRouting",
                "isParted",
                Map.of("partition.payload.fields", "change.region", "partition.topic.num", "2"));
        transform(
                config,
                "name",
                "org.apache.kafka.connect.transforms.RegexRouter",
                "",
                Map.of("regex", "(.*)\\.public\\.(.*)", "replacement", "$1.$2"));
        config.put("predicates", "isOutbox,isOrders,isKept,isShard,isParted");
        Map.of("isOutbox", "outbox", "isOrders", "orders", "isKept", "kept", "isShard", "shard_.", "isParted", "parted")
                .forEach((predicate, table) -> {
                    config.put(
                            "predicates." + predicate + ".type",
                            "org.apache.kafka.connect.transforms.predicates.TopicNameMatches");
                    config.put("predicates." + predicate + ".pattern", ".*\\.public\\." + table);
                });
        worker.put("/connectors/" + name + "/config", Sample.asJson(config));
        worker.awaitRunning(name);
    }

    private static void transform(
            Map<String, String> config, String name, String type, String predicate, Map<String, String> options) {
        config.put("transforms." + name + ".type", type);
        if (!predicate.isEmpty()) {
            config.put("transforms." + name + ".predicate", predicate);
        }
        options.forEach((key, value) -> config.put("transforms." + name + "." + key, value));
    }

    private static boolean isMark(ConsumerRecord<String, String> record, String prefix, long id) {
        return record.topic().equals(prefix + ".marks")
                && tree(record.key()).get("id").asLong() == id;
    }

    /** By topic and partition, without what differs by name or by who has made it when. */
    private static Map<String, List<String>> told(List<ConsumerRecord<String, String>> records, String prefix) {
        Map<String, List<String>> told = new TreeMap<>();
        for (ConsumerRecord<String, String> record : records) {
            if (record.topic().startsWith(prefix + ".") && !record.topic().endsWith(".marks")) {
                var text = new StringBuilder(record.key() + " " + record.value());
                record.headers().forEach(header -> {
                    if (!header.key().startsWith("__debezium.context.")) { // docs/debezium.md: there are none
                        text.append(" ").append(header.key()).append("=").append(text(header.value()));
                    }
                });
                told.computeIfAbsent(
                                record.topic().substring(prefix.length() + 1) + "-" + record.partition(),
                                place -> new ArrayList<>())
                        .add(text.toString()
                                .replace(prefix, "x")
                                .replaceAll("\"version\":\"[^\"]*\",", "")
                                .replaceAll("\"sequence\":\"[^}]*?\\]\",", "")
                                .replaceAll("(\"op\":\"[a-z]\"),\"ts_ms\":\\d+,\"ts_us\":\\d+,\"ts_ns\":\\d+", "$1"));
            }
        }
        return told;
    }

    private static String text(byte[] value) {
        return value == null ? "null" : new String(value, StandardCharsets.UTF_8);
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException(json, e);
        }
    }
}
