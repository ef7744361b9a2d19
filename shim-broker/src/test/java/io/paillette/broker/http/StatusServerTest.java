package io.paillette.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class StatusServerTest {

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void aHealthyBrokerAnswersTwoHundred() throws Exception {
        try (var server = start(() -> new Status(List.of(), List.of(), Map.of()))) {
            HttpResponse<String> answer = get(server, "/health");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(json(answer).get("status").asText()).isEqualTo("up");
        }
    }

    @Test
    void aProblemMakesItUnavailableAndIsNamed() throws Exception {
        try (var server = start(() -> new Status(List.of("source app: the slot is gone"), List.of(), Map.of()))) {
            HttpResponse<String> answer = get(server, "/health");

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(json(answer).get("problems").get(0).asText()).isEqualTo("source app: the slot is gone");
            assertThat(get(server, "/status").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aWarningIsNamedAndTheBrokerStaysUp() throws Exception {
        try (var server = start(() -> new Status(List.of(), List.of("source app: the slot grows"), Map.of()))) {
            HttpResponse<String> answer = get(server, "/health");

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(json(answer).get("warnings").get(0).asText()).isEqualTo("source app: the slot grows");
        }
    }

    @Test
    void theStatusHasWhatTheBrokerGives() throws Exception {
        try (var server =
                start(() -> new Status(List.of(), List.of(), Map.of("sources", List.of(Map.of("name", "app")))))) {
            assertThat(json(get(server, "/status")).at("/sources/0/name").asText())
                    .isEqualTo("app");
        }
    }

    @Test
    void aPageThatIsNotThereSaysWhichAre() throws Exception {
        try (var server = start(() -> new Status(List.of(), List.of(), Map.of()))) {
            HttpResponse<String> answer = get(server, "/nothing");

            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(json(answer).get("error").asText()).contains("/health, /status, /metrics and /api/v1");
        }
    }

    @Test
    void onlyGetIsServed() throws Exception {
        try (var server = start(() -> new Status(List.of(), List.of(), Map.of()))) {
            var request = HttpRequest.newBuilder(uri(server, "/health"))
                    .POST(BodyPublishers.ofString("x"))
                    .build();

            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(405);
        }
    }

    @Test
    void aStatusThatCannotBeReadIsAnErrorAndTheServerGoesOn() throws Exception {
        try (var server = start(() -> {
            throw new IllegalStateException("broken");
        })) {
            assertThat(get(server, "/health").statusCode()).isEqualTo(500);
            assertThat(get(server, "/health").statusCode()).isEqualTo(500);
        }
    }

    @Test
    void metricsArePlainText() throws Exception {
        try (StatusServer server = start(() -> new Status(List.of(), List.of(), Map.of()))) {
            HttpResponse<String> answer = get(server, "/metrics");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("content-type"))
                    .hasValue("text/plain; version=0.0.4; charset=utf-8");
            assertThat(answer.body()).isEqualTo("paillette_connections 0\n");
            assertThat(get(server, "/metricsx").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void theApiIsNotThereBeforeTheBrokerHasStarted() throws Exception {
        try (StatusServer server = start(() -> new Status(List.of(), List.of(), Map.of()))) {
            HttpResponse<String> answer = get(server, "/api/v1/sequences");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(json(answer).get("error").asText()).contains("is starting");
            HttpResponse<String> changed = client.send(
                    HttpRequest.newBuilder(uri(server, "/api/v1/sequences/s"))
                            .PUT(BodyPublishers.ofString("tables=public.t"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(changed.statusCode()).isEqualTo(415);
        }
    }

    private static StatusServer start(Supplier<Status> status) throws Exception {
        return StatusServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                status,
                () -> "paillette_connections 0\n",
                Optional.empty());
    }

    private HttpResponse<String> get(StatusServer server, String path) throws Exception {
        return client.send(HttpRequest.newBuilder(uri(server, path)).build(), BodyHandlers.ofString());
    }

    private static URI uri(StatusServer server, String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    private static JsonNode json(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body());
    }
}
