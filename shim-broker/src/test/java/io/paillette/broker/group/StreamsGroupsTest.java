package io.paillette.broker.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.broker.topic.Topic;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.ListStreamsGroupOffsetsSpec;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.StreamsGroupDescribeRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.message.StreamsGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.StreamsGroupDescribeResponse;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatResponse;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatResponse.Status;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;

/** Streams groups (KIP-1071) through the handlers, as bytes, and as Kafka's admin client sees them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StreamsGroupsTest {

    private static final short HEARTBEAT = ApiKeys.STREAMS_GROUP_HEARTBEAT.latestVersion();
    private static final short DESCRIBE = ApiKeys.STREAMS_GROUP_DESCRIBE.latestVersion();
    private static final byte NOT_STORED = 1;

    private final Database database = PostgresServer.shared().newDatabase();
    private final RunningGroups broker = RunningGroups.on(database);
    private final Topic numbers = broker.create("numbers", 3);
    private StreamsMember member = StreamsMember.of("app");

    @BeforeEach
    void aGroupOfItsOwn(TestInfo test) {
        Awaitility.await().until(broker.groups::isReady);
        member = StreamsMember.of(test.getTestMethod().orElseThrow().getName());
    }

    @AfterAll
    void close() {
        broker.close();
    }

    @Test
    void missingInternalTopicsAreMadeAsTheTopologyAsksAndTheTasksAssigned() {
        var changelog = StreamsMember.internal("app-counts-changelog", Map.of("cleanup.policy", "compact"));
        var first = beat(member.entry(StreamsMember.counting("numbers", "app-by-repartition", changelog)));
        assertThat(detail(first, Status.MISSING_INTERNAL_TOPICS))
                .contains("app-by-repartition", "app-counts-changelog")
                .doesNotContain("failed");

        var assigned = awaitBeat(first, answer -> assertThat(answer.activeTasks())
                .extracting(task -> task.subtopologyId() + "=" + task.partitions())
                .containsExactlyInAnyOrder("0=[0, 1, 2]", "1=[0, 1, 2]"));
        assertThat(broker.topics.find("app-by-repartition")).get().satisfies(made -> assertThat(made.partitions())
                .isEqualTo(3));
        assertThat(broker.topics.find("app-counts-changelog")).get().satisfies(made -> {
            assertThat(made.partitions()).isEqualTo(3);
            assertThat(made.configs()).containsEntry("cleanup.policy", "compact");
        });
        assertThat(detail(assigned, Status.MISSING_INTERNAL_TOPICS)).isEmpty();
    }

    @Test
    void whatHindersAnInternalTopicIsToldAndTriedAgain() {
        broker.create("app.by.repartition", 1); // in metrics both would have one name
        var first = beat(member.entry(StreamsMember.counting("numbers", "app_by_repartition")));
        var hindered = awaitBeat(first, answer -> assertThat(detail(answer, Status.MISSING_INTERNAL_TOPICS))
                .contains(
                        "; Creation failed: app_by_repartition (Topic 'app_by_repartition' collides with existing topic"
                                + " 'app.by.repartition')."));

        Client.get(broker.topics.delete("app.by.repartition"));

        awaitBeat(hindered, answer -> assertThat(answer.activeTasks()).hasSize(2));
        assertThat(broker.topics.find("app_by_repartition")).isPresent();
    }

    @Test
    void anInternalTopicWhoseNameMakesItASequenceIsNotMade() {
        var first = beat(member.entry(StreamsMember.counting("numbers", "captured.app.v2-repartition")));
        awaitBeat(first, answer -> assertThat(detail(answer, Status.MISSING_INTERNAL_TOPICS))
                .contains(
                        "; Creation failed: captured.app.v2-repartition (its name makes it a sequence of source captured",
                        "another application.id"));
        assertThat(broker.topics.find("captured.app.v2-repartition")).isEmpty();
    }

    @Test
    void ofManyInternalTopicsThatCannotBeMadeThreeAreTold() {
        var wrong = Map.of("cleanup.policy", "burn");
        var first = beat(member.entry(StreamsMember.counting(
                "numbers",
                "app-repartition",
                StreamsMember.internal("a-changelog", wrong),
                StreamsMember.internal("b-changelog", wrong),
                StreamsMember.internal("c-changelog", wrong),
                StreamsMember.internal("d-changelog", wrong))));
        awaitBeat(first, answer -> assertThat(detail(answer, Status.MISSING_INTERNAL_TOPICS))
                .contains("-changelog (Invalid value burn for configuration cleanup.policy")
                .endsWith(" and 1 more."));
        assertThat(broker.topics.find("app-repartition")).isPresent();
    }

    @Test
    void aSourceTopicThatIsNotThereIsTold() {
        assertThat(detail(beat(member.entry("nothing")), Status.MISSING_SOURCE_TOPICS))
                .contains("nothing");
    }

    @Test
    void topologiesOverKafkasOwnTopicsOrImpossibleOnesAreRefused() {
        var own = beat(member.entry(StreamsMember.counting("__consumer_offsets", "app-repartition")));
        assertThat(Errors.forCode(own.errorCode())).isEqualTo(Errors.STREAMS_INVALID_TOPOLOGY);
        assertThat(own.errorMessage())
                .isEqualTo(
                        "Use of Kafka internal topics __consumer_offsets in a Kafka Streams topology is prohibited.");
        var impossible =
                beat(member.entry(StreamsMember.counting("numbers", "app?", StreamsMember.internal("..", Map.of()))));
        assertThat(Errors.forCode(impossible.errorCode())).isEqualTo(Errors.STREAMS_INVALID_TOPOLOGY);
        assertThat(impossible.errorMessage()).isEqualTo("Topic names app?,.. are not valid topic names.");
    }

    @Test
    void requestsThatMakeNoSenseAreRefused() {
        int epoch = beat(member.entry("numbers")).memberEpoch();
        assertThat(error(StreamsMember.of(member.group()).beat(1))).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(error(StreamsMember.of("other").beat(1))).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
        assertThat(error(member.beat(epoch + 1))).isEqualTo(Errors.FENCED_MEMBER_EPOCH);
        assertThat(error(StreamsMember.of("").entry("numbers"))).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(error(StreamsMember.of(member.group()).beat(0))).isEqualTo(Errors.INVALID_REQUEST);
        assertThat(error(member.beat(epoch))).isEqualTo(Errors.NONE);
        assertThat(describe("").get(0)).isEqualTo(Errors.INVALID_GROUP_ID);
        Client.of(broker.groups).join("another-classic");
        assertThat(describe(member.group(), "other", "another-classic"))
                .containsExactlyInAnyOrder(Errors.NONE, Errors.GROUP_ID_NOT_FOUND, Errors.GROUP_ID_NOT_FOUND);
    }

    @Test
    void aGroupThatOthersUseIsNoStreamsGroup() {
        Client.of(broker.groups).subscribe("consumers", "member", numbers);
        assertThat(error(StreamsMember.of("consumers").entry("numbers"))).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
    }

    @Test
    void offsetsAreCommittedAndToldToMembersInTheirEpochOnly() {
        int epoch = awaitBeat(beat(member.entry("numbers")), answer -> assertThat(answer.activeTasks())
                        .isNotEmpty())
                .memberEpoch();
        var client = Client.of(broker.groups);
        assertThat(client.commitAs(member.group(), member.id(), epoch, numbers, 0, 7))
                .isEqualTo(Errors.NONE);
        assertThat(client.commitAs(member.group(), member.id(), epoch - 1, numbers, 0, 8))
                .isEqualTo(Errors.STALE_MEMBER_EPOCH);
        assertThat(client.commitAs(member.group(), "another", epoch, numbers, 0, 9))
                .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThat(client.commit(member.group(), numbers, 0, 10)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
        assertThatThrownBy(() ->
                        database.query("select paillette.commit_offset('" + member.group() + "', 'numbers', 0, 11)"))
                .rootCause()
                .hasMessageContaining("has members");

        assertThat(fetched(member.id(), epoch)).isEqualTo("7");
        assertThat(fetched(member.id(), epoch - 1)).isEqualTo("STALE_MEMBER_EPOCH");
        assertThat(fetched("another", epoch)).isEqualTo("UNKNOWN_MEMBER_ID");
    }

    @Test
    void theAdminClientListsDescribesAndDeletesStreamsGroups() throws Exception {
        int epoch = awaitBeat(beat(member.entry("numbers")), answer -> assertThat(answer.activeTasks())
                        .isNotEmpty())
                .memberEpoch();
        assertThat(Client.of(broker.groups).commitAs(member.group(), member.id(), epoch, numbers, 0, 7))
                .isEqualTo(Errors.NONE);
        Client.of(broker.groups).join("classic");
        try (Admin admin = broker.admin()) {
            assertThat(admin.listGroups(ListGroupsOptions.forStreamsGroups())
                            .all()
                            .get())
                    .extracting(GroupListing::groupId)
                    .contains(member.group())
                    .doesNotContain("classic");
            StreamsGroupDescription described = admin.describeStreamsGroups(List.of(member.group()))
                    .all()
                    .get()
                    .get(member.group());
            assertThat(described.groupState()).isEqualTo(GroupState.STABLE);
            assertThat(described.subtopologies()).singleElement().satisfies(part -> assertThat(part.sourceTopics())
                    .containsExactly("numbers"));
            assertThat(described.members()).singleElement().satisfies(one -> {
                assertThat(one.memberId()).isEqualTo(member.id());
                assertThat(one.assignment().activeTasks())
                        .singleElement()
                        .satisfies(task -> assertThat(task.partitions()).containsExactly(0, 1, 2));
            });
            assertThat(admin.listStreamsGroupOffsets(Map.of(member.group(), new ListStreamsGroupOffsetsSpec()))
                            .partitionsToOffsetAndMetadata(member.group())
                            .get())
                    .hasSize(1);
            assertThatThrownBy(() -> admin.describeConsumerGroups(List.of(member.group()))
                            .all()
                            .get())
                    .hasCauseInstanceOf(GroupIdNotFoundException.class);
            assertThatThrownBy(() -> admin.deleteStreamsGroups(List.of(member.group()))
                            .all()
                            .get())
                    .hasCauseInstanceOf(GroupNotEmptyException.class);

            assertThat(error(member.beat(-1))).isEqualTo(Errors.NONE);
            admin.deleteStreamsGroups(List.of(member.group())).all().get();

            assertThat(admin.listGroups().all().get())
                    .extracting(GroupListing::groupId)
                    .contains("classic")
                    .doesNotContain(member.group());
        }
        assertThat(protocolBySql()).isEqualTo("none");
    }

    @Test
    void streamsGroupsAreReadableWithSql() {
        beat(member.entry("numbers"));
        assertThat(protocolBySql()).isEqualTo("streams");
    }

    @Test
    void aTopologyIsNotDescribedInFull() {
        beat(member.entry("numbers"));
        var asked = new StreamsGroupDescribeRequestData()
                .setGroupIds(List.of(member.group()))
                .setIncludeAuthorizedOperations(true)
                .setIncludeTopologyDescription(true);
        var answer = (StreamsGroupDescribeResponse) broker.ask(ApiKeys.STREAMS_GROUP_DESCRIBE, DESCRIBE, asked);
        assertThat(answer.data().groups()).singleElement().satisfies(group -> {
            assertThat(group.topologyDescriptionStatus()).isEqualTo(NOT_STORED);
            assertThat(group.authorizedOperations()).isPositive();
        });
    }

    @Test
    void aBrokerMayServeTheClassicProtocolOnly() {
        try (RunningGroups classic = RunningGroups.on(
                PostgresServer.shared().newDatabase(), Map.of("group.coordinator.rebalance.protocols", "classic"))) {
            assertThat(List.of(
                            classic.ask(ApiKeys.STREAMS_GROUP_HEARTBEAT, HEARTBEAT, member.entry("numbers")),
                            classic.ask(
                                    ApiKeys.STREAMS_GROUP_DESCRIBE,
                                    DESCRIBE,
                                    new StreamsGroupDescribeRequestData().setGroupIds(List.of(member.group()))),
                            classic.ask(
                                    ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                                    (short) 1,
                                    new ConsumerGroupHeartbeatRequestData().setGroupId("g")),
                            classic.ask(
                                    ApiKeys.CONSUMER_GROUP_DESCRIBE,
                                    (short) 1,
                                    new ConsumerGroupDescribeRequestData().setGroupIds(List.of("g")))))
                    .allSatisfy(
                            answer -> assertThat(answer.errorCounts()).containsOnlyKeys(Errors.UNSUPPORTED_VERSION));
        }
    }

    @Test
    void membersOutliveTheBroker() {
        try (RunningGroups killed = RunningGroups.on(PostgresServer.shared().newDatabase())) {
            Topic topic = killed.create("numbers", 3);
            Awaitility.await().until(killed.groups::isReady);
            var joined = new AtomicReference<>(Client.of(killed.groups).heartbeat(member.entry("numbers")));
            Awaitility.await().until(() -> {
                boolean assigned = joined.get().activeTasks() != null
                        && !joined.get().activeTasks().isEmpty();
                joined.set(Client.of(killed.groups)
                        .heartbeat(member.beat(joined.get().memberEpoch())));
                return assigned;
            });
            int epoch = joined.get().memberEpoch();
            try (Groups next = GroupDatabase.start(killed.groupStore(), List.of(topic))) { // as after SIGKILL
                var answer = Client.of(next).heartbeat(member.beat(epoch));
                assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
                assertThat(answer.memberEpoch()).isEqualTo(epoch);
                assertThat(Client.of(next).commitAs(member.group(), member.id(), epoch, topic, 1, 5))
                        .isEqualTo(Errors.NONE);
            }
        }
    }

    private StreamsGroupHeartbeatResponseData beat(StreamsGroupHeartbeatRequestData request) {
        return ((StreamsGroupHeartbeatResponse) broker.ask(ApiKeys.STREAMS_GROUP_HEARTBEAT, HEARTBEAT, request)).data();
    }

    private Errors error(StreamsGroupHeartbeatRequestData request) {
        return Errors.forCode(beat(request).errorCode());
    }

    /** Heartbeats on until an answer is as wanted; returns one after it. */
    private StreamsGroupHeartbeatResponseData awaitBeat(
            StreamsGroupHeartbeatResponseData first, Consumer<StreamsGroupHeartbeatResponseData> wanted) {
        var last = new AtomicReference<>(first);
        Awaitility.await().untilAsserted(() -> {
            StreamsGroupHeartbeatResponseData seen = last.get();
            last.set(beat(member.beat(seen.memberEpoch())));
            assertThat(Errors.forCode(last.get().errorCode())).isEqualTo(Errors.NONE);
            wanted.accept(seen);
        });
        return last.get();
    }

    private static String detail(StreamsGroupHeartbeatResponseData answer, Status status) {
        return Objects.requireNonNullElse(answer.status(), List.<StreamsGroupHeartbeatResponseData.Status>of()).stream()
                .filter(told -> told.statusCode() == status.code())
                .map(StreamsGroupHeartbeatResponseData.Status::statusDetail)
                .findFirst()
                .orElse("");
    }

    private List<Errors> describe(String... groups) {
        var asked = new StreamsGroupDescribeRequestData().setGroupIds(List.of(groups));
        var answer = (StreamsGroupDescribeResponse) broker.ask(ApiKeys.STREAMS_GROUP_DESCRIBE, DESCRIBE, asked);
        return answer.data().groups().stream()
                .map(group -> Errors.forCode(group.errorCode()))
                .toList();
    }

    private String protocolBySql() {
        return database.query("select coalesce(string_agg(protocol, ','), 'none') from paillette.consumer_groups"
                + " where group_id = '" + member.group() + "'");
    }

    /** The offset of the first partition, or the error. */
    private String fetched(String asMember, int epoch) {
        var group = new OffsetFetchRequestGroup()
                .setGroupId(member.group())
                .setMemberId(asMember)
                .setMemberEpoch(epoch)
                .setTopics(List.of(
                        new OffsetFetchRequestTopics().setName("numbers").setPartitionIndexes(List.of(0))));
        var answer = (OffsetFetchResponse)
                broker.ask(ApiKeys.OFFSET_FETCH, (short) 9, new OffsetFetchRequestData().setGroups(List.of(group)));
        var told = answer.group(member.group());
        return told.errorCode() == Errors.NONE.code()
                ? Long.toString(told.topics().get(0).partitions().get(0).committedOffset())
                : Errors.forCode(told.errorCode()).name();
    }
}
