package io.paillette.broker.api;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.topic.NewTopic;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Kafka's own clients against the broker over real Postgres. */
class ClientsTest {

    private final RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase());
    private final List<Future<RecordMetadata>> sending = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (Future<RecordMetadata> sent : sending) {
            sent.get(20, SECONDS);
        }
        broker.close();
    }

    @Test
    void whatIsProducedIsConsumedInOrderWithKeysHeadersAndTimestamps() throws Exception {
        create("orders", 1);
        try (KafkaProducer<String, String> producer = broker.producer(Map.of())) {
            for (int i = 0; i < 1000; i++) {
                sending.add(producer.send(new ProducerRecord<>("orders", 0, 1_000L + i, "k" + i, "v" + i)));
            }
            producer.send(new ProducerRecord<>("orders", 0, 5_000L, "tombstone", (String) null))
                    .get(20, SECONDS);
        }

        List<ConsumerRecord<String, String>> read = read("orders", 1, 1001);

        assertThat(read).hasSize(1001);
        for (int i = 0; i < 1000; i++) {
            ConsumerRecord<String, String> record = read.get(i);
            assertThat(record.offset()).isEqualTo(i);
            assertThat(record.key()).isEqualTo("k" + i);
            assertThat(record.value()).isEqualTo("v" + i);
            assertThat(record.timestamp()).isEqualTo(1_000L + i);
        }
        assertThat(read.get(1000).value()).isNull();
    }

    @Test
    @Proves(
            client = "kafka-clients, producer",
            version = Published.KAFKA_CLIENTS,
            what = "every codec with every acks; idempotent with acks=all")
    void everyCodecAndAcksSettingGoesThrough() throws Exception {
        create("codecs", 1);
        int expected = 0;
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            for (String acks : List.of("0", "1", "all")) {
                Map<String, Object> configs =
                        Map.of("compression.type", codec, "acks", acks, "enable.idempotence", acks.equals("all"));
                try (KafkaProducer<String, String> producer = broker.producer(configs)) {
                    for (int i = 0; i < 20; i++) {
                        sending.add(producer.send(new ProducerRecord<>("codecs", codec, acks + "x".repeat(100))));
                        expected++;
                    }
                }
            }
        }

        List<ConsumerRecord<String, String>> read = read("codecs", 1, expected);

        assertThat(read).hasSize(expected);
        assertThat(new HashSet<>(
                        read.stream().map(r -> r.key() + r.value().charAt(0)).toList()))
                .hasSize(15);
    }

    @Test
    @Proves(
            client = "kafka-clients, consumer",
            version = Published.KAFKA_CLIENTS,
            what = "20 partitions read in small fetches of a session")
    void manyPartitionsAreReadBySessionsUntilNothingIsLeft() throws Exception {
        create("wide", 20);
        try (KafkaProducer<String, String> producer = broker.producer(Map.of())) {
            for (int i = 0; i < 2000; i++) {
                sending.add(producer.send(new ProducerRecord<>("wide", i % 20, null, "v" + i)));
            }
        }

        Set<String> values = new HashSet<>();
        // Small fetches: many of them, so that sessions and the turn of partitions matter.
        for (ConsumerRecord<String, String> record : read("wide", 20, 2000, Map.of("max.partition.fetch.bytes", 300))) {
            values.add(record.value());
        }

        assertThat(values).hasSize(2000);
    }

    @Test
    void aWaitingConsumerGetsARecordAtOnce() throws Exception {
        create("live", 1);
        try (KafkaConsumer<String, String> consumer = broker.consumer(Map.of("fetch.max.wait.ms", 8_000));
                KafkaProducer<String, String> producer = broker.producer(Map.of())) {
            consumer.assign(List.of(new TopicPartition("live", 0)));
            consumer.poll(Duration.ofMillis(500)); // its fetch now waits in the broker
            producer.send(new ProducerRecord<>("live", "a", "1")).get(20, SECONDS);
            long start = System.nanoTime();
            assertThat(consumer.poll(Duration.ofSeconds(20))).hasSize(1);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void aBatchLargerThanEveryLimitStillComesThrough() throws Exception {
        create("large", 1);
        String value = "x".repeat(900_000);
        try (KafkaProducer<String, String> producer = broker.producer(Map.of("max.request.size", 2_000_000))) {
            producer.send(new ProducerRecord<>("large", "k", value)).get(20, SECONDS);
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("large", "k", "x".repeat(1_100_000)))
                            .get(20, SECONDS))
                    .hasCauseInstanceOf(RecordTooLargeException.class);
        }

        assertThat(read("large", 1, 1, Map.of("max.partition.fetch.bytes", 10, "fetch.max.bytes", 10)))
                .extracting(ConsumerRecord::value)
                .containsExactly(value);
    }

    @Test
    void aSequenceIsNotForProducers() throws Exception {
        broker.topics
                .create(new NewTopic("app.public.orders", 1, Optional.of("app"), Map.of()))
                .get(20, SECONDS);
        try (KafkaProducer<String, String> producer = broker.producer(Map.of())) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("app.public.orders", "k", "v"))
                            .get(20, SECONDS))
                    .cause()
                    .isInstanceOf(PolicyViolationException.class)
                    .hasMessageContaining("is a sequence");
        }
    }

    @Test
    void aTopicIsCreatedByItsFirstProducer() throws Exception {
        try (KafkaProducer<String, String> producer = broker.producer(Map.of())) {
            RecordMetadata sent =
                    producer.send(new ProducerRecord<>("made-by-use", "k", "v")).get(20, SECONDS);
            assertThat(sent.offset()).isZero();
        }
        assertThat(read("made-by-use", 1, 1)).hasSize(1);
    }

    @Test
    void manyProducersAtOnceLoseNothing() throws Exception {
        create("busy", 4);
        List<KafkaProducer<String, String>> producers = new ArrayList<>();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int p = 0; p < 8; p++) {
            producers.add(broker.producer(Map.of("batch.size", 512)));
        }
        for (int i = 0; i < 500; i++) {
            for (KafkaProducer<String, String> producer : producers) {
                sent.add(producer.send(new ProducerRecord<>("busy", "k" + i, "v")));
            }
        }
        Set<String> places = new HashSet<>();
        for (Future<RecordMetadata> one : sent) {
            RecordMetadata place = one.get(60, SECONDS);
            places.add(place.partition() + "/" + place.offset());
        }
        producers.forEach(KafkaProducer::close);

        assertThat(places).hasSize(4000);
        assertThat(read("busy", 4, 4000)).hasSize(4000);
    }

    @Test
    @Proves(client = "kafka-clients, admin", version = Published.KAFKA_CLIENTS, what = "offsets by name and by time")
    void offsetsAreFoundByNameAndByTime() throws Exception {
        create("times", 1);
        TopicPartition partition = new TopicPartition("times", 0);
        try (KafkaProducer<String, String> producer = broker.producer(Map.of());
                Admin admin = broker.admin()) {
            sending.add(producer.send(new ProducerRecord<>("times", 0, 1_000L, "k", "a")));
            sending.add(producer.send(new ProducerRecord<>("times", 0, 3_000L, "k", "b")));
            sending.add(producer.send(new ProducerRecord<>("times", 0, 2_000L, "k", "c")));
            producer.flush();

            assertThat(offset(admin, partition, OffsetSpec.earliest())).isZero();
            assertThat(offset(admin, partition, OffsetSpec.latest())).isEqualTo(3);
            assertThat(offset(admin, partition, OffsetSpec.maxTimestamp())).isEqualTo(1);
            assertThat(offset(admin, partition, OffsetSpec.earliestLocal())).isZero();
            assertThat(offset(admin, partition, OffsetSpec.latestTiered())).isEqualTo(-1);
            assertThat(offset(admin, partition, OffsetSpec.forTimestamp(1_500))).isEqualTo(1);
            assertThat(offset(admin, partition, OffsetSpec.forTimestamp(9_000))).isEqualTo(-1);
        }
    }

    private static long offset(Admin admin, TopicPartition partition, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get(20, SECONDS)
                .offset();
    }

    @Test
    @Proves(
            client = "kafka-clients, admin",
            version = Published.KAFKA_CLIENTS,
            what = "topics made, described, given more partitions, deleted")
    void topicsAreMadeDescribedGrownAndDeleted() throws Exception {
        try (Admin admin = broker.admin()) {
            var wanted = new org.apache.kafka.clients.admin.NewTopic("orders", 2, (short) -1)
                    .configs(Map.of("cleanup.policy", "compact"));
            var created = admin.createTopics(List.of(wanted));
            assertThat(created.numPartitions("orders").get(20, SECONDS)).isEqualTo(2);
            assertThat(created.config("orders")
                            .get(20, SECONDS)
                            .get("cleanup.policy")
                            .value())
                    .isEqualTo("compact");
            assertCause(admin.createTopics(List.of(wanted)).all(), TopicExistsException.class);
            assertCause(
                    admin.createTopics(List.of(new org.apache.kafka.clients.admin.NewTopic("x", 1, (short) 0)))
                            .all(),
                    InvalidReplicationFactorException.class);
            assertCause(
                    admin.createTopics(List.of(new org.apache.kafka.clients.admin.NewTopic("x", 1, (short) 1)
                                    .configs(Map.of("no.such.config", "1"))))
                            .all(),
                    InvalidConfigurationException.class);

            admin.createPartitions(Map.of("orders", NewPartitions.increaseTo(5)))
                    .all()
                    .get(20, SECONDS);
            var described = requireNonNull(admin.describeTopics(
                            List.of("orders"), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                    .allTopicNames()
                    .get(20, SECONDS)
                    .get("orders"));
            assertThat(described.partitions()).hasSize(5);
            assertThat(described.authorizedOperations()).isNotEmpty();
            assertThat(described.topicId()).isEqualTo(created.topicId("orders").get());
            assertThat(admin.listPartitionReassignments().reassignments().get(20, SECONDS))
                    .isEmpty();

            admin.deleteTopics(List.of("orders")).all().get(20, SECONDS);
            assertThat(admin.listTopics().names().get(20, SECONDS)).isEmpty();
            assertCause(admin.deleteTopics(List.of("orders")).all(), UnknownTopicOrPartitionException.class);
        }
    }

    @Test
    @Proves(
            client = "kafka-clients, admin",
            version = Published.KAFKA_CLIENTS,
            what = "configs of topics described with their source and changed one by one")
    void configsAreDescribedWithTheirSourceAndChangedOneByOne() throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "orders");
        create("orders", 1);
        try (Admin admin = broker.admin()) {
            admin.incrementalAlterConfigs(Map.of(
                            resource,
                            List.of(
                                    alter("cleanup.policy", "compact", AlterConfigOp.OpType.APPEND),
                                    alter("retention.ms", "1000", AlterConfigOp.OpType.SET))))
                    .all()
                    .get(20, SECONDS);
            Config config = describe(admin, resource);
            assertThat(config.get("cleanup.policy").value()).isEqualTo("delete,compact");
            assertThat(config.get("cleanup.policy").source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
            assertThat(config.get("segment.ms").source()).isEqualTo(ConfigEntry.ConfigSource.DEFAULT_CONFIG);
            assertThat(config.get("retention.ms").value()).isEqualTo("1000");

            admin.incrementalAlterConfigs(
                            Map.of(resource, List.of(alter("retention.ms", "", AlterConfigOp.OpType.DELETE))))
                    .all()
                    .get(20, SECONDS);
            assertThat(describe(admin, resource).get("retention.ms").isDefault())
                    .isTrue();
            assertCause(
                    admin.incrementalAlterConfigs(
                                    Map.of(resource, List.of(alter("retention.ms", "soon", AlterConfigOp.OpType.SET))))
                            .all(),
                    InvalidConfigurationException.class);
        }
    }

    private static AlterConfigOp alter(String name, String value, AlterConfigOp.OpType how) {
        return new AlterConfigOp(new ConfigEntry(name, value), how);
    }

    private static Config describe(Admin admin, ConfigResource resource) throws Exception {
        return requireNonNull(
                admin.describeConfigs(List.of(resource)).all().get(20, SECONDS).get(resource));
    }

    @Test
    void theClusterHasAnIdAControllerAndFeatures() throws Exception {
        try (Admin admin = broker.admin()) {
            var cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
            assertThat(cluster.clusterId().get(20, SECONDS)).isNotBlank();
            assertThat(cluster.controller().get().id()).isZero();
            assertThat(cluster.nodes().get()).hasSize(1);
            assertThat(cluster.authorizedOperations().get()).isNotEmpty();
            var features =
                    admin.describeFeatures().featureMetadata().get(20, SECONDS).finalizedFeatures();
            assertThat(requireNonNull(features.get("group.version")).maxVersionLevel())
                    .isEqualTo((short) 1);
            assertThat(requireNonNull(features.get("transaction.version")).maxVersionLevel())
                    .isEqualTo((short) 2);
            assertThat(features).containsKey("metadata.version");
        }
    }

    private void create(String name, int partitions) throws Exception {
        broker.topics
                .create(new NewTopic(name, partitions, Optional.empty(), Map.of()))
                .get(20, SECONDS);
    }

    private List<ConsumerRecord<String, String>> read(String topic, int partitions, int count) {
        return read(topic, partitions, count, Map.of());
    }

    private List<ConsumerRecord<String, String>> read(
            String topic, int partitions, int count, Map<String, Object> configs) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = broker.consumer(configs)) {
            Collection<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < partitions; i++) {
                all.add(new TopicPartition(topic, i));
            }
            consumer.assign(all);
            long deadline = System.nanoTime() + SECONDS.toNanos(60);
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
        }
        return records;
    }

    private static void assertCause(Future<?> future, Class<? extends Exception> cause) {
        assertThatThrownBy(() -> future.get(20, SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(cause);
    }
}
