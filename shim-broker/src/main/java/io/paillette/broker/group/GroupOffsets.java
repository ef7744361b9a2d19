package io.paillette.broker.group;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.topic.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/**
 * How far groups are that this broker coordinates, and where they go on. Calls block; they fail with Kafka's own exceptions, such as
 * NotCoordinatorException where another broker does.
 */
public final class GroupOffsets {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** A member that has been sent away comes back with its next heartbeat, so more than one is bad luck or a group that grows. */
    private static final int TRIES = 10;

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(100);

    private final GroupCoordinator coordinator;
    private final Fences fences;
    private final SqlOffsets sqlOffsets;
    private final Function<ApiKeys, AuthorizableRequestContext> as;

    /** What becomes of those that read while the group is moved. */
    public enum Readers {
        /** They are left alone, and the group is not moved. */
        STAY,
        /** They leave the group: what they commit from then on is refused, and when they come back they begin at the new place. */
        LEAVE
    }

    /** What became of a move. */
    public sealed interface Moved {

        /** @param fenced how many members have left for it */
        record Done(int fenced) implements Moved {}

        /** Nobody was moved. */
        record Active(int members) implements Moved {}

        /** It is one of share consumers. */
        record Shared() implements Moved {}
    }

    /** @param as whom the coordinator is asked: with the newest version of an API */
    public GroupOffsets(Groups groups, SqlOffsets sqlOffsets, Function<ApiKeys, AuthorizableRequestContext> as) {
        this.coordinator = groups.coordinator();
        this.fences = groups.fences();
        this.sqlOffsets = sqlOffsets;
        this.as = as;
    }

    /** The shard of the coordinator that has the group. */
    public Duty.Shard shard(String group) {
        return new Duty.Shard(coordinator.partitionFor(group));
    }

    /** What {@link #move} would come to now, with nobody sent away. */
    public Moved look(String group) throws InterruptedException {
        GroupMembers members = join(GroupMembers.of(coordinator, as, group));
        if (members.isShared()) {
            return new Moved.Shared();
        }
        return members.members().isEmpty()
                ? new Moved.Done(0)
                : new Moved.Active(members.members().size());
    }

    /**
     * What it has committed, by partition; nothing for those it has not. Fails with UnstableOffsetCommitException while a transaction of
     * the store's database is about to commit one by SQL.
     */
    public Map<Integer, Long> committed(String group, Topic topic, Collection<Integer> partitions)
            throws InterruptedException {
        var asked = new OffsetFetchRequestGroup()
                .setGroupId(group)
                .setTopics(List.of(new OffsetFetchRequestTopics()
                        .setName(topic.name())
                        .setTopicId(topic.id())
                        .setPartitionIndexes(List.copyOf(partitions))));
        var told = join(coordinator.fetchOffsets(as.apply(ApiKeys.OFFSET_FETCH), asked, false));
        if (told.errorCode() != Errors.NONE.code() && told.errorCode() != Errors.GROUP_ID_NOT_FOUND.code()) {
            throw Errors.forCode(told.errorCode()).exception();
        }
        var committed = new TreeMap<Integer, Long>();
        told.topics().stream()
                .flatMap(one -> one.partitions().stream())
                .filter(one -> one.committedOffset() >= 0)
                .forEach(one -> committed.put(one.partitionIndex(), one.committedOffset()));
        SqlOffsets.Told bySql = join(sqlOffsets.of(
                group,
                Optional.of(partitions.stream()
                        .map(partition -> new Duty.Partition(topic.id(), partition))
                        .toList())));
        if (!bySql.unstable().isEmpty()) {
            throw Errors.UNSTABLE_OFFSET_COMMIT.exception();
        }
        bySql.offsets().forEach(offset -> committed.put(offset.partition(), offset.offset()));
        return committed;
    }

    /**
     * Has the group go on from these offsets: from all of them or, where this fails, from where it was. The coordinator itself refuses it
     * for a group with members, so none that comes in between commits over it.
     */
    public Moved move(String group, Topic topic, Map<Integer, Long> offsets, Readers readers)
            throws InterruptedException {
        Set<String> fenced = new HashSet<>();
        boolean moved = false;
        try {
            for (int i = 0; i < TRIES; i++) {
                Moved next = tryToMove(group, topic, offsets, readers, fenced);
                if (!(next instanceof Moved.Active) || readers == Readers.STAY) {
                    moved = next instanceof Moved.Done;
                    return next;
                }
                Thread.sleep(BETWEEN_TRIES.toMillis());
            }
            return look(group) instanceof Moved.Active active ? active : new Moved.Active(1);
        } finally {
            if (!moved) {
                fences.lift(group, fenced);
            }
        }
    }

    /** @param fenced those that were made to leave so far */
    private Moved tryToMove(String group, Topic topic, Map<Integer, Long> offsets, Readers readers, Set<String> fenced)
            throws InterruptedException {
        GroupMembers members = join(GroupMembers.of(coordinator, as, group));
        if (members.isShared()) {
            return new Moved.Shared();
        }
        if (readers == Readers.STAY && !members.members().isEmpty()) {
            return new Moved.Active(members.members().size());
        }
        Set<String> ids = members.ids();
        fenced.addAll(ids);
        fences.raise(group, ids);
        members.leave(coordinator, as, group);
        Errors refusal = commit(group, topic, offsets);
        if (refusal == Errors.NONE) {
            return new Moved.Done(fenced.size());
        }
        if (refusal != Errors.UNKNOWN_MEMBER_ID && refusal != Errors.REBALANCE_IN_PROGRESS) {
            throw refusal.exception();
        }
        return new Moved.Active(Math.max(1, ids.size()));
    }

    private Errors commit(String group, Topic topic, Map<Integer, Long> offsets) throws InterruptedException {
        var asked = new OffsetCommitRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetCommitRequestTopic()
                        .setName(topic.name())
                        .setTopicId(topic.id())
                        .setPartitions(offsets.entrySet().stream()
                                .map(offset -> new OffsetCommitRequestPartition()
                                        .setPartitionIndex(offset.getKey())
                                        .setCommittedOffset(offset.getValue()))
                                .toList())));
        OffsetCommitResponseData told =
                join(coordinator.commitOffsets(as.apply(ApiKeys.OFFSET_COMMIT), asked, BufferSupplier.NO_CACHING));
        return told.topics().stream()
                .flatMap(one -> one.partitions().stream())
                .map(one -> Errors.forCode(one.errorCode()))
                .filter(error -> error != Errors.NONE)
                .findFirst()
                .orElse(Errors.NONE);
    }

    private static <T> T join(CompletableFuture<T> answer) throws InterruptedException {
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new CoordinatorNotAvailableException("the coordinator has not answered in time", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ApiException cause) {
                throw cause;
            }
            throw new IllegalStateException("the coordinator has failed", e);
        }
    }
}
