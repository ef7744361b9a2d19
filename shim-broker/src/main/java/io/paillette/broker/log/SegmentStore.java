package io.paillette.broker.log;

import io.paillette.broker.store.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Keeps batches in segment tables and knows which partition has what in which. Every call is one short transaction, blocks
 * until the store has answered, and throws {@link StoreException} when it does not.
 */
public interface SegmentStore {

    /**
     * Begins a new table for every class whose newest is full.
     *
     * @return how many
     */
    int roll(long maxBytes);

    /**
     * Notes sizes and times of one table that is written to no more.
     *
     * @return false when all are noted
     */
    boolean measureNext();

    /**
     * Drops tables of which every range is below its partition's log start.
     *
     * @return how many
     */
    int dropDead();

    /** All ranges of the partitions, in the order of their offsets. */
    List<LogRange> ranges(Collection<Long> partitionIds);

    /** Notes size and largest timestamp of one range. */
    void measure(long partitionId, long firstOffset);

    /** Where a partition would start when it kept its newest {@code bytes}; empty when it has no more than that. */
    OptionalLong offsetKeeping(long partitionId, long logStartOffset, long bytes);

    /**
     * Moves the log start forward, never back.
     *
     * @return where it is now; empty when the partition has another leader epoch
     */
    OptionalLong moveLogStart(long partitionId, int leaderEpoch, long offset);

    /**
     * Deletes some rows below {@code below} of a partition, where tables are never dropped.
     *
     * @return false when there are none
     */
    boolean deleteSome(long partitionId, long below);

    /**
     * Deletes some of what dropped partitions left where tables are never dropped, and all else that is kept of them.
     *
     * @return false when nothing is left
     */
    boolean deleteSomeDropped();

    /** Ranges of these partitions that keep tables alive of which little else is needed. */
    List<RangeStart> stragglers(Collection<Long> partitionIds);

    /**
     * Moves some batches from the start of a range into the table that is written to now.
     *
     * @return where the rest of the range starts; empty when there is none, or the partition has another leader epoch
     */
    OptionalLong moveSome(RangeStart range, int leaderEpoch, SegmentClass segmentClass);

    Optional<Compacted> compacted(long partitionId);

    Dirt dirt(LogStore.OffsetRange range);

    /**
     * Deletes batches, named by their last offsets, and gives others new bodies, in one transaction.
     *
     * @return false, and nothing is changed, when the partition has another leader epoch
     */
    boolean replace(long partitionId, int leaderEpoch, List<Long> gone, List<StoredBatch> changed);

    /** Does nothing when the partition has another leader epoch by now. */
    void saveCompacted(long partitionId, int leaderEpoch, Compacted compacted);

    record RangeStart(long partitionId, long firstOffset) {}

    /** Below {@code upto} every key has one record, except for what was not to be compacted. */
    record Compacted(long upto, long bytes) {

        static final Compacted NOTHING = new Compacted(0, 0);
    }

    /** @param firstTimestamp largest of the first batch, milliseconds; empty when there is no batch */
    record Dirt(long bytes, OptionalLong firstTimestamp) {}
}
