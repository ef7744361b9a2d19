package io.paillette.broker.log;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.store.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Keeps the log. Every call blocks until the store has answered, and throws {@link StoreException} when it does not. */
public interface LogStore {

    /**
     * Makes {@code brokerId} the leader of partitions, each with the next leader epoch; older leaders can write no more.
     * Those that have another epoch than is expected are not answered.
     */
    List<Claim> claim(int brokerId, Collection<ClaimRequest> requests);

    /** A topic's partitions as they are now, whoever leads them: none of them is claimed. */
    List<Claim> look(Uuid topicId);

    /** Leaves partitions without a leader, except those that have a newer one. */
    void release(Collection<Held> partitions);

    /** All of the group in one transaction, or nothing. Called by one thread only. */
    AppendGroup.Refused append(AppendGroup group);

    /** Waits for transactions that still hold the partitions' rows, so the answer is final for this leader's appends. */
    AppendGroup.Positions positions(Collection<Long> partitionIds);

    /** Batches in offset order, from the one that holds {@code range.from}; as many as fit {@code maxBytes}. */
    MemoryRecords read(OffsetRange range, int maxBytes, boolean atLeastOne);

    /** Body of the first batch that has a record at or after {@code timestamp} (milliseconds). */
    Optional<byte[]> firstAtOrAfter(OffsetRange range, long timestamp);

    /** Body of the first of the batches with the largest timestamp. */
    Optional<byte[]> latestByTimestamp(OffsetRange range);

    EpochEnd endOfEpoch(long partitionId, int epoch);

    Optional<ProducerSnapshot> producerSnapshot(long partitionId);

    /** Headers of batches with a producer id, in offset order. */
    List<BatchHeader> producerBatches(OffsetRange range);

    /** Transactions that ended in an abort at or after {@code range.from} and began below {@code range.below}. */
    List<AbortedTransaction> aborted(OffsetRange range);

    /** Of these partitions, those that an open transaction includes. */
    Set<Duty.Partition> openPartitions(Collection<Duty.Partition> partitions);

    /** Does nothing when the partition has another leader epoch by now. */
    void saveProducerSnapshot(long partitionId, int leaderEpoch, ProducerSnapshot snapshot);

    /** A number that no other call ever gets: the index of a block of producer ids. */
    long nextProducerIdBlock();

    /** Where batches are kept, for those who make room. */
    SegmentStore segments();

    /** @param expectedEpoch the newest that is known */
    record ClaimRequest(Uuid topicId, int index, int expectedEpoch) {}

    record Held(long partitionId, int leaderEpoch) {}

    /** A partition with its leader epoch, which is a new one where it was claimed. */
    record Claim(long partitionId, Uuid topicId, int index, int leaderEpoch, long logStartOffset, long nextOffset) {}

    /** Batches with {@code from <= last offset < below}. */
    record OffsetRange(long partitionId, long from, long below) {}

    /**
     * @param epoch     the largest known at or below the one asked for, -1 for none
     * @param endOffset where the next larger epoch starts; empty when there is none
     */
    record EpochEnd(int epoch, OptionalLong endOffset) {}

    /** State of all producers of a partition, covering every batch below {@code uptoOffset}. */
    @SuppressWarnings("ArrayRecordComponent") // snapshots are never compared
    record ProducerSnapshot(long uptoOffset, byte[] state) {}
}
