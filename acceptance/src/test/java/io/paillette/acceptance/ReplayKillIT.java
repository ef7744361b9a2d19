package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A topic of several partitions is replayed while a producer goes on writing it, and the broker is SIGKILLed. */
class ReplayKillIT {

    private static final int RECORDS = 60_000;
    private static final int PARTITIONS = 3;
    private static final int KILLS = 3;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final AtomicBoolean producing = new AtomicBoolean(true);
    private final AtomicInteger acknowledged = new AtomicInteger();

    @Test
    @Tag("proof")
    void eachRecordIsPublishedOnceThoughTheBrokerIsKilledThriceAndTheTopicIsWritten() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(List.of("-Xmx256m"), Map.of("store.url", "embedded"))) {
            Database store = broker.store();
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
                admin.createTopics(List.of(
                                new NewTopic("stored", PARTITIONS, (short) 1),
                                new NewTopic("again", PARTITIONS, (short) 1)))
                        .all()
                        .get();
            }
            store.query("select count(paillette.produce('stored', i::text, i::text)::text) from generate_series(1, "
                    + RECORDS + ") i");
            Awaitility.await().atMost(PATIENCE).until(() -> end(store, "stored") == RECORDS);
            CompletableFuture<Void> producer = CompletableFuture.runAsync(() -> produce(broker.bootstrap()));
            Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.get() > 100);
            // A millisecond for a hundredth of them: some 5 s in all.
            store.query("select paillette.replay('stored',"
                    + " 'value::int % 2 = 0 and (value::int % 10 > 0 or pg_sleep(0.001) is not null)', 'again')");
            for (int kill = 1; kill <= KILLS; kill++) {
                int offset = kill * RECORDS / (KILLS + 2);
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> Integer.parseInt(store.query("select offsets from paillette.replays")) >= offset);
                broker.kill();
                broker.start();
            }
            int before = acknowledged.get();
            Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.get() > before);
            Awaitility.await().atMost(PATIENCE).until(() -> store.query("select state from paillette.replays")
                    .equals("done"));
            producing.set(false);
            producer.join();

            List<ConsumerRecord<String, String>> stored = Topics.records(broker.bootstrap(), "stored");
            List<ConsumerRecord<String, String>> again = Topics.records(broker.bootstrap(), "again");
            assertThat(stored.stream().map(ReplayKillIT::number).sorted())
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, RECORDS + acknowledged.get())
                            .boxed()
                            .toList());
            for (int partition = 0; partition < PARTITIONS; partition++) {
                int of = partition;
                long end = Long.parseLong(
                        store.query("select end_offset from paillette.replay_partition where index = " + of));
                assertThat(again.stream()
                                .filter(record -> record.partition() == of)
                                .map(ReplayKillIT::number))
                        .as("partition " + of + " up to " + end)
                        .containsExactlyElementsOf(stored.stream()
                                .filter(record -> record.partition() == of && record.offset() < end)
                                .map(ReplayKillIT::number)
                                .filter(number -> number % 2 == 0)
                                .toList());
            }
            assertThat(store.query("select published > " + RECORDS / 2 + " and published = " + again.size()
                            + " and offsets = all_offsets from paillette.replays"))
                    .isEqualTo("t");
            assertThat(broker.terminate()).isZero();
        }
    }

    /** Goes on through kills, as Kafka's producer does; the next is sent once the last is acknowledged. */
    private void produce(String bootstrap) {
        Map<String, Object> properties = Map.of(
                "bootstrap.servers", bootstrap, "delivery.timeout.ms", "180000", "reconnect.backoff.max.ms", "200");
        try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            while (producing.get()) {
                String number = String.valueOf(RECORDS + acknowledged.get() + 1);
                producer.send(new ProducerRecord<>("stored", number, number)).get();
                acknowledged.incrementAndGet();
                LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("a record is not acknowledged", e);
        }
    }

    private static int number(ConsumerRecord<String, String> record) {
        return Integer.parseInt(record.value());
    }

    private static long end(Database store, String topic) {
        return Long.parseLong(store.query("select sum(p.next_offset) from paillette.partition p join paillette.topic t"
                + " on t.id = p.topic_id where t.name = '" + topic + "'"));
    }
}
