package io.paillette.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "consume",
        description = "Records per second that one consumer reads, warm and cold, beside Apache Kafka.",
        mixinStandardHelpOptions = true)
final class ConsumeCommand implements Callable<Integer> {

    enum Load {
        TAIL("newest, in the tail cache", 1.0),
        WARM("just produced, larger than the tail cache", 1.0),
        COLD("cold, both restarted", 0.5);

        private final String title;
        private final double goal;

        Load(String title, double goal) {
            this.title = title;
            this.goal = goal;
        }
    }

    private static final String LARGE = "consume";
    private static final String NEWEST = "consume-newest";
    private static final String WARM_UP = "warm-up";
    private static final int WARM_UP_RECORDS = 200_000;
    private static final int PASSES = 20;

    @Option(
            names = "--records",
            defaultValue = "800000",
            description = "Of warm and cold, more than the tail cache keeps (default: ${DEFAULT-VALUE}).")
    private long records;

    @Option(
            names = "--newest",
            defaultValue = "150000",
            description = "Records that the tail cache keeps (default: ${DEFAULT-VALUE}).")
    private long newest;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "In turn; the median counts (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "TAIL,WARM,COLD",
            description = "Of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<Load> only = List.of();

    @Mixin
    private LogOptions options = new LogOptions();

    private boolean pageCacheDropped;

    @Override
    public Integer call() {
        try (var scope = new Scope()) {
            var tool = scope.add(new KafkaTool());
            Brokers brokers = options.start(scope);
            Setting.print(
                    brokers.paillette().store(),
                    records + " records of " + Payloads.BYTES
                            + " bytes (JSON) in one partition, ConsumerPerformance of "
                            + "Apache Kafka, its defaults, without the time to join the group; newest: " + newest
                            + " records, " + PASSES + " times over by one KafkaConsumer; median of " + rounds
                            + " rounds, in turn" + options.told());
            var producer = new ProduceRun(tool);
            brokers.all().forEach(broker -> fill(producer, broker));
            brokers.all().forEach(this::warmUp);
            var results = new EnumMap<Load, PerBroker<List<ConsumeRun.Result>>>(Load.class);
            var consumer = new ConsumeRun(tool);
            only.forEach(load -> results.put(load, measure(consumer, brokers, load)));
            print(brokers, results);
            return 0;
        }
    }

    private void fill(ProduceRun producer, Broker broker) {
        Say.note("producing into " + broker.title());
        // The newest last: they are what the tail cache keeps.
        for (var topic : List.of(
                Map.entry(WARM_UP, (long) WARM_UP_RECORDS), Map.entry(LARGE, records), Map.entry(NEWEST, newest))) {
            var unused = producer.run(
                    broker, topic.getKey(), new ProduceRun.Plan(1, topic.getValue(), 0, List.of("acks=all")));
        }
    }

    /** This JVM's and the broker's code must be compiled before the first round. */
    private void warmUp(Broker broker) {
        Say.note("warming up " + broker.title());
        var unused = ConsumeRun.byLoop(broker, NEWEST, newest, PASSES);
        unused = ConsumeRun.byLoop(broker, WARM_UP, WARM_UP_RECORDS, PASSES / 2);
    }

    private PerBroker<List<ConsumeRun.Result>> measure(ConsumeRun consumer, Brokers brokers, Load load) {
        var results = new PerBroker<List<ConsumeRun.Result>>(brokers, broker -> new ArrayList<>());
        for (int round = 1; round <= rounds; round++) {
            for (Broker broker : brokers.all()) {
                var result = once(consumer, broker, load);
                Say.note(String.format(
                        Locale.ROOT, "%s, round %d, %s: %,.0f/s", load.title, round, broker.title(), result.rate()));
                results.of(broker).add(result);
            }
        }
        return results;
    }

    private ConsumeRun.Result once(ConsumeRun consumer, Broker broker, Load load) {
        return switch (load) {
            case TAIL -> ConsumeRun.byLoop(broker, NEWEST, newest, PASSES);
            case WARM -> consumer.byTool(broker, LARGE, records);
            case COLD -> {
                broker.stop();
                broker.start();
                // Its code is compiled by other records than those that are measured.
                var unused = ConsumeRun.byLoop(broker, WARM_UP, WARM_UP_RECORDS, PASSES / 2);
                pageCacheDropped = PageCache.drop();
                yield consumer.byTool(broker, LARGE, records);
            }
        };
    }

    private void print(Brokers brokers, Map<Load, PerBroker<List<ConsumeRun.Result>>> results) {
        var table = new TextTable(
                "consume, 1 partition",
                "records/s",
                "slowest",
                "fastest",
                "MB/s",
                "broker CPU s",
                "Postgres CPU s",
                "broker peak MB");
        results.forEach((load, byBroker) ->
                byBroker.forEach((broker, all) -> row(table, load.title + ": " + broker.title(), all)));
        Say.print("\n" + table);
        if (only.contains(Load.COLD)) {
            Say.print(
                    pageCacheDropped
                            ? "cold: the operating system's page cache was dropped too"
                            : "cold: the operating system's page cache was kept (only root may drop it)");
        }
        brokers.kafka()
                .ifPresent(kafka -> results.forEach((load, byBroker) -> Goal.atLeast(
                        load.title + ", Paillette / Apache Kafka",
                        rate(byBroker.of(brokers.paillette())) / rate(byBroker.of(kafka)),
                        load.goal)));
    }

    private static void row(TextTable table, String title, List<ConsumeRun.Result> results) {
        Cost cost = Cost.median(results.stream().map(ConsumeRun.Result::cost).toList());
        table.row(
                title,
                Figure.whole(rate(results)),
                Figure.whole(results.stream()
                        .mapToDouble(ConsumeRun.Result::rate)
                        .min()
                        .orElseThrow()),
                Figure.whole(results.stream()
                        .mapToDouble(ConsumeRun.Result::rate)
                        .max()
                        .orElseThrow()),
                Figure.whole(Cost.median(results, ConsumeRun.Result::megabytesPerSecond)),
                Figure.hundredths(cost.brokerSeconds()),
                Figure.hundredths(cost.postgresSeconds()),
                String.valueOf(cost.peakMegabytes()));
    }

    private static double rate(List<ConsumeRun.Result> results) {
        return Cost.median(results, ConsumeRun.Result::rate);
    }
}
