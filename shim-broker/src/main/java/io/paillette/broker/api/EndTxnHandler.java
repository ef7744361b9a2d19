package io.paillette.broker.api;

import io.paillette.broker.txn.Producer;
import io.paillette.broker.txn.Transaction;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.EndTxnRequest;
import org.apache.kafka.common.requests.EndTxnResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * EndTxn (key 26): commits or aborts a transaction.
 *
 * <p>Behaviour: answered once the decision is committed in Postgres; whoever leads its partitions and groups writes the markers
 * afterwards, also when this broker dies. A request whose answer was lost may be sent again. Versions: from v5 every end raises
 * the producer's epoch, which the answer tells (KIP-890), and a transaction without any write may be aborted.
 */
final class EndTxnHandler implements ApiHandler<EndTxnRequest> {

    private static final short EPOCHS_SINCE = EndTxnRequest.LAST_STABLE_VERSION_BEFORE_TRANSACTION_V2 + 1;

    private final Transactions transactions;

    EndTxnHandler(Transactions transactions) {
        this.transactions = transactions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.END_TXN);
    }

    @Override
    public CompletionStage<EndTxnResponse> handle(RequestContext context, EndTxnRequest request) {
        var asked = request.data();
        boolean told = request.version() >= EPOCHS_SINCE;
        return Futures.attempt(() -> {
                    if (asked.transactionalId().isEmpty()) {
                        throw new InvalidRequestException("a transactional id must not be empty");
                    }
                    return transactions.end(
                            asked.transactionalId(),
                            new Producer(asked.producerId(), asked.producerEpoch()),
                            asked.committed(),
                            told ? Transaction.EPOCH_PER_TRANSACTION : 0);
                })
                .handle((producer, failure) -> {
                    Errors error = producer != null ? Errors.NONE : Futures.error(failure);
                    boolean tell = told && producer != null;
                    return new EndTxnResponse(new EndTxnResponseData()
                            .setErrorCode(error.code())
                            .setProducerId(tell ? producer.id() : RecordBatch.NO_PRODUCER_ID)
                            .setProducerEpoch(tell ? producer.epoch() : RecordBatch.NO_PRODUCER_EPOCH));
                });
    }
}
