package io.paillette.broker.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatRequest;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;

/**
 * Who reads as a group, by whichever protocol, and how they are made to leave.
 *
 * @param members  of classic groups, of those of KIP-848 and of KIP-1071
 * @param isShared KIP-932: its members have no offsets to go on from
 */
record GroupMembers(List<Member> members, boolean isShared) {

    /** By what a member speaks with the coordinator. */
    enum Protocol {
        CLASSIC,
        CONSUMER,
        STREAMS
    }

    record Member(Protocol protocol, String id) {}

    GroupMembers {
        members = List.copyOf(members);
    }

    /**
     * Of a group that is not there: none.
     *
     * @param as whom the coordinator is asked
     */
    static CompletableFuture<GroupMembers> of(
            GroupCoordinator coordinator, Function<ApiKeys, AuthorizableRequestContext> as, String group) {
        List<String> asked = List.of(group);
        var classic = coordinator.describeGroups(as.apply(ApiKeys.DESCRIBE_GROUPS), asked);
        var consumer = coordinator.consumerGroupDescribe(as.apply(ApiKeys.CONSUMER_GROUP_DESCRIBE), asked);
        var streams = coordinator.streamsGroupDescribe(as.apply(ApiKeys.STREAMS_GROUP_DESCRIBE), asked, false);
        var share = coordinator.shareGroupDescribe(as.apply(ApiKeys.SHARE_GROUP_DESCRIBE), asked);
        return CompletableFuture.allOf(classic, consumer, streams, share).thenApply(all -> {
            List<Member> found = new ArrayList<>();
            classic.join().forEach(told -> {
                requireServed(told.errorCode());
                told.members().forEach(member -> found.add(new Member(Protocol.CLASSIC, member.memberId())));
            });
            consumer.join().forEach(told -> {
                requireServed(told.errorCode());
                told.members().forEach(member -> found.add(new Member(Protocol.CONSUMER, member.memberId())));
            });
            streams.join().forEach(told -> {
                requireServed(told.errorCode());
                told.members().forEach(member -> found.add(new Member(Protocol.STREAMS, member.memberId())));
            });
            boolean shared = share.join().stream().anyMatch(told -> told.errorCode() == Errors.NONE.code());
            return new GroupMembers(found, shared);
        });
    }

    /** One that is of another type, or of none, has no members of this one. */
    private static void requireServed(short code) {
        Errors error = Errors.forCode(code);
        if (error != Errors.NONE && error != Errors.GROUP_ID_NOT_FOUND) {
            throw error.exception();
        }
    }

    Set<String> ids() {
        return members.stream().map(Member::id).collect(Collectors.toSet());
    }

    /** Each is out when its turn comes at the coordinator, before whatever is asked of that next. */
    void leave(GroupCoordinator coordinator, Function<ApiKeys, AuthorizableRequestContext> as, String group) {
        List<MemberIdentity> classic = new ArrayList<>();
        for (Member member : members) {
            switch (member.protocol()) {
                case CLASSIC -> classic.add(new MemberIdentity().setMemberId(member.id()));
                case CONSUMER -> {
                    var unused = coordinator.consumerGroupHeartbeat(
                            as.apply(ApiKeys.CONSUMER_GROUP_HEARTBEAT),
                            new ConsumerGroupHeartbeatRequestData()
                                    .setGroupId(group)
                                    .setMemberId(member.id())
                                    .setMemberEpoch(ConsumerGroupHeartbeatRequest.LEAVE_GROUP_MEMBER_EPOCH));
                }
                case STREAMS -> {
                    var unused = coordinator.streamsGroupHeartbeat(
                            as.apply(ApiKeys.STREAMS_GROUP_HEARTBEAT),
                            new StreamsGroupHeartbeatRequestData()
                                    .setGroupId(group)
                                    .setMemberId(member.id())
                                    .setMemberEpoch(StreamsGroupHeartbeatRequest.LEAVE_GROUP_MEMBER_EPOCH));
                }
            }
        }
        if (!classic.isEmpty()) {
            var unused = coordinator.leaveGroup(
                    as.apply(ApiKeys.LEAVE_GROUP),
                    new LeaveGroupRequestData().setGroupId(group).setMembers(classic));
        }
    }
}
