package io.paillette.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "produce",
        description = "Records per second that are acknowledged with acks=all, beside Apache Kafka.",
        mixinStandardHelpOptions = true)
final class ProduceCommand implements Callable<Integer> {

    private static final double GOAL_PEAK_MEGABYTES = 512;

    enum Load {
        ONE("1 partition", 1, "none", Optional.empty(), 0.8),
        SIXTEEN("16 partitions", 16, "none", Optional.empty(), 0.8),
        LZ4("1 partition, lz4", 1, "lz4", Optional.empty(), 0.9),
        TRANSACTIONS("1 partition, 100 ms transactions", 1, "none", Optional.of(Duration.ofMillis(100)), 0.7);

        private final String title;
        private final int partitions;
        private final String compression;
        private final Optional<Duration> transactions;
        private final double goal;

        Load(String title, int partitions, String compression, Optional<Duration> transactions, double goal) {
            this.title = title;
            this.partitions = partitions;
            this.compression = compression;
            this.transactions = transactions;
            this.goal = goal;
        }
    }

    @Option(names = "--records", defaultValue = "2000000", description = "Each run (default: ${DEFAULT-VALUE}).")
    private long records;

    @Option(
            names = "--warm-up",
            defaultValue = "1000000",
            description = "Of them at the beginning, left out of rate and latency (default: ${DEFAULT-VALUE}).")
    private long warmUp;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "In turn; the median counts (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "ONE,SIXTEEN,LZ4,TRANSACTIONS",
            description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<Load> only = List.of();

    @Option(
            names = "--producer",
            paramLabel = "KEY=VALUE",
            description = "A property of both producers beside acks=all; may be repeated.")
    private List<String> producer = new ArrayList<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private LogOptions options = new LogOptions();

    @Override
    public Integer call() {
        if (warmUp >= records) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--warm-up " + warmUp + " leaves nothing to measure of --records " + records + ": give fewer");
        }
        try (var scope = new Scope()) {
            var tool = scope.add(new KafkaTool());
            Brokers brokers = options.start(scope);
            Setting.print(
                    brokers.paillette().store(),
                    "ProducerPerformance of Apache Kafka, " + records + " records of " + Payloads.BYTES
                            + " bytes (JSON), the first " + warmUp + " as warm-up; acks=all, otherwise "
                            + (producer.isEmpty() ? "the producer's defaults" : producer) + "; median of " + rounds
                            + " rounds, in turn" + options.told());
            Say.print("durable   Paillette acknowledges after a Postgres COMMIT that waited for the disk; Apache Kafka "
                    + "after the page cache has it, without fsync");
            var run = new ProduceRun(tool);
            warmUp(run, brokers);
            var results = new EnumMap<Load, PerBroker<List<ProduceRun.Result>>>(Load.class);
            only.forEach(load -> results.put(load, measure(run, brokers, load)));
            print(brokers, results);
            return 0;
        }
    }

    /** The brokers' code must be compiled before the first load is measured. */
    private void warmUp(ProduceRun run, Brokers brokers) {
        for (Broker broker : brokers.all()) {
            Say.note("warming up " + broker.title());
            var unused = run.run(broker, "warm-up", new ProduceRun.Plan(1, records, warmUp, properties(Load.ONE)));
        }
    }

    private PerBroker<List<ProduceRun.Result>> measure(ProduceRun run, Brokers brokers, Load load) {
        var results = new PerBroker<List<ProduceRun.Result>>(brokers, broker -> new ArrayList<>());
        for (int round = 1; round <= rounds; round++) {
            for (Broker broker : brokers.all()) {
                String topic = "produce-" + load.name().toLowerCase(Locale.ROOT) + "-" + round;
                var plan = new ProduceRun.Plan(load.partitions, records, warmUp, properties(load), load.transactions);
                var result = run.run(broker, topic, plan);
                Say.note(String.format(
                        Locale.ROOT, "%s, round %d, %s: %,.0f/s", load.title, round, broker.title(), result.rate()));
                results.of(broker).add(result);
            }
        }
        return results;
    }

    private List<String> properties(Load load) {
        var all = new ArrayList<>(List.of("acks=all", "compression.type=" + load.compression));
        all.addAll(producer);
        return all;
    }

    private static void print(Brokers brokers, Map<Load, PerBroker<List<ProduceRun.Result>>> results) {
        var table = new TextTable(
                "produce, acks=all",
                "records/s",
                "slowest",
                "fastest",
                "MB/s",
                "p50 ms",
                "p99 ms",
                "broker CPU s",
                "Postgres CPU s",
                "broker peak MB");
        results.forEach((load, byBroker) ->
                brokers.all().forEach(broker -> row(table, load.title + ": " + broker.title(), byBroker.of(broker))));
        Say.print("\n" + table);
        brokers.kafka()
                .ifPresent(kafka -> results.forEach((load, byBroker) -> Goal.atLeast(
                        load.title + ", Paillette / Apache Kafka",
                        rate(byBroker.of(brokers.paillette())) / rate(byBroker.of(kafka)),
                        load.goal)));
        Goal.atMost(
                "Paillette's broker, peak resident MB",
                (double) brokers.paillette().cost().peakMegabytes(),
                GOAL_PEAK_MEGABYTES);
    }

    private static void row(TextTable table, String title, List<ProduceRun.Result> results) {
        Cost cost = Cost.median(results.stream().map(ProduceRun.Result::cost).toList());
        table.row(
                title,
                Figure.whole(rate(results)),
                Figure.whole(results.stream()
                        .mapToDouble(ProduceRun.Result::rate)
                        .min()
                        .orElseThrow()),
                Figure.whole(results.stream()
                        .mapToDouble(ProduceRun.Result::rate)
                        .max()
                        .orElseThrow()),
                Figure.whole(Cost.median(results, ProduceRun.Result::megabytesPerSecond)),
                Figure.whole(Cost.median(results, ProduceRun.Result::p50Ms)),
                Figure.whole(Cost.median(results, ProduceRun.Result::p99Ms)),
                Figure.tenths(cost.brokerSeconds()),
                Figure.tenths(cost.postgresSeconds()),
                String.valueOf(cost.peakMegabytes()));
    }

    private static double rate(List<ProduceRun.Result> results) {
        return Cost.median(results, ProduceRun.Result::rate);
    }
}
