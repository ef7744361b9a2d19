package io.paillette.broker.api;

import io.paillette.broker.cluster.Leader;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTopicPartitionsRequest;
import org.apache.kafka.common.requests.DescribeTopicPartitionsResponse;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.resource.ResourceType;

/**
 * DescribeTopicPartitions (key 75, KIP-966): topics in pages, in the order of their names.
 *
 * <p>Behaviour: an empty list means all topics. A page ends after {@code responsePartitionLimit} partitions (at most 2,000,
 * Kafka's {@code max.request.partition.size.limit}) and then carries the cursor to go on from. There are no
 * eligible leader replicas beside the leader.
 */
final class DescribeTopicPartitionsHandler implements ApiHandler<DescribeTopicPartitionsRequest> {

    private static final int MOST_PARTITIONS = 2000;

    private final Topics topics;
    private final Partitions partitions;

    DescribeTopicPartitionsHandler(Topics topics, Partitions partitions) {
        this.topics = topics;
        this.partitions = partitions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DESCRIBE_TOPIC_PARTITIONS);
    }

    @Override
    public CompletionStage<DescribeTopicPartitionsResponse> handle(
            RequestContext context, DescribeTopicPartitionsRequest request) {
        DescribeTopicPartitionsRequestData.Cursor from = request.data().cursor();
        boolean all = request.data().topics().isEmpty();
        SortedSet<String> names = new TreeSet<>();
        if (all) {
            topics.all().forEach(topic -> names.add(topic.name()));
        } else {
            request.data().topics().forEach(topic -> names.add(topic.name()));
        }
        if (from != null && (from.partitionIndex() < 0 || (!all && !names.contains(from.topicName())))) {
            throw new InvalidRequestException("the cursor %s is not one of this request".formatted(from));
        }
        int left = Math.max(1, Math.min(request.data().responsePartitionLimit(), MOST_PARTITIONS));
        DescribeTopicPartitionsResponseData answer = new DescribeTopicPartitionsResponseData();
        for (String name : from == null ? names : names.tailSet(from.topicName())) {
            int first = from != null && from.topicName().equals(name) ? from.partitionIndex() : 0;
            if (left == 0) {
                answer.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(first));
                break;
            }
            Optional<Topic> topic = topics.find(name);
            if (topic.isEmpty()) {
                if (!all) {
                    answer.topics().add(missing(name));
                }
                continue;
            }
            DescribeTopicPartitionsResponseTopic told = told(topic.get(), first, left);
            answer.topics().add(told);
            left -= told.partitions().size();
            int next = first + told.partitions().size();
            if (next < topic.get().partitions()) {
                answer.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(next));
                break;
            }
        }
        return CompletableFuture.completedFuture(new DescribeTopicPartitionsResponse(answer));
    }

    private static DescribeTopicPartitionsResponseTopic missing(String name) {
        boolean valid = org.apache.kafka.common.internals.Topic.isValid(name);
        Errors error = valid ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION;
        return new DescribeTopicPartitionsResponseTopic().setName(name).setErrorCode(error.code());
    }

    private DescribeTopicPartitionsResponseTopic told(Topic topic, int first, int most) {
        DescribeTopicPartitionsResponseTopic told = new DescribeTopicPartitionsResponseTopic()
                .setName(topic.name())
                .setTopicId(topic.id())
                .setTopicAuthorizedOperations(AuthorizedOperations.on(ResourceType.TOPIC));
        List<Leader> leaders = partitions.leaders(topic);
        int end = (int) Math.min((long) first + most, leaders.size());
        for (int index = first; index < end; index++) {
            Leader leader = leaders.get(index);
            boolean led = leader.broker() != Leader.NOBODY;
            List<Integer> replicas = led ? List.of(leader.broker()) : List.of();
            told.partitions()
                    .add(new DescribeTopicPartitionsResponsePartition()
                            .setPartitionIndex(index)
                            .setErrorCode((led ? Errors.NONE : Errors.LEADER_NOT_AVAILABLE).code())
                            .setLeaderId(led ? leader.broker() : MetadataResponse.NO_LEADER_ID)
                            .setLeaderEpoch(leader.epoch())
                            .setReplicaNodes(replicas)
                            .setIsrNodes(replicas)
                            .setEligibleLeaderReplicas(List.of())
                            .setLastKnownElr(List.of()));
        }
        return told;
    }
}
