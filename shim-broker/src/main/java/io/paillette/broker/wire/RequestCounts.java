package io.paillette.broker.wire;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.protocol.ApiKeys;

/** Counters per API since the start. */
public final class RequestCounts implements RequestObserver {

    /** What one API did so far; {@code failures} are requests that ended in an exception, not refusals in an answer. */
    public record Count(long requests, long failures, long requestBytes, long responseBytes, long nanos) {}

    private static final class Cell {
        final LongAdder requests = new LongAdder();
        final LongAdder failures = new LongAdder();
        final LongAdder requestBytes = new LongAdder();
        final LongAdder responseBytes = new LongAdder();
        final LongAdder nanos = new LongAdder();
    }

    private final Map<ApiKeys, Cell> cells = new EnumMap<>(ApiKeys.class);

    public RequestCounts() {
        for (ApiKeys api : ApiKeys.values()) {
            cells.put(api, new Cell());
        }
    }

    @Override
    public void answered(ApiKeys api, short version, int requestBytes, long responseBytes, long nanos, boolean failed) {
        Cell cell = cells.get(api);
        if (cell != null) {
            cell.requests.increment();
            cell.failures.add(failed ? 1 : 0);
            cell.requestBytes.add(requestBytes);
            cell.responseBytes.add(responseBytes);
            cell.nanos.add(nanos);
        }
    }

    /** APIs that were asked at least once. */
    public Map<ApiKeys, Count> snapshot() {
        Map<ApiKeys, Count> counts = new EnumMap<>(ApiKeys.class);
        cells.forEach((api, cell) -> {
            if (cell.requests.sum() > 0) {
                counts.put(
                        api,
                        new Count(
                                cell.requests.sum(),
                                cell.failures.sum(),
                                cell.requestBytes.sum(),
                                cell.responseBytes.sum(),
                                cell.nanos.sum()));
            }
        });
        return counts;
    }
}
