package io.paillette.broker.api;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.log.AppendResult;
import io.paillette.broker.log.PartitionLog;
import io.paillette.broker.log.TransactionEntry;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.txn.Producer;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidRequiredAcksException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.storage.internals.log.RecordValidationException;

/**
 * Produce (key 0): appends record batches.
 *
 * <p>Behaviour: answers per partition, once the batch is committed in Postgres, whatever acks says; acks=0 is answered by
 * nothing, or by closing the connection on an error. Sequences are written by their source alone: POLICY_VIOLATION.
 * The first batch of a transaction in a partition is verified with the coordinator (KIP-890), which from v12 on adds the
 * partition to it; a batch outside of its transaction is INVALID_TXN_STATE, from v11 on TRANSACTION_ABORTABLE.
 *
 * <p>Versions: 3 to 12 name the topic, 13 gives its id; 8 adds messages and the offending records, 10 the leader when it is
 * another broker. Ignored: the timeout,
 * the store decides how long an append may take and answers with a retriable error.
 */
final class ProduceHandler implements ApiHandler<ProduceRequest> {

    private static final short HINTS_SINCE = 10;
    private static final short ABORTABLE_SINCE = 11;
    private static final short ADDS_SINCE = 12;

    private final BrokerIdentity identity;
    private final Partitions partitions;
    private final Transactions transactions;

    ProduceHandler(BrokerIdentity identity, Partitions partitions, Transactions transactions) {
        this.identity = identity;
        this.partitions = partitions;
        this.transactions = transactions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.PRODUCE);
    }

    @Override
    public CompletionStage<ProduceResponse> handle(RequestContext context, ProduceRequest request) {
        if (request.acks() < -1 || request.acks() > 1) {
            return CompletableFuture.failedFuture(
                    new InvalidRequiredAcksException("acks is -1, 0 or 1, not " + request.acks()));
        }
        List<CompletableFuture<TopicProduceResponse>> topics = new ArrayList<>();
        for (TopicProduceData topic : request.data().topicData()) {
            topics.add(append(topic, request));
        }
        return Futures.inOrder(topics).thenApply(answers -> {
            ProduceResponseData data = new ProduceResponseData();
            answers.forEach(data.responses()::add);
            if (request.version() >= HINTS_SINCE) {
                addHints(data, new LeaderHints(identity, context.listenerName));
            }
            return new ProduceResponse(data);
        });
    }

    private void addHints(ProduceResponseData data, LeaderHints hints) {
        for (TopicProduceResponse answered : data.responses()) {
            boolean byId = !answered.topicId().equals(Uuid.ZERO_UUID);
            Optional<Topic> topic = byId ? partitions.topic(answered.topicId()) : partitions.topic(answered.name());
            answered.partitionResponses().stream()
                    .filter(partition -> LeaderHints.helpWith(Errors.forCode(partition.errorCode())))
                    .forEach(partition -> topic.flatMap(found -> hints.leader(found.id(), partition.index()))
                            .ifPresent(leader -> partition
                                    .currentLeader()
                                    .setLeaderId(leader.broker())
                                    .setLeaderEpoch(leader.epoch())));
        }
        for (Node node : hints.nodes()) {
            data.nodeEndpoints()
                    .add(new NodeEndpoint()
                            .setNodeId(node.id())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack()));
        }
    }

    private CompletableFuture<TopicProduceResponse> append(TopicProduceData asked, ProduceRequest request) {
        boolean byId = !asked.topicId().equals(Uuid.ZERO_UUID);
        Optional<Topic> topic = byId ? partitions.topic(asked.topicId()) : partitions.topic(asked.name());
        List<CompletableFuture<PartitionProduceResponse>> answers = new ArrayList<>();
        for (PartitionProduceData data : asked.partitionData()) {
            answers.add(Futures.attempt(() -> append(topic, byId, data, request))
                    .handle((result, failure) -> result != null ? done(data, result) : refused(data, failure)));
        }
        return Futures.inOrder(answers).thenApply(done -> new TopicProduceResponse()
                .setName(asked.name())
                .setTopicId(asked.topicId())
                .setPartitionResponses(done));
    }

    private CompletableFuture<AppendResult> append(
            Optional<Topic> found, boolean byId, PartitionProduceData data, ProduceRequest request) {
        Topic topic = found.orElseThrow(() -> byId
                ? new UnknownTopicIdException("no topic has this id")
                : new UnknownTopicOrPartitionException("no such topic"));
        if (topic.sequence()) {
            throw new PolicyViolationException(
                    "topic %s is a sequence: it is fed from tables, write to those instead".formatted(topic.name()));
        }
        if (!(data.records() instanceof MemoryRecords records)) {
            throw new InvalidRecordException("a produce request must carry records");
        }
        refuseMalformed(request.version(), records);
        PartitionLog log = partitions.led(new TopicPartition(topic.name(), data.index()));
        String id = request.transactionalId();
        return id == null || !isTransactional(records)
                ? log.append(records)
                : log.append(records, entry(id, new Duty.Partition(topic.id(), data.index()), request, records));
    }

    private static boolean isTransactional(MemoryRecords records) {
        var batches = records.batches().iterator();
        return batches.hasNext() && batches.next().isTransactional();
    }

    private TransactionEntry entry(String id, Duty partition, ProduceRequest request, MemoryRecords records) {
        MutableRecordBatch batch = records.batches().iterator().next();
        var producer = new Producer(batch.producerId(), batch.producerEpoch());
        short version = request.version();
        return () -> transactions
                .enter(id, producer, partition, version >= ADDS_SINCE)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(known(failure, version)));
    }

    /** Older clients do not send a batch again on errors that are new to Produce, or give up on the wrong ones. */
    private static Throwable known(Throwable failure, short version) {
        Throwable cause = Futures.cause(failure);
        return switch (Errors.forException(cause)) {
            case PRODUCER_FENCED -> new InvalidProducerEpochException(cause.getMessage());
            case INVALID_TXN_STATE ->
                version >= ABORTABLE_SINCE ? new TransactionAbortableException(cause.getMessage()) : cause;
            case CONCURRENT_TRANSACTIONS ->
                version >= ADDS_SINCE ? cause : new NotEnoughReplicasException(cause.getMessage());
            case COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR ->
                new NotEnoughReplicasException(cause.getMessage());
            default -> cause;
        };
    }

    private static void refuseMalformed(short version, MemoryRecords records) {
        try {
            ProduceRequest.validateRecords(version, records);
        } catch (IllegalArgumentException e) { // a codec that nobody knows
            throw new InvalidRecordException(String.valueOf(e.getMessage()), e);
        }
    }

    private static PartitionProduceResponse done(PartitionProduceData data, AppendResult result) {
        return new PartitionProduceResponse()
                .setIndex(data.index())
                .setBaseOffset(result.baseOffset())
                .setLogAppendTimeMs(result.logAppendTime())
                .setLogStartOffset(result.logStartOffset());
    }

    private static PartitionProduceResponse refused(PartitionProduceData data, Throwable failure) {
        Throwable cause = Futures.cause(failure);
        PartitionProduceResponse response =
                new PartitionProduceResponse().setIndex(data.index()).setBaseOffset(ProduceResponse.INVALID_OFFSET);
        if (cause instanceof RecordValidationException invalid) {
            response.setRecordErrors(invalid.recordErrors().stream()
                    .map(error -> new BatchIndexAndErrorMessage()
                            .setBatchIndex(error.batchIndex)
                            .setBatchIndexErrorMessage(error.message))
                    .toList());
            cause = invalid.invalidException();
        }
        Errors error = Unexpected.told(ApiKeys.PRODUCE, cause);
        return response.setErrorCode(error.code()).setErrorMessage(Unexpected.message(error, cause));
    }
}
