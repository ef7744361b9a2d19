package io.paillette.broker.api;

import io.paillette.broker.group.Groups;
import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import java.util.List;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.coordinator.group.Group.GroupType;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** The handlers of groups and their offsets. */
public final class GroupHandlers {

    private GroupHandlers() {}

    public static List<ApiHandler<?>> of(
            BrokerIdentity identity, Groups groups, Topics topics, SqlOffsets sqlOffsets, ApiSettings settings) {
        GroupCoordinator coordinator = groups.coordinator();
        var internalTopics = new InternalTopics(
                new AskedTopics(identity, settings.defaultPartitions()),
                topics,
                groups.streamsHeartbeatInterval().multipliedBy(2));
        boolean consumer = groups.serves(GroupType.CONSUMER);
        boolean streams = groups.serves(GroupType.STREAMS);
        return List.of(
                new FindCoordinatorHandler(identity, coordinator),
                whileActing(new JoinGroupHandler(coordinator), identity),
                whileActing(new SyncGroupHandler(coordinator), identity),
                whileActing(new HeartbeatHandler(coordinator), identity),
                whileActing(new LeaveGroupHandler(coordinator), identity),
                whileActing(new OffsetCommitHandler(groups, topics), identity),
                whileActing(new OffsetFetchHandler(groups, topics, sqlOffsets), identity),
                whileActing(new OffsetDeleteHandler(coordinator, topics, sqlOffsets), identity),
                new ListGroupsHandler(coordinator),
                whileActing(new DescribeGroupsHandler(coordinator), identity),
                whileActing(new DeleteGroupsHandler(coordinator, sqlOffsets), identity),
                served(consumer, whileActing(new ConsumerGroupHeartbeatHandler(coordinator), identity)),
                served(consumer, whileActing(new ConsumerGroupDescribeHandler(coordinator), identity)),
                served(streams, whileActing(new StreamsGroupHeartbeatHandler(coordinator, internalTopics), identity)),
                served(streams, whileActing(new StreamsGroupDescribeHandler(coordinator), identity)));
    }

    private static <Q extends AbstractRequest> ApiHandler<Q> served(boolean served, ApiHandler<Q> handler) {
        return served ? handler : new UnservedHandler<>(handler.serves());
    }

    static <Q extends AbstractRequest> ApiHandler<Q> whileActing(ApiHandler<Q> handler, BrokerIdentity identity) {
        return new LeaseHandler<>(handler, identity.cluster());
    }

    static boolean exists(Topic topic, int partition) {
        return partition >= 0 && partition < topic.partitions();
    }
}
