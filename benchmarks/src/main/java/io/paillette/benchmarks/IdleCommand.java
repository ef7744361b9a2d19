package io.paillette.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "idle",
        description = "What a broker uses while nothing goes on, and how soon it is ready, beside Apache Kafka.",
        mixinStandardHelpOptions = true)
final class IdleCommand implements Callable<Integer> {

    private static final double GOAL_PERCENT = 1;
    private static final double GOAL_MEGABYTES = 300;
    private static final double GOAL_READY_SECONDS = 3;

    /** Both are left alone before: what the load has started can end, and the JVM compile what starting called often. */
    private static final Duration QUIET_BEFORE = Duration.ofSeconds(60);

    @Option(names = "--seconds", defaultValue = "60", description = "Measured time (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--rounds",
            defaultValue = "3",
            description = "Of starts; the median counts (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--records",
            defaultValue = "200000",
            description = "That are in the store, in 16 partitions (default: ${DEFAULT-VALUE}).")
    private long records;

    @Mixin
    private LogOptions options = new LogOptions();

    /** @param megabytes resident at the end of the idle time */
    private record Result(Cost cost, long megabytes, long postgresMegabytes, List<Double> readySeconds) {}

    @Override
    public Integer call() {
        try (var scope = new Scope()) {
            var tool = scope.add(new KafkaTool());
            Brokers brokers = options.start(scope, Map.of("source.app.url", "store", "source.app.tables", "public.*"));
            Setting.print(
                    brokers.paillette().store(),
                    "a store with " + records + " records; Paillette captures its own database, as in the quickstart; "
                            + seconds + " s with no client, begun " + QUIET_BEFORE.toSeconds()
                            + " s after the last start; ready: from starting the JVM to the line that says so, "
                            + "embedded Postgres included, median of " + rounds + options.told());
            fill(tool, brokers);
            var results = measure(brokers);
            print(brokers, results);
            return 0;
        }
    }

    private void fill(KafkaTool tool, Brokers brokers) {
        Rows.create(brokers.paillette().store());
        Rows.marker(brokers.paillette().store());
        var producer = new ProduceRun(tool);
        for (Broker broker : brokers.all()) {
            Say.note("producing into " + broker.title());
            var unused = producer.run(broker, "idle", new ProduceRun.Plan(16, records, 0, List.of("acks=all")));
        }
    }

    private PerBroker<Result> measure(Brokers brokers) {
        var ready = new PerBroker<>(brokers, this::starts);
        pause(QUIET_BEFORE);
        Say.note("nothing for " + seconds + " s");
        var before = new PerBroker<>(brokers, Broker::cost);
        pause(Duration.ofSeconds(seconds));
        return new PerBroker<>(
                brokers,
                broker -> new Result(
                        broker.cost().since(before.of(broker)),
                        Usage.residentMegabytes(broker.jvm()),
                        broker == brokers.paillette()
                                ? brokers.paillette().postgres().residentMegabytes()
                                : 0,
                        ready.of(broker)));
    }

    /** Seconds of each. */
    private List<Double> starts(Broker broker) {
        var ready = new ArrayList<Double>();
        for (int round = 0; round < rounds; round++) {
            Say.note("restarting " + broker.title());
            broker.stop();
            long start = System.nanoTime();
            broker.start();
            ready.add((System.nanoTime() - start) / 1e9);
        }
        return ready;
    }

    private static void pause(Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void print(Brokers brokers, PerBroker<Result> results) {
        var table = new TextTable(
                "idle", "broker CPU %", "Postgres CPU %", "broker MB", "Postgres MB", "ready s", "slowest s");
        results.forEach((broker, result) -> table.row(
                broker.title(),
                Figure.hundredths(percent(result.cost().brokerSeconds())),
                Figure.hundredths(percent(result.cost().postgresSeconds())),
                String.valueOf(result.megabytes()),
                result.postgresMegabytes() == 0 ? "-" : String.valueOf(result.postgresMegabytes()),
                Figure.hundredths(Cost.median(result.readySeconds(), seconds -> seconds)),
                Figure.hundredths(result.readySeconds().stream()
                        .mapToDouble(seconds -> seconds)
                        .max()
                        .orElseThrow())));
        Say.print("\n" + table);
        Result ours = results.of(brokers.paillette());
        Goal.atMost(
                "Paillette, broker and Postgres, CPU % of a core",
                percent(ours.cost().seconds()), GOAL_PERCENT);
        Goal.atMost("Paillette, broker, resident MB", (double) ours.megabytes(), GOAL_MEGABYTES);
        Goal.atMost("Paillette, ready s", Cost.median(ours.readySeconds(), value -> value), GOAL_READY_SECONDS);
    }

    private double percent(double cpuSeconds) {
        return 100 * cpuSeconds / seconds;
    }
}
