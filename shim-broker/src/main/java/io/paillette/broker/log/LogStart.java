package io.paillette.broker.log;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.storage.internals.log.LogConfig;

/** Where a partition begins. It only moves forward, in the store first: whoever reads below is refused once that is final. */
final class LogStart {

    private final TopicPartition partition;
    private final LogStore.Claim claim;
    private final LogStore store;
    private final AtomicLong offset;

    LogStart(TopicPartition partition, LogStore.Claim claim, LogStore store) {
        this.partition = partition;
        this.claim = claim;
        this.store = store;
        this.offset = new AtomicLong(claim.logStartOffset());
    }

    long offset() {
        return offset.get();
    }

    /** Blocks; throws NotLeaderOrFollowerException when another broker leads the partition. */
    long moveTo(long newStart) {
        if (newStart > offset()) {
            OptionalLong moved = store.segments().moveLogStart(claim.partitionId(), claim.leaderEpoch(), newStart);
            if (moved.isEmpty()) {
                throw new NotLeaderOrFollowerException(partition + " is led by another broker, or deleted");
            }
            offset.accumulateAndGet(moved.getAsLong(), Math::max);
        }
        return offset();
    }

    /** What DeleteRecords means by an offset; Kafka's checks. */
    long requested(long asked, long highWatermark, LogConfig config) {
        if (!config.delete) {
            throw new PolicyViolationException(
                    "records of " + partition + " cannot be deleted: its cleanup.policy is compact only");
        }
        long requested = asked == DeleteRecordsRequest.HIGH_WATERMARK ? highWatermark : asked;
        if (requested < 0 || requested > highWatermark) {
            throw outOfRange(asked, highWatermark);
        }
        return requested;
    }

    void requireReadable(long wanted, long highWatermark) {
        if (wanted < offset() || wanted > highWatermark) {
            throw outOfRange(wanted, highWatermark);
        }
    }

    private OffsetOutOfRangeException outOfRange(long wanted, long highWatermark) {
        return new OffsetOutOfRangeException(
                "offset " + wanted + " of " + partition + " is not within " + offset() + " and " + highWatermark);
    }
}
