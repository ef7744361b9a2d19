package io.paillette.capture.stream;

import io.paillette.capture.CollectionCount;
import io.paillette.capture.EventOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts the records of the transaction in progress, those that were delivered before a restart among them. Where nobody asks
 * for them nothing is counted.
 */
final class RecordCounts {

    private final boolean asked;
    private final Map<String, Long> counts = new LinkedHashMap<>();
    private long total;

    RecordCounts(boolean asked) {
        this.asked = asked;
    }

    boolean asked() {
        return asked;
    }

    void begin() {
        counts.clear();
        total = 0;
    }

    /** The places of so many further records of a table. */
    List<EventOrder> next(Object collection, int records) {
        if (!asked) {
            return List.of();
        }
        List<EventOrder> orders = new ArrayList<>(records);
        for (int i = 0; i < records; i++) {
            orders.add(new EventOrder(++total, counts.merge(collection.toString(), 1L, Long::sum)));
        }
        return orders;
    }

    List<CollectionCount> all() {
        return counts.entrySet().stream()
                .map(count -> new CollectionCount(count.getKey(), count.getValue()))
                .toList();
    }
}
