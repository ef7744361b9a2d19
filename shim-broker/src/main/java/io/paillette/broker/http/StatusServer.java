package io.paillette.broker.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.paillette.broker.feed.BackfillStore;
import io.paillette.broker.feed.Sequences;
import io.paillette.broker.replay.Replays;
import io.paillette.broker.rewind.Rewinds;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /health} for machines that ask yes or no, {@code GET /status} for people and tools that ask what is going on, {@code
 * GET /metrics} for Prometheus, {@code /api/v1} for whoever looks after sequences, backfills, replays and groups.
 */
public final class StatusServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusServer.class);

    /** Of which the API, whose answers wait for Postgres, has half. */
    private static final int THREADS = 4;

    private static final int WAITING_REQUESTS = 64;
    private static final int BACKLOG = 64;

    private static final int OK = 200;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int NOT_FOUND = 404;
    private static final int INTERNAL_ERROR = 500;
    private static final int UNAVAILABLE = 503;

    /** Read by the JDK when it makes its first server: how long a client may take to ask. */
    private static final String LONGEST_REQUEST = "sun.net.httpserver.maxReqTime";

    private static final String LONGEST_REQUEST_SECONDS = "30";

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Supplier<Status> status;
    private final Supplier<String> metrics;
    private final ApiExchanges api;
    private final ObjectMapper json = new ObjectMapper();

    private StatusServer(
            HttpServer server,
            ThreadPoolExecutor threads,
            Supplier<Status> status,
            Supplier<String> metrics,
            ApiExchanges api) {
        this.metrics = metrics;
        this.api = api;
        this.server = server;
        this.threads = threads;
        this.status = status;
    }

    /**
     * Listens at once.
     *
     * @param status  asked once per request; must answer from memory
     * @param metrics the same, in Prometheus' text format
     * @param token   which whoever changes something has to give; empty: only where the address is a loopback one
     * @throws IOException when the address cannot be bound
     */
    public static StatusServer start(
            InetSocketAddress address, Supplier<Status> status, Supplier<String> metrics, Optional<String> token)
            throws IOException {
        if (System.getProperty(LONGEST_REQUEST) == null) {
            System.setProperty(LONGEST_REQUEST, LONGEST_REQUEST_SECONDS); // the JDK's server waits for ever otherwise
        }
        var number = new AtomicInteger();
        var threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(WAITING_REQUESTS),
                task -> new Thread(task, "http-" + number.incrementAndGet()));
        threads.allowCoreThreadTimeOut(true);
        HttpServer server = HttpServer.create(address, BACKLOG);
        server.setExecutor(threads);
        var access = new Access(server.getAddress().getAddress().isLoopbackAddress(), token);
        var routes = new StatusServer(server, threads, status, metrics, new ApiExchanges(access, THREADS / 2));
        server.createContext("/", routes::handle);
        server.createContext("/metrics", routes::handleMetrics);
        server.createContext(ApiExchanges.PATH, routes.api::handle);
        server.start();
        return routes;
    }

    /** What there is to look after is there. */
    public void serve(Sequences sequences, BackfillStore backfills, Replays replays, Rewinds rewinds) {
        api.serve(new Api(sequences, backfills, replays, rewinds));
    }

    /** Where it listens; the port is the one that was bound. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }

    private record Answer(int code, Map<String, ?> page) {}

    private void handleMetrics(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")
                || !exchange.getRequestURI().getPath().equals("/metrics")) {
            handle(exchange);
            return;
        }
        byte[] body = metrics.get().getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(OK, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        Answer answer =
                answer(exchange.getRequestMethod(), exchange.getRequestURI().getPath());
        byte[] body = json.writerWithDefaultPrettyPrinter().writeValueAsBytes(answer.page());
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.code(), body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Answer answer(String method, String path) {
        if (!method.equals("GET")) {
            return new Answer(METHOD_NOT_ALLOWED, Map.of("error", "only GET is served"));
        }
        try {
            return switch (path) {
                case "/health" -> health(status.get());
                case "/status" -> full(status.get());
                default ->
                    new Answer(
                            NOT_FOUND,
                            Map.of("error", "no page " + path + "; there are /health, /status, /metrics and /api/v1"));
            };
        } catch (RuntimeException e) {
            LOG.error("{} failed", path, e);
            return new Answer(INTERNAL_ERROR, Map.of("error", "the status could not be read; the log says why"));
        }
    }

    private static Answer health(Status now) {
        return new Answer(now.healthy() ? OK : UNAVAILABLE, summary(now));
    }

    private static Answer full(Status now) {
        Map<String, Object> page = summary(now);
        page.putAll(now.details());
        return new Answer(OK, page);
    }

    private static Map<String, Object> summary(Status now) {
        var page = new LinkedHashMap<String, Object>();
        page.put("status", now.healthy() ? "up" : "down");
        page.put("problems", now.problems());
        page.put("warnings", now.warnings());
        return page;
    }
}
