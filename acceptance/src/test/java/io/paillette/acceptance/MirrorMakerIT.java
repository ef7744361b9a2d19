package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of docs/graduating-to-kafka.md, with its configuration and an unmodified MirrorMaker 2 and Apache Kafka. */
@Tag("proof")
class MirrorMakerIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Exit code of a JVM that it ended. */
    private static final int SIGTERM = 143;

    private static final Map<String, String> CONFIGS =
            Map.of("retention.ms", "123456000", "max.message.bytes", "2000000");

    @TempDir
    Path directory;

    @Test
    @Proves(
            client = "MirrorMaker 2, dedicated",
            version = Published.KAFKA_4,
            what = "to an Apache Kafka of that version and back: records, configs of topics, offsets of groups")
    void recordsConfigsAndGroupsMoveToAnApacheKafkaAndBack() {
        Database store = PostgresServer.shared().newDatabase();
        Database source = PostgresServer.shared().newDatabase();
        try (var broker = BrokerProcess.start(List.of("-Xmx256m"), settings(store, source));
                var kafka = ApacheKafka.start(Peer.KAFKA_4)) {
            var here = new Side(broker.bootstrap());
            var there = new Side(kafka.bootstrap());
            here.create("orders");
            there.create("receipts");
            here.write("orders", 0, 100);
            there.write("receipts", 0, 100);
            here.read("orders", "billing", 100);
            there.read("receipts", "audit", 100);
            source.execute(
                    "create table items (id int primary key, item text)",
                    "insert into items values (1, 'lamp'), (2, 'desk')",
                    "delete from items where id = 1");

            try (ChildJvm mirror = mirrorMaker(here, there)) {
                // The mirror follows writers that go on writing.
                await(() -> assertThat(there.records("orders")).containsExactlyElementsOf(here.records("orders")));
                here.write("orders", 100, 150);
                there.write("receipts", 100, 150);
                await(() -> assertThat(there.records("orders"))
                        .hasSize(150)
                        .containsExactlyElementsOf(here.records("orders")));
                await(() -> assertThat(here.records("receipts"))
                        .hasSize(150)
                        .containsExactlyElementsOf(there.records("receipts")));
                await(() -> assertThat(there.records("app.public.items"))
                        .hasSize(4)
                        .containsExactlyElementsOf(here.records("app.public.items")));
                assertThat(there.configs("orders")).containsAllEntriesOf(CONFIGS);
                assertThat(here.configs("receipts")).containsAllEntriesOf(CONFIGS);

                // Writers are stopped; groups read what is left, and are stopped.
                here.read("orders", "billing", 50);
                there.read("receipts", "audit", 50);
                await(() -> assertThat(there.committed("billing")).isEqualTo(there.ends("orders")));
                await(() -> assertThat(here.committed("audit")).isEqualTo(here.ends("receipts")));
                assertThat(mirror.output().lines().filter(line -> line.contains(" ERROR ")))
                        .isEmpty();
                assertThat(mirror.terminate(PATIENCE)).isIn(0, SIGTERM);
            }

            // Writers and groups start on the other side.
            there.write("orders", 150, 160);
            assertThat(there.read("orders", "billing", 10)).containsExactlyInAnyOrderElementsOf(numbers(150, 160));
            here.write("receipts", 150, 160);
            assertThat(here.read("receipts", "audit", 10)).containsExactlyInAnyOrderElementsOf(numbers(150, 160));

            assertThat(broker.terminate()).isZero();
            theConnectorGoesOnWithTheTables(source, there);
        }
    }

    private void theConnectorGoesOnWithTheTables(Database source, Side there) {
        source.execute("select pg_drop_replication_slot('" + slot(source) + "')");
        var config = new HashMap<>(SourceConnector.config(source));
        config.put("name", "app");
        config.put("snapshot.mode", "no_data");
        var setup =
                new ConnectWorker.Setup(Peer.KAFKA_4, there.bootstrap, List.of(SourceConnector.plugins()), Map.of());
        List<String> before = there.records("app.public.items");
        try (var worker = ConnectWorker.standalone(setup, List.of(properties("connector.properties", config)))) {
            worker.awaitRunning("app");
            await(() -> assertThat(
                            source.query("select count(*) from pg_replication_slots where active and slot_name = '"
                                    + SourceConnector.slot(source) + "'"))
                    .isEqualTo("1"));

            source.execute("insert into items values (3, 'sofa')");

            await(() -> assertThat(there.records("app.public.items")).hasSize(before.size() + 1));
            assertThat(there.records("app.public.items").get(before.size()))
                    .startsWith("0@" + before.size() + " {\"id\":3}=")
                    .contains("\"op\":\"c\"");
        }
    }

    private static Map<String, String> settings(Database store, Database source) {
        var settings = new HashMap<>(BrokerProcess.onStore(store, 1));
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("source.app.url", "jdbc:postgresql://127.0.0.1:" + source.port() + "/" + source.name());
        settings.put("source.app.user", "postgres");
        settings.put("source.app.tables", "public.*");
        settings.put("source.app.slot.name", slot(source));
        return settings;
    }

    /** One server holds the databases of all tests, and slots belong to the server. */
    private static String slot(Database source) {
        return "paillette_" + source.name();
    }

    /** As the sample says, between these two, and looking more often for what is new. */
    private ChildJvm mirrorMaker(Side here, Side there) {
        var settings = new Properties();
        try (var in = Files.newInputStream(Peer.root().resolve("config/mirror-maker.properties"))) {
            settings.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        settings.put("paillette.bootstrap.servers", here.bootstrap);
        settings.put("kafka.bootstrap.servers", there.bootstrap);
        var told = new HashMap<String, String>();
        settings.stringPropertyNames()
                .forEach(name -> told.put(name, name.endsWith(".interval.seconds") ? "1" : settings.getProperty(name)));
        Path file = properties("mirror-maker.properties", told);
        var options = new ArrayList<>(List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        options.addAll(Peer.KAFKA_4.logging(directory));
        return ChildJvm.start(new ChildJvm.Command(
                "org.apache.kafka.connect.mirror.MirrorMaker",
                Peer.KAFKA_4.classPath(),
                options,
                List.of(file.toString()),
                directory,
                directory.resolve("mirror.log")));
    }

    private Path properties(String name, Map<String, String> settings) {
        var properties = new Properties();
        properties.putAll(settings);
        Path file = directory.resolve(name);
        try (var out = Files.newOutputStream(file)) {
            properties.store(out, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static void await(ThrowingRunnable holds) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).untilAsserted(holds);
    }

    private static List<String> numbers(int from, int below) {
        return IntStream.range(from, below).mapToObj(String::valueOf).toList();
    }

    /** One of the two, as an application sees it. */
    private static final class Side {

        private static final int PARTITIONS = 2;

        private final String bootstrap;

        Side(String bootstrap) {
            this.bootstrap = bootstrap;
        }

        void create(String topic) {
            try (Admin admin = admin()) {
                Trio.get(admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1).configs(CONFIGS)))
                        .all());
            }
        }

        /** Numbers, spread over the partitions by their keys. */
        void write(String topic, int from, int below) {
            try (var producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
                numbers(from, below).forEach(number -> producer.send(new ProducerRecord<>(topic, number, number)));
            }
        }

        /** Reads so many as a member of the group, commits and leaves. */
        List<String> read(String topic, String group, int count) {
            Map<String, Object> config =
                    Map.of("bootstrap.servers", bootstrap, "group.id", group, "auto.offset.reset", "earliest");
            var values = new ArrayList<String>();
            try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
                consumer.subscribe(List.of(topic));
                Awaitility.await().atMost(PATIENCE).until(() -> {
                    consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                    return values.size() >= count;
                });
                consumer.commitSync();
            }
            return values;
        }

        /** Partition, offset, key and value of all there is. */
        List<String> records(String topic) {
            return Topics.records(bootstrap, topic).stream()
                    .sorted(Comparator.<ConsumerRecord<String, String>>comparingInt(ConsumerRecord::partition)
                            .thenComparingLong(ConsumerRecord::offset))
                    .map(record ->
                            record.partition() + "@" + record.offset() + " " + record.key() + "=" + record.value())
                    .toList();
        }

        Map<String, String> configs(String topic) {
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            try (Admin admin = admin()) {
                var told =
                        Trio.get(admin.describeConfigs(List.of(resource)).all()).get(resource);
                return Map.of(
                        "retention.ms", told.get("retention.ms").value(),
                        "max.message.bytes", told.get("max.message.bytes").value());
            }
        }

        Map<Integer, Long> committed(String group) {
            try (Admin admin = admin()) {
                var offsets = new TreeMap<Integer, Long>();
                Trio.get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                        .forEach((partition, offset) -> offsets.put(partition.partition(), offset.offset()));
                return offsets;
            }
        }

        Map<Integer, Long> ends(String topic) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(index -> new TopicPartition(topic, index))
                    .toList();
            try (var consumer = new KafkaConsumer<>(
                    Map.<String, Object>of("bootstrap.servers", bootstrap),
                    new StringDeserializer(),
                    new StringDeserializer())) {
                var ends = new TreeMap<Integer, Long>();
                consumer.endOffsets(partitions).forEach((partition, end) -> ends.put(partition.partition(), end));
                return ends;
            }
        }

        private Admin admin() {
            return Admin.create(Map.of("bootstrap.servers", bootstrap));
        }
    }
}
