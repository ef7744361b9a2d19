package io.paillette.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What a produced and a fetched byte costs one broker in the state that it is in. */
final class GrowthRun {

    /**
     * @param produceRate records per second
     * @param produceCost CPU milliseconds of broker and Postgres per megabyte of values, without what goes on beside; NaN: too
     *                    little to tell
     * @param fetchRate   records per second
     * @param fetchCost   the same for reading
     * @param atRest      CPU seconds per second of broker and Postgres while nothing is produced or fetched
     * @param megabytes   resident set of the broker afterwards
     */
    record Result(
            double produceRate,
            double produceCost,
            double fetchRate,
            double fetchCost,
            double atRest,
            double megabytes) {

        static Result median(List<Result> all) {
            return new Result(
                    Cost.median(all, Result::produceRate),
                    Cost.median(all, Result::produceCost),
                    Cost.median(all, Result::fetchRate),
                    Cost.median(all, Result::fetchCost),
                    Cost.median(all, Result::atRest),
                    Cost.median(all, Result::megabytes));
        }
    }

    /** The kernel counts in hundredths of a second, and what goes on beside varies: it is read again until that is little. */
    private static final double ENOUGH_CPU_SECONDS = 0.6;

    private static final double LEAST_CPU_SECONDS = 0.1;
    private static final int MOST_PASSES = 4;

    private final ProduceRun producer;
    private final ConsumeRun consumer;
    private final long records;

    GrowthRun(KafkaTool tool, long records) {
        this.producer = new ProduceRun(tool);
        this.consumer = new ConsumeRun(tool);
        this.records = records;
    }

    /** Each round into a topic of its own, read from the beginning. */
    Result inNewTopics(Broker broker, String name, int rounds, Beside beside) {
        return median(rounds, round -> {
            String topic = name + "-" + round;
            Topics.create(broker, topic, 1);
            return inTopic(broker, topic, beside);
        });
    }

    /** The topic has records already: written behind them, read from the beginning, with all of them as lag. */
    Result inOldTopic(Broker broker, String topic, int rounds, Beside beside) {
        return median(rounds, round -> inTopic(broker, topic, beside));
    }

    /** Of all rounds but the first, in which the JVM compiles anew what runs differently in this state. */
    private static Result median(int rounds, IntFunction<Result> measurement) {
        return Result.median(
                IntStream.rangeClosed(0, rounds).mapToObj(measurement).skip(1).toList());
    }

    /** Records like those that are measured, then {@code lag} small ones. */
    void fill(Broker broker, String topic, long lag) {
        var unused = producer.run(broker, topic, plan());
        producer.small(broker, topic, lag);
    }

    private Result inTopic(Broker broker, String topic, Beside beside) {
        broker.settle();
        var meter = beside.meter(broker);
        double produceRate = producer.into(broker, topic, plan()).rate();
        double produceCost = perMegabyte(meter.ownCpuSeconds(), 1);
        var fetches = new ArrayList<Double>();
        double cpuSeconds = 0;
        while (cpuSeconds < ENOUGH_CPU_SECONDS && fetches.size() < MOST_PASSES) {
            meter = beside.meter(broker);
            fetches.add(consumer.byTool(broker, topic, records).rate());
            cpuSeconds += meter.ownCpuSeconds();
        }
        var result = new Result(
                produceRate,
                produceCost,
                Cost.median(fetches, rate -> rate),
                perMegabyte(cpuSeconds, fetches.size()),
                beside.atRest(),
                Usage.residentMegabytes(broker.jvm()));
        Say.note(String.format(
                Locale.ROOT,
                "%s: produced %,.0f/s at %.1f ms/MB, fetched %,.0f/s at %.2f ms/MB in %d passes",
                broker.title(),
                result.produceRate(),
                result.produceCost(),
                result.fetchRate(),
                result.fetchCost(),
                fetches.size()));
        return result;
    }

    private ProduceRun.Plan plan() {
        return new ProduceRun.Plan(1, records, records / 4, List.of("acks=all"));
    }

    private double perMegabyte(double cpuSeconds, int passes) {
        return cpuSeconds < LEAST_CPU_SECONDS
                ? Double.NaN
                : 1e3 * cpuSeconds / (passes * records * Payloads.BYTES / 1e6);
    }
}
