package io.paillette.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "e2e",
        description = "Time from send to the consumer at a low rate, beside Apache Kafka.",
        mixinStandardHelpOptions = true)
final class EndToEndCommand implements Callable<Integer> {

    private static final double GOAL = 2;

    /** Of the producer; Kafka's default holds a record for 5 ms, which would hide much of what the broker takes. */
    private static final Map<String, Map<String, String>> SETTINGS = settings();

    @Option(names = "--rate", defaultValue = "100", description = "Records per second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(names = "--seconds", defaultValue = "25", description = "Measured, each (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "8", description = "Seconds before that (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Mixin
    private LogOptions options = new LogOptions();

    private static Map<String, Map<String, String>> settings() {
        var settings = new LinkedHashMap<String, Map<String, String>>();
        settings.put("linger.ms=0", Map.of("linger.ms", "0"));
        settings.put("linger.ms default", Map.of());
        return settings;
    }

    @Override
    public Integer call() {
        try (var scope = new Scope()) {
            Brokers brokers = options.start(scope);
            Setting.print(
                    brokers.paillette().store(),
                    rate + " records/s of " + Payloads.BYTES + " bytes into one partition, acks=all, " + seconds
                            + " s after " + warmUp + " s warm-up; one producer and one consumer in one JVM, otherwise "
                            + "their defaults (Kafka's EndToEndLatency sends the next record only when the last has "
                            + "arrived: no rate)" + options.told());
            var results = new LinkedHashMap<String, PerBroker<EndToEndRun.Result>>();
            SETTINGS.forEach((name, producer) -> {
                results.put(name, new PerBroker<>(brokers, broker -> {
                    Say.note(broker.title() + ", " + name);
                    var plan = new EndToEndRun.Plan(rate, warmUp, seconds, producer);
                    return new EndToEndRun(plan, broker, name.replaceAll("\\W", "-")).run();
                }));
            });
            print(brokers, results);
            return 0;
        }
    }

    private void print(Brokers brokers, Map<String, PerBroker<EndToEndRun.Result>> results) {
        var table = new TextTable(
                "send to record, ms", "p50", "p99", "max", "acknowledged p50", "p99", "broker CPU %", "Postgres CPU %");
        results.forEach((setting, byBroker) -> byBroker.forEach((broker, result) -> table.row(
                setting + ": " + broker.title(),
                result.received().text(0.5),
                result.received().text(0.99),
                result.received().text(1),
                result.acknowledged().text(0.5),
                result.acknowledged().text(0.99),
                percent(result.cost().brokerSeconds()),
                percent(result.cost().postgresSeconds()))));
        Say.print("\n" + table);
        brokers.kafka()
                .ifPresent(kafka -> results.forEach((setting, byBroker) -> {
                    var ours = byBroker.of(brokers.paillette()).received();
                    var theirs = byBroker.of(kafka).received();
                    for (double share : new double[] {0.5, 0.99}) {
                        Goal.atMost(
                                String.format(Locale.ROOT, "%s, p%.0f, Paillette / Apache Kafka", setting, share * 100),
                                ours.milliseconds(share) / theirs.milliseconds(share),
                                GOAL);
                    }
                }));
    }

    private String percent(double cpuSeconds) {
        return Figure.tenths(100 * cpuSeconds / (warmUp + seconds));
    }
}
