package io.paillette.broker.api;

import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * CreateTopics (key 19): makes topics, each by itself; one that is refused does not hinder the others.
 *
 * <p>Behaviour: -1 partitions means {@code num.partitions}. Any replication factor from 1 is taken and answered with 1:
 * copies are Postgres's business, and what is declared for a cluster of three brokers shall work here as it is. A replica
 * assignment may name this broker only. A new topic is in the very next Metadata answer.
 *
 * <p>Versions: 4 allows -1 (KIP-464), 5 answers with the configs, 7 with the topic id. Ignored: the timeout.
 */
final class CreateTopicsHandler implements ApiHandler<CreateTopicsRequest> {

    private final AskedTopics asked;
    private final Topics topics;
    private final ToldConfigs told;

    CreateTopicsHandler(AskedTopics asked, Topics topics, ToldConfigs told) {
        this.asked = asked;
        this.topics = topics;
        this.told = told;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.CREATE_TOPICS);
    }

    @Override
    public CompletionStage<CreateTopicsResponse> handle(RequestContext context, CreateTopicsRequest request) {
        Map<String, Integer> named = new HashMap<>();
        request.data().topics().forEach(topic -> named.merge(topic.name(), 1, Integer::sum));
        List<CompletableFuture<CreatableTopicResult>> results = new ArrayList<>();
        for (CreatableTopic wanted : request.data().topics()) {
            if (named.get(wanted.name()) == null) {
                continue; // told once already
            }
            boolean twice = named.remove(wanted.name()) > 1;
            results.add(
                    Futures.attempt(() -> create(wanted, twice, request.data().validateOnly()))
                            .exceptionally(failure -> refused(wanted, failure)));
        }
        return Futures.inOrder(results).thenApply(done -> {
            CreateTopicsResponseData data = new CreateTopicsResponseData();
            done.forEach(data.topics()::add);
            return new CreateTopicsResponse(data);
        });
    }

    private CompletableFuture<CreatableTopicResult> create(CreatableTopic wanted, boolean twice, boolean validateOnly) {
        if (twice) {
            throw new InvalidRequestException("topic " + wanted.name() + " is named twice");
        }
        NewTopic topic = topics.defined(asked.read(wanted));
        if (validateOnly) {
            topics.validate(topic);
            return CompletableFuture.completedFuture(
                    done(topic.name(), Uuid.ZERO_UUID, topic.partitions(), topic.configs()));
        }
        return topics.create(topic).thenApply(this::done);
    }

    private CreatableTopicResult done(Topic topic) {
        return done(topic.name(), topic.id(), topic.partitions(), topic.configs());
    }

    private CreatableTopicResult done(String name, Uuid id, int partitions, Map<String, String> own) {
        return new CreatableTopicResult()
                .setName(name)
                .setTopicId(id)
                .setNumPartitions(partitions)
                .setReplicationFactor((short) 1)
                .setConfigs(told.ofNewTopic(own));
    }

    private static CreatableTopicResult refused(CreatableTopic wanted, Throwable failure) {
        Errors error = Unexpected.told(ApiKeys.CREATE_TOPICS, failure);
        return new CreatableTopicResult()
                .setName(wanted.name())
                .setErrorCode(error.code())
                .setErrorMessage(Unexpected.message(error, failure));
    }
}
