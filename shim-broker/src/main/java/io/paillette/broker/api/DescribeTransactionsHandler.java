package io.paillette.broker.api;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.txn.Transaction;
import io.paillette.broker.txn.TransactionStore.Stored;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TopicData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TopicDataCollection;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TransactionState;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeTransactionsRequest;
import org.apache.kafka.common.requests.DescribeTransactionsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * DescribeTransactions (key 65): what the coordinator knows of transactional ids.
 *
 * <p>Behaviour: TRANSACTIONAL_ID_NOT_FOUND for one that was never used, or not for transactional.id.expiration.ms. Groups whose
 * offsets take part are told as partitions of {@code __consumer_offsets}, as Kafka does.
 */
final class DescribeTransactionsHandler implements ApiHandler<DescribeTransactionsRequest> {

    private final Topics topics;
    private final Transactions transactions;

    DescribeTransactionsHandler(Topics topics, Transactions transactions) {
        this.topics = topics;
        this.transactions = transactions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.DESCRIBE_TRANSACTIONS);
    }

    @Override
    public CompletionStage<DescribeTransactionsResponse> handle(
            RequestContext context, DescribeTransactionsRequest request) {
        List<CompletableFuture<TransactionState>> states =
                request.data().transactionalIds().stream().map(this::describe).toList();
        return Futures.inOrder(states)
                .thenApply(done -> new DescribeTransactionsResponse(
                        new DescribeTransactionsResponseData().setTransactionStates(done)));
    }

    private CompletableFuture<TransactionState> describe(String id) {
        var state = new TransactionState().setTransactionalId(id);
        if (id.isEmpty()) {
            return CompletableFuture.completedFuture(state.setErrorCode(Errors.INVALID_REQUEST.code()));
        }
        return transactions.describe(id).handle((found, failure) -> {
            if (failure != null) {
                return state.setErrorCode(Futures.error(failure).code());
            }
            return found.map(stored -> told(state, stored))
                    .orElseGet(() -> state.setErrorCode(Errors.TRANSACTIONAL_ID_NOT_FOUND.code()));
        });
    }

    private TransactionState told(TransactionState state, Stored stored) {
        Transaction transaction = stored.transaction();
        Map<String, List<Integer>> partitions = new TreeMap<>();
        for (Duty participant : stored.participants()) {
            if (participant instanceof Duty.Shard shard) {
                partitions
                        .computeIfAbsent(Topic.GROUP_METADATA_TOPIC_NAME, name -> new ArrayList<>())
                        .add(shard.number());
            } else if (participant instanceof Duty.Partition partition) {
                topics.find(partition.topicId()).ifPresent(topic -> partitions
                        .computeIfAbsent(topic.name(), name -> new ArrayList<>())
                        .add(partition.index()));
            }
        }
        var told = new TopicDataCollection();
        partitions.forEach((topic, indexes) -> told.add(new TopicData()
                .setTopic(topic)
                .setPartitions(indexes.stream().sorted().toList())));
        return state.setProducerId(transaction.producer().id())
                .setProducerEpoch(transaction.producer().epoch())
                .setTransactionState(transaction.state().kafkaName())
                .setTransactionTimeoutMs(transaction.timeoutMs())
                .setTransactionStartTimeMs(transaction.startedMs())
                .setTopics(told);
    }
}
