package io.paillette.broker.api;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.awaitility.Awaitility;

/** A request that says something, of every served API in every served version, to a broker with a topic "orders". */
final class Requests {

    private final RunningApis broker;
    private final Topic orders;
    private final GroupRequests groups;
    private final TransactionRequests transactions;

    /** Waits until the broker serves groups. */
    Requests(RunningApis broker) throws Exception {
        this.broker = broker;
        broker.topics
                .create(new NewTopic("orders", 1, Optional.empty(), Map.of()))
                .get(20, SECONDS);
        this.orders = broker.topics.find("orders").orElseThrow();
        Awaitility.await().until(broker.groups::isReady);
        this.groups = new GroupRequests(broker.groups, orders);
        this.transactions = new TransactionRequests(broker, orders);
    }

    /** Asks everything, one connection per API: what was answered with an error. */
    List<String> wrongAnswers(String prefix) throws Exception {
        List<String> wrong = new ArrayList<>();
        for (ApiRange range : broker.handlers.registry().ranges()) {
            try (RawClient client = new RawClient(broker.port())) {
                for (int version = range.min(); version <= range.max(); version++) {
                    String spare = "%s-%d-v%d".formatted(prefix, range.key().id, version);
                    broker.topics
                            .create(new NewTopic(spare, 1, Optional.empty(), Map.of()))
                            .get(20, SECONDS);
                    client.send(RawClient.request(range.key(), version, version, body(range.key(), version, spare)));
                    AbstractResponse answer = client.receive(range.key(), version);
                    if (!List.of(Errors.NONE).containsAll(answer.errorCounts().keySet())) {
                        wrong.add("%s v%d: %s".formatted(range.key(), version, answer));
                    }
                }
            }
        }
        return wrong;
    }

    /** To be sent once only; {@code spare} is a topic nobody minds and the name of a group. */
    ApiMessage body(ApiKeys api, int version, String spare) {
        return switch (api) {
            case PRODUCE -> produce(version);
            case FETCH -> fetch(version);
            case LIST_OFFSETS ->
                new ListOffsetsRequestData()
                        .setReplicaId(-1)
                        .setTopics(List.of(new ListOffsetsRequestData.ListOffsetsTopic()
                                .setName("orders")
                                .setPartitions(
                                        List.of(new ListOffsetsRequestData.ListOffsetsPartition().setTimestamp(-1)))));
            case METADATA ->
                new MetadataRequestData()
                        .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName("orders")));
            case OFFSET_FOR_LEADER_EPOCH -> epochs();
            case CREATE_TOPICS -> {
                CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(1000);
                data.topics()
                        .add(new CreateTopicsRequestData.CreatableTopic()
                                .setName("created-" + spare)
                                .setNumPartitions(1)
                                .setReplicationFactor((short) 1));
                yield data;
            }
            case DELETE_TOPICS ->
                version < 6
                        ? new DeleteTopicsRequestData().setTopicNames(List.of(spare))
                        : new DeleteTopicsRequestData()
                                .setTopics(List.of(new DeleteTopicsRequestData.DeleteTopicState().setName(spare)));
            case CREATE_PARTITIONS -> {
                CreatePartitionsRequestData data = new CreatePartitionsRequestData();
                data.topics()
                        .add(new CreatePartitionsRequestData.CreatePartitionsTopic()
                                .setName(spare)
                                .setCount(3)
                                .setAssignments(null));
                yield data;
            }
            case DELETE_RECORDS ->
                new DeleteRecordsRequestData()
                        .setTopics(List.of(new DeleteRecordsRequestData.DeleteRecordsTopic()
                                .setName(spare)
                                .setPartitions(
                                        List.of(new DeleteRecordsRequestData.DeleteRecordsPartition().setOffset(-1)))));
            case DESCRIBE_TOPIC_PARTITIONS -> new DescribeTopicPartitionsRequestData();
            case DESCRIBE_CONFIGS ->
                new DescribeConfigsRequestData()
                        .setResources(List.of(new DescribeConfigsRequestData.DescribeConfigsResource()
                                .setResourceType((byte) 2)
                                .setResourceName("orders")
                                .setConfigurationKeys(null)))
                        .setIncludeSynonyms(true)
                        .setIncludeDocumentation(version >= 3);
            case ALTER_CONFIGS -> {
                AlterConfigsRequestData data = new AlterConfigsRequestData();
                data.resources()
                        .add(new AlterConfigsRequestData.AlterConfigsResource()
                                .setResourceType((byte) 2)
                                .setResourceName(spare));
                yield data;
            }
            case INCREMENTAL_ALTER_CONFIGS -> {
                IncrementalAlterConfigsRequestData data = new IncrementalAlterConfigsRequestData();
                data.resources()
                        .add(new IncrementalAlterConfigsRequestData.AlterConfigsResource()
                                .setResourceType((byte) 2)
                                .setResourceName(spare));
                yield data;
            }
            case API_VERSIONS ->
                new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1");
            case INIT_PRODUCER_ID -> new InitProducerIdRequestData().setTransactionalId(null);
            case DESCRIBE_CLUSTER -> new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true);
            case LIST_PARTITION_REASSIGNMENTS -> new ListPartitionReassignmentsRequestData();
            case ADD_PARTITIONS_TO_TXN,
                    ADD_OFFSETS_TO_TXN,
                    END_TXN,
                    TXN_OFFSET_COMMIT,
                    WRITE_TXN_MARKERS,
                    DESCRIBE_PRODUCERS,
                    DESCRIBE_TRANSACTIONS,
                    LIST_TRANSACTIONS -> transactions.body(api, version, spare);
            default -> groups.body(api, version, spare);
        };
    }

    private ApiMessage produce(int version) {
        ProduceRequestData data = RawSocketTest.produce(-1, "orders", "v" + version);
        if (version >= 13) {
            var named = data.topicData().iterator().next().duplicate();
            data.topicData().clear();
            data.topicData().add(named.setName("").setTopicId(orders.id()));
        }
        return data;
    }

    private ApiMessage fetch(int version) {
        FetchRequestData data = RawSocketTest.fetch(0);
        if (version < 7) {
            data.setSessionEpoch(-1);
        }
        if (version >= 13) {
            data.topics().forEach(topic -> topic.setTopic("").setTopicId(orders.id()));
        }
        return data;
    }

    private static ApiMessage epochs() {
        OffsetForLeaderEpochRequestData data = new OffsetForLeaderEpochRequestData();
        data.topics()
                .add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic()
                        .setTopic("orders")
                        .setPartitions(List.of(new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition())));
        return data;
    }
}
