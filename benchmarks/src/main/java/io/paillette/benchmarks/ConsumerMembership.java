package io.paillette.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/** ConsumerGroupHeartbeat alone (KIP-848): the broker assigns, and only partitions that move are given up. */
final class ConsumerMembership implements Membership {

    private static final int JOINING = 0;
    private static final int LEAVING = -1;

    private final Seat seat;
    private final String memberId = Uuid.randomUuid().toString();
    private Owner owner = Owner.IDLE;
    private int epoch = JOINING;
    private Uuid topicId = Uuid.ZERO_UUID;
    private List<Integer> partitions = List.of();
    private boolean settled;
    private boolean leaving;

    ConsumerMembership(Seat seat) {
        this.seat = seat;
    }

    @Override
    public void join(Owner newOwner) {
        owner = newOwner;
        join();
    }

    private void join() {
        epoch = JOINING;
        partitions = List.of();
        heartbeat(owned());
    }

    /** @param owned empty: nothing new to tell */
    private void heartbeat(Optional<List<TopicPartitions>> owned) {
        if (leaving) {
            return;
        }
        var request = new ConsumerGroupHeartbeatRequestData()
                .setGroupId(seat.group())
                .setMemberId(memberId)
                .setMemberEpoch(epoch);
        owned.ifPresent(request::setTopicPartitions);
        if (epoch == JOINING) {
            request.setRebalanceTimeoutMs(REBALANCE_MILLIS).setSubscribedTopicNames(List.of(GroupScale.TOPIC));
        }
        seat.link().send(Call.CONSUMER_HEARTBEAT, request, this::heard);
    }

    private Optional<List<TopicPartitions>> owned() {
        return Optional.of(
                partitions.isEmpty()
                        ? List.of()
                        : List.of(new TopicPartitions().setTopicId(topicId).setPartitions(partitions)));
    }

    private void heard(ConsumerGroupHeartbeatResponseData answer) {
        Errors error = Errors.forCode(answer.errorCode());
        if (leaving) {
            return;
        }
        if (error == Errors.NONE) {
            epoch = answer.memberEpoch();
            if (answer.assignment() == null) {
                settled = true;
                heartbeatAfter(Duration.ofMillis(answer.heartbeatIntervalMs()));
            } else {
                settled = false;
                reconcile(answer.assignment());
            }
        } else if (error == Errors.FENCED_MEMBER_EPOCH || error == Errors.UNKNOWN_MEMBER_ID) {
            settled = false;
            owner.revoking(this::join);
        } else if (Membership.isPassing(error)) {
            settled = false;
            heartbeatAfter(RETRY);
        } else {
            throw new IllegalStateException(Membership.refused("ConsumerGroupHeartbeat", seat, error)
                            .getMessage() + " " + answer.errorMessage());
        }
    }

    private void heartbeatAfter(Duration pause) {
        seat.wire().after(pause, () -> heartbeat(epoch == JOINING ? owned() : Optional.empty()));
    }

    /** What is given up is told before anything else, as KafkaConsumer does: others wait for it. */
    private void reconcile(ConsumerGroupHeartbeatResponseData.Assignment target) {
        var wanted = target.topicPartitions().stream()
                .flatMap(topic -> topic.partitions().stream())
                .sorted()
                .toList();
        target.topicPartitions().forEach(topic -> topicId = topic.topicId());
        if (wanted.containsAll(partitions)) {
            adopt(wanted);
        } else {
            owner.revoking(() -> adopt(wanted));
        }
    }

    private void adopt(List<Integer> wanted) {
        if (!leaving) {
            partitions = wanted;
            heartbeat(owned());
            owner.assigned();
        }
    }

    @Override
    public void leave(Runnable left) {
        leaving = true;
        settled = false;
        seat.link()
                .send(
                        Call.CONSUMER_HEARTBEAT,
                        new ConsumerGroupHeartbeatRequestData()
                                .setGroupId(seat.group())
                                .setMemberId(memberId)
                                .setMemberEpoch(LEAVING),
                        answer -> left(Errors.forCode(answer.errorCode()), left));
    }

    private void left(Errors error, Runnable left) {
        if (error != Errors.NONE) {
            throw Membership.refused("ConsumerGroupHeartbeat, leaving,", seat, error);
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
        return epoch;
    }

    @Override
    public List<Integer> partitions() {
        return partitions;
    }
}
