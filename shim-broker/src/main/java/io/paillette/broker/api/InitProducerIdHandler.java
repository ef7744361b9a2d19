package io.paillette.broker.api;

import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.ApiRange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * InitProducerId (key 22): an id for an idempotent producer.
 *
 * <p>Behaviour: without a transactional id always a new id with epoch 0, as Kafka does; an id in the request (KIP-360) is
 * for transactional producers. With a transactional id UNSUPPORTED_VERSION: transactions are not served yet, and of the
 * codes that stop a producer for good this one blames the broker's abilities, not permissions or another producer. While
 * the store cannot be asked: COORDINATOR_LOAD_IN_PROGRESS, on which every producer asks again.
 */
final class InitProducerIdHandler implements ApiHandler<InitProducerIdRequest> {

    private static final Logger log = LoggerFactory.getLogger(InitProducerIdHandler.class);

    private final Supplier<? extends CompletionStage<Long>> producerIds;

    /** @param producerIds never gives an id twice, also not after a restart */
    InitProducerIdHandler(Supplier<? extends CompletionStage<Long>> producerIds) {
        this.producerIds = producerIds;
    }

    @Override
    public ApiRange serves() {
        return Ranges.all(ApiKeys.INIT_PRODUCER_ID);
    }

    @Override
    public CompletionStage<InitProducerIdResponse> handle(RequestContext context, InitProducerIdRequest request) {
        if (request.data().transactionalId() != null) {
            return CompletableFuture.failedFuture(
                    new UnsupportedVersionException("transactions are not served by this broker yet"));
        }
        return Futures.attempt(() -> producerIds.get().toCompletableFuture()).handle((id, failure) -> {
            InitProducerIdResponseData data = new InitProducerIdResponseData();
            if (id != null) {
                data.setProducerId(id).setProducerEpoch((short) 0);
            } else {
                log.warn("no producer id to give, the client will ask again", Futures.cause(failure));
                data.setErrorCode(Errors.COORDINATOR_LOAD_IN_PROGRESS.code());
            }
            return new InitProducerIdResponse(data);
        });
    }
}
