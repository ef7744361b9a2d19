package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions as Kafka's own clients use them. */
class TransactionsTest {

    private static final TopicPartition FIRST = new TopicPartition("payments", 0);
    private static final TopicPartition SECOND = new TopicPartition("payments", 1);

    private final Database database = PostgresServer.shared().newDatabase();
    private RunningApis broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        broker = RunningApis.on(database);
        admin = broker.admin();
        admin.createTopics(List.of(new NewTopic("payments", 2, (short) 1)))
                .all()
                .get();
    }

    @AfterEach
    void stop() {
        admin.close();
        broker.close();
    }

    @Test
    @Proves(
            client = "kafka-clients, transactions",
            version = Published.KAFKA_CLIENTS,
            what = "`read_committed` has what was committed and nothing that was aborted")
    void whatIsCommittedIsReadAndWhatIsAbortedIsNot() throws Exception {
        try (var producer = producer("till")) {
            producer.initTransactions();
            write(producer, "a1", "a2");
            producer.commitTransaction();
            write(producer, "b1", "b2");
            producer.abortTransaction();
            write(producer, "c1", "c2");
            producer.commitTransaction();
        }

        assertThat(read("read_committed", 4)).containsExactlyInAnyOrder("a1", "a2", "c1", "c2");
        assertThat(read("read_uncommitted", 6)).containsExactlyInAnyOrder("a1", "a2", "b1", "b2", "c1", "c2");
    }

    @Test
    void whatIsAbortedIsNotReadAfterARestartEither() throws Exception {
        try (var producer = producer("till")) {
            producer.initTransactions();
            for (int i = 0; i < 20; i++) {
                write(producer, "a" + i, "b" + i);
                if (i % 3 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
        restart();

        assertThat(read("read_committed", 14))
                .containsExactlyInAnyOrder(
                        "a0", "b0", "a3", "b3", "a6", "b6", "a9", "b9", "a12", "b12", "a15", "b15", "a18", "b18");
    }

    @Test
    void anOpenTransactionHoldsBackWhatComesAfterIt() throws Exception {
        try (var open = producer("slow");
                var plain = broker.producer(Map.of())) {
            open.initTransactions();
            open.beginTransaction();
            open.send(new ProducerRecord<>("payments", 0, "k", "undecided")).get();
            plain.send(new ProducerRecord<>("payments", 0, "k", "plain")).get();

            assertThat(end(IsolationLevel.READ_COMMITTED)).isZero();
            assertThat(end(IsolationLevel.READ_UNCOMMITTED)).isEqualTo(2);

            open.commitTransaction();
            await().untilAsserted(
                            () -> assertThat(end(IsolationLevel.READ_COMMITTED)).isEqualTo(3));
            assertThat(read("read_committed", 2)).containsExactly("undecided", "plain");
        }
    }

    @Test
    void anOpenTransactionHoldsBackItsReadersAfterARestartToo() throws Exception {
        var open = producer("slow");
        open.initTransactions();
        open.beginTransaction();
        open.send(new ProducerRecord<>("payments", 0, "k", "undecided")).get();
        restart();

        assertThat(end(IsolationLevel.READ_COMMITTED)).isZero();

        try (var next = producer("slow")) {
            next.initTransactions(); // aborts what is open
            assertThat(end(IsolationLevel.READ_COMMITTED)).isEqualTo(2);
        }
        open.close(Duration.ZERO);
        assertThat(read("read_uncommitted", 1)).containsExactly("undecided");
    }

    @Test
    @Proves(
            client = "kafka-clients, transactions",
            version = Published.KAFKA_CLIENTS,
            what = "offsets of a group committed with a transaction or not at all")
    void offsetsAreCommittedWithTheTransactionOrNotAtAll() throws Exception {
        try (var consumer = consumer("read_committed", "shop");
                var producer = producer("till")) {
            consumer.subscribe(List.of("payments"));
            await().untilAsserted(() -> {
                consumer.poll(Duration.ofMillis(100));
                assertThat(consumer.assignment()).hasSize(2);
            });
            producer.initTransactions();
            write(producer, "a", "b");
            producer.sendOffsetsToTransaction(Map.of(FIRST, new OffsetAndMetadata(7)), consumer.groupMetadata());
            producer.abortTransaction();

            assertThat(consumer.committed(Set.of(FIRST)).get(FIRST)).isNull();

            write(producer, "c", "d");
            producer.sendOffsetsToTransaction(Map.of(FIRST, new OffsetAndMetadata(8)), consumer.groupMetadata());
            producer.commitTransaction();

            assertThat(consumer.committed(Set.of(FIRST)).get(FIRST).offset()).isEqualTo(8);
        }
        restart();
        assertThat(admin.listConsumerGroupOffsets("shop")
                        .partitionsToOffsetAndMetadata()
                        .get()
                        .get(FIRST)
                        .offset())
                .isEqualTo(8);
    }

    @Test
    @Proves(
            client = "kafka-clients, transactions",
            version = Published.KAFKA_CLIENTS,
            what = "a producer that takes a transactional id over fences the one before")
    void aProducerThatTakesTheIdOverFencesTheOneBefore() throws Exception {
        var zombie = producer("till");
        zombie.initTransactions();
        write(zombie, "zombie", "zombie");
        try (var next = producer("till")) {
            next.initTransactions();
            write(next, "a", "b");
            next.commitTransaction();

            assertThatThrownBy(() -> {
                        zombie.send(new ProducerRecord<>("payments", 0, "k", "late"))
                                .get();
                        zombie.commitTransaction();
                    })
                    .satisfiesAnyOf(
                            failure -> assertThat(failure).isInstanceOf(ProducerFencedException.class),
                            failure -> assertThat(failure)
                                    .isInstanceOf(ExecutionException.class)
                                    .hasCauseInstanceOf(
                                            org.apache.kafka.common.errors.InvalidProducerEpochException.class));
        }
        zombie.close(Duration.ZERO);
        assertThat(read("read_committed", 2)).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aTransactionThatIsOpenForTooLongIsAborted() throws Exception {
        try (var producer = broker.producer(Map.of("transactional.id", "slow", "transaction.timeout.ms", 500))) {
            producer.initTransactions();
            write(producer, "late", "late");

            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(end(IsolationLevel.READ_COMMITTED))
                    .isEqualTo(2));
            assertThatThrownBy(producer::commitTransaction).isInstanceOf(RuntimeException.class);
        }
        assertThat(read("read_uncommitted", 2)).containsExactly("late", "late");
    }

    @Test
    void toolsSeeWhatIsOpenAndCanAbortIt() throws Exception {
        try (var producer = producer("slow")) {
            producer.initTransactions();
            write(producer, "a", "b");

            TransactionDescription described = admin.describeTransactions(List.of("slow"))
                    .description("slow")
                    .get();
            assertThat(described.state()).isEqualTo(TransactionState.ONGOING);
            assertThat(described.topicPartitions()).containsExactlyInAnyOrder(FIRST, SECOND);
            assertThat(admin.listTransactions().all().get())
                    .extracting(TransactionListing::transactionalId, TransactionListing::state)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple("slow", TransactionState.ONGOING));
            ProducerState writing = admin.describeProducers(List.of(FIRST))
                    .partitionResult(FIRST)
                    .get()
                    .activeProducers()
                    .get(0);
            assertThat(writing.currentTransactionStartOffset()).hasValue(0);

            admin.abortTransaction(
                            new AbortTransactionSpec(FIRST, writing.producerId(), (short) writing.producerEpoch(), 0))
                    .all()
                    .get();
            assertThat(end(IsolationLevel.READ_COMMITTED)).isEqualTo(2);
            admin.fenceProducers(List.of("slow")).all().get();
            assertThatThrownBy(producer::commitTransaction).isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    void anEpochThatIsUsedUpGivesWayToANewProducerId() throws Exception {
        try (var producer = producer("till")) {
            producer.initTransactions();
            write(producer, "a", "b");
            producer.commitTransaction();
        }
        await().untilAsserted(() -> assertThat(database.query("select state from paillette.transaction"))
                .isEqualTo("complete_commit"));
        database.execute("update paillette.transaction set producer_epoch = 32764, version = version + 1");
        try (var producer = producer("till")) {
            producer.initTransactions();
            for (int i = 0; i < 3; i++) {
                write(producer, "c" + i, "d" + i);
                producer.commitTransaction();
            }
        }
        assertThat(read("read_committed", 8)).containsExactlyInAnyOrder("a", "b", "c0", "d0", "c1", "d1", "c2", "d2");
        assertThat(Integer.parseInt(database.query("select producer_epoch from paillette.transaction")))
                .isLessThan(10);
    }

    private void restart() {
        admin.close();
        broker.close();
        broker = RunningApis.on(database);
        admin = broker.admin();
    }

    private KafkaProducer<String, String> producer(String transactionalId) {
        return broker.producer(Map.of("transactional.id", transactionalId));
    }

    private KafkaConsumer<String, String> consumer(String isolation, String group) {
        return broker.consumer(Map.of("isolation.level", isolation, "group.id", group));
    }

    /** One record into each partition. */
    private static void write(KafkaProducer<String, String> producer, String first, String second) throws Exception {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("payments", 0, "k", first)).get();
        producer.send(new ProducerRecord<>("payments", 1, "k", second)).get();
    }

    private List<String> read(String isolation, int count) {
        var values = new ArrayList<String>();
        try (var consumer = consumer(isolation, "nobody")) {
            consumer.assign(List.of(FIRST, SECOND));
            Map<TopicPartition, Long> ends = new HashMap<>();
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                ends.putAll(consumer.endOffsets(List.of(FIRST, SECOND)));
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    values.add(record.value());
                }
                assertThat(values).hasSizeGreaterThanOrEqualTo(count);
                ends.forEach((partition, end) ->
                        assertThat(consumer.position(partition)).isEqualTo(end));
            });
        }
        return values;
    }

    private long end(IsolationLevel isolation) throws Exception {
        return admin.listOffsets(Map.of(FIRST, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
                .partitionResult(FIRST)
                .get()
                .offset();
    }
}
