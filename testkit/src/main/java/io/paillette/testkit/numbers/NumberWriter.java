package io.paillette.testkit.numbers;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.LongSerializer;

/**
 * An idempotent producer that writes 0, 1, 2... to each partition of a topic at a steady pace, and remembers which number was
 * acknowledged at which offset, and how long each partition went without any acknowledgement.
 */
public final class NumberWriter implements AutoCloseable {

    private static final Duration DELIVERY = Duration.ofMinutes(2);
    private static final Duration REQUEST = Duration.ofSeconds(2);

    private final String topic;
    private final Duration pace;
    private final List<Partition> partitions;
    private final KafkaProducer<Long, Long> producer;
    private final ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::run, "number-writer");
    private final Object round = new Object();
    private boolean paused; // guarded by round
    private volatile boolean stopping;

    private NumberWriter(String bootstrap, String topic, int partitions, Duration pace) {
        this.topic = topic;
        this.pace = pace;
        this.partitions = IntStream.range(0, partitions)
                .mapToObj(index -> new Partition())
                .toList();
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrap);
        config.put("delivery.timeout.ms", Math.toIntExact(DELIVERY.toMillis()));
        // A frozen broker does not answer; that is how long the client waits before it looks for another one.
        config.put("request.timeout.ms", Math.toIntExact(REQUEST.toMillis()));
        config.put("max.block.ms", DELIVERY.toMillis());
        config.put("reconnect.backoff.max.ms", 200);
        config.put("linger.ms", 0);
        this.producer = new KafkaProducer<>(config, new LongSerializer(), new LongSerializer());
    }

    /** @param pace from one number of a partition to the next */
    public static NumberWriter start(String bootstrap, String topic, int partitions, Duration pace) {
        var writer = new NumberWriter(bootstrap, topic, partitions, pace);
        writer.thread.start();
        return writer;
    }

    private void run() {
        for (long number = 0; !stopping; ) {
            synchronized (round) {
                if (!paused) {
                    for (int index = 0; index < partitions.size(); index++) {
                        send(index, number);
                    }
                    number++;
                }
            }
            LockSupport.parkNanos(pace.toNanos());
        }
    }

    private void send(int index, long number) {
        try {
            var unused = producer.send(new ProducerRecord<>(topic, index, number, number), (where, failure) -> {
                if (failure == null) {
                    partitions.get(index).acknowledged(where.offset(), number);
                } else {
                    failures.add(failure);
                }
            });
        } catch (RuntimeException e) {
            failures.add(e);
            stopping = true;
        }
    }

    /** Of all partitions. */
    public long acknowledged() {
        return partitions.stream().mapToLong(Partition::count).sum();
    }

    /** The smallest count of any partition: grows only while all of them can be written. */
    public long acknowledgedEverywhere() {
        return partitions.stream().mapToLong(Partition::count).min().orElse(0);
    }

    /** Of one partition. */
    public long acknowledgedIn(int partition) {
        return partitions.get(partition).count();
    }

    /** Numbers by offset. */
    SortedMap<Long, Long> acknowledged(int partition) {
        return partitions.get(partition).byOffset();
    }

    int partitionCount() {
        return partitions.size();
    }

    String topic() {
        return topic;
    }

    List<Exception> failures() {
        return List.copyOf(failures);
    }

    /** The longest time without an acknowledgement of each partition since this was asked last. */
    public List<Duration> longestGaps() {
        return partitions.stream().map(Partition::takeLongestGap).toList();
    }

    /** Waits for the answers to what was sent, and sends nothing until {@link #resume}. */
    public void pause() {
        synchronized (round) {
            paused = true;
        }
        producer.flush();
    }

    public void resume() {
        synchronized (round) {
            paused = false;
        }
    }

    /** Sends no more and waits for the last answers. */
    public void stop() {
        stopping = true;
        try {
            thread.join(DELIVERY.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.flush();
    }

    @Override
    public void close() {
        stopping = true;
        producer.close(Duration.ofSeconds(10));
    }

    private static final class Partition {

        private final SortedMap<Long, Long> acknowledged = new TreeMap<>();
        private long lastNanos = System.nanoTime();
        private long longestNanos;

        synchronized void acknowledged(long offset, long number) {
            acknowledged.put(offset, number);
            long now = System.nanoTime();
            longestNanos = Math.max(longestNanos, now - lastNanos);
            lastNanos = now;
        }

        synchronized long count() {
            return acknowledged.size();
        }

        synchronized SortedMap<Long, Long> byOffset() {
            return new TreeMap<>(acknowledged);
        }

        synchronized Duration takeLongestGap() {
            Duration longest = Duration.ofNanos(longestNanos);
            longestNanos = 0;
            return longest.truncatedTo(ChronoUnit.MILLIS);
        }
    }
}
