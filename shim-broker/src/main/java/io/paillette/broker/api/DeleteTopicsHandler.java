package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * DeleteTopics (key 20): deletes topics by name or, since version 6, by id; each by itself.
 *
 * <p>Ignored: the timeout.
 */
final class DeleteTopicsHandler implements ApiHandler<DeleteTopicsRequest> {

    private final Topics topics;

    DeleteTopicsHandler(Topics topics) {
        this.topics = topics;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DELETE_TOPICS);
    }

    @Override
    public CompletionStage<DeleteTopicsResponse> handle(RequestContext context, DeleteTopicsRequest request) {
        List<CompletableFuture<DeletableTopicResult>> results = new ArrayList<>();
        for (DeleteTopicState asked : request.topics()) {
            results.add(Futures.attempt(() -> delete(asked)).exceptionally(failure -> refused(asked, failure)));
        }
        return Futures.inOrder(results).thenApply(done -> {
            DeleteTopicsResponseData data = new DeleteTopicsResponseData();
            done.forEach(data.responses()::add);
            return new DeleteTopicsResponse(data);
        });
    }

    private CompletableFuture<DeletableTopicResult> delete(DeleteTopicState asked) {
        boolean byId = !asked.topicId().equals(Uuid.ZERO_UUID);
        if (byId == (asked.name() != null)) {
            throw new InvalidRequestException("a topic to delete has either a name or an id");
        }
        Topic topic = byId
                ? topics.find(asked.topicId()).orElseThrow(() -> new UnknownTopicIdException("no topic has this id"))
                : topics.find(asked.name())
                        .orElseThrow(() ->
                                new UnknownTopicOrPartitionException("topic " + asked.name() + " does not exist"));
        return topics.delete(topic.name())
                .thenApply(
                        done -> new DeletableTopicResult().setName(topic.name()).setTopicId(topic.id()));
    }

    private static DeletableTopicResult refused(DeleteTopicState asked, Throwable failure) {
        Errors error = Unexpected.told(ApiKeys.DELETE_TOPICS, failure);
        return new DeletableTopicResult()
                .setName(asked.name())
                .setTopicId(asked.topicId())
                .setErrorCode(error.code())
                .setErrorMessage(Unexpected.message(error, failure));
    }
}
