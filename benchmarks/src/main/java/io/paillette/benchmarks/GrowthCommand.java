package io.paillette.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
    private static final double GOAL_MEGABYTES = 512;
    private static final double GOAL_READY_SECONDS = 3;
    private static final int PARTITIONS_PER_TOPIC = 100;
    private static final String OLD_TOPIC = "lagged";
    private static final String SMALL = "small";

    enum Load {
        LAG("long lag"),
        CONSUMERS("idle consumers"),
        PARTITIONS("partitions");

        private final String title;

        Load(String title) {
            this.title = title;
        }
    }

    @Option(names = "--records", defaultValue = "800000", description = "Each run (default: ${DEFAULT-VALUE}).")
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

    /**
     * @param states   what a byte cost, by what there was beside it
     * @param madeSeconds of the many partitions
     * @param restart  with all that there was
     * @param problem  why a state is missing
     */
    private record Results(
            Map<String, GrowthRun.Result> states,
            double madeSeconds,
            Optional<Restart> restart,
            Optional<String> problem) {}

    private record Restart(double readySeconds, double atRest, double megabytes) {}

    @Override
    public Integer call() {
        try (var scope = new Scope()) {
            var tool = scope.add(new KafkaTool());
            Brokers brokers = options.start(scope);
            Setting.print(
                    brokers.paillette().store(),
                    records + " records of " + Payloads.BYTES
                            + " bytes (JSON) produced into one partition with acks=all "
                            + "and read again, Kafka's own tools; long lag: " + lag
                            + " records of 20 bytes behind those that are read, and the new ones "
                            + "behind them; idle consumers: " + consumers
                            + " KafkaConsumers with fetch.max.wait.ms=500; "
                            + "partitions: " + partitions + " more; median of " + rounds
                            + " after one that does not count" + options.told());
            var run = new GrowthRun(tool, records);
            var results = new PerBroker<>(brokers, broker -> measure(run, broker));
            print(results);
            judge(results.of(brokers.paillette()));
            return 0;
        }
    }

    private Results measure(GrowthRun run, Broker broker) {
        var states = new LinkedHashMap<String, GrowthRun.Result>();
        double madeSeconds = Double.NaN;
        Optional<Restart> restart = Optional.empty();
        Optional<String> problem = Optional.empty();
        Say.note(broker.title() + ": warming up");
        var unused = run.inNewTopics(broker, "warm-up", 1, new Beside(0, 0, 0, () -> 0));
        Say.note(broker.title() + ": " + SMALL);
        Beside nobody = Beside.nobody(broker);
        states.put(SMALL, run.inNewTopics(broker, SMALL, rounds, nobody));
        try {
            for (Load load : only) {
                Say.note(broker.title() + ": " + load.title);
                if (load == Load.PARTITIONS) {
                    madeSeconds = makePartitions(broker);
                }
                states.put(load.title, with(run, broker, load, nobody));
            }
            restart = Optional.of(restart(broker));
        } catch (IllegalStateException e) {
            if (broker instanceof PailletteBroker) {
                throw e;
            }
            problem = Optional.of(broker.title() + " could not be measured to the end here: " + e.getMessage());
        }
        return new Results(states, madeSeconds, restart, problem);
    }

    private GrowthRun.Result with(GrowthRun run, Broker broker, Load load, Beside nobody) {
        return switch (load) {
            case LAG -> {
                run.fill(broker, OLD_TOPIC, lag);
                yield run.inOldTopic(broker, OLD_TOPIC, rounds, Beside.nobody(broker));
            }
            case CONSUMERS -> {
                Topics.create(broker, IdleConsumers.TOPIC, 1);
                try (var scope = new Scope()) {
                    var waiting = scope.add(new IdleConsumers(broker, consumers));
                    Say.note(broker.title() + ": " + consumers + " consumers wait, process " + waiting.pid());
                    yield run.inNewTopics(broker, "beside-consumers", rounds, Beside.waiting(broker, waiting, nobody));
                }
            }
            case PARTITIONS -> run.inNewTopics(broker, "beside-partitions", rounds, Beside.nobody(broker));
        };
    }

    /** In topics of a hundred, one after the other. */
    private double makePartitions(Broker broker) {
        long start = System.nanoTime();
        try (var topics = new Topics(broker)) {
            for (int i = 0; i < partitions / PARTITIONS_PER_TOPIC; i++) {
                topics.create("many-" + i, PARTITIONS_PER_TOPIC);
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static Restart restart(Broker broker) {
        Say.note(broker.title() + ": restarting");
        broker.stop();
        long start = System.nanoTime();
        broker.start();
        double seconds = (System.nanoTime() - start) / 1e9;
        double atRest = Beside.nobody(broker).atRest();
        return new Restart(seconds, atRest, Usage.residentMegabytes(broker.jvm()));
    }

    private void print(PerBroker<Results> results) {
        var table = new TextTable(
                "growth",
                "produced/s",
                "CPU ms/MB",
                "of small",
                "fetched/s",
                "CPU ms/MB",
                "of small",
                "at rest CPU %",
                "broker MB");
        results.forEach((broker, of) -> of.states().forEach((state, result) -> {
            var small = small(of);
            table.row(
                    state + ": " + broker.title(),
                    Figure.whole(result.produceRate()),
                    Figure.tenths(result.produceCost()),
                    Figure.hundredths(result.produceCost() / small.produceCost()),
                    Figure.whole(result.fetchRate()),
                    Figure.hundredths(result.fetchCost()),
                    Figure.hundredths(result.fetchCost() / small.fetchCost()),
                    Figure.tenths(100 * result.atRest()),
                    Figure.whole(result.megabytes()));
        }));
        Say.print("\n" + table);
        var restarts =
                new TextTable("with all that", "partitions made s", "ready again s", "then at rest CPU %", "broker MB");
        results.forEach((broker, of) -> of.restart()
                .ifPresent(restart -> restarts.row(
                        broker.title(),
                        Figure.tenths(of.madeSeconds()),
                        Figure.tenths(restart.readySeconds()),
                        Figure.tenths(100 * restart.atRest()),
                        Figure.whole(restart.megabytes()))));
        Say.print(restarts.toString());
        results.forEach((broker, of) -> of.problem().ifPresent(Say::print));
    }

    private static void judge(Results ours) {
        ours.states().forEach((state, result) -> {
            if (!state.equals(SMALL)) {
                goal(ours, state, "CPU per produced byte", GrowthRun.Result::produceCost);
                goal(ours, state, "CPU per fetched byte", GrowthRun.Result::fetchCost);
            }
        });
        double most = ours.states().values().stream()
                .mapToDouble(GrowthRun.Result::megabytes)
                .max()
                .orElseThrow();
        Goal.atMost("Paillette, broker, resident MB in any state", most, GOAL_MEGABYTES);
        ours.restart()
                .ifPresent(restart -> Goal.atMost(
                        "Paillette, ready again with all that, s", restart.readySeconds(), GOAL_READY_SECONDS));
    }

    private static void goal(Results ours, String state, String what, ToDoubleFunction<GrowthRun.Result> figure) {
        var grown = Objects.requireNonNull(ours.states().get(state));
        Goal.atMost(
                "Paillette, " + state + ", " + what + ", grown / small",
                figure.applyAsDouble(grown) / figure.applyAsDouble(small(ours)),
                GOAL);
    }

    private static GrowthRun.Result small(Results of) {
        return Objects.requireNonNull(of.states().get(SMALL));
    }
}
