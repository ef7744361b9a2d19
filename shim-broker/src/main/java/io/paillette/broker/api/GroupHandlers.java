package io.paillette.broker.api;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.wire.ApiHandler;
import java.util.List;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** The handlers of consumer groups and their offsets. */
public final class GroupHandlers {

    private GroupHandlers() {}

    public static List<ApiHandler<?>> of(BrokerIdentity identity, GroupCoordinator groups, Topics topics) {
        return List.of(
                new FindCoordinatorHandler(identity),
                new JoinGroupHandler(groups),
                new SyncGroupHandler(groups),
                new HeartbeatHandler(groups),
                new LeaveGroupHandler(groups),
                new OffsetCommitHandler(groups, topics),
                new OffsetFetchHandler(groups, topics),
                new OffsetDeleteHandler(groups, topics),
                new ListGroupsHandler(groups),
                new DescribeGroupsHandler(groups),
                new DeleteGroupsHandler(groups),
                new ConsumerGroupHeartbeatHandler(groups),
                new ConsumerGroupDescribeHandler(groups));
    }

    static boolean exists(Topic topic, int partition) {
        return partition >= 0 && partition < topic.partitions();
    }
}
