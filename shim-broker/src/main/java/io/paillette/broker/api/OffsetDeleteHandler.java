package io.paillette.broker.api;

import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * OffsetDelete (key 47): forgets committed offsets of a group that does not read those topics now.
 *
 * <p>Behaviour: unknown partitions are refused one by one; GROUP_SUBSCRIBED_TO_TOPIC while members read the topic.
 */
final class OffsetDeleteHandler implements ApiHandler<OffsetDeleteRequest> {

    private final GroupCoordinator groups;
    private final Topics topics;
    private final SqlOffsets sqlOffsets;

    OffsetDeleteHandler(GroupCoordinator groups, Topics topics, SqlOffsets sqlOffsets) {
        this.groups = groups;
        this.topics = topics;
        this.sqlOffsets = sqlOffsets;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.OFFSET_DELETE);
    }

    @Override
    public CompletionStage<OffsetDeleteResponse> handle(RequestContext context, OffsetDeleteRequest request) {
        var answer = new OffsetDeleteResponse.Builder();
        var accepted = new OffsetDeleteRequestTopicCollection();
        for (OffsetDeleteRequestTopic asked : request.data().topics()) {
            Optional<Topic> topic = topics.find(asked.name());
            var known = new OffsetDeleteRequestTopic().setName(asked.name());
            for (OffsetDeleteRequestPartition partition : asked.partitions()) {
                if (topic.filter(found -> GroupHandlers.exists(found, partition.partitionIndex()))
                        .isPresent()) {
                    known.partitions().add(partition);
                } else {
                    answer.addPartition(asked.name(), partition.partitionIndex(), Errors.UNKNOWN_TOPIC_OR_PARTITION);
                }
            }
            if (!known.partitions().isEmpty()) {
                accepted.add(known);
            }
        }
        if (accepted.isEmpty()) {
            return CompletableFuture.completedFuture(answer.build());
        }
        var asked = new OffsetDeleteRequestData()
                .setGroupId(request.data().groupId())
                .setTopics(accepted);
        return groups.deleteOffsets(context, asked, BufferSupplier.NO_CACHING)
                .thenCompose(deleted -> forget(asked.groupId(), deleted)
                        .thenApply(done -> answer.merge(deleted).build()));
    }

    /** Those that the coordinator has let go. */
    private CompletableFuture<Void> forget(String group, OffsetDeleteResponseData deleted) {
        List<CompletableFuture<Void>> forgotten = new ArrayList<>();
        for (var topic : deleted.topics()) {
            List<Integer> partitions = topic.partitions().stream()
                    .filter(partition -> partition.errorCode() == Errors.NONE.code())
                    .map(OffsetDeleteResponseData.OffsetDeleteResponsePartition::partitionIndex)
                    .toList();
            topics.find(topic.name())
                    .ifPresent(found -> forgotten.add(sqlOffsets.forget(group, found.id(), partitions)));
        }
        return CompletableFuture.allOf(forgotten.toArray(CompletableFuture<?>[]::new));
    }
}
