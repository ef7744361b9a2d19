package io.paillette.broker.postgres;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** How often the store was called for a purpose, and how long that took. */
final class StoreCalls {

    private final Map<String, Cell> cells = new ConcurrentHashMap<>();

    /** What one purpose counts into. */
    static final class Cell {
        private final LongAdder calls = new LongAdder();
        private final LongAdder faults = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        void succeeded(long tookNanos) {
            calls.increment();
            nanos.add(tookNanos);
        }

        void failed(long tookNanos) {
            faults.increment();
            nanos.add(tookNanos);
        }
    }

    Cell of(String purpose) {
        return cells.computeIfAbsent(purpose, name -> new Cell());
    }

    Map<String, Double> calls() {
        return each(cell -> cell.calls.sum(), 1);
    }

    Map<String, Double> faults() {
        return each(cell -> cell.faults.sum(), 1);
    }

    Map<String, Double> seconds() {
        return each(cell -> cell.nanos.sum(), 1e9);
    }

    private Map<String, Double> each(ToLongFunction<Cell> value, double unit) {
        return cells.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> value.applyAsLong(entry.getValue()) / unit));
    }
}
