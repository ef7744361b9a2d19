package io.paillette.benchmarks;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Kafka's ProducerPerformance against one broker, as fast as it goes. */
final class ProduceRun {

    /**
     * @param warmUp records at the beginning that rate and latency leave out: the tool's JVM has just started
     * @param producer properties of the producer, KEY=VALUE
     * @param transactions how long each lasts; empty: none
     */
    record Plan(int partitions, long records, long warmUp, List<String> producer, Optional<Duration> transactions) {

        Plan {
            producer = List.copyOf(producer);
        }

        Plan(int partitions, long records, long warmUp, List<String> producer) {
            this(partitions, records, warmUp, producer, Optional.empty());
        }

        /** Markers take offsets too. */
        boolean fits(long stored) {
            return transactions.isPresent() ? stored >= records : stored == records;
        }
    }

    /**
     * @param rate records per second
     * @param cost of all records, those of the warm-up too
     */
    record Result(double rate, double p50Ms, double p99Ms, Cost cost) {

        double megabytesPerSecond() {
            return rate * Payloads.BYTES / 1e6;
        }
    }

    private static final Pattern TOLD =
            Pattern.compile("([\\d.]+) records/sec .* (\\d+) ms 50th, \\d+ ms 95th, (\\d+) ms 99th");

    private final KafkaTool tool;
    private final Path payloads;

    ProduceRun(KafkaTool tool) {
        this.tool = tool;
        this.payloads = Payloads.write(tool.directory().resolve("payloads"));
    }

    /** Into a new topic; every record must be there afterwards. */
    Result run(Broker broker, String topic, Plan plan) {
        Topics.create(broker, topic, plan.partitions());
        return into(broker, topic, plan);
    }

    /** The topic is there, and may hold records. */
    Result into(Broker broker, String topic, Plan plan) {
        broker.settle();
        Cost before = broker.cost();
        String output = produce(broker, topic, plan, List.of("--payload-file", payloads.toString()));
        return result(output, broker.cost().since(before));
    }

    /** Many records of few bytes into a topic of one partition, in large batches; not measured. */
    void small(Broker broker, String topic, long records) {
        var properties = List.of("acks=all", "batch.size=131072", "linger.ms=20");
        var unused = produce(broker, topic, new Plan(1, records, 0, properties), List.of("--record-size", "20"));
    }

    private String produce(Broker broker, String topic, Plan plan, List<String> payload) {
        long already = Topics.stored(broker, topic, plan.partitions());
        var arguments = new ArrayList<>(List.of(
                "--bootstrap-server",
                broker.bootstrap(),
                "--topic",
                topic,
                "--num-records",
                String.valueOf(plan.records()),
                "--warmup-records",
                String.valueOf(plan.warmUp()),
                "--throughput",
                "-1"));
        arguments.addAll(payload);
        plan.transactions()
                .ifPresent(each -> arguments.addAll(List.of(
                        "--transactional-id", topic, "--transaction-duration-ms", String.valueOf(each.toMillis()))));
        arguments.add("--command-property");
        arguments.addAll(plan.producer());
        String output = tool.run("ProducerPerformance", arguments);
        long stored = Topics.stored(broker, topic, plan.partitions()) - already;
        if (!plan.fits(stored)) {
            throw new IllegalStateException(broker.title() + " has " + stored + " of " + plan.records()
                    + " records; ProducerPerformance says:\n" + output);
        }
        return output;
    }

    /** The last summary is the one without the warm-up. */
    private static Result result(String output, Cost cost) {
        MatchResult told = TOLD.matcher(output)
                .results()
                .reduce((first, last) -> last)
                .orElseThrow(
                        () -> new IllegalStateException("ProducerPerformance did not say how fast it was:\n" + output));
        return new Result(
                Double.parseDouble(told.group(1)),
                Double.parseDouble(told.group(2)),
                Double.parseDouble(told.group(3)),
                cost);
    }
}
