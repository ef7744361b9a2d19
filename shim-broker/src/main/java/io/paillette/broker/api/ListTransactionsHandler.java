package io.paillette.broker.api;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.paillette.broker.txn.TransactionState;
import io.paillette.broker.txn.TransactionStore.Listed;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListTransactionsRequest;
import org.apache.kafka.common.requests.ListTransactionsResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * ListTransactions (key 66): the transactional ids that this broker coordinates; tools ask every broker.
 *
 * <p>Behaviour: filters by state, producer id, v1 how long the transaction is open, v2 a pattern (RE2) of the transactional id,
 * INVALID_REGULAR_EXPRESSION when it is none. State names that nobody knows are told back.
 */
final class ListTransactionsHandler implements ApiHandler<ListTransactionsRequest> {

    private final BrokerIdentity identity;
    private final Transactions transactions;

    ListTransactionsHandler(BrokerIdentity identity, Transactions transactions) {
        this.identity = identity;
        this.transactions = transactions;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.LIST_TRANSACTIONS);
    }

    @Override
    public CompletionStage<ListTransactionsResponse> handle(RequestContext context, ListTransactionsRequest request) {
        ListTransactionsRequestData asked = request.data();
        Predicate<String> named;
        try {
            named = pattern(asked);
        } catch (PatternSyntaxException e) {
            return CompletableFuture.completedFuture(new ListTransactionsResponse(
                    new ListTransactionsResponseData().setErrorCode(Errors.INVALID_REGULAR_EXPRESSION.code())));
        }
        Set<TransactionState> states = EnumSet.noneOf(TransactionState.class);
        asked.stateFilters().forEach(name -> TransactionState.ofKafka(name).ifPresent(states::add));
        List<String> unknown = asked.stateFilters().stream()
                .filter(name -> TransactionState.ofKafka(name).isEmpty())
                .toList();
        return transactions.list().handle((all, failure) -> {
            var data = new ListTransactionsResponseData().setUnknownStateFilters(unknown);
            if (failure != null) {
                return new ListTransactionsResponse(
                        data.setErrorCode(Futures.error(failure).code()));
            }
            return new ListTransactionsResponse(data.setTransactionStates(all.stream()
                    .filter(listed -> identity.coordinates(listed.transactionalId()))
                    .filter(listed -> asked.stateFilters().isEmpty() || states.contains(listed.state()))
                    .filter(listed -> asked.producerIdFilters().isEmpty()
                            || asked.producerIdFilters().contains(listed.producerId()))
                    .filter(listed ->
                            asked.durationFilter() < 0 || listed.openMs().orElse(-1) > asked.durationFilter())
                    .filter(listed -> named.test(listed.transactionalId()))
                    .map(ListTransactionsHandler::told)
                    .toList()));
        });
    }

    private static Predicate<String> pattern(ListTransactionsRequestData asked) {
        return Optional.ofNullable(asked.transactionalIdPattern())
                .filter(pattern -> !pattern.isEmpty())
                .map(Pattern::compile)
                .map(pattern -> (Predicate<String>) id -> pattern.matcher(id).matches())
                .orElse(id -> true);
    }

    private static ListTransactionsResponseData.TransactionState told(Listed listed) {
        return new ListTransactionsResponseData.TransactionState()
                .setTransactionalId(listed.transactionalId())
                .setProducerId(listed.producerId())
                .setTransactionState(listed.state().kafkaName());
    }
}
