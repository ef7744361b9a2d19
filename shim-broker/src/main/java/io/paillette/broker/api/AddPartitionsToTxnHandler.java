package io.paillette.broker.api;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.txn.Producer;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResultCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddPartitionsToTxnRequest;
import org.apache.kafka.common.requests.AddPartitionsToTxnResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * AddPartitionsToTxn (key 24): partitions that a transaction is going to write to; the transaction begins with the first.
 *
 * <p>Behaviour: one partition that does not exist (UNKNOWN_TOPIC_OR_PARTITION) keeps all others of the transaction out
 * (OPERATION_NOT_ATTEMPTED). While the transaction before is ending the answer waits a moment, then CONCURRENT_TRANSACTIONS.
 * Versions: up to v3 sent by clients, for one transaction; from v4 by brokers for several, where verifyOnly adds nothing
 * (KIP-890), and is TRANSACTION_ABORTABLE from v5 for a partition that was not added.
 */
final class AddPartitionsToTxnHandler implements ApiHandler<AddPartitionsToTxnRequest> {

    private static final short BATCHED_SINCE = 4;
    private static final short ABORTABLE_SINCE = 5;
    private static final short CLIENT_ADDS = 0;

    private final Topics topics;
    private final Transactions transactions;

    AddPartitionsToTxnHandler(Topics topics, Transactions transactions) {
        this.topics = topics;
        this.transactions = transactions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.ADD_PARTITIONS_TO_TXN);
    }

    @Override
    public CompletionStage<AddPartitionsToTxnResponse> handle(
            RequestContext context, AddPartitionsToTxnRequest request) {
        List<CompletableFuture<AddPartitionsToTxnResult>> results = new ArrayList<>();
        short version = request.version();
        for (AddPartitionsToTxnTransaction asked : (version < BATCHED_SINCE ? request.normalizeRequest() : request)
                .data()
                .transactions()) {
            results.add(add(asked, version));
        }
        return Futures.inOrder(results).thenApply(done -> {
            var data = new AddPartitionsToTxnResponseData();
            if (version < BATCHED_SINCE) {
                done.forEach(result -> data.setResultsByTopicV3AndBelow(result.topicResults()));
            } else {
                var all = new AddPartitionsToTxnResultCollection();
                done.forEach(all::add);
                data.setResultsByTransaction(all);
            }
            return new AddPartitionsToTxnResponse(data);
        });
    }

    private CompletableFuture<AddPartitionsToTxnResult> add(AddPartitionsToTxnTransaction asked, short version) {
        List<TopicPartition> partitions = AddPartitionsToTxnRequest.getPartitions(asked.topics());
        Map<TopicPartition, Duty> duties = new LinkedHashMap<>();
        partitions.forEach(partition -> find(partition).ifPresent(duty -> duties.put(partition, duty)));
        if (duties.size() < partitions.size()) {
            return CompletableFuture.completedFuture(result(
                    asked,
                    partitions,
                    partition -> duties.containsKey(partition)
                            ? Errors.OPERATION_NOT_ATTEMPTED
                            : Errors.UNKNOWN_TOPIC_OR_PARTITION));
        }
        var producer = new Producer(asked.producerId(), asked.producerEpoch());
        String id = asked.transactionalId();
        if (id.isEmpty()) {
            return CompletableFuture.completedFuture(result(asked, partitions, partition -> Errors.INVALID_REQUEST));
        }
        if (!asked.verifyOnly()) {
            return transactions
                    .add(id, producer, Set.copyOf(duties.values()), CLIENT_ADDS)
                    .handle((added, failure) -> {
                        Errors error = failure == null ? Errors.NONE : Futures.error(failure);
                        return result(asked, partitions, partition -> error);
                    });
        }
        Map<TopicPartition, CompletableFuture<Errors>> verified = new LinkedHashMap<>();
        duties.forEach((partition, duty) -> verified.put(
                partition, transactions.verify(id, producer, duty).handle((in, failure) -> verdict(failure, version))));
        return Futures.inOrder(new ArrayList<>(verified.values()))
                .thenApply(
                        done -> result(asked, partitions, partition -> Objects.requireNonNull(verified.get(partition))
                                .join()));
    }

    private static Errors verdict(Throwable failure, short version) {
        Errors error = failure == null ? Errors.NONE : Futures.error(failure);
        return error == Errors.INVALID_TXN_STATE && version >= ABORTABLE_SINCE ? Errors.TRANSACTION_ABORTABLE : error;
    }

    private Optional<Duty> find(TopicPartition partition) {
        Optional<Topic> topic = topics.find(partition.topic());
        return topic.filter(found -> GroupHandlers.exists(found, partition.partition()))
                .map(found -> new Duty.Partition(found.id(), partition.partition()));
    }

    private interface Verdict {
        Errors of(TopicPartition partition);
    }

    private static AddPartitionsToTxnResult result(
            AddPartitionsToTxnTransaction asked, List<TopicPartition> partitions, Verdict verdict) {
        Map<TopicPartition, Errors> errors = new LinkedHashMap<>();
        partitions.forEach(partition -> errors.put(partition, verdict.of(partition)));
        return AddPartitionsToTxnResponse.resultForTransaction(asked.transactionalId(), errors);
    }
}
