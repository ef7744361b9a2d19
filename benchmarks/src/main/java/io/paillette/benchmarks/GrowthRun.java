package io.paillette.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a produced and a fetched byte costs one broker in the state that it is in. */
final class GrowthRun {

    /**
     * @param produceRate records per second
     * @param produceCost CPU milliseconds of broker and Postgres per megabyte of values, without what runs anyway; NaN: too
     *                    little to tell
     * @param fetchRate   records per second
     * @param fetchCost   the same for reading
     * @param anyway      CPU seconds per second of broker and Postgres while nothing is produced or fetched
     */
    record Result(double produceRate, double produceCost, double fetchRate, double fetchCost, double anyway) {

        static Result median(List<Result> all) {
            return new Result(
                    Cost.median(all, Result::produceRate),
                    Cost.median(all, Result::produceCost),
                    Cost.median(all, Result::fetchRate),
                    Cost.median(all, Result::fetchCost),
                    Cost.median(all, Result::anyway));
        }
    }

    private static final int IDLE_SECONDS = 5;

    /** The kernel counts in hundredths of a second, and what runs anyway varies: less than this says nothing. */
    private static final double LEAST_CPU_SECONDS = 0.1;

    private final ProduceRun producer;
    private final ConsumeRun consumer;
    private final long records;

    GrowthRun(KafkaTool tool, long records) {
        this.producer = new ProduceRun(tool);
        this.consumer = new ConsumeRun(tool);
        this.records = records;
    }

    /** Each round into a topic of its own, read from the beginning. */
    Result inNewTopics(Broker broker, String name, int rounds) {
        double anyway = anyway(broker);
        var results = new ArrayList<Result>();
        for (int round = 0; round < rounds; round++) {
            String topic = name + "-" + round;
            Topics.create(broker, topic, 1);
            results.add(inTopic(broker, topic, anyway));
        }
        return Result.median(results);
    }

    /** The topic has records already: written behind them, read from the beginning, with all of them as lag. */
    Result inOldTopic(Broker broker, String topic, int rounds) {
        double anyway = anyway(broker);
        var results = new ArrayList<Result>();
        for (int round = 0; round < rounds; round++) {
            results.add(inTopic(broker, topic, anyway));
        }
        return Result.median(results);
    }

    /** Records like those that are measured, then {@code lag} small ones. */
    void fill(Broker broker, String topic, long lag) {
        var unused = producer.run(broker, topic, plan());
        producer.small(broker, topic, lag);
    }

    private Result inTopic(Broker broker, String topic, double anyway) {
        long start = System.nanoTime();
        var produced = producer.into(broker, topic, plan());
        double producing = seconds(start);
        start = System.nanoTime();
        var fetched = consumer.byTool(broker, topic, records);
        double fetching = seconds(start);
        Say.note(String.format(
                Locale.ROOT, "%s: produced %,.0f/s, fetched %,.0f/s", broker.title(), produced.rate(), fetched.rate()));
        return new Result(
                produced.rate(),
                perMegabyte(produced.cost().seconds() - anyway * producing),
                fetched.rate(),
                perMegabyte(fetched.cost().seconds() - anyway * fetching),
                anyway);
    }

    private ProduceRun.Plan plan() {
        return new ProduceRun.Plan(1, records, records / 4, List.of("acks=all"));
    }

    private double perMegabyte(double cpuSeconds) {
        return cpuSeconds < LEAST_CPU_SECONDS ? Double.NaN : 1e3 * cpuSeconds / (records * Payloads.BYTES / 1e6);
    }

    private static double anyway(Broker broker) {
        Cost before = broker.cost();
        long start = System.nanoTime();
        long end = start + TimeUnit.SECONDS.toNanos(IDLE_SECONDS);
        for (long left = end - start; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        return broker.cost().since(before).seconds() / seconds(start);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }
}
