package io.paillette.broker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;

/** Asks a broker's {@code /api/v1}. */
record ApiClient(String http) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    record Answer(int code, String text) {

        JsonNode json() throws IOException {
            return JSON.readTree(text);
        }

        String error() throws IOException {
            return json().path("error").asText();
        }
    }

    static ApiClient of(FedBroker broker) {
        return new ApiClient(broker.line().http().orElseThrow());
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).build());
    }

    Answer delete(String path) throws IOException, InterruptedException {
        return send(request(path).DELETE().build());
    }

    Answer put(String name, Map<String, String> properties) throws IOException, InterruptedException {
        return send("PUT", "sequences/" + name, JSON.writeValueAsString(properties));
    }

    Answer post(String path, Map<String, String> properties) throws IOException, InterruptedException {
        return send("POST", path, JSON.writeValueAsString(properties));
    }

    Answer send(String method, String path, String body) throws IOException, InterruptedException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(http + "/api/v1/" + path));
    }

    Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = CLIENT.send(request, BodyHandlers.ofString());
        return new Answer(answer.statusCode(), answer.body());
    }

    /** The sequence, once its feed goes by its newest definition. */
    JsonNode awaitHeld(String name) {
        return Awaitility.await(name)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () -> get("sequences/" + name).json(),
                        page -> !page.path("state").asText().equals("STARTING")
                                && page.path("version")
                                        .equals(page.path("effective").path("version")));
    }

    void awaitGone(String name) {
        Awaitility.await(name)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> get("sequences/" + name).code() == 404);
    }
}
