package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.jspecify.annotations.Nullable;

/**
 * CreatePartitions (key 37): raises a topic's number of partitions; it can never fall.
 *
 * <p>Behaviour: an assignment may name this broker only. Ignored: the timeout.
 */
final class CreatePartitionsHandler implements ApiHandler<CreatePartitionsRequest> {

    private final BrokerIdentity identity;
    private final Topics topics;

    CreatePartitionsHandler(BrokerIdentity identity, Topics topics) {
        this.identity = identity;
        this.topics = topics;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.CREATE_PARTITIONS);
    }

    @Override
    public CompletionStage<CreatePartitionsResponse> handle(RequestContext context, CreatePartitionsRequest request) {
        List<CompletableFuture<CreatePartitionsTopicResult>> results = new ArrayList<>();
        for (CreatePartitionsTopic asked : request.data().topics()) {
            results.add(Futures.attempt(() -> grow(asked, request.data().validateOnly()))
                    .handle((topic, failure) -> result(asked, failure)));
        }
        return Futures.inOrder(results)
                .thenApply(done -> new CreatePartitionsResponse(new CreatePartitionsResponseData().setResults(done)));
    }

    private CompletableFuture<Topic> grow(CreatePartitionsTopic asked, boolean validateOnly) {
        Topic topic = topics.find(asked.name())
                .orElseThrow(() -> new UnknownTopicOrPartitionException("topic " + asked.name() + " does not exist"));
        if (asked.count() <= topic.partitions()) {
            throw new InvalidPartitionsException("topic %s has %d partitions, asked for %d; the number can only rise"
                    .formatted(topic.name(), topic.partitions(), asked.count()));
        }
        List<CreatePartitionsAssignment> assignments = asked.assignments();
        if (assignments != null
                && (assignments.size() != asked.count() - topic.partitions()
                        || assignments.stream()
                                .anyMatch(one -> !one.brokerIds().equals(List.of(identity.brokerId()))))) {
            throw new InvalidReplicaAssignmentException(
                    "each new partition has one replica, broker " + identity.brokerId());
        }
        return topics.addPartitions(topic.name(), asked.count(), validateOnly);
    }

    private static CreatePartitionsTopicResult result(CreatePartitionsTopic asked, @Nullable Throwable failure) {
        CreatePartitionsTopicResult result = new CreatePartitionsTopicResult().setName(asked.name());
        if (failure == null) {
            return result;
        }
        Errors error = Unexpected.told(ApiKeys.CREATE_PARTITIONS, failure);
        return result.setErrorCode(error.code()).setErrorMessage(Unexpected.message(error, failure));
    }
}
