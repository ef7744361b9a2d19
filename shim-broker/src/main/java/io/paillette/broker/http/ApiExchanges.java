package io.paillette.broker.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.sun.net.httpserver.HttpExchange;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From HTTP to {@link Api} and back: who may ask, how much is read, what a refusal is in HTTP. */
final class ApiExchanges {

    static final String PATH = "/api/v1";

    private static final Logger LOG = LoggerFactory.getLogger(ApiExchanges.class);
    private static final int LARGEST_BODY = 1 << 20;

    /** Of a sequence, whose functions may be a module: one of Go has some megabytes, in base64 a third more. */
    private static final int LARGEST_SEQUENCE = 8 << 20;

    private static final long LONGEST_PATIENCE = 32 << 20;
    private static final int BLOCK = 1 << 16;

    private final Access access;
    private final Semaphore places;
    private final ObjectWriter json = new ObjectMapper().writerWithDefaultPrettyPrinter();
    /** The memory of a broker has room for one. */
    private final Semaphore large = new Semaphore(1);

    private volatile Optional<Api> api = Optional.empty();

    /** @param atOnce requests; they wait for Postgres, and there are others to be answered */
    ApiExchanges(Access access, int atOnce) {
        this.access = access;
        this.places = new Semaphore(atOnce);
    }

    void serve(Api ready) {
        api = Optional.of(ready);
    }

    void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            send(exchange, answer(exchange));
        }
    }

    private ApiAnswer answer(HttpExchange exchange) throws IOException {
        Optional<ApiAnswer> refusal = access.refusal(exchange.getRequestMethod(), exchange.getRequestHeaders());
        if (refusal.isPresent()) {
            return refusal.get();
        }
        List<String> path = path(exchange);
        byte[] body = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
        if (body.length <= LARGEST_BODY) {
            return answerInPlace(request(exchange, path, body));
        }
        if (path.size() <= 1 || !path.get(0).equals(Api.SEQUENCES)) {
            return tooLarge(exchange, LARGEST_BODY, "");
        }
        if (!large.tryAcquire()) {
            discard(exchange.getRequestBody());
            return ApiAnswer.error(ApiAnswer.UNAVAILABLE, "another large body is being read; ask again");
        }
        try {
            return answerLarge(exchange, path, body);
        } finally {
            large.release();
        }
    }

    private ApiAnswer answerLarge(HttpExchange exchange, List<String> path, byte[] begun) throws IOException {
        byte[] rest = exchange.getRequestBody().readNBytes(LARGEST_SEQUENCE + 1 - begun.length);
        if (begun.length + rest.length > LARGEST_SEQUENCE) {
            return tooLarge(
                    exchange,
                    LARGEST_SEQUENCE,
                    ": make the functions smaller (a module of Go is, built with -ldflags=-s or TinyGo), or name their file in"
                            + " the broker's properties file");
        }
        byte[] body = Arrays.copyOf(begun, begun.length + rest.length);
        System.arraycopy(rest, 0, body, begun.length, rest.length);
        return answerInPlace(request(exchange, path, body));
    }

    private static ApiAnswer tooLarge(HttpExchange exchange, int largest, String advice) throws IOException {
        // A client that still sends when the connection is closed does not see the answer.
        discard(exchange.getRequestBody());
        return ApiAnswer.error(ApiAnswer.TOO_LARGE, "the body has more than " + largest + " bytes" + advice);
    }

    /** A client that is slow to ask keeps no other from being answered. */
    private ApiAnswer answerInPlace(ApiRequest request) {
        Optional<Api> ready = api;
        if (ready.isEmpty()) {
            return ApiAnswer.error(ApiAnswer.UNAVAILABLE, "the broker is starting; ask again in a moment");
        }
        if (!places.tryAcquire()) {
            return ApiAnswer.error(ApiAnswer.UNAVAILABLE, "others are being served; ask again");
        }
        try {
            return answer(ready.get(), request);
        } finally {
            places.release();
        }
    }

    private static void discard(InputStream body) throws IOException {
        long left = LONGEST_PATIENCE;
        while (left > 0) {
            int read = body.readNBytes(BLOCK).length;
            left = read == 0 ? 0 : left - read;
        }
    }

    private static ApiAnswer answer(Api api, ApiRequest request) {
        try {
            return api.answer(request);
        } catch (RefusedException e) {
            int code =
                    switch (e.why()) {
                        case INVALID -> ApiAnswer.BAD_REQUEST;
                        case UNKNOWN -> ApiAnswer.NOT_FOUND;
                        case CONFLICT -> ApiAnswer.CONFLICT;
                        case UNAVAILABLE -> ApiAnswer.UNAVAILABLE;
                    };
            return ApiAnswer.error(code, String.valueOf(e.getMessage()));
        } catch (StoreException e) {
            return ApiAnswer.error(ApiAnswer.UNAVAILABLE, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("{} failed", request, e);
            return ApiAnswer.error(ApiAnswer.INTERNAL_ERROR, "this is a fault of Paillette; its log says more");
        }
    }

    private static List<String> path(HttpExchange exchange) {
        String below = exchange.getRequestURI().getRawPath().substring(PATH.length());
        return Arrays.stream(below.split("/"))
                .filter(part -> !part.isEmpty())
                .map(part -> decoded(part.replace("+", "%2B"))) // of a group the name may have a slash
                .toList();
    }

    private static ApiRequest request(HttpExchange exchange, List<String> path, byte[] body) {
        return new ApiRequest(
                exchange.getRequestMethod(),
                path,
                query(exchange.getRequestURI().getRawQuery()),
                new ByteArrayInputStream(body),
                "HTTP from " + exchange.getRemoteAddress().getAddress().getHostAddress());
    }

    private static Map<String, String> query(@Nullable String raw) {
        var query = new LinkedHashMap<String, String>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                String[] parts = pair.split("=", 2);
                query.put(decoded(parts[0]), parts.length == 2 ? decoded(parts[1]) : "");
            }
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private void send(HttpExchange exchange, ApiAnswer answer) throws IOException {
        boolean text = answer.page() instanceof String;
        byte[] body = text
                ? answer.page().toString().getBytes(StandardCharsets.UTF_8)
                : json.writeValueAsBytes(answer.page());
        exchange.getResponseHeaders().set("Content-Type", text ? "text/plain; charset=utf-8" : "application/json");
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        exchange.sendResponseHeaders(answer.code(), body.length);
        exchange.getResponseBody().write(body);
    }
}
