package io.paillette.broker.log;

import io.paillette.broker.log.AppendGroup.FeedMove;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An append whose offsets are assigned and that waits for its commit: one partition's batch, or what a feed appends with
 * its position. Committed as a whole or not at all.
 */
record PendingAppend(
        List<Part> parts, Optional<FeedMove> feed, Runnable onCommit, Consumer<RuntimeException> onFailure) {

    PendingAppend {
        parts = List.copyOf(parts);
    }

    long sizeBytes() {
        return parts.stream().mapToLong(Part::sizeBytes).sum();
    }

    /** Batches of one partition from {@code baseOffset} up to {@code nextOffset}, exclusive, and what changes beside them. */
    record Part(PartitionLog log, long baseOffset, long nextOffset, List<StoredBatch> batches, SideRows beside) {

        Part {
            batches = List.copyOf(batches);
        }

        static Part of(PartitionLog log, long baseOffset, List<StoredBatch> batches) {
            int last = batches.size() - 1;
            long end = last < 0 ? baseOffset : batches.get(last).header().lastOffset() + 1;
            return new Part(log, baseOffset, end, batches, SideRows.NONE);
        }

        Part and(StoredBatch last) {
            var all = new ArrayList<>(batches);
            all.add(last);
            return new Part(log, baseOffset, last.header().lastOffset() + 1, all, beside);
        }

        Part beside(SideRows rows) {
            return new Part(log, baseOffset, nextOffset, batches, rows);
        }

        long sizeBytes() {
            return batches.stream().mapToLong(StoredBatch::sizeBytes).sum();
        }
    }
}
