package io.paillette.benchmarks;

import java.util.Map;
import java.util.TreeMap;

/**
 * How the tuned Debezium is set, beyond what the untuned one has.
 *
 * @param connector properties of the connector
 * @param worker    properties of the worker
 */
record Tuning(Map<String, String> connector, Map<String, String> worker) {

    /** Its reader sleeps for poll.interval.ms when nothing is there, and its queue waits as long. */
    static final Tuning LATENCY = new Tuning(
            Map.of("poll.interval.ms", "5"), Map.of("producer.linger.ms", "0", "offset.flush.interval.ms", "60000"));

    /** As in the fastest published measurement (Conduit, May 2025), but for the heap. */
    static final Tuning THROUGHPUT = new Tuning(
            Map.of("max.batch.size", "20000", "max.queue.size", "100000", "poll.interval.ms", "100"),
            Map.of(
                    "producer.batch.size", "1000000",
                    "producer.linger.ms", "50",
                    "producer.compression.type", "lz4",
                    "offset.flush.interval.ms", "60000"));

    Tuning {
        connector = Map.copyOf(connector);
        worker = Map.copyOf(worker);
    }

    @Override
    public String toString() {
        return "connector " + new TreeMap<>(connector) + ", worker " + new TreeMap<>(worker);
    }
}
