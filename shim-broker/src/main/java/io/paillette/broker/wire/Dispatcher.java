package io.paillette.broker.wire;

import io.paillette.broker.net.Frame;
import io.paillette.broker.net.FrameHandler;
import io.paillette.broker.net.Peer;
import io.paillette.broker.net.Reply;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a frame to the handler of its API and back.
 *
 * <p>What cannot be parsed, is not served or is served in other versions only closes the connection, as Apache Kafka does:
 * there is no layout in which to answer. ApiVersions is the exception (KIP-511): an unknown version is answered with
 * UNSUPPORTED_VERSION in the layout of version 0.
 */
public final class Dispatcher implements FrameHandler {

    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    private final ApiRegistry registry;
    private final RequestObserver observer;

    public Dispatcher(ApiRegistry registry, RequestObserver observer) {
        this.registry = registry;
        this.observer = observer;
    }

    @Override
    public void handle(Frame frame, Reply reply) {
        int frameBytes = frame.payload().remaining();
        RequestHeader header = RequestHeader.parse(frame.payload());
        ApiHandler<AbstractRequest> handler = registry.find(header.apiKey())
                .orElseThrow(() -> new InvalidRequestException(header.apiKey() + " is not served here"));
        if (header.apiKey() != ApiKeys.API_VERSIONS && !handler.serves().covers(header.apiVersion())) {
            throw new InvalidRequestException("%s v%d is not served, only v%d to v%d"
                    .formatted(
                            header.apiKey(),
                            header.apiVersion(),
                            handler.serves().min(),
                            handler.serves().max()));
        }
        RequestContext context = context(header, frame.peer());
        AbstractRequest request = context.parseRequest(frame.payload()).request;
        rememberClient(frame.peer(), request);
        Asked asked = new Asked(context, request, frameBytes, System.nanoTime());
        ask(handler, context, request).whenComplete((answer, failure) -> answer(asked, answer, failure, reply));
    }

    /** One request on its way through. */
    private record Asked(RequestContext context, AbstractRequest request, int frameBytes, long startNanos) {

        boolean expectsAnswer() {
            return !(request instanceof ProduceRequest produce && produce.acks() == 0);
        }
    }

    private static RequestContext context(RequestHeader header, Peer peer) {
        return new RequestContext(
                header,
                peer.connectionId(),
                peer.address(),
                Optional.of(peer.port()),
                peer.principal(),
                peer.listener(),
                peer.protocol(),
                peer.registry().clientInformation(),
                false);
    }

    /** KIP-511: the client's software name and version, for the contexts of its later requests. */
    private static void rememberClient(Peer peer, AbstractRequest request) {
        if (request instanceof ApiVersionsRequest versions && versions.isValid()) {
            peer.registry()
                    .registerClientInformation(new ClientInformation(
                            versions.data().clientSoftwareName(),
                            versions.data().clientSoftwareVersion()));
        }
    }

    private static CompletionStage<? extends AbstractResponse> ask(
            ApiHandler<AbstractRequest> handler, RequestContext context, AbstractRequest request) {
        try {
            return handler.handle(context, request);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answer(Asked asked, @Nullable AbstractResponse answer, @Nullable Throwable failure, Reply reply) {
        AbstractResponse response = answer != null ? answer : failed(asked, failure);
        boolean faulty = answer == null;
        if (asked.expectsAnswer() && response != null) {
            reply.send(() -> {
                Send send = built(asked, response);
                observe(asked, send.size(), faulty);
                return send;
            });
            return;
        }
        observe(asked, 0, faulty);
        if (faulty || response == null || !onlyNone(response)) {
            reply.close("acks=0 request of client %s failed, closing is the only way to say so"
                    .formatted(asked.context().clientId()));
        } else {
            reply.nothing();
        }
    }

    /** An answer with a field its version does not have cannot be written: a fault of the handler, told as one. */
    private static Send built(Asked asked, AbstractResponse response) {
        try {
            return asked.context().buildResponseSend(response);
        } catch (RuntimeException e) {
            log.error("{} cannot be answered", described(asked), e);
            return asked.context().buildResponseSend(asked.request().getErrorResponse(0, unexpected()));
        }
    }

    private static ApiException unexpected() {
        return new UnknownServerException("an unexpected error, see the broker's log");
    }

    private static String described(Asked asked) {
        RequestHeader header = asked.context().header;
        return "%s v%d of client %s".formatted(header.apiKey(), header.apiVersion(), header.clientId());
    }

    private static boolean onlyNone(AbstractResponse response) {
        return response.errorCounts().keySet().stream().allMatch(error -> error == Errors.NONE);
    }

    private void observe(Asked asked, long responseBytes, boolean failed) {
        RequestHeader header = asked.context().header;
        observer.answered(
                header.apiKey(),
                header.apiVersion(),
                asked.frameBytes(),
                responseBytes,
                System.nanoTime() - asked.startNanos(),
                failed);
    }

    /** The API's own error shape; null for APIs that have none. */
    private static @Nullable AbstractResponse failed(Asked asked, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure == null ? new IllegalStateException("the handler answered null") : failure;
        if (cause instanceof ApiException) {
            return asked.request().getErrorResponse(0, cause);
        }
        log.error("{} failed", described(asked), cause);
        return asked.request().getErrorResponse(0, unexpected());
    }
}
