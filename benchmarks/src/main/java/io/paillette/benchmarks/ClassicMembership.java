package io.paillette.benchmarks;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.utils.Utils;

/** JoinGroup, SyncGroup and heartbeats, as KafkaConsumer does with {@code RangeAssignor}: all partitions are given up to rejoin. */
final class ClassicMembership implements Membership {

    private static final String TYPE = "consumer";
    private static final byte[] SUBSCRIPTION =
            Utils.toArray(ConsumerProtocol.serializeSubscription(new Subscription(List.of(GroupScale.TOPIC))));

    private final Seat seat;
    private Owner owner = Owner.IDLE;
    private String memberId = "";
    private int generation = -1;
    private List<Integer> partitions = List.of();
    private boolean settled;
    private boolean leaving;

    ClassicMembership(Seat seat) {
        this.seat = seat;
    }

    @Override
    public void join(Owner newOwner) {
        owner = newOwner;
        join();
    }

    private void join() {
        settled = false;
        if (leaving) {
            return;
        }
        var protocols = new JoinGroupRequestProtocolCollection(1);
        protocols.add(new JoinGroupRequestProtocol()
                .setName(RangeAssignor.RANGE_ASSIGNOR_NAME)
                .setMetadata(SUBSCRIPTION));
        seat.link()
                .send(
                        Call.JOIN,
                        new JoinGroupRequestData()
                                .setGroupId(seat.group())
                                .setMemberId(memberId)
                                .setSessionTimeoutMs(SESSION_MILLIS)
                                .setRebalanceTimeoutMs(REBALANCE_MILLIS)
                                .setProtocolType(TYPE)
                                .setProtocols(protocols),
                        this::joined);
    }

    private void joined(JoinGroupResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (error == Errors.NONE) {
            memberId = answer.memberId();
            generation = answer.generationId();
            sync(answer);
        } else if (error == Errors.MEMBER_ID_REQUIRED) {
            memberId = answer.memberId();
            join();
        } else {
            joinAgain("JoinGroup", error);
        }
    }

    private void sync(JoinGroupResponseData joined) {
        if (leaving) {
            return;
        }
        seat.link()
                .send(
                        Call.SYNC,
                        new SyncGroupRequestData()
                                .setGroupId(seat.group())
                                .setMemberId(memberId)
                                .setGenerationId(generation)
                                .setProtocolType(TYPE)
                                .setProtocolName(RangeAssignor.RANGE_ASSIGNOR_NAME)
                                .setAssignments(memberId.equals(joined.leader()) ? assign(joined) : List.of()),
                        this::synced);
    }

    private List<SyncGroupRequestAssignment> assign(JoinGroupResponseData joined) {
        var subscriptions = new HashMap<String, Subscription>();
        joined.members()
                .forEach(member -> subscriptions.put(
                        member.memberId(),
                        ConsumerProtocol.deserializeSubscription(ByteBuffer.wrap(member.metadata()))));
        var assigned =
                new RangeAssignor().assign(Map.of(GroupScale.TOPIC, seat.scale().partitions()), subscriptions);
        return assigned.entrySet().stream()
                .map(member -> new SyncGroupRequestAssignment()
                        .setMemberId(member.getKey())
                        .setAssignment(
                                Utils.toArray(ConsumerProtocol.serializeAssignment(new Assignment(member.getValue())))))
                .toList();
    }

    private void synced(SyncGroupResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (error != Errors.NONE) {
            joinAgain("SyncGroup", error);
            return;
        }
        partitions = ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(answer.assignment())).partitions().stream()
                .map(TopicPartition::partition)
                .toList();
        settled = !leaving;
        if (settled) {
            owner.assigned();
            heartbeatLater();
        }
    }

    private void heartbeatLater() {
        seat.wire().after(seat.scale().heartbeat(), () -> {
            if (settled) {
                seat.link()
                        .send(
                                Call.HEARTBEAT,
                                new HeartbeatRequestData()
                                        .setGroupId(seat.group())
                                        .setMemberId(memberId)
                                        .setGenerationId(generation),
                                this::heard);
            }
        });
    }

    private void heard(HeartbeatResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (error == Errors.NONE || Membership.isPassing(error)) {
            heartbeatLater();
        } else if (settled) {
            settled = false;
            owner.revoking(() -> joinAgain("Heartbeat", error));
        }
    }

    private void joinAgain(String what, Errors error) {
        switch (error) {
            // With another id the old one would be waited for until its session ends.
            case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION -> join();
            case UNKNOWN_MEMBER_ID -> {
                memberId = "";
                join();
            }
            default -> {
                if (!Membership.isPassing(error)) {
                    throw Membership.refused(what, seat, error);
                }
                seat.wire().after(RETRY, this::join);
            }
        }
    }

    @Override
    public void leave(Runnable left) {
        leaving = true;
        settled = false;
        seat.link()
                .send(
                        Call.LEAVE,
                        new LeaveGroupRequestData()
                                .setGroupId(seat.group())
                                .setMembers(List.of(new MemberIdentity().setMemberId(memberId))),
                        answer -> left(Errors.forCode(answer.errorCode()), left));
    }

    private void left(Errors error, Runnable left) {
        if (error != Errors.NONE) {
            throw Membership.refused("LeaveGroup", seat, error);
        }
        left.run();
    }

    @Override
    public boolean isSettled() {
        return settled;
    }

    @Override
    public String memberId() {
        return memberId;
    }

    @Override
    public int epoch() {
        return generation;
    }

    @Override
    public List<Integer> partitions() {
        return partitions;
    }
}
