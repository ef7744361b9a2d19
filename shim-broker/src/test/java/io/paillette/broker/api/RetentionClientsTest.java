package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Log start and compaction as Kafka's own clients see them. */
class RetentionClientsTest {

    private final RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase());
    private final TopicPartition orders = new TopicPartition("orders", 0);

    @AfterEach
    void close() {
        broker.close();
    }

    private void create(Admin admin, Map<String, String> configs) throws Exception {
        admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1).configs(configs)))
                .all()
                .get();
    }

    private void produce(String... keysAndValues) throws Exception {
        try (KafkaProducer<String, String> producer = broker.producer(Map.of())) {
            for (String text : keysAndValues) {
                String[] pair = text.split("=", 2);
                producer.send(new ProducerRecord<>("orders", pair[0], pair[1])).get();
            }
        }
    }

    private List<String> consume(KafkaConsumer<String, String> consumer, int upto) {
        var read = new ArrayList<String>();
        Awaitility.await().until(() -> {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                read.add(record.offset() + ":" + record.key() + "=" + record.value());
            }
            return consumer.position(orders) >= upto;
        });
        return read;
    }

    private long offset(Admin admin, OffsetSpec spec) throws Exception {
        ListOffsetsResultInfo info =
                admin.listOffsets(Map.of(orders, spec)).partitionResult(orders).get();
        return info.offset();
    }

    @Test
    void deletedRecordsAreGoneAtOnceForEverybody() throws Exception {
        try (Admin admin = broker.admin();
                KafkaConsumer<String, String> consumer = broker.consumer(Map.of());
                KafkaConsumer<String, String> strict = broker.consumer(Map.of("auto.offset.reset", "none"))) {
            create(admin, Map.of());
            produce("a=1", "b=2", "c=3");

            assertThat(admin.deleteRecords(Map.of(orders, RecordsToDelete.beforeOffset(2)))
                            .lowWatermarks()
                            .get(orders)
                            .get()
                            .lowWatermark())
                    .isEqualTo(2);

            assertThat(offset(admin, OffsetSpec.earliest())).isEqualTo(2);
            assertThat(offset(admin, OffsetSpec.latest())).isEqualTo(3);
            consumer.assign(List.of(orders));
            consumer.seek(orders, 0);
            assertThat(consume(consumer, 3)).containsExactly("2:c=3");
            strict.assign(List.of(orders));
            strict.seek(orders, 1);
            assertThatThrownBy(() -> consume(strict, 3)).hasStackTraceContaining("OutOfRange");
            assertThatThrownBy(() -> admin.deleteRecords(Map.of(orders, RecordsToDelete.beforeOffset(4)))
                            .all()
                            .get())
                    .hasCauseInstanceOf(OffsetOutOfRangeException.class);
            admin.deleteRecords(Map.of(orders, RecordsToDelete.beforeOffset(-1)))
                    .all()
                    .get();
            assertThat(offset(admin, OffsetSpec.earliest())).isEqualTo(3);
        }
    }

    @Test
    void recordsOfACompactedTopicAreNotDeletedOnDemand() throws Exception {
        try (Admin admin = broker.admin()) {
            create(admin, Map.of("cleanup.policy", "compact"));

            assertThatThrownBy(() -> admin.deleteRecords(Map.of(orders, RecordsToDelete.beforeOffset(-1)))
                            .all()
                            .get())
                    .hasCauseInstanceOf(PolicyViolationException.class);
        }
    }

    @Test
    void aCompactedTopicIsReadFromItsStartToItsEnd() throws Exception {
        try (Admin admin = broker.admin();
                KafkaConsumer<String, String> consumer = broker.consumer(Map.of())) {
            create(admin, Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01"));
            produce("a=1", "b=1", "a=2", "b=2", "a=3");
            consumer.assign(List.of(orders));

            // A pass may come between the records; the one after the last of them leaves this.
            Awaitility.await().untilAsserted(() -> {
                consumer.seekToBeginning(List.of(orders));
                assertThat(consume(consumer, 5)).containsExactly("3:b=2", "4:a=3");
            });
            assertThat(broker.logs.housekeepingCounts().compactions()).isPositive();
            produce("c=1");
            assertThat(consume(consumer, 6)).containsExactly("5:c=1");
        }
    }

    @Test
    void aTopicOfTheSameNameBeginsAnew() throws Exception {
        try (Admin admin = broker.admin();
                KafkaConsumer<String, String> consumer = broker.consumer(Map.of())) {
            create(admin, Map.of());
            produce("a=1");
            admin.deleteTopics(List.of("orders")).all().get();
            create(admin, Map.of());
            produce("b=1");

            consumer.assign(List.of(orders));
            consumer.seekToBeginning(List.of(orders));
            assertThat(consume(consumer, 1)).containsExactly("0:b=1");
        }
    }
}
