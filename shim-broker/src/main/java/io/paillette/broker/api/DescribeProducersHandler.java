package io.paillette.broker.api;

import io.paillette.broker.log.ActiveProducer;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.DescribeProducersResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * DescribeProducers (key 61): the producers that a partition remembers, and since which offset they have a transaction open
 * (KIP-664).
 *
 * <p>Behaviour: as far as committed; asked of the leader alone, any other broker answers NOT_LEADER_OR_FOLLOWER. The
 * coordinator's epoch is 0: none is elected.
 */
final class DescribeProducersHandler implements ApiHandler<DescribeProducersRequest> {

    private final Partitions partitions;

    DescribeProducersHandler(Partitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DESCRIBE_PRODUCERS);
    }

    @Override
    public CompletionStage<DescribeProducersResponse> handle(RequestContext context, DescribeProducersRequest request) {
        List<CompletableFuture<TopicResponse>> topics =
                request.data().topics().stream().map(this::describe).toList();
        return Futures.inOrder(topics)
                .thenApply(done -> new DescribeProducersResponse(new DescribeProducersResponseData().setTopics(done)));
    }

    private CompletableFuture<TopicResponse> describe(TopicRequest asked) {
        List<CompletableFuture<PartitionResponse>> answers = asked.partitionIndexes().stream()
                .map(index -> describe(new TopicPartition(asked.name(), index)))
                .toList();
        return Futures.inOrder(answers)
                .thenApply(done -> new TopicResponse().setName(asked.name()).setPartitions(done));
    }

    private CompletableFuture<PartitionResponse> describe(TopicPartition partition) {
        var answer = new PartitionResponse().setPartitionIndex(partition.partition());
        return Futures.attempt(() -> partitions.led(partition).activeProducers())
                .handle((producers, failure) -> {
                    if (failure != null) {
                        Errors error = Unexpected.told(ApiKeys.DESCRIBE_PRODUCERS, failure);
                        return answer.setErrorCode(error.code()).setErrorMessage(Unexpected.message(error, failure));
                    }
                    return answer.setActiveProducers(producers.stream()
                            .map(DescribeProducersHandler::told)
                            .toList());
                });
    }

    private static ProducerState told(ActiveProducer producer) {
        return new ProducerState()
                .setProducerId(producer.producerId())
                .setProducerEpoch(producer.epoch())
                .setLastSequence(producer.lastSequence())
                .setLastTimestamp(producer.lastTimestampMs())
                .setCoordinatorEpoch(0)
                .setCurrentTxnStartOffset(producer.transactionOffset().orElse(-1));
    }
}
