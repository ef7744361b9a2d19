package io.paillette.broker.api;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresPair;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** The store's primary dies and its synchronous standby takes its place, behind a URL with both hosts. */
class FailOverTest {

    private static final String TOPIC = "orders";

    @Test
    void everyAcknowledgedRecordIsThereOnceAndClientsGoOn() throws Exception {
        try (PostgresPair pair = PostgresPair.start();
                RunningApis broker = RunningApis.joining(pair.newDatabase(), 1)) {
            try (Admin admin = broker.admin()) {
                admin.createTopics(List.of(new NewTopic(TOPIC, 3, (short) 1)))
                        .all()
                        .get(20, SECONDS);
            }
            var writer = new Writer(broker);
            var reader = new Reader(broker, "followers");
            patiently().until(() -> writer.acknowledged.size() > 500 && reader.read.size() > 500);

            pair.failOver();

            int before = writer.acknowledged.size();
            patiently().until(() -> writer.acknowledged.size() > before + 500);
            writer.finish();
            assertThat(writer.failures).isEmpty();
            patiently().until(() -> reader.read.size() >= writer.acknowledged.size());
            reader.finish();
            assertThat(reader.read).containsExactlyInAnyOrderElementsOf(writer.acknowledged);

            var afterwards = new Reader(broker, "latecomers");
            patiently().until(() -> afterwards.read.size() >= writer.acknowledged.size());
            afterwards.finish();
            assertThat(afterwards.read).containsExactlyInAnyOrderElementsOf(writer.acknowledged);
        }
    }

    private static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofSeconds(60));
    }

    /** An idempotent producer that writes numbers without end. */
    private static final class Writer {

        final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
        final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
        private final CompletableFuture<Void> run;
        private volatile boolean finishing;

        Writer(RunningApis broker) {
            run = CompletableFuture.runAsync(() -> run(broker), task -> new Thread(task, "test-writer").start());
        }

        private void run(RunningApis broker) {
            try (KafkaProducer<String, String> producer = broker.producer(Map.of("enable.idempotence", true))) {
                for (int number = 0; !finishing; number++) {
                    String value = String.valueOf(number);
                    producer.send(new ProducerRecord<>(TOPIC, number % 3, value, value), (metadata, failure) -> {
                        if (failure == null) {
                            acknowledged.add(value);
                        } else {
                            failures.add(failure);
                        }
                    });
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }

        void finish() throws Exception {
            finishing = true;
            run.get(60, SECONDS);
        }
    }

    /** A member of a group that commits what it has read. */
    private static final class Reader {

        final Queue<String> read = new ConcurrentLinkedQueue<>();
        private final CompletableFuture<Void> run;
        private volatile boolean finishing;

        Reader(RunningApis broker, String group) {
            run = CompletableFuture.runAsync(() -> run(broker, group), task -> new Thread(task, "test-reader").start());
        }

        private void run(RunningApis broker, String group) {
            try (KafkaConsumer<String, String> consumer = broker.consumer(Map.of("group.id", group))) {
                consumer.subscribe(List.of(TOPIC));
                while (!finishing) {
                    consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.value()));
                    consumer.commitAsync();
                }
            }
        }

        void finish() throws Exception {
            finishing = true;
            run.get(60, SECONDS);
        }
    }
}
