package io.paillette.broker.net;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's sockets. Bound first, so that ports are known, started when there is somebody to answer. Owns its threads:
 * one acceptor and {@link NetSettings#threads} processors per listener.
 *
 * <p>Stopping: {@link #drain} takes no more connections and requests, {@link #close} answers what is under way and closes.
 */
public final class SocketServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SocketServer.class);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(5);

    private final List<Acceptor> acceptors;
    private final List<Processor> processors = new CopyOnWriteArrayList<>();
    private final NetSettings settings;
    private final Metrics metrics = new Metrics();
    private final RequestMemory requests;
    private final ByteGauge unsent;

    private SocketServer(List<Acceptor> acceptors, NetSettings settings) {
        this.acceptors = acceptors;
        this.settings = settings;
        this.requests = new RequestMemory(settings.requestBudgetBytes());
        this.unsent = new ByteGauge(settings.responseBudgetBytes());
    }

    /** @throws IOException naming the listener that could not be bound; then none is */
    public static SocketServer bind(List<Listener> listeners, NetSettings settings) throws IOException {
        List<Acceptor> bound = new ArrayList<>();
        for (Listener listener : listeners) {
            try {
                bound.add(Acceptor.bind(listener));
            } catch (IOException | RuntimeException e) {
                for (Acceptor earlier : bound) {
                    earlier.close();
                }
                throw new IOException(
                        "cannot listen on %s: %s; free the port or change \"listeners\""
                                .formatted(listener, e.getMessage()),
                        e);
            }
        }
        return new SocketServer(bound, settings);
    }

    /** The port that is really listened on, also when the listener asked for port 0. */
    public int boundPort(String listener) {
        Acceptor acceptor = acceptors.stream()
                .filter(a -> a.listener().name().equals(listener))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no listener is called " + listener));
        try {
            return acceptor.port();
        } catch (IOException e) {
            throw new IllegalStateException("listener " + listener + " is closed", e);
        }
    }

    /** @param apiVersions answers ApiVersions of a given version before a SASL exchange */
    public void start(FrameHandler handler, Function<Short, ApiVersionsResponse> apiVersions) {
        for (Acceptor acceptor : acceptors) {
            List<Processor> own = new ArrayList<>();
            for (int i = 0; i < settings.threads(); i++) {
                Selector selector = selector(acceptor.listener(), i, apiVersions, requests);
                own.add(new Processor(acceptor.listener(), i, selector, handler, settings, requests, unsent));
            }
            own.forEach(Processor::start);
            processors.addAll(own);
            acceptor.start(own);
        }
    }

    private Selector selector(
            Listener listener, int index, Function<Short, ApiVersionsResponse> apiVersions, MemoryPool requestMemory) {
        return new Selector(
                settings.maxRequestBytes(),
                settings.maxIdle().toMillis(),
                metrics,
                Time.SYSTEM,
                "paillette-net",
                Map.of("listener", listener.name(), "processor", Integer.toString(index)),
                false,
                false,
                Channels.of(listener, apiVersions),
                requestMemory,
                new LogContext("[" + listener.name() + "-" + index + "] "));
    }

    /** What the sockets hold now. */
    public Load load() {
        int connections =
                processors.stream().mapToInt(Processor::openConnections).sum();
        return new Load(connections, requests.size() - requests.availableMemory(), unsent.heldBytes());
    }

    /**
     * @param requestBytes  of requests read and not answered yet
     * @param responseBytes of answers not taken by their clients yet
     */
    public record Load(int connections, long requestBytes, long responseBytes) {}

    /** No more connections, no more requests. */
    public void drain() {
        for (Acceptor acceptor : acceptors) {
            try {
                acceptor.close();
            } catch (IOException e) {
                log.warn("closing {}: {}", acceptor.listener(), e.toString());
            }
        }
        processors.forEach(Processor::drain);
    }

    /** Waits at most 5 seconds for requests under way. */
    @Override
    public void close() {
        drain();
        long deadline = System.nanoTime() + ANSWER_TIME.toNanos();
        for (Processor processor : processors) {
            try {
                processor.stop(deadline);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        metrics.close();
    }
}
