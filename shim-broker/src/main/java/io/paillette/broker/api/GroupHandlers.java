package io.paillette.broker.api;

import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import java.util.List;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** The handlers of consumer groups and their offsets. */
public final class GroupHandlers {

    private GroupHandlers() {}

    public static List<ApiHandler<?>> of(
            BrokerIdentity identity, GroupCoordinator groups, Topics topics, SqlOffsets sqlOffsets) {
        return List.of(
                new FindCoordinatorHandler(identity, groups),
                whileActing(new JoinGroupHandler(groups), identity),
                whileActing(new SyncGroupHandler(groups), identity),
                whileActing(new HeartbeatHandler(groups), identity),
                whileActing(new LeaveGroupHandler(groups), identity),
                whileActing(new OffsetCommitHandler(groups, topics), identity),
                whileActing(new OffsetFetchHandler(groups, topics, sqlOffsets), identity),
                whileActing(new OffsetDeleteHandler(groups, topics, sqlOffsets), identity),
                new ListGroupsHandler(groups),
                whileActing(new DescribeGroupsHandler(groups), identity),
                whileActing(new DeleteGroupsHandler(groups, sqlOffsets), identity),
                whileActing(new ConsumerGroupHeartbeatHandler(groups), identity),
                whileActing(new ConsumerGroupDescribeHandler(groups), identity));
    }

    static <Q extends AbstractRequest> ApiHandler<Q> whileActing(ApiHandler<Q> handler, BrokerIdentity identity) {
        return new LeaseHandler<>(handler, identity.cluster());
    }

    static boolean exists(Topic topic, int partition) {
        return partition >= 0 && partition < topic.partitions();
    }
}
