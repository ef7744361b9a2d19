package io.paillette.broker.wire;

import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * Answers one Kafka API. Never blocks: it runs on the connection's event loop.
 *
 * <p>Expected refusals go into the response. A failed stage means a fault: the dispatcher answers with the API's own error
 * shape ({@link AbstractRequest#getErrorResponse}), using the Kafka code of an {@code ApiException} and UNKNOWN_SERVER_ERROR
 * (logged) for anything else.
 */
public interface ApiHandler<Q extends AbstractRequest> {

    ApiRange serves();

    CompletionStage<? extends AbstractResponse> handle(RequestContext context, Q request);
}
