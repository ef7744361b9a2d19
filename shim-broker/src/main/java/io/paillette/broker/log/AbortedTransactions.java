package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.OffsetRange;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Which transactions of a partition were aborted. Those that ended since this broker leads it are remembered, up to a number;
 * older ones are asked of the store.
 */
final class AbortedTransactions {

    private static final int REMEMBERED = 1_000;
    private static final Comparator<AbortedTransaction> AS_KAFKA_TELLS =
            Comparator.comparingLong(AbortedTransaction::firstOffset);

    private final PartitionReader reader;
    private final ConcurrentSkipListMap<Long, AbortedTransaction> recent =
            new ConcurrentSkipListMap<>(); // by last offset
    private volatile long completeFrom; // whatever ended at this offset or later is in recent

    AbortedTransactions(PartitionReader reader, long nextOffset) {
        this.reader = reader;
        this.completeFrom = nextOffset;
    }

    /** On the writer's thread, before anybody may read past it. */
    void add(AbortedTransaction aborted) {
        recent.put(aborted.lastOffset(), aborted);
        while (recent.size() > REMEMBERED) {
            completeFrom = recent.firstKey() + 1;
            recent.pollFirstEntry();
        }
    }

    /** What was committed below {@code nextOffset} is known to the store alone. */
    void forget(long nextOffset) {
        completeFrom = nextOffset;
        recent.clear();
    }

    /** Those that concern a reader of {@code from} up to {@code below}, in the order of their first offsets. */
    CompletableFuture<List<AbortedTransaction>> within(long from, long below) {
        if (from >= completeFrom) {
            List<AbortedTransaction> found = overlapping(recent.tailMap(from), from, below);
            if (from >= completeFrom) { // nothing was forgotten meanwhile
                return CompletableFuture.completedFuture(found);
            }
        }
        return reader.ask(() ->
                reader.parts().store().aborted(new OffsetRange(reader.claim().partitionId(), from, below)).stream()
                        .sorted(AS_KAFKA_TELLS)
                        .toList());
    }

    private static List<AbortedTransaction> overlapping(Map<Long, AbortedTransaction> some, long from, long below) {
        return some.values().stream()
                .filter(aborted -> aborted.overlaps(from, below))
                .sorted(AS_KAFKA_TELLS)
                .toList();
    }
}
