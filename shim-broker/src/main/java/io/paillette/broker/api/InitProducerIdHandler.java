package io.paillette.broker.api;

import io.paillette.broker.txn.Producer;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * InitProducerId (key 22): an id for an idempotent or transactional producer.
 *
 * <p>Behaviour: without a transactional id always a new id with epoch 0, as Kafka does. With one, whoever had it before is
 * fenced and its open transaction aborted; the answer waits for that a moment (CONCURRENT_TRANSACTIONS if it takes longer).
 * While the store cannot be asked: COORDINATOR_LOAD_IN_PROGRESS and COORDINATOR_NOT_AVAILABLE, on which every producer asks
 * again. Versions: v3 the producer's present id and epoch (KIP-360), v6 two-phase commit (KIP-939), which this broker refuses
 * with TRANSACTIONAL_ID_AUTHORIZATION_FAILED, as Kafka does where it is not enabled.
 */
final class InitProducerIdHandler implements ApiHandler<InitProducerIdRequest> {

    private static final Logger log = LoggerFactory.getLogger(InitProducerIdHandler.class);

    private final Supplier<? extends CompletionStage<Long>> producerIds;
    private final Transactions transactions;

    /** @param producerIds never gives an id twice, also not after a restart */
    InitProducerIdHandler(Supplier<? extends CompletionStage<Long>> producerIds, Transactions transactions) {
        this.producerIds = producerIds;
        this.transactions = transactions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.INIT_PRODUCER_ID);
    }

    @Override
    public CompletionStage<InitProducerIdResponse> handle(RequestContext context, InitProducerIdRequest request) {
        String id = request.data().transactionalId();
        if (id != null) {
            return Futures.attempt(() -> transactional(id, request))
                    .handle((producer, failure) -> producer != null
                            ? answer(producer.id(), producer.epoch())
                            : refused(Futures.error(failure)));
        }
        return Futures.attempt(() -> producerIds.get().toCompletableFuture()).handle((given, failure) -> {
            if (given != null) {
                return answer(given, (short) 0);
            }
            log.warn("no producer id to give, the client will ask again", Futures.cause(failure));
            return refused(Errors.COORDINATOR_LOAD_IN_PROGRESS);
        });
    }

    private CompletableFuture<Producer> transactional(String id, InitProducerIdRequest request) {
        if (id.isEmpty()) {
            throw new InvalidRequestException("a transactional id must not be empty");
        }
        if (request.enable2Pc() || request.keepPreparedTxn()) {
            throw new TransactionalIdAuthorizationException("two-phase commit is not enabled on this broker");
        }
        long known = request.data().producerId();
        Optional<Producer> expected = known == RecordBatch.NO_PRODUCER_ID
                ? Optional.empty()
                : Optional.of(new Producer(known, request.data().producerEpoch()));
        return transactions.init(id, request.data().transactionTimeoutMs(), expected);
    }

    private static InitProducerIdResponse answer(long id, short epoch) {
        return new InitProducerIdResponse(
                new InitProducerIdResponseData().setProducerId(id).setProducerEpoch(epoch));
    }

    private static InitProducerIdResponse refused(Errors error) {
        return new InitProducerIdResponse(new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(RecordBatch.NO_PRODUCER_ID)
                .setProducerEpoch(RecordBatch.NO_PRODUCER_EPOCH));
    }
}
