package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.BrokerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;

/** The page of one sequence in the API of a broker, which may be killed meanwhile. */
final class SequencePage {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final HttpClient client = HttpClient.newHttpClient();
    private final BrokerProcess broker;
    private final String name;

    SequencePage(BrokerProcess broker, String name) {
        this.broker = broker;
        this.name = name;
    }

    private record Answer(int code, String body) {}

    /** @throws IllegalStateException where the broker was killed before it answered */
    void put(Map<String, String> properties) {
        Answer answer = send("PUT", "", JSON.valueToTree(properties).toString());
        assertThat(answer.code()).as(answer.body()).isIn(200, 201);
    }

    /**
     * @param topic whether it goes, too
     * @throws IllegalStateException as {@link #put}
     */
    void delete(boolean topic) {
        Answer answer = send("DELETE", topic ? "?topic=delete" : "", "");
        assertThat(answer.code()).as(answer.body()).isIn(200, 202);
    }

    /** Once its feed goes by what is defined; empty where nothing is, and nothing is about to be taken away. */
    Optional<JsonNode> settled() {
        Answer answer = Awaitility.await(name).atMost(LIMIT).until(() -> send("GET", "", ""), SequencePage::isSettled);
        return answer.code() == 404 ? Optional.empty() : Optional.of(json(answer));
    }

    private static boolean isSettled(Answer answer) {
        JsonNode page = json(answer);
        return answer.code() == 404
                || (answer.code() == 200
                        && !page.get("state").asText().equals("REMOVING")
                        && page.get("version").equals(page.at("/effective/version")));
    }

    private Answer send(String method, String query, String body) {
        URI uri = broker.http().resolve("/api/v1/sequences/" + name + query);
        try {
            var answer = client.send(
                    HttpRequest.newBuilder(uri)
                            .header("Content-Type", "application/json")
                            .method(method, BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body());
        } catch (IOException e) {
            throw new IllegalStateException("the broker was killed meanwhile", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(Answer answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new IllegalStateException(answer.body(), e);
        }
    }
}
