package io.paillette.benchmarks;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Records at a steady pace through one partition, producer and consumer in this JVM, so that one clock measures. */
final class EndToEndRun {

    /** @param rate records per second; those of the warm-up are not measured */
    record Plan(int rate, int warmUpSeconds, int seconds, Map<String, String> producer) {

        Plan {
            producer = Map.copyOf(producer);
        }

        int records() {
            return rate * (warmUpSeconds + seconds);
        }
    }

    /**
     * @param received     from just before send to the return of the poll that brought the record
     * @param acknowledged from just before send to the producer's callback
     */
    record Result(Quantiles received, Quantiles acknowledged, Cost cost) {}

    private static final String TOPIC_PREFIX = "e2e-";
    private static final Duration STRAGGLERS = Duration.ofSeconds(30);

    private final Plan plan;
    private final Broker broker;
    private final TopicPartition partition;
    private final AtomicLongArray sent;
    private final AtomicLongArray acknowledged;
    private final AtomicLongArray received;

    /** @param name of a topic that is not there yet */
    EndToEndRun(Plan plan, Broker broker, String name) {
        this.plan = plan;
        this.broker = broker;
        this.partition = new TopicPartition(TOPIC_PREFIX + name, 0);
        this.sent = new AtomicLongArray(plan.records());
        this.acknowledged = new AtomicLongArray(plan.records());
        this.received = new AtomicLongArray(plan.records());
    }

    Result run() {
        Topics.create(broker, partition.topic(), 1);
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try (var consumer = consumer();
                var producer = producer()) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            Cost before = broker.cost();
            Future<Integer> all = reader.submit(() -> read(consumer));
            write(producer);
            producer.flush();
            awaitStragglers(all);
            return result(broker.cost().since(before));
        } finally {
            reader.shutdownNow();
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private KafkaProducer<byte[], byte[]> producer() {
        var settings = new HashMap<String, Object>(plan.producer());
        settings.put("bootstrap.servers", broker.bootstrap());
        settings.put("acks", "all");
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void write(KafkaProducer<byte[], byte[]> producer) {
        long period = TimeUnit.SECONDS.toNanos(1) / plan.rate();
        // The first send waits for metadata; it must not shift all others.
        var unusedPartitions = producer.partitionsFor(partition.topic());
        long start = System.nanoTime() + Duration.ofMillis(200).toNanos();
        for (int number = 0; number < plan.records(); number++) {
            sleepUntil(start + number * period);
            int at = number;
            byte[] value = ByteBuffer.allocate(Payloads.BYTES).putInt(number).array();
            sent.set(at, System.nanoTime());
            var unused = producer.send(new ProducerRecord<>(partition.topic(), value), (metadata, error) -> {
                if (error == null) {
                    acknowledged.set(at, System.nanoTime());
                }
            });
        }
    }

    private static void sleepUntil(long moment) {
        for (long left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private int read(KafkaConsumer<byte[], byte[]> consumer) {
        int count = 0;
        while (count < plan.records() && !Thread.currentThread().isInterrupted()) {
            var polled = consumer.poll(Duration.ofMillis(100));
            long now = System.nanoTime();
            for (var record : polled) {
                received.set(ByteBuffer.wrap(record.value()).getInt(), now);
                count++;
            }
        }
        return count;
    }

    private void awaitStragglers(Future<Integer> all) {
        try {
            var unused = all.get(STRAGGLERS.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException(broker.title() + ": not everything arrived within " + STRAGGLERS, e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the reader failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private Result result(Cost cost) {
        return new Result(new Quantiles(since(received)), new Quantiles(since(acknowledged)), cost);
    }

    private long[] since(AtomicLongArray moments) {
        int first = plan.rate() * plan.warmUpSeconds();
        var unanswered = IntStream.range(0, plan.records())
                .filter(number -> moments.get(number) == 0)
                .count();
        if (unanswered > 0) {
            throw new IllegalStateException(unanswered + " records were refused or lost by " + broker.title());
        }
        LongStream nanos =
                IntStream.range(first, plan.records()).mapToLong(number -> moments.get(number) - sent.get(number));
        return nanos.toArray();
    }
}
