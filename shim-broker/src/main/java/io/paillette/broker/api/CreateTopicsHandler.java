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
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
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

    private final BrokerIdentity identity;
    private final Topics topics;
    private final ToldConfigs told;
    private final int defaultPartitions;

    CreateTopicsHandler(BrokerIdentity identity, Topics topics, ToldConfigs told, int defaultPartitions) {
        this.identity = identity;
        this.topics = topics;
        this.told = told;
        this.defaultPartitions = defaultPartitions;
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
        for (CreatableTopic asked : request.data().topics()) {
            if (named.get(asked.name()) == null) {
                continue; // told once already
            }
            boolean twice = named.remove(asked.name()) > 1;
            results.add(
                    Futures.attempt(() -> create(asked, twice, request.data().validateOnly()))
                            .exceptionally(failure -> refused(asked, failure)));
        }
        return Futures.inOrder(results).thenApply(done -> {
            CreateTopicsResponseData data = new CreateTopicsResponseData();
            done.forEach(data.topics()::add);
            return new CreateTopicsResponse(data);
        });
    }

    private CompletableFuture<CreatableTopicResult> create(CreatableTopic asked, boolean twice, boolean validateOnly) {
        if (twice) {
            throw new InvalidRequestException("topic " + asked.name() + " is named twice");
        }
        NewTopic topic = new NewTopic(asked.name(), partitions(asked), false, configs(asked));
        if (validateOnly) {
            topics.validate(topic);
            return CompletableFuture.completedFuture(
                    done(topic.name(), Uuid.ZERO_UUID, topic.partitions(), topic.configs()));
        }
        return topics.create(topic).thenApply(this::done);
    }

    private int partitions(CreatableTopic asked) {
        if (!asked.assignments().isEmpty()) {
            return assigned(asked);
        }
        if (asked.replicationFactor() < 1 && asked.replicationFactor() != CreateTopicsRequest.NO_REPLICATION_FACTOR) {
            throw new InvalidReplicationFactorException("Replication factor must be larger than 0.");
        }
        if (asked.numPartitions() == CreateTopicsRequest.NO_NUM_PARTITIONS) {
            return defaultPartitions;
        }
        if (asked.numPartitions() < 1) {
            throw new InvalidPartitionsException("a topic has at least 1 partition, not " + asked.numPartitions());
        }
        return asked.numPartitions();
    }

    private int assigned(CreatableTopic asked) {
        if (asked.numPartitions() != CreateTopicsRequest.NO_NUM_PARTITIONS
                || asked.replicationFactor() != CreateTopicsRequest.NO_REPLICATION_FACTOR) {
            throw new InvalidRequestException(
                    "replica assignments are given: partitions and replication factor must be -1");
        }
        int count = asked.assignments().size();
        for (CreatableReplicaAssignment assignment : asked.assignments()) {
            boolean inRange = assignment.partitionIndex() >= 0 && assignment.partitionIndex() < count;
            if (!inRange || !assignment.brokerIds().equals(List.of(identity.brokerId()))) {
                throw new InvalidReplicaAssignmentException(
                        "partitions must be numbered from 0 and have one replica, broker " + identity.brokerId());
            }
        }
        return count;
    }

    private static Map<String, String> configs(CreatableTopic asked) {
        List<String> without = asked.configs().stream()
                .filter(config -> config.value() == null)
                .map(CreatableTopicConfig::name)
                .toList();
        if (!without.isEmpty()) {
            throw new InvalidConfigurationException(
                    "Null value not supported for topic configs: " + String.join(",", without));
        }
        Map<String, String> configs = new HashMap<>();
        asked.configs().forEach(config -> configs.put(config.name(), config.value()));
        return configs;
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

    private static CreatableTopicResult refused(CreatableTopic asked, Throwable failure) {
        Errors error = Unexpected.told(ApiKeys.CREATE_TOPICS, failure);
        return new CreatableTopicResult()
                .setName(asked.name())
                .setErrorCode(error.code())
                .setErrorMessage(Unexpected.message(error, failure));
    }
}
