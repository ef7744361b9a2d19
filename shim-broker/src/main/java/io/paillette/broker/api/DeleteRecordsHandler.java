package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResultCollection;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * DeleteRecords (key 21): moves a partition's log start forward (KIP-107).
 *
 * <p>Behaviour: -1 is the high watermark; beyond it is OFFSET_OUT_OF_RANGE, below the log start changes nothing. A topic that is
 * only compacted refuses with POLICY_VIOLATION. Answers the log start as low watermark: there are no followers to wait for.
 * Ignored: the timeout, for the same reason.
 */
final class DeleteRecordsHandler implements ApiHandler<DeleteRecordsRequest> {

    private final Partitions partitions;

    DeleteRecordsHandler(Partitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DELETE_RECORDS);
    }

    @Override
    public CompletionStage<DeleteRecordsResponse> handle(RequestContext context, DeleteRecordsRequest request) {
        List<CompletableFuture<DeleteRecordsTopicResult>> topics = new ArrayList<>();
        for (DeleteRecordsTopic topic : request.data().topics()) {
            List<CompletableFuture<DeleteRecordsPartitionResult>> results = topic.partitions().stream()
                    .map(asked -> delete(topic.name(), asked))
                    .toList();
            topics.add(Futures.inOrder(results).thenApply(done -> {
                var all = new DeleteRecordsPartitionResultCollection();
                done.forEach(all::add);
                return new DeleteRecordsTopicResult().setName(topic.name()).setPartitions(all);
            }));
        }
        return Futures.inOrder(topics).thenApply(done -> {
            var all = new DeleteRecordsTopicResultCollection();
            done.forEach(all::add);
            return new DeleteRecordsResponse(new DeleteRecordsResponseData().setTopics(all));
        });
    }

    private CompletableFuture<DeleteRecordsPartitionResult> delete(String topic, DeleteRecordsPartition asked) {
        var result = new DeleteRecordsPartitionResult().setPartitionIndex(asked.partitionIndex());
        var partition = new TopicPartition(topic, asked.partitionIndex());
        return Futures.attempt(() -> partitions.led(partition).deleteBefore(asked.offset()))
                .handle((lowWatermark, failure) -> failure == null
                        ? result.setLowWatermark(lowWatermark)
                        : result.setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK)
                                .setErrorCode(Unexpected.told(ApiKeys.DELETE_RECORDS, failure)
                                        .code()));
    }
}
