package io.paillette.broker.api;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * Any API of groups, answered as long as others take this broker for alive. Once they may have taken its groups over, what it
 * remembers of them may be old: NOT_COORDINATOR.
 */
final class LeaseHandler<Q extends AbstractRequest> implements ApiHandler<Q> {

    private final ApiHandler<Q> handler;
    private final Cluster cluster;

    LeaseHandler(ApiHandler<Q> handler, Cluster cluster) {
        this.handler = handler;
        this.cluster = cluster;
    }

    @Override
    public ApiRange serves() {
        return handler.serves();
    }

    @Override
    public CompletionStage<? extends AbstractResponse> handle(RequestContext context, Q request) {
        return cluster.isActing()
                ? handler.handle(context, request)
                : CompletableFuture.failedFuture(
                        new NotCoordinatorException("this broker has not heard of the others for too long"));
    }
}
