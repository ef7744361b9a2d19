package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Help;
import picocli.CommandLine.Option;

/** The broker that a command is for, by the address of its HTTP API. */
final class HttpRemote {

    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** A definition is asked of the source's Postgres, which takes up to half a minute for a condition. */
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private static final Set<String> IDEMPOTENT = Set.of("GET", "PUT");
    private static final int TRIES = 10;
    private static final long PAUSE_MILLIS = 500;

    private static final int UNAVAILABLE = 503;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int FIRST_REFUSAL = 400;

    @Option(
            names = "--http",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The broker: what its line has after \"http=\" (default: ${DEFAULT-VALUE}).")
    private String url = "";

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:PAILLETTE_TOKEN:-}",
            showDefaultValue = Help.Visibility.NEVER,
            description = "Its http.token, where it has one; by default that of the environment, PAILLETTE_TOKEN.")
    private String token = "";

    /** What a broker says. */
    record Reply(int code, String text) {

        /** @throws RefusedException where it is no JSON: then no broker of Paillette has said it */
        JsonNode json() throws RefusedException {
            JsonNode read = RecordJson.object(text.getBytes(StandardCharsets.UTF_8));
            if (read == null) {
                throw new RefusedException("what answers there is no broker of Paillette, or an older one: it says "
                        + code + " and no JSON; see that --http is the address after \"http=\" of its line");
            }
            return read;
        }

        boolean isThere() {
            return code != NOT_FOUND;
        }
    }

    static String part(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    JsonNode get(String path) throws RefusedException, InterruptedException {
        return accepted(ask("GET", path, "")).json();
    }

    /** As it is. */
    String text(String path) throws RefusedException, InterruptedException {
        return accepted(ask("GET", path, "")).text();
    }

    JsonNode send(String method, String path, Map<String, String> body) throws RefusedException, InterruptedException {
        return accepted(ask(method, path, RecordJson.write(body))).json();
    }

    /** As the other, of what takes the broker a while. */
    JsonNode send(String method, String path, Map<String, String> body, Duration patience)
            throws RefusedException, InterruptedException {
        return accepted(once(method, path, RecordJson.write(body), patience)).json();
    }

    /** Where 404 is an answer. */
    Reply find(String path) throws RefusedException, InterruptedException {
        Reply reply = ask("GET", path, "");
        return reply.isThere() ? accepted(reply) : reply;
    }

    private static Reply accepted(Reply reply) throws RefusedException {
        if (reply.code() >= FIRST_REFUSAL) {
            String error = reply.json().path("error").asText("the broker refuses it, and says " + reply.code());
            throw new RefusedException(
                    reply.code() == UNAUTHORIZED
                            ? error + " (here: --token TOKEN, or the environment's PAILLETTE_TOKEN)"
                            : error);
        }
        return reply;
    }

    /** What changes nothing more when it is asked twice is asked again while the broker says that it may help. */
    private Reply ask(String method, String path, String body) throws RefusedException, InterruptedException {
        Reply reply = once(method, path, body, ANSWER);
        for (int again = 0; again < TRIES && reply.code() == UNAVAILABLE && IDEMPOTENT.contains(method); again++) {
            Thread.sleep(PAUSE_MILLIS);
            reply = once(method, path, body, ANSWER);
        }
        return reply;
    }

    private Reply once(String method, String path, String body, Duration patience)
            throws RefusedException, InterruptedException {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(
                            (url.endsWith("/") ? url.substring(0, url.length() - 1) : url) + "/api/v1/" + path))
                    .timeout(patience)
                    .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                    .header("Content-Type", "application/json");
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .connectTimeout(CONNECT)
                    .build()
                    .send(request.build(), BodyHandlers.ofString());
            return new Reply(answer.statusCode(), answer.body());
        } catch (IllegalArgumentException e) {
            throw refused("--http " + url + " is no URL of a broker: " + e.getMessage(), e);
        } catch (IOException e) {
            throw refused(
                    "the broker at " + url + " does not answer (" + e
                            + "): see that it runs, and that --http is the address after \"http=\" of its line",
                    e);
        }
    }

    private static RefusedException refused(String sentence, Exception cause) {
        var refused = new RefusedException(sentence);
        refused.initCause(cause);
        return refused;
    }
}
