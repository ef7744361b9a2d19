package io.paillette.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads a topic of one partition from its beginning, as fast as it goes. */
final class ConsumeRun {

    /** @param rate records per second, without the time that joining the group took */
    record Result(double rate, Cost cost) {

        double megabytesPerSecond() {
            return rate * Payloads.BYTES / 1e6;
        }
    }

    private static final int FIELDS = 10;
    private static final int CONSUMED = 4;
    private static final int RATE_OF_FETCHING = 9;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final KafkaTool tool;

    ConsumeRun(KafkaTool tool) {
        this.tool = tool;
    }

    /** Once, by Kafka's ConsumerPerformance: its JVM has just started. */
    Result byTool(Broker broker, String topic, long records) {
        Cost before = broker.cost();
        String output = tool.run(
                "ConsumerPerformance",
                List.of(
                        "--bootstrap-server",
                        broker.bootstrap(),
                        "--topic",
                        topic,
                        "--num-records",
                        String.valueOf(records),
                        "--group",
                        "consume-" + System.nanoTime(),
                        "--timeout",
                        "30000",
                        "--hide-header"));
        Cost cost = broker.cost().since(before);
        String[] told = output.lines()
                .map(line -> line.split(", ", -1))
                .filter(fields -> fields.length == FIELDS)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("ConsumerPerformance said nothing known:\n" + output));
        if (Long.parseLong(told[CONSUMED]) < records) {
            throw new IllegalStateException(broker.title() + " gave less than " + records + " records:\n" + output);
        }
        return new Result(Double.parseDouble(told[RATE_OF_FETCHING]), cost);
    }

    /** Again and again by one KafkaConsumer of this JVM, so that few records suffice; the figures are of one pass. */
    static Result byLoop(Broker broker, String topic, long records, int passes) {
        var partition = new TopicPartition(topic, 0);
        try (var consumer = new KafkaConsumer<>(
                // A fetch that waits at the end for more would hold up the next pass.
                Map.<String, Object>of("bootstrap.servers", broker.bootstrap(), "fetch.max.wait.ms", 0),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            Cost before = broker.cost();
            long start = System.nanoTime();
            for (int pass = 0; pass < passes; pass++) {
                consumer.seek(partition, 0);
                read(consumer, records);
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            Cost cost = broker.cost().since(before);
            return new Result(
                    records * passes / seconds,
                    new Cost(cost.brokerSeconds() / passes, cost.postgresSeconds() / passes, cost.peakMegabytes()));
        }
    }

    private static void read(KafkaConsumer<byte[], byte[]> consumer, long records) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        for (long read = 0;
                read < records;
                read += consumer.poll(Duration.ofMillis(100)).count()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(read + " of " + records + " records within " + LIMIT);
            }
        }
    }
}
