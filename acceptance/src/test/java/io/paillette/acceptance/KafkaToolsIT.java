package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.Peer;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What people type, and what Kafka's own system tests are made of: its tools as published. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaToolsIT {

    private static final String TOPICS = "org.apache.kafka.tools.TopicCommand";
    private static final String CONFIGS = "kafka.admin.ConfigCommand";
    private static final String GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
    private static final String OFFSETS = "org.apache.kafka.tools.GetOffsetShell";
    private static final String DELETE_RECORDS = "org.apache.kafka.tools.DeleteRecordsCommand";
    private static final String TRANSACTIONS = "org.apache.kafka.tools.TransactionsCommand";
    private static final String PRODUCER = "org.apache.kafka.tools.VerifiableProducer";
    private static final String CONSUMER = "org.apache.kafka.tools.VerifiableConsumer";
    private static final String COPIER = "org.apache.kafka.tools.TransactionalMessageCopier";

    private @TempDir Path directory;
    private BrokerProcess broker;

    @BeforeAll
    void up() {
        broker = BrokerProcess.start(
                List.of("-Xmx256m"), Map.of("log.retention.hours", "24", "group.initial.rebalance.delay.ms", "0"));
    }

    @AfterAll
    void down() {
        broker.close();
    }

    @ParameterizedTest
    @EnumSource
    @Proves(
            client = "kafka-topics, kafka-configs",
            version = {Published.KAFKA_4, Published.KAFKA_3},
            what = "create, describe, alter, delete; configs of topics and brokers")
    void topicsAndTheirConfigsAreMadeDescribedAlteredAndDeleted(Peer peer) {
        var tool = tool(peer);
        assertThat(tool.run(
                        TOPICS,
                        "--create --topic orders --partitions 2 --replication-factor 3 --config cleanup.policy=compact"
                                + " --config min.insync.replicas=2"))
                .contains("Created topic orders");
        assertThat(tool.run(TOPICS, "--describe --topic orders"))
                .contains("PartitionCount: 2")
                .contains("cleanup.policy=compact");
        tool.run(TOPICS, "--alter --topic orders --partitions 3");
        assertThat(tool.run(
                        CONFIGS, "--alter --entity-type topics --entity-name orders --add-config retention.ms=1000"))
                .contains("Completed updating config");
        assertThat(tool.run(CONFIGS, "--describe --entity-type topics --entity-name orders"))
                .contains("retention.ms=1000")
                .contains("DYNAMIC_TOPIC_CONFIG");
        tool.run(CONFIGS, "--alter --entity-type topics --entity-name orders --delete-config retention.ms");
        assertThat(tool.run(CONFIGS, "--describe --all --entity-type topics --entity-name orders"))
                .contains("retention.ms=86400000");
        assertThat(tool.run(CONFIGS, "--describe --all --entity-type brokers --entity-name 1"))
                .contains("log.retention.hours=24")
                .contains("STATIC_BROKER_CONFIG:log.retention.hours=24");
        tool.run(TOPICS, "--delete --topic orders");
        assertThat(tool.run(TOPICS, "--list")).doesNotContain("orders");
    }

    @ParameterizedTest
    @EnumSource
    @Proves(
            client = "VerifiableProducer, VerifiableConsumer",
            version = {Published.KAFKA_4, Published.KAFKA_3},
            what = "all that is sent is received, once")
    @Proves(
            client = "kafka-consumer-groups",
            version = {Published.KAFKA_4, Published.KAFKA_3},
            what = "list, describe with lag, reset to earliest and by offset, delete-offsets, delete")
    @Proves(
            client = "kafka-get-offsets, kafka-delete-records",
            version = {Published.KAFKA_4, Published.KAFKA_3},
            what = "latest and earliest offsets, low watermark")
    void theVerifiableConsumerReceivesWhatTheVerifiableProducerSent(Peer peer) throws IOException {
        var tool = tool(peer);
        String topic = topic("numbers", peer, 3);
        String group = "readers-" + peer;

        assertThat(tool.run(PRODUCER, "--topic " + topic + " --max-messages 1000 --acks -1 --repeating-keys 50"))
                .contains("\"sent\":1000,\"acked\":1000");
        String received =
                tool.run(CONSUMER, "--topic " + topic + " --group-id " + group + " --max-messages 1000 --verbose");

        assertThat(Pattern.compile("\"value\":\"(\\d+)\"").matcher(received).results())
                .extracting(MatchResult::group)
                .hasSize(1000)
                .doesNotHaveDuplicates();
        groupsAreListedDescribedResetAndDeleted(tool, topic, group);
        recordsAreDeletedAndOffsetsTold(tool, topic);
    }

    private static void groupsAreListedDescribedResetAndDeleted(KafkaTool tool, String topic, String group) {
        String of = "--group " + group + " ";
        List<Integer> ends = ends(tool, topic);

        assertThat(tool.run(GROUPS, "--list")).contains(group);
        assertThat(tool.run(GROUPS, "--describe " + of))
                .contains(IntStream.range(0, 3)
                        .mapToObj(index -> at(group, topic, index, ends.get(index), ends.get(index)))
                        .toList());
        tool.run(GROUPS, "--reset-offsets " + of + "--to-earliest --execute --topic " + topic);
        tool.run(GROUPS, "--reset-offsets " + of + "--to-offset 5 --execute --topic " + topic + ":1");
        assertThat(tool.run(GROUPS, "--describe " + of))
                .contains(at(group, topic, 0, 0, ends.get(0)))
                .contains(at(group, topic, 1, 5, ends.get(1)))
                .contains(at(group, topic, 2, 0, ends.get(2)));
        assertThat(tool.run(GROUPS, "--delete-offsets " + of + "--topic " + topic + ":0"))
                .contains("Successful");
        assertThat(tool.run(GROUPS, "--describe " + of))
                .doesNotContain(group + " " + topic + " 0 ")
                .contains(at(group, topic, 1, 5, ends.get(1)));
        assertThat(tool.run(GROUPS, "--delete " + of)).contains("was successful");
    }

    /** A line of {@code --describe}: where the group is, where the partition ends, how far it is behind. */
    private static String at(String group, String topic, int partition, int offset, int end) {
        return String.join(
                " ",
                group,
                topic,
                String.valueOf(partition),
                String.valueOf(offset),
                String.valueOf(end),
                String.valueOf(end - offset));
    }

    private static List<Integer> ends(KafkaTool tool, String topic) {
        String told = tool.run(OFFSETS, "--topic " + topic);
        return Pattern.compile(topic + ":\\d+:(\\d+)")
                .matcher(told)
                .results()
                .map(end -> Integer.valueOf(end.group(1)))
                .toList();
    }

    private void recordsAreDeletedAndOffsetsTold(KafkaTool tool, String topic) throws IOException {
        Path file = Files.writeString(
                directory.resolve(topic + ".json"),
                "{\"version\":1,\"partitions\":[{\"topic\":\"" + topic + "\",\"partition\":2,\"offset\":10}]}");

        assertThat(tool.run(DELETE_RECORDS, "--offset-json-file " + file)).contains("low_watermark: 10");
        assertThat(tool.run(OFFSETS, "--topic " + topic + " --time earliest"))
                .contains(topic + ":0:0", topic + ":1:0", topic + ":2:10");
    }

    @ParameterizedTest
    @EnumSource
    @Proves(
            client = "kafka-transactions",
            version = {Published.KAFKA_4, Published.KAFKA_3},
            what = "list, describe, describe-producers, find-hanging, abort")
    void aTransactionIsListedDescribedFoundHangingAndAborted(Peer peer) {
        var tool = tool(peer);
        String topic = topic("payments", peer, 1);
        String id = "held-" + peer;
        try (var producer = producer(id)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "open"));
            producer.flush();
            String producerId = broker.store()
                    .query("select producer_id from paillette.transactions where transactional_id = '" + id + "'");

            assertThat(tool.run(TRANSACTIONS, "list")).contains(id + " 1 " + producerId + " Ongoing");
            assertThat(tool.run(TRANSACTIONS, "describe --transactional-id " + id))
                    .contains("1 " + id + " " + producerId + " 0 Ongoing 60000")
                    .contains(topic + "-0");
            assertThat(tool.run(TRANSACTIONS, "describe-producers --topic " + topic + " --partition 0"))
                    .containsPattern(producerId + " 0 -?\\d+ 0 \\d+ 0\\b");
            String findHanging = "find-hanging --max-transaction-timeout 0 --topic " + topic;
            assertThat(tool.run(TRANSACTIONS, findHanging)).doesNotContain(producerId);

            // A coordinator that knows nothing of the partition will never end the transaction there.
            broker.store().execute("delete from paillette.transaction_partition where producer_id = " + producerId);
            assertThat(tool.run(TRANSACTIONS, findHanging)).contains(topic + " 0 " + producerId + " 0 0 0");
            tool.run(TRANSACTIONS, "abort --topic " + topic + " --partition 0 --start-offset 0");
            assertThat(tool.run(TRANSACTIONS, findHanging)).doesNotContain(producerId);
            assertThat(Topics.records(broker.bootstrap(), topic)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "KAFKA_3")
    @Proves(client = "kafka-transactions", version = Published.KAFKA_4, what = "forceTerminateTransaction")
    void aTransactionIsTerminatedByItsId(Peer peer) {
        String topic = topic("refunds", peer, 1);
        try (var producer = producer("terminated")) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "open"));
            producer.flush();

            tool(peer).run(TRANSACTIONS, "forceTerminateTransaction --transactionalId terminated");

            assertThatThrownBy(producer::commitTransaction).isInstanceOf(KafkaException.class);
            assertThat(Topics.records(broker.bootstrap(), topic)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Proves(
            client = "TransactionalMessageCopier",
            version = {Published.KAFKA_4, Published.KAFKA_3},
            what = "random aborts, killed and restarted: each message once, in order")
    void aCopierThatAbortsAtRandomAndIsKilledCopiesEachMessageOnce(Peer peer) {
        var tool = tool(peer);
        String input = topic("input", peer, 1);
        String output = topic("output", peer, 1);
        tool.run(PRODUCER, "--topic " + input + " --max-messages 4000 --acks -1");
        String copy = "--broker-list " + broker.bootstrap() + " --input-topic " + input + " --input-partition 0"
                + " --output-topic " + output + " --consumer-group copier-" + peer + " --transactional-id copier-"
                + peer
                + " --transaction-size 40 --transaction-timeout 3000 --enable-random-aborts --use-group-metadata";

        try (ChildJvm killed = tool.start(COPIER, copy)) {
            var unused = killed.awaitLine("\"totalProcessed\":4", KafkaTool.LIMIT);
            killed.kill();
        }
        try (ChildJvm again = tool.start(COPIER, copy)) {
            assertThat(again.awaitExit(KafkaTool.LIMIT)).as(again.output()).isZero();
        }

        assertThat(Topics.records(broker.bootstrap(), output))
                .extracting(ConsumerRecord::value)
                .containsExactlyElementsOf(
                        IntStream.range(0, 4000).mapToObj(String::valueOf).toList());
    }

    private KafkaTool tool(Peer peer) {
        return new KafkaTool(peer, broker.bootstrap(), directory);
    }

    private String topic(String name, Peer peer, int partitions) {
        String topic = name + "-" + peer;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            Trio.get(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all());
        }
        return topic;
    }

    private KafkaProducer<String, String> producer(String transactionalId) {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", transactionalId),
                new StringSerializer(),
                new StringSerializer());
    }
}
