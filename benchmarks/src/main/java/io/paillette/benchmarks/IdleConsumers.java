package io.paillette.benchmarks;

import io.paillette.testkit.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Many real KafkaConsumers in a JVM of their own, each long-polling a partition in which nothing happens, with Kafka's
 * fetch.max.wait.ms: almost two requests a second each. One thread polls them in turn.
 */
final class IdleConsumers implements AutoCloseable {

    static final String TOPIC = "nothing-happens";

    private static final String COUNT = "fetches";
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final long ROUND_NANOS = Duration.ofMillis(100).toNanos();

    private final Path directory;
    private final ChildJvm jvm;
    private final LongBuffer fetches;

    /** Returns when all of them fetch. The topic is there. */
    IdleConsumers(Broker broker, int count) {
        try {
            this.directory = Files.createTempDirectory("paillette-idle");
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory", e);
        }
        this.jvm = ChildJvm.start(new ChildJvm.Command(
                IdleConsumers.class.getName(),
                classPath(),
                List.of("-Xmx2g", "-XX:+UseSerialGC"),
                List.of(
                        broker.bootstrap(),
                        String.valueOf(count),
                        directory.resolve(COUNT).toString()),
                directory,
                directory.resolve("idle.log")));
        var unused = jvm.awaitLine("all poll", LIMIT);
        this.fetches = shared(directory.resolve(COUNT));
    }

    /** One number that both processes see. */
    private static LongBuffer shared(Path file) {
        try (var channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(MapMode.READ_WRITE, 0, Long.BYTES).asLongBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be shared", e);
        }
    }

    /** Answered to all of them so far, at most a round ago. */
    long fetches() {
        return fetches.get(0);
    }

    /** Ours, from any working directory. */
    private static List<String> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .toList();
    }

    long pid() {
        return jvm.pid();
    }

    /** @param arguments bootstrap servers, how many, where to say how many fetches were answered */
    public static void main(String[] arguments) {
        var consumers = new ArrayList<KafkaConsumer<byte[], byte[]>>();
        int count = Integer.parseInt(arguments[1]);
        while (consumers.size() < count) {
            consumers.add(consumer(arguments[0]));
        }
        LongBuffer fetches = shared(Path.of(arguments[2]));
        List<Metric> counts = consumers.stream().map(IdleConsumers::answered).toList();
        for (int round = 0; ; round++) {
            long start = System.nanoTime();
            consumers.forEach(consumer -> consumer.poll(Duration.ZERO));
            fetches.put(
                    0,
                    counts.stream()
                            .mapToLong(one -> ((Number) one.metricValue()).longValue())
                            .sum());
            // By then each has its metadata and has sent a fetch.
            if (round == 20) {
                System.out.println("all poll");
            }
            LockSupport.parkNanos(start + ROUND_NANOS - System.nanoTime());
        }
    }

    private static Metric answered(KafkaConsumer<byte[], byte[]> consumer) {
        return consumer.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals("fetch-total"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
        var consumer = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        bootstrap,
                        "receive.buffer.bytes",
                        4096,
                        "send.buffer.bytes",
                        4096,
                        "metric.reporters",
                        "",
                        "enable.metrics.push",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        var partition = new TopicPartition(TOPIC, 0);
        consumer.assign(List.of(partition));
        consumer.seek(partition, 0);
        return consumer;
    }

    @Override
    public void close() throws IOException {
        jvm.close();
        Files.delete(directory.resolve("idle.log"));
        Files.delete(directory.resolve(COUNT));
        Files.delete(directory);
    }
}
