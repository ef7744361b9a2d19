package io.paillette.broker.api;

import io.paillette.broker.cluster.Leader;
import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.resource.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * Metadata (key 3): brokers, topics, leaders.
 *
 * <p>Behaviour: no list means all topics, an empty one none (version 0: empty means all). An unknown topic is created when
 * the request and {@code auto.create.topics.enable} both allow it, and then is in this very answer. Names Kafka keeps for
 * itself ({@code __consumer_offsets}, {@code __transaction_state}) are never created: that state is not in topics here.
 * The leader of a partition is its only replica; while nobody leads it, LEADER_NOT_AVAILABLE. Each broker calls itself the
 * controller: all of them can change topics.
 *
 * <p>Versions: 4 says whether to create (before: yes), 8 to 10 cluster operations, 8 topic operations, 10 topic ids in the
 * answer, 12 in the request.
 */
final class MetadataHandler implements ApiHandler<MetadataRequest> {

    private final BrokerIdentity identity;
    private final Topics topics;
    private final Partitions partitions;
    private final ApiSettings settings;

    MetadataHandler(BrokerIdentity identity, Topics topics, Partitions partitions, ApiSettings settings) {
        this.identity = identity;
        this.topics = topics;
        this.partitions = partitions;
        this.settings = settings;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.METADATA);
    }

    @Override
    public CompletionStage<MetadataResponse> handle(RequestContext context, MetadataRequest request) {
        boolean topicOperations = request.data().includeTopicAuthorizedOperations();
        boolean create = settings.autoCreateTopics() && request.allowAutoTopicCreation();
        List<CompletableFuture<MetadataResponseTopic>> answers = new ArrayList<>();
        if (request.isAllTopics()) {
            topics.all().forEach(topic -> answers.add(CompletableFuture.completedFuture(told(topic, topicOperations))));
        } else {
            Set<String> names = new LinkedHashSet<>();
            for (MetadataRequestTopic asked : request.data().topics()) {
                refuseMalformed(asked, request.version());
                Optional<Topic> byId = topics.find(asked.topicId());
                if (asked.topicId().equals(Uuid.ZERO_UUID)) {
                    names.add(asked.name());
                } else if (byId.isPresent()) {
                    names.add(byId.get().name());
                } else {
                    answers.add(
                            CompletableFuture.completedFuture(missing(null, asked.topicId(), Errors.UNKNOWN_TOPIC_ID)));
                }
            }
            names.forEach(name -> answers.add(byName(name, create, topicOperations)));
        }
        int operations = request.version() <= 10 && request.data().includeClusterAuthorizedOperations()
                ? AuthorizedOperations.on(ResourceType.CLUSTER)
                : AuthorizedOperations.OMITTED;
        return Futures.inOrder(answers)
                .thenApply(done -> MetadataResponse.prepareResponse(
                        request.version(),
                        0,
                        identity.nodes(context.listenerName),
                        identity.clusterId(),
                        identity.brokerId(),
                        done,
                        operations));
    }

    private static void refuseMalformed(MetadataRequestTopic asked, short version) {
        boolean hasId = !asked.topicId().equals(Uuid.ZERO_UUID);
        if (version < 12 && hasId) {
            throw new InvalidRequestException("topic ids may be asked for since version 12, not in " + version);
        }
        if (asked.name() == null && !hasId) {
            throw new InvalidRequestException("a topic is asked for without name and id");
        }
    }

    private CompletableFuture<MetadataResponseTopic> byName(String name, boolean create, boolean operations) {
        Optional<Topic> known = topics.find(name);
        if (known.isPresent()) {
            return CompletableFuture.completedFuture(told(known.get(), operations));
        }
        if (!org.apache.kafka.common.internals.Topic.isValid(name)) {
            return CompletableFuture.completedFuture(missing(name, Uuid.ZERO_UUID, Errors.INVALID_TOPIC_EXCEPTION));
        }
        if (!create || org.apache.kafka.common.internals.Topic.isInternal(name)) {
            return CompletableFuture.completedFuture(missing(name, Uuid.ZERO_UUID, Errors.UNKNOWN_TOPIC_OR_PARTITION));
        }
        NewTopic topic = new NewTopic(name, settings.defaultPartitions(), Optional.empty(), Map.of());
        return Futures.attempt(() -> topics.create(topic))
                .handle((created, failure) ->
                        created != null ? told(created, operations) : createdMeanwhile(name, failure, operations));
    }

    /** Two clients may ask for the same new topic at once: the second finds what the first has made. */
    private MetadataResponseTopic createdMeanwhile(String name, Throwable failure, boolean operations) {
        if (Futures.cause(failure) instanceof TopicExistsException) {
            return topics.find(name)
                    .map(topic -> told(topic, operations))
                    .orElseGet(() -> missing(name, Uuid.ZERO_UUID, Errors.LEADER_NOT_AVAILABLE));
        }
        Errors error = Unexpected.told(ApiKeys.METADATA, failure);
        // While the store cannot be asked: the one error on which clients in every language ask again.
        return missing(name, Uuid.ZERO_UUID, error == Errors.NOT_CONTROLLER ? Errors.LEADER_NOT_AVAILABLE : error);
    }

    private MetadataResponseTopic told(Topic topic, boolean operations) {
        List<MetadataResponsePartition> told = new ArrayList<>(topic.partitions());
        for (Leader leader : partitions.leaders(topic)) {
            boolean led = leader.broker() != Leader.NOBODY;
            List<Integer> replicas = led ? List.of(leader.broker()) : List.of();
            told.add(new MetadataResponsePartition()
                    .setPartitionIndex(told.size())
                    .setErrorCode((led ? Errors.NONE : Errors.LEADER_NOT_AVAILABLE).code())
                    .setLeaderId(led ? leader.broker() : MetadataResponse.NO_LEADER_ID)
                    .setLeaderEpoch(leader.epoch())
                    .setReplicaNodes(replicas)
                    .setIsrNodes(replicas));
        }
        MetadataResponseTopic answer = new MetadataResponseTopic()
                .setName(topic.name())
                .setTopicId(topic.id())
                .setPartitions(told);
        return operations ? answer.setTopicAuthorizedOperations(AuthorizedOperations.on(ResourceType.TOPIC)) : answer;
    }

    private static MetadataResponseTopic missing(@Nullable String name, Uuid id, Errors error) {
        return new MetadataResponseTopic().setName(name).setTopicId(id).setErrorCode(error.code());
    }
}
