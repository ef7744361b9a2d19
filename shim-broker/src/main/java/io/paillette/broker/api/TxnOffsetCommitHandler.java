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
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.TxnOffsetCommitRequest;
import org.apache.kafka.common.requests.TxnOffsetCommitResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * TxnOffsetCommit (key 28): offsets that a group is to have if and only if the producer's transaction commits.
 *
 * <p>Behaviour: as OffsetCommit; Kafka's coordinator keeps them apart until the marker comes. A topic may have been made on
 * another broker a moment ago: the store is asked before it is called unknown. Versions: v3 member and generation are checked
 * (KIP-447), v5 the group becomes part of the transaction by this very request (KIP-890), v6 topic ids instead of names.
 */
final class TxnOffsetCommitHandler implements ApiHandler<TxnOffsetCommitRequest> {

    private final GroupCoordinator groups;
    private final Fences fences;
    private final Topics topics;

    TxnOffsetCommitHandler(Groups groups, Topics topics) {
        this.groups = groups.coordinator();
        this.fences = groups.fences();
        this.topics = topics;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.TXN_OFFSET_COMMIT);
    }

    @Override
    public CompletionStage<TxnOffsetCommitResponse> handle(RequestContext context, TxnOffsetCommitRequest request) {
        boolean byId = TxnOffsetCommitResponse.useTopicIds(context.apiVersion());
        var known = new KnownTopics<>(
                topics,
                byId,
                new KnownTopics.Names<>(TxnOffsetCommitRequestTopic::name, TxnOffsetCommitRequestTopic::topicId));
        return known.then(request.data().topics(), () -> commit(context, request.data(), known));
    }

    private CompletionStage<TxnOffsetCommitResponse> commit(
            RequestContext context, TxnOffsetCommitRequestData asked, KnownTopics<TxnOffsetCommitRequestTopic> names) {
        boolean byId = names.byId();
        var answer = TxnOffsetCommitResponse.newBuilder(byId);
        if (fences.stops(asked.groupId(), asked.memberId())) {
            asked.topics()
                    .forEach(topic -> answer.addPartitions(
                            topic.topicId(),
                            topic.name(),
                            topic.partitions(),
                            TxnOffsetCommitRequestPartition::partitionIndex,
                            Errors.UNKNOWN_MEMBER_ID));
            return CompletableFuture.completedFuture(answer.build());
        }
        var accepted = new ArrayList<TxnOffsetCommitRequestTopic>();
        for (TxnOffsetCommitRequestTopic topic : asked.topics()) {
            Optional<Topic> found = names.find(topic);
            var known = new ArrayList<TxnOffsetCommitRequestPartition>();
            for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                if (found.isPresent() && GroupHandlers.exists(found.get(), partition.partitionIndex())) {
                    known.add(partition);
                } else {
                    Errors error =
                            byId && found.isEmpty() ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                    answer.addPartition(topic.topicId(), topic.name(), partition.partitionIndex(), error);
                }
            }
            if (!known.isEmpty()) {
                accepted.add(new TxnOffsetCommitRequestTopic()
                        .setTopicId(found.orElseThrow().id())
                        .setName(found.orElseThrow().name())
                        .setPartitions(known));
            }
        }
        if (accepted.isEmpty()) {
            return CompletableFuture.completedFuture(answer.build());
        }
        return groups.commitTransactionalOffsets(
                        context, asked.duplicate().setTopics(accepted), BufferSupplier.NO_CACHING)
                .thenApply(stored -> answer.merge(stored).build());
    }
}
