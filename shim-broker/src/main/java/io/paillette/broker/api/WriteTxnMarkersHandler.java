package io.paillette.broker.api;

import io.paillette.broker.log.TransactionMarker;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerPartitionResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;
import org.apache.kafka.common.requests.WriteTxnMarkersResponse;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * WriteTxnMarkers (key 27): ends a producer's transaction in partitions, whatever its coordinator says. Brokers of this kind
 * find what they have to end in the store; this is what {@code Admin.abortTransaction} and {@code kafka-transactions.sh abort}
 * send to get rid of a hanging one.
 *
 * <p>Behaviour: answered once the marker is committed; nothing is written when the producer has no transaction open there under
 * that epoch. Ignored: the coordinator's epoch, there is none.
 */
final class WriteTxnMarkersHandler implements ApiHandler<WriteTxnMarkersRequest> {

    private static final int COORDINATOR_EPOCH = 0;

    private final Partitions partitions;
    private final GroupCoordinator groups;

    WriteTxnMarkersHandler(Partitions partitions, GroupCoordinator groups) {
        this.partitions = partitions;
        this.groups = groups;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.WRITE_TXN_MARKERS);
    }

    @Override
    public CompletionStage<WriteTxnMarkersResponse> handle(RequestContext context, WriteTxnMarkersRequest request) {
        List<CompletableFuture<WritableTxnMarkerResult>> results = request.data().markers().stream()
                .map(marker -> {
                    List<CompletableFuture<WritableTxnMarkerTopicResult>> topics = marker.topics().stream()
                            .map(topic -> end(marker, topic))
                            .toList();
                    return Futures.inOrder(topics).thenApply(done -> new WritableTxnMarkerResult()
                            .setProducerId(marker.producerId())
                            .setTopics(done));
                })
                .toList();
        return Futures.inOrder(results)
                .thenApply(done -> new WriteTxnMarkersResponse(new WriteTxnMarkersResponseData().setMarkers(done)));
    }

    private CompletableFuture<WritableTxnMarkerTopicResult> end(
            WritableTxnMarker marker, WritableTxnMarkerTopic topic) {
        List<CompletableFuture<WritableTxnMarkerPartitionResult>> partitionResults = new ArrayList<>();
        for (int index : topic.partitionIndexes()) {
            partitionResults.add(Futures.attempt(() -> end(marker, new TopicPartition(topic.name(), index)))
                    .handle((done, failure) -> new WritableTxnMarkerPartitionResult()
                            .setPartitionIndex(index)
                            .setErrorCode((failure == null
                                            ? Errors.NONE
                                            : Unexpected.told(ApiKeys.WRITE_TXN_MARKERS, failure))
                                    .code())));
        }
        return Futures.inOrder(partitionResults)
                .thenApply(done ->
                        new WritableTxnMarkerTopicResult().setName(topic.name()).setPartitions(done));
    }

    private CompletableFuture<Void> end(WritableTxnMarker asked, TopicPartition partition) {
        if (partition.topic().equals(Topic.GROUP_METADATA_TOPIC_NAME)) {
            return groups.completeTransaction(
                    partition,
                    asked.producerId(),
                    asked.producerEpoch(),
                    COORDINATOR_EPOCH,
                    asked.transactionResult() ? TransactionResult.COMMIT : TransactionResult.ABORT,
                    asked.transactionVersion());
        }
        return partitions
                .led(partition)
                .endTransaction(new TransactionMarker(
                        asked.producerId(),
                        asked.producerEpoch(),
                        asked.transactionResult(),
                        asked.transactionVersion()));
    }
}
