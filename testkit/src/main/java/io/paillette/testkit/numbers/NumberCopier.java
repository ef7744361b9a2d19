package io.paillette.testkit.numbers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;

/**
 * Copies numbers from one topic to another, partition by partition, exactly once: what was read, its offsets and what is written
 * are one transaction. Some transactions are aborted for no reason; a member that fails starts again as a new one, as an
 * application would.
 */
public final class NumberCopier implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final int ABORT_ONE_OF = 10;

    private final String bootstrap;
    private final String from;
    private final String to;
    private final List<Thread> members = new ArrayList<>();
    private final AtomicLong commits = new AtomicLong();
    private final AtomicLong aborts = new AtomicLong();
    private final AtomicLong restarts = new AtomicLong();
    private volatile boolean stopping;

    private NumberCopier(String bootstrap, String from, String to) {
        this.bootstrap = bootstrap;
        this.from = from;
        this.to = to;
    }

    /** @param seed of which transactions are aborted */
    public static NumberCopier start(String bootstrap, String from, String to, int members, long seed) {
        var copier = new NumberCopier(bootstrap, from, to);
        for (int member = 0; member < members; member++) {
            int number = member;
            var random = new Random(seed + member);
            copier.members.add(new Thread(() -> copier.run(number, random), "number-copier-" + member));
        }
        copier.members.forEach(Thread::start);
        return copier;
    }

    private void run(int member, Random random) {
        while (!stopping) {
            try (var consumer = consumer();
                    var producer = producer(member)) {
                consumer.subscribe(List.of(from));
                producer.initTransactions();
                while (!stopping) {
                    copy(consumer, producer, random);
                }
            } catch (InterruptException e) {
                return;
            } catch (KafkaException e) {
                restarts.incrementAndGet(); // fenced, timed out or cut off: what was open is aborted by the next one
            }
        }
    }

    private void copy(KafkaConsumer<Long, Long> consumer, KafkaProducer<Long, Long> producer, Random random) {
        ConsumerRecords<Long, Long> polled = consumer.poll(POLL);
        if (polled.isEmpty()) {
            return;
        }
        producer.beginTransaction();
        try {
            Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
            for (ConsumerRecord<Long, Long> record : polled) {
                // What fails here makes the commit fail.
                var unused = producer.send(new ProducerRecord<>(to, record.partition(), record.key(), record.value()));
                next.put(
                        new TopicPartition(record.topic(), record.partition()),
                        new OffsetAndMetadata(record.offset() + 1));
            }
            producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
            if (random.nextInt(ABORT_ONE_OF) == 0) {
                throw new OnPurpose();
            }
            producer.commitTransaction();
            commits.incrementAndGet();
        } catch (OnPurpose e) {
            producer.abortTransaction();
            aborts.incrementAndGet();
            goBack(consumer, polled);
        }
    }

    private static void goBack(KafkaConsumer<Long, Long> consumer, ConsumerRecords<Long, Long> polled) {
        polled.partitions().stream()
                .filter(consumer.assignment()::contains)
                .forEach(partition -> consumer.seek(
                        partition, polled.records(partition).get(0).offset()));
    }

    private KafkaConsumer<Long, Long> consumer() {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                bootstrap,
                "group.id",
                "copiers",
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false,
                "isolation.level",
                "read_committed",
                "request.timeout.ms",
                5_000,
                "default.api.timeout.ms",
                20_000,
                "session.timeout.ms",
                10_000,
                "reconnect.backoff.max.ms",
                200,
                "fetch.max.wait.ms",
                200);
        return new KafkaConsumer<>(config, new LongDeserializer(), new LongDeserializer());
    }

    private KafkaProducer<Long, Long> producer(int member) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers", bootstrap,
                "transactional.id", "copier-" + member,
                "transaction.timeout.ms", 10_000,
                "request.timeout.ms", 2_000,
                "delivery.timeout.ms", 20_000,
                "linger.ms", 0,
                "max.block.ms", 20_000,
                "reconnect.backoff.max.ms", 200);
        return new KafkaProducer<>(config, new LongSerializer(), new LongSerializer());
    }

    @Override
    public String toString() {
        return commits + " transactions committed, " + aborts + " aborted on purpose, " + restarts + " restarts";
    }

    @Override
    public void close() {
        stopping = true;
        for (Thread member : members) {
            try {
                member.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class OnPurpose extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
