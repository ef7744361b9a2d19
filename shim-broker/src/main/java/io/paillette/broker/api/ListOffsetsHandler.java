package io.paillette.broker.api;

import io.paillette.broker.log.PartitionLog;
import io.paillette.broker.log.TimestampedOffset;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * ListOffsets (key 2): offsets by name or by time.
 *
 * <p>Behaviour: -1 the end (read_committed: the last stable offset), -2 the start, -3 the record with the largest
 * timestamp (v7), -4 the start of what is local, which is all (v8, KIP-405), -5 and -6 tiered storage, of which there is
 * none: offset -1 (v9, v11). A time gives the first record at or after it, offset -1 when there is none a consumer of that
 * isolation could read. A partition named twice is INVALID_REQUEST.
 *
 * <p>Versions: 2 isolation level, 4 leader epochs (KIP-320), 10 a timeout, which is ignored.
 */
final class ListOffsetsHandler implements ApiHandler<ListOffsetsRequest> {

    private static final short EPOCHS_SINCE = 4;

    private final Partitions partitions;

    ListOffsetsHandler(Partitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.LIST_OFFSETS);
    }

    @Override
    public CompletionStage<ListOffsetsResponse> handle(RequestContext context, ListOffsetsRequest request) {
        List<CompletableFuture<ListOffsetsTopicResponse>> topics = new ArrayList<>();
        for (ListOffsetsTopic topic : request.topics()) {
            List<CompletableFuture<ListOffsetsPartitionResponse>> answers = new ArrayList<>();
            for (ListOffsetsPartition asked : topic.partitions()) {
                TopicPartition partition = new TopicPartition(topic.name(), asked.partitionIndex());
                answers.add(Futures.attempt(() -> offset(request, partition, asked))
                        .handle((found, failure) ->
                                found != null ? found(asked, found, request.version()) : refused(asked, failure)));
            }
            topics.add(Futures.inOrder(answers)
                    .thenApply(done ->
                            new ListOffsetsTopicResponse().setName(topic.name()).setPartitions(done)));
        }
        return Futures.inOrder(topics)
                .thenApply(done -> new ListOffsetsResponse(new ListOffsetsResponseData().setTopics(done)));
    }

    private CompletableFuture<TimestampedOffset> offset(
            ListOffsetsRequest request, TopicPartition partition, ListOffsetsPartition asked) {
        Set<TopicPartition> twice = request.duplicatePartitions();
        if (twice.contains(partition)) {
            throw new InvalidRequestException(partition + " is named twice");
        }
        PartitionLog log = partitions.led(partition, asked.currentLeaderEpoch());
        boolean committed = request.isolationLevel() == IsolationLevel.READ_COMMITTED;
        long end = committed ? log.lastStableOffset() : log.highWatermark();
        long time = asked.timestamp();
        if (time == ListOffsetsRequest.LATEST_TIMESTAMP) {
            return completed(end, log.leaderEpoch());
        } else if (time == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || time == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            return completed(log.logStartOffset(), RecordBatch.NO_PARTITION_LEADER_EPOCH);
        } else if (time == ListOffsetsRequest.MAX_TIMESTAMP) {
            return log.latestByTimestamp();
        } else if (time == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP
                || time == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            return CompletableFuture.completedFuture(TimestampedOffset.NONE);
        } else if (time < 0) {
            throw new UnsupportedVersionException("timestamp " + time + " has no meaning here");
        }
        return log.firstAtOrAfter(time).thenApply(found -> found.offset() < end ? found : TimestampedOffset.NONE);
    }

    private static CompletableFuture<TimestampedOffset> completed(long offset, int epoch) {
        return CompletableFuture.completedFuture(
                new TimestampedOffset(ListOffsetsResponse.UNKNOWN_TIMESTAMP, offset, epoch));
    }

    private static ListOffsetsPartitionResponse found(
            ListOffsetsPartition asked, TimestampedOffset found, short version) {
        return new ListOffsetsPartitionResponse()
                .setPartitionIndex(asked.partitionIndex())
                .setTimestamp(found.timestamp())
                .setOffset(found.offset())
                .setLeaderEpoch(version >= EPOCHS_SINCE ? found.leaderEpoch() : RecordBatch.NO_PARTITION_LEADER_EPOCH);
    }

    private static ListOffsetsPartitionResponse refused(ListOffsetsPartition asked, Throwable failure) {
        Errors error = Unexpected.told(ApiKeys.LIST_OFFSETS, failure);
        return new ListOffsetsPartitionResponse()
                .setPartitionIndex(asked.partitionIndex())
                .setErrorCode(error.code());
    }
}
