package io.paillette.broker.api;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.group.Fences;
import io.paillette.broker.group.Groups;
import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.jspecify.annotations.Nullable;

/**
 * OffsetFetch (key 9): how far groups have read.
 *
 * <p>Behaviour: no offset is -1, not an error; also for a topic that does not exist when asked by name. An offset that was
 * committed to a deleted topic is not given to a new one of the same name. Null topics ask for all. Offsets that were committed by
 * SQL are told like others; of a partition whose offset a transaction is about to commit the answer waits a second for it, then it
 * is UNSTABLE_OFFSET_COMMIT, unless all are asked for.
 * Versions: v7 require_stable
 * (UNSTABLE_OFFSET_COMMIT while a transaction holds the offset), v8 several groups, v9 member epochs, v10 topic ids
 * (UNKNOWN_TOPIC_ID).
 */
final class OffsetFetchHandler implements ApiHandler<OffsetFetchRequest> {

    private final GroupCoordinator groups;
    private final Fences fences;
    private final Topics topics;
    private final SqlOffsets sqlOffsets;

    OffsetFetchHandler(Groups groups, Topics topics, SqlOffsets sqlOffsets) {
        this.groups = groups.coordinator();
        this.fences = groups.fences();
        this.topics = topics;
        this.sqlOffsets = sqlOffsets;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.OFFSET_FETCH);
    }

    @Override
    public CompletionStage<OffsetFetchResponse> handle(RequestContext context, OffsetFetchRequest request) {
        List<CompletableFuture<OffsetFetchResponseGroup>> answers = request.groups().stream()
                .map(group -> fetch(context, group, request.requireStable())
                        .thenCompose(told -> withSql(told, group))
                        .whenComplete((told, failure) -> passed(group, told))
                        .exceptionally(failure ->
                                OffsetFetchResponse.groupError(group, Futures.error(failure), context.apiVersion())))
                .toList();
        return Futures.inOrder(answers)
                .thenApply(found -> new OffsetFetchResponse.Builder(found).build(context.apiVersion()));
    }

    /** A member that was made to leave has come back, and goes on from there. */
    private void passed(OffsetFetchRequestGroup asked, @Nullable OffsetFetchResponseGroup told) {
        if (told != null && told.errorCode() == Errors.NONE.code() && asked.memberId() != null) {
            fences.pass(asked.groupId(), asked.memberId());
        }
    }

    private CompletableFuture<OffsetFetchResponseGroup> withSql(
            OffsetFetchResponseGroup told, OffsetFetchRequestGroup asked) {
        if (told.errorCode() != Errors.NONE.code()) {
            return CompletableFuture.completedFuture(told);
        }
        boolean all = OffsetFetchRequest.requestAllOffsets(asked);
        Map<Duty.Partition, OffsetFetchResponsePartitions> wanted = all ? Map.of() : partitions(told);
        return sqlOffsets
                .of(asked.groupId(), all ? Optional.empty() : Optional.of(List.copyOf(wanted.keySet())))
                .thenApply(bySql -> {
                    bySql.unstable().forEach(partition -> Optional.ofNullable(wanted.get(partition))
                            .ifPresent(answer -> none(answer, Errors.UNSTABLE_OFFSET_COMMIT)));
                    return SqlOffsetsTold.into(told, bySql.offsets(), all);
                });
    }

    private Map<Duty.Partition, OffsetFetchResponsePartitions> partitions(OffsetFetchResponseGroup told) {
        var partitions = new HashMap<Duty.Partition, OffsetFetchResponsePartitions>();
        for (OffsetFetchResponseTopics topic : told.topics()) {
            Optional<Topic> found =
                    topic.topicId().equals(Uuid.ZERO_UUID) ? topics.find(topic.name()) : topics.find(topic.topicId());
            found.ifPresent(known -> topic.partitions()
                    .forEach(
                            answer -> partitions.put(new Duty.Partition(known.id(), answer.partitionIndex()), answer)));
        }
        return partitions;
    }

    private CompletableFuture<OffsetFetchResponseGroup> fetch(
            RequestContext context, OffsetFetchRequestGroup asked, boolean requireStable) {
        boolean byId = OffsetFetchRequest.useTopicIds(context.apiVersion());
        if (OffsetFetchRequest.requestAllOffsets(asked)) {
            return groups.fetchOffsets(context, asked, requireStable)
                    .thenApply(answer -> byId ? withIds(answer) : answer);
        }
        var known = new ArrayList<OffsetFetchRequestTopics>();
        var unknown = new ArrayList<OffsetFetchResponseTopics>();
        for (OffsetFetchRequestTopics topic : asked.topics()) {
            Optional<Topic> found = byId ? topics.find(topic.topicId()) : topics.find(topic.name());
            if (byId && found.isEmpty()) {
                unknown.add(unknown(topic));
            } else {
                known.add(new OffsetFetchRequestTopics()
                        .setTopicId(found.map(Topic::id).orElse(Uuid.ZERO_UUID))
                        .setName(found.map(Topic::name).orElse(topic.name()))
                        .setPartitionIndexes(topic.partitionIndexes()));
            }
        }
        return groups.fetchOffsets(context, asked.duplicate().setTopics(known), requireStable)
                .thenApply(answer -> answer.errorCode() == Errors.NONE.code() ? join(answer, unknown) : answer);
    }

    /** Topics that are gone have no id to be told by. */
    private OffsetFetchResponseGroup withIds(OffsetFetchResponseGroup answer) {
        var told = new ArrayList<OffsetFetchResponseTopics>();
        for (OffsetFetchResponseTopics topic : answer.topics()) {
            topics.find(topic.name()).ifPresent(found -> told.add(topic.setTopicId(found.id())));
        }
        return answer.setTopics(told);
    }

    private static OffsetFetchResponseGroup join(
            OffsetFetchResponseGroup answer, List<OffsetFetchResponseTopics> unknown) {
        var all = new ArrayList<>(answer.topics());
        all.addAll(unknown);
        return answer.setTopics(all);
    }

    private static OffsetFetchResponseTopics unknown(OffsetFetchRequestTopics topic) {
        return new OffsetFetchResponseTopics()
                .setTopicId(topic.topicId())
                .setName(topic.name())
                .setPartitions(topic.partitionIndexes().stream()
                        .map(partition -> none(
                                new OffsetFetchResponsePartitions().setPartitionIndex(partition),
                                Errors.UNKNOWN_TOPIC_ID))
                        .toList());
    }

    private static OffsetFetchResponsePartitions none(OffsetFetchResponsePartitions answer, Errors error) {
        return answer.setErrorCode(error.code())
                .setCommittedOffset(OffsetFetchResponse.INVALID_OFFSET)
                .setCommittedLeaderEpoch(-1)
                .setMetadata(OffsetFetchResponse.NO_METADATA);
    }
}
