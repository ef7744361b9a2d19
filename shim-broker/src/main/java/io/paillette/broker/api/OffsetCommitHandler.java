package io.paillette.broker.api;

import io.paillette.broker.group.Fences;
import io.paillette.broker.group.Groups;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * OffsetCommit (key 8): stores how far a group has read; acknowledged once committed in Postgres.
 *
 * <p>Behaviour: a member that was fenced, so that its group could be moved, and has not asked for offsets since is refused as one
 * that is not in the group (UNKNOWN_MEMBER_ID). A topic may have been made on another broker a moment ago, and an unknown one would be fatal to a consumer: the
 * store is asked before that is told. Partitions that do not exist are refused one by one (UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID), the others go
 * on to the coordinator, which checks the member. The topic's id is stored with every offset, whatever the version, so that an
 * offset never passes to a later topic of the same name. Versions: v2 to v4 retention time is honoured, v6 leader epoch, v7 static
 * members, v9 member epochs (KIP-848), v10 topic ids instead of names.
 */
final class OffsetCommitHandler implements ApiHandler<OffsetCommitRequest> {

    private final GroupCoordinator groups;
    private final Fences fences;
    private final Topics topics;

    OffsetCommitHandler(Groups groups, Topics topics) {
        this.groups = groups.coordinator();
        this.fences = groups.fences();
        this.topics = topics;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.OFFSET_COMMIT);
    }

    @Override
    public CompletionStage<OffsetCommitResponse> handle(RequestContext context, OffsetCommitRequest request) {
        boolean byId = OffsetCommitResponse.useTopicIds(context.apiVersion());
        var known = new KnownTopics<>(
                topics,
                byId,
                new KnownTopics.Names<>(OffsetCommitRequestTopic::name, OffsetCommitRequestTopic::topicId));
        return known.then(request.data().topics(), () -> commit(context, request.data(), known));
    }

    private CompletionStage<OffsetCommitResponse> commit(
            RequestContext context, OffsetCommitRequestData asked, KnownTopics<OffsetCommitRequestTopic> names) {
        boolean byId = names.byId();
        var answer = OffsetCommitResponse.newBuilder(byId);
        if (fences.stops(asked.groupId(), asked.memberId())) {
            asked.topics()
                    .forEach(topic -> answer.addPartitions(
                            topic.topicId(),
                            topic.name(),
                            topic.partitions(),
                            OffsetCommitRequestPartition::partitionIndex,
                            Errors.UNKNOWN_MEMBER_ID));
            return CompletableFuture.completedFuture(answer.build());
        }
        var accepted = new ArrayList<OffsetCommitRequestTopic>();
        for (OffsetCommitRequestTopic topic : asked.topics()) {
            Optional<Topic> found = names.find(topic);
            if (found.isEmpty()) {
                Errors error = byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                answer.addPartitions(
                        topic.topicId(),
                        topic.name(),
                        topic.partitions(),
                        OffsetCommitRequestPartition::partitionIndex,
                        error);
            } else {
                accept(topic, found.get(), answer).ifPresent(accepted::add);
            }
        }
        if (accepted.isEmpty()) {
            return CompletableFuture.completedFuture(answer.build());
        }
        return groups.commitOffsets(context, asked.duplicate().setTopics(accepted), BufferSupplier.NO_CACHING)
                .thenApply(stored -> answer.merge(stored).build());
    }

    private static Optional<OffsetCommitRequestTopic> accept(
            OffsetCommitRequestTopic asked, Topic topic, OffsetCommitResponse.Builder answer) {
        var accepted = new ArrayList<OffsetCommitRequestPartition>();
        for (OffsetCommitRequestPartition partition : asked.partitions()) {
            if (GroupHandlers.exists(topic, partition.partitionIndex())) {
                accepted.add(partition);
            } else {
                answer.addPartition(
                        topic.id(), topic.name(), partition.partitionIndex(), Errors.UNKNOWN_TOPIC_OR_PARTITION);
            }
        }
        return accepted.isEmpty()
                ? Optional.empty()
                : Optional.of(new OffsetCommitRequestTopic()
                        .setTopicId(topic.id())
                        .setName(topic.name())
                        .setPartitions(accepted));
    }
}
