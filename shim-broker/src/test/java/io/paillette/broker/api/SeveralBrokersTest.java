package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.log.PartitionLog;
import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topic;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.ProduceResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two brokers on one database, each asked by itself. */
class SeveralBrokersTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private RunningApis one;
    private RunningApis two;

    @BeforeEach
    void start() {
        one = RunningApis.joining(database, 1);
        two = RunningApis.joining(database, 2);
        Awaitility.await().until(() -> one.cluster.members().size() == 2 && shardsAreSpread());
    }

    private boolean shardsAreSpread() {
        return database.query("select string_agg(distinct leader_broker::text, ',' order by leader_broker::text)"
                        + " from paillette.coordinator_shard")
                .equals("1,2");
    }

    @AfterEach
    void close() {
        two.close();
        one.close();
    }

    @Test
    void theWrongBrokerNamesTheRightOneInProduceAndFetch() throws Exception {
        Topic topic = create(one, "orders", 4);
        int led = ledBy(two, topic);
        Awaitility.await().until(() -> one.topics.find("orders").isPresent());

        try (RawClient client = new RawClient(one.port)) {
            client.send(RawClient.request(ApiKeys.PRODUCE, 12, 1, produce("orders", led)));
            var produced = ((ProduceResponse) client.receive(ApiKeys.PRODUCE, 12)).data();
            var partition =
                    produced.responses().iterator().next().partitionResponses().get(0);
            assertThat(partition.errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
            assertThat(partition.currentLeader().leaderId()).isEqualTo(2);
            assertThat(partition.currentLeader().leaderEpoch()).isEqualTo(epoch(two, "orders", led));
            assertThat(produced.nodeEndpoints().find(2).port()).isEqualTo(two.port);

            client.send(RawClient.request(ApiKeys.FETCH, 16, 2, fetch(topic, led)));
            var fetched = ((FetchResponse) client.receive(ApiKeys.FETCH, 16)).data();
            var answer = fetched.responses().get(0).partitions().get(0);
            assertThat(answer.errorCode()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
            assertThat(answer.currentLeader().leaderId()).isEqualTo(2);
            assertThat(fetched.nodeEndpoints().find(2).port()).isEqualTo(two.port);

            client.send(RawClient.request(ApiKeys.PRODUCE, 9, 3, produce("orders", led)));
            assertThat(client.receive(ApiKeys.PRODUCE, 9).errorCounts()).containsKey(Errors.NOT_LEADER_OR_FOLLOWER);
        }
    }

    @Test
    void theWrongCoordinatorSaysSoAndBothNameTheRightOne() throws Exception {
        create(one, "orders", 1);
        String group = groupLedBy(2);
        for (RunningApis asked : List.of(one, two)) {
            try (RawClient client = new RawClient(asked.port)) {
                client.send(RawClient.request(
                        ApiKeys.FIND_COORDINATOR,
                        4,
                        1,
                        new FindCoordinatorRequestData().setCoordinatorKeys(List.of(group))));
                var found = ((FindCoordinatorResponse) client.receive(ApiKeys.FIND_COORDINATOR, 4))
                        .data()
                        .coordinators()
                        .get(0);
                assertThat(found.nodeId()).isEqualTo(2);
                assertThat(found.port()).isEqualTo(two.port);
            }
        }
        try (RawClient client = new RawClient(one.port)) {
            client.send(RawClient.request(ApiKeys.OFFSET_COMMIT, 8, 2, commit(group)));
            assertThat(((OffsetCommitResponse) client.receive(ApiKeys.OFFSET_COMMIT, 8)).errorCounts())
                    .containsOnlyKeys(Errors.NOT_COORDINATOR);
        }
    }

    @Test
    void whatIsChangedOnOneBrokerIsSeenOnTheOther() throws Exception {
        create(one, "orders", 1);
        Awaitility.await().until(() -> two.topics.find("orders").isPresent());

        two.topics.addPartitions("orders", 3, false).get(20, TimeUnit.SECONDS);
        two.topics
                .alterConfigs("orders", false, topic -> Map.of("retention.ms", Optional.of("5")))
                .get(20, TimeUnit.SECONDS);

        Awaitility.await().untilAsserted(() -> {
            assertThat(one.topics.find("orders").orElseThrow().partitions()).isEqualTo(3);
            assertThat(one.topics.find("orders").orElseThrow().configs()).containsEntry("retention.ms", "5");
        });
        one.topics.delete("orders").get(20, TimeUnit.SECONDS);
        Topic again = create(one, "orders", 2);
        Awaitility.await()
                .until(() -> two.topics.find("orders").filter(again::equals).isPresent());
        Awaitility.await().until(() -> ledBy(one, again) >= 0 || ledBy(two, again) >= 0);
    }

    @Test
    void eachBrokerListsItsOwnGroupsAndAClientThatAsksAllSeesThemAll() throws Exception {
        create(one, "orders", 1);
        String ones = groupLedBy(1);
        String twos = groupLedBy(2);
        try (Admin admin = one.admin()) {
            for (String group : List.of(ones, twos)) {
                admin.alterConsumerGroupOffsets(
                                group,
                                Map.of(
                                        new TopicPartition("orders", 0),
                                        new org.apache.kafka.clients.consumer.OffsetAndMetadata(0)))
                        .all()
                        .get(20, TimeUnit.SECONDS);
            }
            assertThat(admin.listGroups().all().get(20, TimeUnit.SECONDS))
                    .extracting(GroupListing::groupId)
                    .containsExactlyInAnyOrder(ones, twos);
            assertThat(admin.describeConsumerGroups(List.of(ones, twos)).all().get(20, TimeUnit.SECONDS))
                    .hasSize(2);
        }
    }

    @Test
    void anEpochEndsWhereTheNextLeaderBeganAlsoWhenAnEpochInBetweenWroteNothing() throws Exception {
        create(one, "orders", 1);
        write(one, 3);
        for (int takeOver = 0; takeOver < 2; takeOver++) {
            // Asked first: it may be on its way back to the first leader, and then nobody leads it who could be told to
            // leave.
            int before = Integer.parseInt(database.query("select leader_epoch from paillette.partition"));
            database.execute(
                    "update paillette.broker set state = case when state = 'serving' then 'leaving' else 'serving' end"
                            + " where id = (select leader_broker from paillette.partition)");
            Awaitility.await()
                    .until(() ->
                            Integer.parseInt(database.query("select leader_epoch from paillette.partition")) > before
                                    && leader("orders").isPresent());
            database.execute("update paillette.broker set state = 'serving'");
        }
        write(one, 2);

        PartitionLog log = leader("orders").orElseThrow();
        int last = log.leaderEpoch();
        assertThat(last).isGreaterThanOrEqualTo(2);
        assertThat(log.endOfEpoch(0).get(20, TimeUnit.SECONDS).offset()).isEqualTo(3);
        assertThat(log.endOfEpoch(1).get(20, TimeUnit.SECONDS).offset()).isEqualTo(3);
        assertThat(log.endOfEpoch(last).get(20, TimeUnit.SECONDS).offset()).isEqualTo(5);
    }

    private static Topic create(RunningApis broker, String name, int partitions) throws Exception {
        return broker.topics
                .create(new NewTopic(name, partitions, Optional.empty(), Map.of()))
                .get(20, TimeUnit.SECONDS);
    }

    private static void write(RunningApis broker, int records) throws Exception {
        try (var producer = broker.producer(Map.of())) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>("orders", "k", "v")).get(20, TimeUnit.SECONDS);
            }
        }
    }

    private Optional<PartitionLog> leader(String topic) {
        var partition = new TopicPartition(topic, 0);
        return one.logs.find(partition).or(() -> two.logs.find(partition));
    }

    private static int ledBy(RunningApis broker, Topic topic) {
        for (int index = 0; index < topic.partitions(); index++) {
            if (broker.logs.find(new TopicPartition(topic.name(), index)).isPresent()) {
                return index;
            }
        }
        return -1;
    }

    private static int epoch(RunningApis broker, String topic, int index) {
        return broker.logs.find(new TopicPartition(topic, index)).orElseThrow().leaderEpoch();
    }

    private String groupLedBy(int broker) {
        for (int i = 0; ; i++) {
            var shard = new Duty.Shard(one.groups.coordinator().partitionFor("g" + i));
            if (one.cluster.leaders().of(shard).broker() == broker) {
                return "g" + i;
            }
        }
    }

    private static ProduceRequestData produce(String topic, int partition) {
        var records = MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[1]));
        return new ProduceRequestData()
                .setAcks((short) -1)
                .setTimeoutMs(20_000)
                .setTopicData(new TopicProduceDataCollection(List.of(new TopicProduceData()
                                .setName(topic)
                                .setPartitionData(List.of(new PartitionProduceData()
                                        .setIndex(partition)
                                        .setRecords(records))))
                        .iterator()));
    }

    private static FetchRequestData fetch(Topic topic, int partition) {
        return new FetchRequestData()
                .setReplicaState(new FetchRequestData.ReplicaState())
                .setMaxWaitMs(10_000)
                .setMinBytes(1)
                .setTopics(List.of(new FetchRequestData.FetchTopic()
                        .setTopicId(topic.id())
                        .setPartitions(List.of(new FetchRequestData.FetchPartition()
                                .setPartition(partition)
                                .setPartitionMaxBytes(1 << 20)))));
    }

    private static OffsetCommitRequestData commit(String group) {
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName("orders")
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(0)
                                .setCommittedOffset(1)))));
    }
}
