package io.paillette.broker.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.topic.Topic;
import io.paillette.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests of every served version, as bytes, through the handlers; answers must fit into that version. */
class GroupApiVersionsTest {

    private final RunningGroups broker =
            RunningGroups.on(PostgresServer.shared().newDatabase());
    private final Topic orders = broker.create("orders", 2);

    @BeforeEach
    void ready() {
        Awaitility.await().until(broker.groups::isReady);
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void committingKnownAndUnknownPartitionsAnswersEachOnItsOwn() {
        for (short version : versions(ApiKeys.OFFSET_COMMIT)) {
            var request = new OffsetCommitRequestData()
                    .setGroupId("g" + version)
                    .setTopics(List.of(commit(orders.name(), orders.id(), 0, 9), commit("none", Uuid.randomUuid(), 0)));
            var answer = (OffsetCommitResponse) broker.ask(ApiKeys.OFFSET_COMMIT, version, request);
            var errors = new ArrayList<Errors>();
            answer.data().topics().forEach(topic -> topic.partitions()
                    .forEach(partition -> errors.add(Errors.forCode(partition.errorCode()))));
            assertThat(errors)
                    .as("version %d", version)
                    .containsExactlyInAnyOrder(
                            Errors.NONE,
                            Errors.UNKNOWN_TOPIC_OR_PARTITION,
                            version >= 10 ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION);
            assertThat(Client.of(broker.groups).committed("g" + version, orders, 0))
                    .isEqualTo("7");
        }
    }

    @Test
    void fetchingAnswersMinusOneForWhatWasNeverCommitted() {
        assertThat(Client.of(broker.groups).commit("g", orders, 0, 7)).isEqualTo(Errors.NONE);
        for (short version : versions(ApiKeys.OFFSET_FETCH)) {
            var answer = (OffsetFetchResponse) broker.ask(ApiKeys.OFFSET_FETCH, version, fetch(version));
            var found = new ArrayList<String>();
            answer.group("g").topics().forEach(topic -> topic.partitions()
                    .forEach(partition -> found.add(partition.partitionIndex() + "=" + partition.committedOffset() + " "
                            + Errors.forCode(partition.errorCode()))));
            assertThat(found)
                    .as("version %d", version)
                    .containsExactlyInAnyOrder(
                            "0=7 NONE", "1=-1 NONE", version >= 10 ? "0=-1 UNKNOWN_TOPIC_ID" : "0=-1 NONE");
        }
    }

    @Test
    void nullTopicsFetchEverythingCommitted() {
        assertThat(Client.of(broker.groups).commit("g", orders, 0, 7)).isEqualTo(Errors.NONE);
        for (short version : versions(ApiKeys.OFFSET_FETCH)) {
            if (version >= 2) {
                var request = version < 8
                        ? new OffsetFetchRequestData().setGroupId("g").setTopics(null)
                        : new OffsetFetchRequestData()
                                .setGroups(List.of(new OffsetFetchRequestGroup()
                                        .setGroupId("g")
                                        .setTopics(null)));
                var answer = (OffsetFetchResponse) broker.ask(ApiKeys.OFFSET_FETCH, version, request);
                var topic = answer.group("g").topics().get(0);
                assertThat(topic.partitions().get(0).committedOffset())
                        .as("version %d", version)
                        .isEqualTo(7);
                assertThat(version < 10 ? topic.name() : topic.topicId().toString())
                        .isEqualTo(version < 10 ? "orders" : orders.id().toString());
            }
        }
    }

    @Test
    void aGroupAndATransactionAreFoundHere() {
        for (short version : versions(ApiKeys.FIND_COORDINATOR)) {
            var group = version < 4
                    ? new FindCoordinatorRequestData().setKey("g")
                    : new FindCoordinatorRequestData().setCoordinatorKeys(List.of("g", "h"));
            var answer = (FindCoordinatorResponse) broker.ask(ApiKeys.FIND_COORDINATOR, version, group);
            assertThat(answer.coordinators()).hasSize(version < 4 ? 1 : 2).allSatisfy(coordinator -> {
                assertThat(coordinator.errorCode()).isEqualTo(Errors.NONE.code());
                assertThat(coordinator.host()).isEqualTo("127.0.0.1");
            });
            if (version >= 1) {
                var transaction = version < 4
                        ? new FindCoordinatorRequestData().setKey("t")
                        : new FindCoordinatorRequestData().setCoordinatorKeys(List.of("t"));
                answer = (FindCoordinatorResponse)
                        broker.ask(ApiKeys.FIND_COORDINATOR, version, transaction.setKeyType((byte) 1));
                assertThat(answer.coordinators().get(0).errorCode()).isEqualTo(Errors.NONE.code());
            }
        }
    }

    @Test
    void anUnknownGroupIsDeadAndFromVersionSixOnNotFound() {
        for (short version : versions(ApiKeys.DESCRIBE_GROUPS)) {
            var request = new DescribeGroupsRequestData().setGroups(List.of("nobody"));
            var answer = (DescribeGroupsResponse) broker.ask(ApiKeys.DESCRIBE_GROUPS, version, request);
            var group = answer.data().groups().get(0);
            assertThat(group.groupState()).as("version %d", version).isEqualTo("Dead");
            assertThat(Errors.forCode(group.errorCode()))
                    .isEqualTo(version >= 6 ? Errors.GROUP_ID_NOT_FOUND : Errors.NONE);
        }
    }

    private static OffsetCommitRequestTopic commit(String name, Uuid id, int... partitions) {
        var topic = new OffsetCommitRequestTopic().setName(name).setTopicId(id);
        for (int partition : partitions) {
            topic.partitions()
                    .add(new OffsetCommitRequestPartition()
                            .setPartitionIndex(partition)
                            .setCommittedOffset(7)
                            .setCommittedMetadata(""));
        }
        return topic;
    }

    private OffsetFetchRequestData fetch(short version) {
        if (version < 8) {
            return new OffsetFetchRequestData()
                    .setGroupId("g")
                    .setTopics(List.of(
                            new OffsetFetchRequestTopic().setName("orders").setPartitionIndexes(List.of(0, 1)),
                            new OffsetFetchRequestTopic().setName("none").setPartitionIndexes(List.of(0))));
        }
        var known = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(0, 1));
        var unknown = new OffsetFetchRequestTopics().setPartitionIndexes(List.of(0));
        if (version < 10) {
            known.setName("orders");
            unknown.setName("none");
        } else {
            known.setTopicId(orders.id());
            unknown.setTopicId(Uuid.randomUuid());
        }
        return new OffsetFetchRequestData()
                .setGroups(List.of(
                        new OffsetFetchRequestGroup().setGroupId("g").setTopics(List.of(known, unknown)),
                        new OffsetFetchRequestGroup().setGroupId("other").setTopics(List.of(known))));
    }

    private static List<Short> versions(ApiKeys key) {
        var versions = new ArrayList<Short>();
        for (short version = key.oldestVersion(); version <= key.latestVersion(); version++) {
            versions.add(version);
        }
        return versions;
    }
}
