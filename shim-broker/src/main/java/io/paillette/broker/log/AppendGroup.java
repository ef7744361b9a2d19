package io.paillette.broker.log;

import java.util.List;
import java.util.Map;

/**
 * What one SQL transaction appends. Offsets and epochs are those the leader believes in; the store checks them.
 *
 * @param partitions one entry for each partition, in the order of their ids
 * @param feeds      one entry for each source, in the order of their names
 */
public record AppendGroup(List<Advance> partitions, List<FeedMove> feeds) {

    public AppendGroup {
        partitions = List.copyOf(partitions);
        feeds = List.copyOf(feeds);
    }

    public long sizeBytes() {
        return partitions.stream().mapToLong(Advance::sizeBytes).sum();
    }

    /**
     * Batches of one partition from {@code expectedOffset} up to {@code nextOffset}, exclusive.
     *
     * @param segmentClass says which table they go into
     * @param beside       what changes beside the batches
     */
    public record Advance(
            long partitionId,
            int leaderEpoch,
            long expectedOffset,
            long nextOffset,
            SegmentClass segmentClass,
            List<StoredBatch> batches,
            SideRows beside) {

        public Advance {
            batches = List.copyOf(batches);
        }

        public long sizeBytes() {
            return batches.stream().mapToLong(StoredBatch::sizeBytes).sum();
        }
    }

    public record FeedMove(String source, long ownerEpoch, String position) {}

    /** Who stood in the way; when both are empty the group is committed, otherwise nothing of it is. */
    public record Refused(List<Long> partitionIds, List<String> sources) {

        public Refused {
            partitionIds = List.copyOf(partitionIds);
            sources = List.copyOf(sources);
        }

        public boolean nobody() {
            return partitionIds.isEmpty() && sources.isEmpty();
        }
    }

    /** Where partitions stand in the store; a partition that is gone is missing. */
    public record Positions(Map<Long, Position> byPartition) {

        public Positions {
            byPartition = Map.copyOf(byPartition);
        }
    }

    public record Position(int leaderEpoch, long nextOffset) {}
}
