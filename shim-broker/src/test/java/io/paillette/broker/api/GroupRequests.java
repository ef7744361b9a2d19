package io.paillette.broker.api;

import static io.paillette.broker.group.Client.get;

import io.paillette.broker.group.Client;
import io.paillette.broker.group.Groups;
import io.paillette.broker.group.StreamsMember;
import io.paillette.broker.topic.Topic;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.StreamsGroupDescribeRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** Requests about a group, which is first brought to where the request makes sense. */
final class GroupRequests {

    private final Client client;
    private final Topic topic;

    GroupRequests(Groups groups, Topic topic) {
        this.client = Client.of(groups);
        this.topic = topic;
    }

    /** @param group one that nobody has used so far */
    ApiMessage body(ApiKeys api, int version, String group) {
        return switch (api) {
            case FIND_COORDINATOR ->
                version < 4
                        ? new FindCoordinatorRequestData().setKey(group)
                        : new FindCoordinatorRequestData().setCoordinatorKeys(List.of(group, "other"));
            case JOIN_GROUP -> join(version, group);
            case SYNC_GROUP -> Client.assignment(group, client.join(group));
            case HEARTBEAT -> {
                JoinGroupResponseData member = member(group);
                yield new HeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(member.memberId())
                        .setGenerationId(member.generationId());
            }
            case LEAVE_GROUP -> {
                String member = member(group).memberId();
                yield version < 3
                        ? new LeaveGroupRequestData().setGroupId(group).setMemberId(member)
                        : new LeaveGroupRequestData()
                                .setGroupId(group)
                                .setMembers(List.of(new MemberIdentity().setMemberId(member)));
            }
            case OFFSET_COMMIT -> Client.commitment(new OffsetCommitRequestData().setGroupId(group), topic, 0, 7);
            case OFFSET_FETCH -> {
                client.commit(group, topic, 0, 7);
                yield fetch(version, group);
            }
            case OFFSET_DELETE -> {
                client.commit(group, topic, 0, 7);
                yield delete(group);
            }
            case LIST_GROUPS -> {
                member(group);
                yield list(version);
            }
            case DESCRIBE_GROUPS -> {
                member(group);
                yield new DescribeGroupsRequestData()
                        .setGroups(List.of(group))
                        .setIncludeAuthorizedOperations(version >= 3);
            }
            case DELETE_GROUPS -> {
                client.commit(group, topic, 0, 7);
                yield new DeleteGroupsRequestData().setGroupsNames(List.of(group));
            }
            case CONSUMER_GROUP_HEARTBEAT ->
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(version == 0 ? "" : "member")
                        .setMemberEpoch(0)
                        .setRebalanceTimeoutMs(30_000)
                        .setSubscribedTopicNames(List.of(topic.name()))
                        .setTopicPartitions(List.of());
            case CONSUMER_GROUP_DESCRIBE -> {
                client.subscribe(group, "member", topic);
                yield new ConsumerGroupDescribeRequestData()
                        .setGroupIds(List.of(group))
                        .setIncludeAuthorizedOperations(true);
            }
            case STREAMS_GROUP_HEARTBEAT -> new StreamsMember(group, "member").entry(topic.name());
            case STREAMS_GROUP_DESCRIBE -> {
                client.heartbeat(new StreamsMember(group, "member").entry(topic.name()));
                yield new StreamsGroupDescribeRequestData()
                        .setGroupIds(List.of(group))
                        .setIncludeAuthorizedOperations(true)
                        .setIncludeTopologyDescription(version >= 1);
            }
            default -> throw new AssertionError("say here what a request of " + api + " looks like");
        };
    }

    /** The only member of a stable classic group. */
    private JoinGroupResponseData member(String group) {
        JoinGroupResponseData joined = client.join(group);
        client.sync(group, joined);
        return joined;
    }

    /** From version 4 on a member comes with the id it was sent away with. */
    private JoinGroupRequestData join(int version, String group) {
        return Client.entry(
                group, version < 4 ? "" : get(client.joinLater(group, "")).memberId());
    }

    private OffsetFetchRequestData fetch(int version, String group) {
        if (version < 8) {
            return new OffsetFetchRequestData()
                    .setGroupId(group)
                    .setTopics(List.of(
                            new OffsetFetchRequestTopic().setName(topic.name()).setPartitionIndexes(List.of(0))));
        }
        var asked = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(0));
        return new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestGroup()
                        .setGroupId(group)
                        .setTopics(
                                List.of(version < 10 ? asked.setName(topic.name()) : asked.setTopicId(topic.id())))));
    }

    private OffsetDeleteRequestData delete(String group) {
        var data = new OffsetDeleteRequestData().setGroupId(group);
        data.topics()
                .add(new OffsetDeleteRequestTopic()
                        .setName(topic.name())
                        .setPartitions(List.of(new OffsetDeleteRequestPartition().setPartitionIndex(0))));
        return data;
    }

    private static ListGroupsRequestData list(int version) {
        return new ListGroupsRequestData()
                .setStatesFilter(version < 4 ? List.of() : List.of("Stable"))
                .setTypesFilter(version < 5 ? List.of() : List.of("classic"));
    }
}
