package io.paillette.benchmarks;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What serving has cost.
 *
 * @param brokerSeconds   CPU of the broker's JVM
 * @param postgresSeconds CPU of all processes of its Postgres; NaN: there is none
 * @param peakMegabytes   largest resident set of the broker since it was started
 */
record Cost(double brokerSeconds, double postgresSeconds, long peakMegabytes) {

    /** CPU since then; the peak is still that since the start. */
    Cost since(Cost earlier) {
        return new Cost(
                brokerSeconds - earlier.brokerSeconds, postgresSeconds - earlier.postgresSeconds, peakMegabytes);
    }

    /** Broker and Postgres together. */
    double seconds() {
        return brokerSeconds + (Double.isNaN(postgresSeconds) ? 0 : postgresSeconds);
    }

    /** Of each figure by itself. */
    static Cost median(List<Cost> costs) {
        return new Cost(
                median(costs, Cost::brokerSeconds),
                median(costs, Cost::postgresSeconds),
                costs.stream().mapToLong(Cost::peakMegabytes).max().orElseThrow());
    }

    /** The middle value, of an even number the upper one. */
    static <T> double median(List<T> all, ToDoubleFunction<T> figure) {
        double[] sorted = all.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
