package io.paillette.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.group.GroupOffsets.Moved;
import io.paillette.broker.group.GroupOffsets.Readers;
import io.paillette.broker.topic.Topic;
import io.paillette.testkit.PostgresServer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Groups that are moved while they have members, whose requests are made by hand: a client does the wrong thing only now and then. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GroupOffsetsTest {

    private static final short HEARTBEAT = ApiKeys.CONSUMER_GROUP_HEARTBEAT.latestVersion();
    private static final short COMMIT = 9;
    private static final short FETCH = 9;

    private final RunningGroups broker =
            RunningGroups.on(PostgresServer.shared().newDatabase());
    private final Topic numbers = broker.create("numbers", 1);

    @BeforeAll
    void begin() {
        Awaitility.await().until(broker.groups::isReady);
    }

    @AfterAll
    void close() {
        broker.close();
    }

    @Test
    void whatAFencedMemberCommitsBeforeItHasAskedWhereToGoOnIsRefused() throws Exception {
        String member = UUID.randomUUID().toString();
        int epoch = beat("g", member, 0).memberEpoch();
        assertThat(commit("g", member, epoch, 8)).isEqualTo(Errors.NONE);

        assertThat(broker.offsets().move("g", numbers, Map.of(0, 3L), Readers.STAY))
                .isEqualTo(new Moved.Active(1));
        assertThat(broker.offsets().move("g", numbers, Map.of(0, 3L), Readers.LEAVE))
                .isEqualTo(new Moved.Done(1));
        assertThat(commit("g", member, epoch, 9)).as("it has not heard").isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(commit("g", member, -1, 9)).as("it has heard, and is out").isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        int again = beat("g", member, 0).memberEpoch();
        assertThat(commit("g", member, again, 9)).as("it is back by itself").isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(broker.offsets().committed("g", numbers, List.of(0))).isEqualTo(Map.of(0, 3L));

        assertThat(fetch("g", member, again)).isEqualTo(3);
        assertThat(commit("g", member, again, 4)).isEqualTo(Errors.NONE);
        assertThat(broker.offsets().committed("g", numbers, List.of(0))).isEqualTo(Map.of(0, 4L));
    }

    @Test
    void aStreamsGroupThatRunsIsNotMovedUnlessItsMembersAreFenced() throws Exception {
        var member = StreamsMember.of("streams");
        short version = ApiKeys.STREAMS_GROUP_HEARTBEAT.latestVersion();
        broker.ask(ApiKeys.STREAMS_GROUP_HEARTBEAT, version, member.entry("numbers"));
        assertThat(broker.offsets().look("streams")).isEqualTo(new Moved.Active(1));
        assertThat(broker.offsets().move("streams", numbers, Map.of(0, 3L), Readers.STAY))
                .isEqualTo(new Moved.Active(1));
        assertThat(broker.offsets().committed("streams", numbers, List.of(0))).isEmpty();
        assertThat(broker.offsets().move("streams", numbers, Map.of(0, 3L), Readers.LEAVE))
                .isEqualTo(new Moved.Done(1));
        assertThat(broker.offsets().committed("streams", numbers, List.of(0))).isEqualTo(Map.of(0, 3L));
        var refused =
                (StreamsGroupHeartbeatResponse) broker.ask(ApiKeys.STREAMS_GROUP_HEARTBEAT, version, member.beat(1));
        assertThat(Errors.forCode(refused.data().errorCode())).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    }

    private org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData beat(
            String group, String member, int epoch) {
        var answer = (ConsumerGroupHeartbeatResponse) broker.ask(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                HEARTBEAT,
                new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setMemberEpoch(epoch)
                        .setRebalanceTimeoutMs(30_000)
                        .setSubscribedTopicNames(List.of("numbers"))
                        .setTopicPartitions(List.of()));
        assertThat(Errors.forCode(answer.data().errorCode())).isEqualTo(Errors.NONE);
        return answer.data();
    }

    private Errors commit(String group, String member, int epoch, long offset) {
        var answer = (OffsetCommitResponse) broker.ask(
                ApiKeys.OFFSET_COMMIT,
                COMMIT,
                new OffsetCommitRequestData()
                        .setGroupId(group)
                        .setMemberId(member)
                        .setGenerationIdOrMemberEpoch(epoch)
                        .setTopics(List.of(new OffsetCommitRequestTopic()
                                .setName("numbers")
                                .setPartitions(List.of(new OffsetCommitRequestPartition()
                                        .setPartitionIndex(0)
                                        .setCommittedOffset(offset))))));
        return Errors.forCode(answer.data().topics().get(0).partitions().get(0).errorCode());
    }

    private long fetch(String group, String member, int epoch) {
        var answer = (OffsetFetchResponse) broker.ask(
                ApiKeys.OFFSET_FETCH,
                FETCH,
                new OffsetFetchRequestData()
                        .setGroups(List.of(new OffsetFetchRequestGroup()
                                .setGroupId(group)
                                .setMemberId(member)
                                .setMemberEpoch(epoch)
                                .setTopics(List.of(new OffsetFetchRequestTopics()
                                        .setName("numbers")
                                        .setPartitionIndexes(List.of(0)))))));
        return answer.data().groups().get(0).topics().get(0).partitions().get(0).committedOffset();
    }
}
