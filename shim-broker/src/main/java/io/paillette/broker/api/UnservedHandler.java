package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;

/** An API of a group protocol that {@code group.coordinator.rebalance.protocols} leaves out: UNSUPPORTED_VERSION, as in Kafka. */
final class UnservedHandler<Q extends AbstractRequest> implements ApiHandler<Q> {

    private final ApiRange range;

    UnservedHandler(ApiRange range) {
        this.range = range;
    }

    @Override
    public ApiRange serves() {
        return range;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(RequestContext context, Q request) {
        return CompletableFuture.failedFuture(Errors.UNSUPPORTED_VERSION.exception());
    }
}
