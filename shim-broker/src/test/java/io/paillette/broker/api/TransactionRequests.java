package io.paillette.broker.api;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.txn.Producer;
import io.paillette.broker.txn.Transactions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/** Requests about a transaction, which is first brought to where the request makes sense. */
final class TransactionRequests {

    private static final short CLIENT_ADDS = 0;
    private static final int BATCHED_SINCE = 4;

    private final RunningApis broker;
    private final Topic topic;
    private final Transactions transactions;

    TransactionRequests(RunningApis broker, Topic topic) {
        this.broker = broker;
        this.topic = topic;
        this.transactions = broker.transactions;
    }

    /** @param id that nobody has used so far */
    ApiMessage body(ApiKeys api, int version, String id) {
        Producer producer = transactions.init(id, 60_000, Optional.empty()).join();
        return switch (api) {
            case ADD_PARTITIONS_TO_TXN -> add(version, id, producer);
            case ADD_OFFSETS_TO_TXN ->
                new AddOffsetsToTxnRequestData()
                        .setTransactionalId(id)
                        .setProducerId(producer.id())
                        .setProducerEpoch(producer.epoch())
                        .setGroupId(id);
            case END_TXN -> {
                var partition = new Duty.Partition(topic.id(), 0);
                transactions.add(id, producer, Set.of(partition), CLIENT_ADDS).join();
                yield new EndTxnRequestData()
                        .setTransactionalId(id)
                        .setProducerId(producer.id())
                        .setProducerEpoch(producer.epoch())
                        .setCommitted(true);
            }
            case TXN_OFFSET_COMMIT -> {
                var shard = new Duty.Shard(broker.groups.coordinator().partitionFor(id));
                transactions.add(id, producer, Set.of(shard), CLIENT_ADDS).join();
                yield offsets(version, id, producer);
            }
            case WRITE_TXN_MARKERS ->
                new WriteTxnMarkersRequestData()
                        .setMarkers(List.of(new WriteTxnMarkersRequestData.WritableTxnMarker()
                                .setProducerId(producer.id())
                                .setProducerEpoch(producer.epoch())
                                .setTopics(List.of(new WriteTxnMarkersRequestData.WritableTxnMarkerTopic()
                                        .setName(topic.name())
                                        .setPartitionIndexes(List.of(0))))));
            case DESCRIBE_PRODUCERS -> {
                var data = new DescribeProducersRequestData();
                data.topics()
                        .add(new DescribeProducersRequestData.TopicRequest()
                                .setName(topic.name())
                                .setPartitionIndexes(List.of(0)));
                yield data;
            }
            case DESCRIBE_TRANSACTIONS -> new DescribeTransactionsRequestData().setTransactionalIds(List.of(id));
            case LIST_TRANSACTIONS -> new ListTransactionsRequestData();
            default -> throw new IllegalArgumentException("no request of " + api + " is made here");
        };
    }

    private ApiMessage add(int version, String id, Producer producer) {
        var topics = new AddPartitionsToTxnTopicCollection();
        topics.add(new AddPartitionsToTxnTopic().setName(topic.name()).setPartitions(List.of(0)));
        var data = new AddPartitionsToTxnRequestData();
        if (version < BATCHED_SINCE) {
            return data.setV3AndBelowTransactionalId(id)
                    .setV3AndBelowProducerId(producer.id())
                    .setV3AndBelowProducerEpoch(producer.epoch())
                    .setV3AndBelowTopics(topics);
        }
        data.transactions()
                .add(new AddPartitionsToTxnTransaction()
                        .setTransactionalId(id)
                        .setProducerId(producer.id())
                        .setProducerEpoch(producer.epoch())
                        .setTopics(topics));
        return data;
    }

    private ApiMessage offsets(int version, String id, Producer producer) {
        var offset = new TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition()
                .setPartitionIndex(0)
                .setCommittedOffset(7);
        var named = new TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic().setPartitions(List.of(offset));
        boolean byId = version >= 6;
        return new TxnOffsetCommitRequestData()
                .setTransactionalId(id)
                .setGroupId(id)
                .setProducerId(producer.id())
                .setProducerEpoch(producer.epoch())
                .setTopics(List.of(byId ? named.setTopicId(topic.id()) : named.setName(topic.name())));
    }
}
