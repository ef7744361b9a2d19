package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * OffsetForLeaderEpoch (key 23): where the records of a leader epoch end (KIP-320). A consumer asks after a change of
 * leader to see whether what it has read still exists.
 *
 * <p>Behaviour: the end of the largest epoch at or below the one asked for, -1 and -1 when there is none. Ignored: the
 * replica id, there are no followers.
 */
final class OffsetForLeaderEpochHandler implements ApiHandler<OffsetsForLeaderEpochRequest> {

    private final Partitions partitions;

    OffsetForLeaderEpochHandler(Partitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.OFFSET_FOR_LEADER_EPOCH);
    }

    @Override
    public CompletionStage<OffsetsForLeaderEpochResponse> handle(
            RequestContext context, OffsetsForLeaderEpochRequest request) {
        List<CompletableFuture<OffsetForLeaderTopicResult>> topics = new ArrayList<>();
        for (OffsetForLeaderTopic topic : request.data().topics()) {
            List<CompletableFuture<EpochEndOffset>> answers = topic.partitions().stream()
                    .map(asked -> end(topic.topic(), asked))
                    .toList();
            topics.add(Futures.inOrder(answers).thenApply(done -> new OffsetForLeaderTopicResult()
                    .setTopic(topic.topic())
                    .setPartitions(done)));
        }
        return Futures.inOrder(topics).thenApply(done -> {
            OffsetForLeaderEpochResponseData data = new OffsetForLeaderEpochResponseData();
            done.forEach(data.topics()::add);
            return new OffsetsForLeaderEpochResponse(data);
        });
    }

    private CompletableFuture<EpochEndOffset> end(String topic, OffsetForLeaderPartition asked) {
        TopicPartition partition = new TopicPartition(topic, asked.partition());
        return Futures.attempt(() ->
                        partitions.led(partition, asked.currentLeaderEpoch()).endOfEpoch(asked.leaderEpoch()))
                .handle((end, failure) -> end != null
                        ? new EpochEndOffset()
                                .setPartition(asked.partition())
                                .setLeaderEpoch(end.leaderEpoch())
                                .setEndOffset(end.offset())
                        : new EpochEndOffset()
                                .setPartition(asked.partition())
                                .setErrorCode(Unexpected.told(ApiKeys.OFFSET_FOR_LEADER_EPOCH, failure)
                                        .code()));
    }
}
