package io.paillette.broker.group;

import io.paillette.broker.topic.Topic;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Speaks to a coordinator as the broker's handlers do, without a network; the shapes of its requests serve other tests too. */
public record Client(GroupCoordinator coordinator) {

    public static Client of(Groups groups) {
        return new Client(groups.coordinator());
    }

    static RequestContext context(ApiKeys key) {
        return context(key, key.latestVersion());
    }

    static RequestContext context(ApiKeys key, short version) {
        return new RequestContext(
                new RequestHeader(key, version, "test", 1),
                "connection",
                InetAddress.getLoopbackAddress(),
                KafkaPrincipal.ANONYMOUS,
                new ListenerName("PLAINTEXT"),
                SecurityProtocol.PLAINTEXT,
                ClientInformation.EMPTY,
                false);
    }

    public static <T> T get(CompletableFuture<T> answer) {
        try {
            return answer.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    CompletableFuture<Errors> commitLater(String group, Topic topic, int partition, long offset) {
        return commitLater(new OffsetCommitRequestData().setGroupId(group), topic, partition, offset);
    }

    Errors commitAs(String group, String member, int epoch, Topic topic, int partition, long offset) {
        var request = new OffsetCommitRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setGenerationIdOrMemberEpoch(epoch);
        return get(commitLater(request, topic, partition, offset));
    }

    private CompletableFuture<Errors> commitLater(
            OffsetCommitRequestData request, Topic topic, int partition, long offset) {
        return coordinator
                .commitOffsets(
                        context(ApiKeys.OFFSET_COMMIT),
                        commitment(request, topic, partition, offset),
                        BufferSupplier.NO_CACHING)
                .thenApply(answer -> Errors.forCode(
                        answer.topics().get(0).partitions().get(0).errorCode()));
    }

    /** The request with one partition in it, by name and by id. */
    public static OffsetCommitRequestData commitment(
            OffsetCommitRequestData request, Topic topic, int partition, long offset) {
        return request.setTopics(List.of(new OffsetCommitRequestTopic()
                .setName(topic.name())
                .setTopicId(topic.id())
                .setPartitions(List.of(new OffsetCommitRequestPartition()
                        .setPartitionIndex(partition)
                        .setCommittedOffset(offset)
                        .setCommittedLeaderEpoch(3)
                        .setCommittedMetadata("at " + offset)))));
    }

    public Errors commit(String group, Topic topic, int partition, long offset) {
        return get(commitLater(group, topic, partition, offset));
    }

    /** The committed offset, -1 if there is none, or the error. */
    String committed(String group, Topic topic, int partition) {
        return committed(group, topic, partition, false);
    }

    String committed(String group, Topic topic, int partition, boolean requireStable) {
        var request = new OffsetFetchRequestGroup()
                .setGroupId(group)
                .setTopics(List.of(new OffsetFetchRequestTopics()
                        .setName(topic.name())
                        .setTopicId(topic.id())
                        .setPartitionIndexes(List.of(partition))));
        var answer = get(coordinator.fetchOffsets(context(ApiKeys.OFFSET_FETCH), request, requireStable));
        if (answer.errorCode() != Errors.NONE.code()) {
            return Errors.forCode(answer.errorCode()).name();
        }
        var found = answer.topics().get(0).partitions().get(0);
        return found.errorCode() == Errors.NONE.code()
                ? Long.toString(found.committedOffset())
                : Errors.forCode(found.errorCode()).name();
    }

    public CompletableFuture<JoinGroupResponseData> joinLater(String group, String member) {
        return coordinator.joinGroup(context(ApiKeys.JOIN_GROUP), entry(group, member), BufferSupplier.NO_CACHING);
    }

    /** What a member that wants in says. */
    public static JoinGroupRequestData entry(String group, String member) {
        var protocol =
                new JoinGroupRequestProtocol().setName("range").setMetadata("topics".getBytes(StandardCharsets.UTF_8));
        return new JoinGroupRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setProtocolType("connect")
                .setSessionTimeoutMs(30_000)
                .setRebalanceTimeoutMs(30_000)
                .setProtocols(
                        new JoinGroupRequestProtocolCollection(List.of(protocol).iterator()));
    }

    /** Joins as clients do: first to get a member id, then with it. */
    public JoinGroupResponseData join(String group) {
        JoinGroupResponseData first = get(joinLater(group, ""));
        return get(joinLater(group, first.memberId()));
    }

    public SyncGroupResponseData sync(String group, JoinGroupResponseData joined) {
        return get(coordinator.syncGroup(
                context(ApiKeys.SYNC_GROUP), assignment(group, joined), BufferSupplier.NO_CACHING));
    }

    /** What the leader of a group of one says. */
    public static SyncGroupRequestData assignment(String group, JoinGroupResponseData joined) {
        return new SyncGroupRequestData()
                .setGroupId(group)
                .setMemberId(joined.memberId())
                .setGenerationId(joined.generationId())
                .setProtocolType("connect")
                .setProtocolName("range")
                .setAssignments(List.of(new SyncGroupRequestAssignment()
                        .setMemberId(joined.memberId())
                        .setAssignment("yours".getBytes(StandardCharsets.UTF_8))));
    }

    ConsumerGroupHeartbeatResponseData heartbeat(ConsumerGroupHeartbeatRequestData request) {
        return get(coordinator.consumerGroupHeartbeat(context(ApiKeys.CONSUMER_GROUP_HEARTBEAT), request));
    }

    public ConsumerGroupHeartbeatResponseData subscribe(String group, String member, Topic topic) {
        return heartbeat(new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(30_000)
                .setSubscribedTopicNames(List.of(topic.name()))
                .setTopicPartitions(List.of()));
    }

    public StreamsGroupHeartbeatResponseData heartbeat(StreamsGroupHeartbeatRequestData request) {
        return get(coordinator.streamsGroupHeartbeat(context(ApiKeys.STREAMS_GROUP_HEARTBEAT), request))
                .data();
    }

    Errors commitInTransaction(String group, long producerId, Topic topic, int partition, long offset) {
        return get(commitInTransactionLater(group, producerId, topic, partition, offset));
    }

    CompletableFuture<Errors> commitInTransactionLater(
            String group, long producerId, Topic topic, int partition, long offset) {
        var request = new TxnOffsetCommitRequestData()
                .setTransactionalId("tx-" + producerId)
                .setGroupId(group)
                .setProducerId(producerId)
                .setProducerEpoch((short) 0)
                .setTopics(List.of(new TxnOffsetCommitRequestTopic()
                        .setName(topic.name())
                        .setPartitions(List.of(new TxnOffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)
                                .setCommittedMetadata("")))));
        return coordinator
                .commitTransactionalOffsets(context(ApiKeys.TXN_OFFSET_COMMIT), request, BufferSupplier.NO_CACHING)
                .thenApply(answer -> Errors.forCode(
                        answer.topics().get(0).partitions().get(0).errorCode()));
    }
}
