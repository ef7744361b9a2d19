package io.paillette.benchmarks;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.Errors;

/** A member of a group and the offsets that it commits and asks for in that role. */
final class Member {

    private final Seat seat;
    private final Membership membership;

    Member(Seat seat, GroupProtocol protocol) {
        this.seat = seat;
        this.membership = protocol.membership(seat);
    }

    Membership membership() {
        return membership;
    }

    Wire wire() {
        return seat.wire();
    }

    /** Says farewell and hangs up. */
    void leave(Runnable left) {
        membership.leave(() -> {
            seat.link().close();
            left.run();
        });
    }

    /**
     * @param offsets  by partition
     * @param answered with what became of each
     */
    void commit(Map<Integer, Long> offsets, Consumer<Map<Integer, Errors>> answered) {
        var partitions = offsets.entrySet().stream()
                .map(offset -> new OffsetCommitRequestPartition()
                        .setPartitionIndex(offset.getKey())
                        .setCommittedOffset(offset.getValue())
                        .setCommittedMetadata(""))
                .toList();
        seat.link()
                .send(
                        Call.COMMIT,
                        new OffsetCommitRequestData()
                                .setGroupId(seat.group())
                                .setMemberId(membership.memberId())
                                .setGenerationIdOrMemberEpoch(membership.epoch())
                                .setTopics(List.of(new OffsetCommitRequestTopic()
                                        .setName(GroupScale.TOPIC)
                                        .setPartitions(partitions))),
                        answer -> answered.accept(errors(answer)));
    }

    private static Map<Integer, Errors> errors(OffsetCommitResponseData answer) {
        var errors = new HashMap<Integer, Errors>();
        answer.topics().forEach(topic -> topic.partitions()
                .forEach(partition -> errors.put(partition.partitionIndex(), Errors.forCode(partition.errorCode()))));
        return errors;
    }

    /** @param answered with the committed offset of each partition, -1: none; empty when it has to be asked again */
    void committed(List<Integer> partitions, Consumer<Optional<Map<Integer, Long>>> answered) {
        var asked =
                new OffsetFetchRequestGroup().setMemberId(membership.memberId()).setMemberEpoch(membership.epoch());
        fetch(seat.link(), seat.group(), asked, partitions, answered);
    }

    /** As somebody who is no member, as tools do. */
    static void committed(
            Link link, String group, List<Integer> partitions, Consumer<Optional<Map<Integer, Long>>> answered) {
        fetch(link, group, new OffsetFetchRequestGroup(), partitions, answered);
    }

    private static void fetch(
            Link link,
            String group,
            OffsetFetchRequestGroup asked,
            List<Integer> partitions,
            Consumer<Optional<Map<Integer, Long>>> answered) {
        link.send(
                Call.FETCH,
                new OffsetFetchRequestData()
                        .setGroups(List.of(asked.setGroupId(group)
                                .setTopics(List.of(new OffsetFetchRequestTopics()
                                        .setName(GroupScale.TOPIC)
                                        .setPartitionIndexes(partitions))))),
                answer -> answered.accept(offsets(group, answer)));
    }

    private static Optional<Map<Integer, Long>> offsets(String group, OffsetFetchResponseData answer) {
        var told = answer.groups().get(0);
        Errors error = Errors.forCode(told.errorCode());
        if (Membership.isPassing(error)
                || error == Errors.STALE_MEMBER_EPOCH
                || error == Errors.UNKNOWN_MEMBER_ID
                || error == Errors.ILLEGAL_GENERATION) {
            return Optional.empty();
        }
        var offsets = new HashMap<Integer, Long>();
        told.topics().forEach(topic -> topic.partitions().forEach(partition -> {
            accept(group, Errors.forCode(partition.errorCode()));
            offsets.put(partition.partitionIndex(), partition.committedOffset());
        }));
        accept(group, error);
        return Optional.of(offsets);
    }

    private static void accept(String group, Errors error) {
        if (error != Errors.NONE) {
            throw new IllegalStateException("OffsetFetch of " + group + " was refused: " + error);
        }
    }

    @Override
    public String toString() {
        return (membership.isSettled() ? "settled" : "not settled") + " at " + membership.epoch() + " with "
                + membership.partitions().size();
    }
}
