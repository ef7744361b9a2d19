package io.paillette.broker.api;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.txn.Producer;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AddOffsetsToTxnRequest;
import org.apache.kafka.common.requests.AddOffsetsToTxnResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/**
 * AddOffsetsToTxn (key 25): a group whose offsets a transaction is going to commit.
 *
 * <p>Behaviour and errors as AddPartitionsToTxn, for the group's coordinator shard. Versions: sent by clients that do not leave
 * it to the broker (KIP-890).
 */
final class AddOffsetsToTxnHandler implements ApiHandler<AddOffsetsToTxnRequest> {

    private static final short CLIENT_ADDS = 0;

    private final GroupCoordinator groups;
    private final Transactions transactions;

    AddOffsetsToTxnHandler(GroupCoordinator groups, Transactions transactions) {
        this.groups = groups;
        this.transactions = transactions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.ADD_OFFSETS_TO_TXN);
    }

    @Override
    public CompletionStage<AddOffsetsToTxnResponse> handle(RequestContext context, AddOffsetsToTxnRequest request) {
        var asked = request.data();
        var producer = new Producer(asked.producerId(), asked.producerEpoch());
        return Futures.attempt(() -> {
                    if (asked.transactionalId().isEmpty() || asked.groupId().isEmpty()) {
                        throw new InvalidRequestException("a transactional id and a group must not be empty");
                    }
                    var shard = new Duty.Shard(groups.partitionFor(asked.groupId()));
                    return transactions.add(asked.transactionalId(), producer, Set.of(shard), CLIENT_ADDS);
                })
                .handle((added, failure) -> new AddOffsetsToTxnResponse(new AddOffsetsToTxnResponseData()
                        .setErrorCode((failure == null ? Errors.NONE : Futures.error(failure)).code())));
    }
}
