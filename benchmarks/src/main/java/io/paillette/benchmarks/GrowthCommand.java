package io.paillette.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "growth",
        description =
                "What a byte costs with many partitions, many idle consumers and a long lag, beside Apache Kafka.",
        mixinStandardHelpOptions = true)
final class GrowthCommand implements Callable<Integer> {

    private static final double GOAL = 1.3;
    private static final int PARTITIONS_PER_TOPIC = 100;
    private static final String OLD_TOPIC = "lagged";

    enum Load {
        LAG("long lag"),
        CONSUMERS("idle consumers"),
        PARTITIONS("partitions");

        private final String title;

        Load(String title) {
            this.title = title;
        }
    }

    @Option(names = "--records", defaultValue = "600000", description = "Each run (default: ${DEFAULT-VALUE}).")
    private long records;

    @Option(names = "--rounds", defaultValue = "3", description = "The median counts (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--partitions", defaultValue = "10000", description = "That exist (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(names = "--consumers", defaultValue = "2000", description = "That wait (default: ${DEFAULT-VALUE}).")
    private int consumers;

    @Option(names = "--lag", defaultValue = "10000000", description = "In records (default: ${DEFAULT-VALUE}).")
    private long lag;

    @Option(
            names = "--only",
            split = ",",
            defaultValue = "LAG,CONSUMERS,PARTITIONS",
            description = "Of ${COMPLETION-CANDIDATES}, beside the small case (default: ${DEFAULT-VALUE}).")
    private List<Load> only = List.of();

    @Mixin
    private LogOptions options = new LogOptions();

    @Override
    public Integer call() {
        try (var scope = new Scope()) {
            var tool = scope.add(new KafkaTool());
            Brokers brokers = options.start(scope);
            Setting.print(
                    brokers.paillette().store(),
                    records + " records of " + Payloads.BYTES
                            + " bytes (JSON) produced into one partition with acks=all "
                            + "and read again, Kafka's own tools; CPU of broker and Postgres, less what they use at rest in that "
                            + "state; long lag: " + lag
                            + " records of 20 bytes behind those that are read, and the new ones "
                            + "behind them; idle consumers: " + consumers
                            + " KafkaConsumers with fetch.max.wait.ms=500; "
                            + "partitions: " + partitions + " more; median of " + rounds + options.told());
            var run = new GrowthRun(tool, records);
            var results = new LinkedHashMap<Broker, Map<String, GrowthRun.Result>>();
            for (Broker broker : brokers.all()) {
                results.put(broker, measure(run, broker));
            }
            print(brokers, results);
            return 0;
        }
    }

    private Map<String, GrowthRun.Result> measure(GrowthRun run, Broker broker) {
        var results = new LinkedHashMap<String, GrowthRun.Result>();
        Say.note(broker.title() + ": warming up");
        var unused = run.inNewTopics(broker, "warm-up", 2);
        Say.note(broker.title() + ": small");
        results.put("small", run.inNewTopics(broker, "small", rounds));
        for (Load load : only) {
            Say.note(broker.title() + ": " + load.title);
            results.put(load.title, with(run, broker, load));
        }
        return results;
    }

    private GrowthRun.Result with(GrowthRun run, Broker broker, Load load) {
        return switch (load) {
            case LAG -> {
                run.fill(broker, OLD_TOPIC, lag);
                yield run.inOldTopic(broker, OLD_TOPIC, rounds);
            }
            case CONSUMERS -> {
                Topics.create(broker, IdleConsumers.TOPIC, 1);
                try (var scope = new Scope()) {
                    Say.note(broker.title() + ": " + consumers + " consumers wait, process "
                            + scope.add(new IdleConsumers(broker, consumers)).pid());
                    yield run.inNewTopics(broker, "beside-consumers", rounds);
                }
            }
            case PARTITIONS -> {
                try (var topics = new Topics(broker)) {
                    for (int i = 0; i < partitions / PARTITIONS_PER_TOPIC; i++) {
                        topics.create("many-" + i, PARTITIONS_PER_TOPIC);
                    }
                }
                yield run.inNewTopics(broker, "beside-partitions", rounds);
            }
        };
    }

    private static void print(Brokers brokers, Map<Broker, Map<String, GrowthRun.Result>> results) {
        var table = new TextTable(
                "growth", "produced/s", "CPU ms/MB", "of small", "fetched/s", "CPU ms/MB", "of small", "at rest CPU %");
        results.forEach((broker, byLoad) -> byLoad.forEach((load, result) -> {
            var small = small(byLoad);
            table.row(
                    load + ": " + broker.title(),
                    Figure.whole(result.produceRate()),
                    Figure.tenths(result.produceCost()),
                    Figure.hundredths(result.produceCost() / small.produceCost()),
                    Figure.whole(result.fetchRate()),
                    Figure.tenths(result.fetchCost()),
                    Figure.hundredths(result.fetchCost() / small.fetchCost()),
                    Figure.tenths(100 * result.anyway()));
        }));
        Say.print("\n" + table);
        var ours = results.getOrDefault(brokers.paillette(), Map.of());
        ours.forEach((load, result) -> {
            if (!result.equals(small(ours))) {
                var small = small(ours);
                goal(load + ", CPU per produced byte", result, small, GrowthRun.Result::produceCost);
                goal(load + ", CPU per fetched byte", result, small, GrowthRun.Result::fetchCost);
                goal(load + ", time per produced byte", small, result, GrowthRun.Result::produceRate);
                goal(load + ", time per fetched byte", small, result, GrowthRun.Result::fetchRate);
            }
        });
    }

    private static void goal(
            String what, GrowthRun.Result above, GrowthRun.Result below, ToDoubleFunction<GrowthRun.Result> figure) {
        Goal.atMost(
                "Paillette, " + what + ", grown / small",
                figure.applyAsDouble(above) / figure.applyAsDouble(below),
                GOAL);
    }

    private static GrowthRun.Result small(Map<String, GrowthRun.Result> byLoad) {
        return Objects.requireNonNull(byLoad.get("small"));
    }
}
