package io.paillette.broker.group;

import io.paillette.broker.log.TransactionMarker;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.VerificationGuard;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard as this broker sees it.
 *
 * <pre>
 *   free --claim--> claimed --load--> open --released, fenced or failed--> free
 * </pre>
 *
 * Offsets are handed out only while open, so that a state machine which is about to be thrown away can write nothing more.
 */
final class Shard {

    private static final Logger LOG = LoggerFactory.getLogger(Shard.class);

    private final TopicPartition partition;
    private final CommitQueue queue;

    private final Guards guards = new Guards();
    private ShardPosition position;
    private boolean ours;
    private boolean open;
    private PartitionWriter.@Nullable Listener listener;

    Shard(int number, CommitQueue queue) {
        this.partition = new TopicPartition(Topic.GROUP_METADATA_TOPIC_NAME, number);
        this.position = new ShardPosition(number, -1, 0);
        this.queue = queue;
    }

    /** Answers false when it was claimed under a higher epoch meanwhile. */
    synchronized boolean claimed(ShardPosition claim) {
        if (claim.leaderEpoch() <= position.leaderEpoch()) {
            return false;
        }
        position = claim;
        ours = true;
        open = false;
        return true;
    }

    /** Loaded as of {@code loaded}; answers false when it is no longer ours. */
    synchronized boolean open(ShardPosition loaded) {
        open = ours && loaded.leaderEpoch() == position.leaderEpoch();
        if (open) {
            position = loaded;
        }
        return open;
    }

    /** Answers false when it was not ours under that epoch any more. */
    synchronized boolean lost(int epoch) {
        if (!ours || position.leaderEpoch() != epoch) {
            return false;
        }
        ours = false;
        open = false;
        guards.clear();
        queue.drop(partition.partition());
        return true;
    }

    synchronized Optional<Integer> heldEpoch() {
        return ours ? Optional.of(position.leaderEpoch()) : Optional.empty();
    }

    /** The runtime listens once it has taken the loaded state into use. */
    synchronized boolean isServing() {
        return open && listener != null;
    }

    /** Assigns offsets and queues; never waits. Answers the offset after the last record. */
    synchronized long append(MemoryRecords records, VerificationGuard guard, short transactionVersion) {
        if (!open) {
            throw new NotLeaderOrFollowerException(
                    "coordinator shard " + partition.partition() + " is not led by this broker");
        }
        RecordBatch batch = records.batches().iterator().next();
        boolean isMarker = batch.isControlBatch();
        if (batch.isTransactional() && !isMarker) {
            guards.require(batch, guard);
        }
        ShardAppend append = ShardAppend.of(position, records);
        if (!queue.offer(append)) {
            throw new NotEnoughReplicasException("the store is behind with commits of consumer groups: try again");
        }
        position = new ShardPosition(position.shard(), position.leaderEpoch(), append.end());
        if (isMarker) {
            // Commit or abort is all the same to what comes late.
            guards.end(new TransactionMarker(batch.producerId(), batch.producerEpoch(), false, transactionVersion));
        }
        return append.end();
    }

    /** Before the coordinator is asked about a producer's transaction; to be shown when its offsets are appended. */
    synchronized VerificationGuard asked(long producerId, short epoch) {
        return guards.asked(producerId, epoch);
    }

    synchronized void listen(PartitionWriter.Listener newListener) {
        listener = newListener;
    }

    synchronized void unlisten(PartitionWriter.Listener oldListener) {
        if (listener == oldListener) {
            listener = null;
        }
    }

    /**
     * Tells the runtime that everything below {@code end} is durable. One that has shut down takes no news any more: whoever
     * waited is told to look for the next coordinator, which finds what was committed.
     */
    void committed(long end) {
        PartitionWriter.Listener current;
        synchronized (this) {
            current = listener;
        }
        if (current != null) {
            try {
                current.onHighWatermarkUpdated(partition, end);
            } catch (NotCoordinatorException e) {
                LOG.debug("coordinator shard {} was committed after its shutdown", partition.partition(), e);
            }
        }
    }
}
