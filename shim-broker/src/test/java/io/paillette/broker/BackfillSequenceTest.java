package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackfillSequenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Some two seconds for each chunk. */
    private static final String SLOWLY = "pg_sleep(0.001) is not null";

    private static final Map<String, String> NO_DATA = Map.of("snapshot.mode", "no_data");

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @Test
    void rowsThatMeetTheConditionComeOnceMoreAndTheViewTellsSo() throws Exception {
        createTable(30);
        try (var broker = FedBroker.start(database, directory, NO_DATA)) {
            String id = database.query("select paillette.backfill('app', 'public.t', 'id % 10 = 0')");
            awaitState(id, "done");
            List<JsonNode> values = values(broker.await("app.public.t", 3));
            assertThat(values)
                    .extracting(value -> value.get("op").asText() + " "
                            + value.get("after").get("id").asInt() + " "
                            + value.get("source").get("snapshot").asText())
                    .containsExactly("r 10 incremental", "r 20 incremental", "r 30 incremental");
            assertThat(database.query("select concat_ws(' ', rows, state, \"table\", fault) from paillette.backfills"))
                    .isEqualTo("3 done public.t ");
        }
    }

    @Test
    void oneThatIsPausedGoesOnAfterARestartWithTheNextRow() throws Exception {
        createTable(4_500);
        String id;
        try (var broker = FedBroker.start(database, directory, NO_DATA)) {
            id = database.query("select paillette.backfill('app', 'public.t', '" + SLOWLY + "')");
            broker.await("app.public.t", 1);
            database.execute("select paillette.pause_backfill(" + id + ")");
            awaitState(id, "paused");
            assertThat(status(broker)
                            .get("sources")
                            .get(0)
                            .get("backfills")
                            .get(0)
                            .get("paused")
                            .asBoolean())
                    .isTrue();
        }
        assertThat(Integer.parseInt(database.query("select rows from paillette.backfills")))
                .isBetween(1, 4_499);
        try (var broker = FedBroker.start(database, directory, NO_DATA)) {
            database.execute("insert into t values (70000, 'x')");
            database.execute("select paillette.resume_backfill(" + id + ")");
            awaitState(id, "done");
            assertThat(ids(broker.await("app.public.t", 4_502)).stream().sorted())
                    .containsExactlyElementsOf(
                            IntStream.concat(IntStream.rangeClosed(1, 4_500), IntStream.of(70_000, 70_000))
                                    .boxed()
                                    .toList());
        }
    }

    @Test
    void oneThatIsCancelledEndsAndItsSuccessorIsDone() throws Exception {
        createTable(4_500);
        try (var broker = FedBroker.start(database, directory, NO_DATA)) {
            String first = database.query("select paillette.backfill('app', 'public.t', '" + SLOWLY + "')");
            String second = database.query("select paillette.backfill('app', 'public.t', 'id = 7')");
            broker.await("app.public.t", 1);
            database.execute("select paillette.cancel_backfill(" + first + ")");
            awaitState(first, "cancelled");
            awaitState(second, "done");
            assertThatThrownBy(() -> database.execute("select paillette.resume_backfill(" + first + ")"))
                    .rootCause()
                    .hasMessageContaining("backfill " + first + " is cancelled");
        }
    }

    @Test
    void whatCannotBeDoneIsSaidWhereItIsAskedForOrInTheView() throws Exception {
        createTable(1);
        try (var broker = FedBroker.start(database, directory, NO_DATA)) {
            assertThatThrownBy(() -> database.execute("select paillette.backfill('ap', 'public.t')"))
                    .rootCause()
                    .hasMessageContaining("there is no source \"ap\"")
                    .hasMessageContaining("Sources that brokers feed: app.");
            assertThatThrownBy(() -> database.execute("select paillette.backfill('app', 't')"))
                    .rootCause()
                    .hasMessageContaining("\"t\" is not the name of a table with its schema");
            assertThatThrownBy(
                            () -> database.execute("select paillette.backfill('app', 'public.t', repeat('x', 10001))"))
                    .rootCause()
                    .hasMessageContaining("the condition has 10001 characters");
            assertThatThrownBy(() -> database.execute("select paillette.pause_backfill(4711)"))
                    .rootCause()
                    .hasMessageContaining("there is no backfill 4711");
            String id = database.query("select paillette.backfill('app', 'public.t', 'idd = 1')");
            awaitState(id, "failed");
            assertThat(database.query("select fault from paillette.backfills"))
                    .contains("at character 1: column \"idd\" does not exist");
            assertThat(status(broker).get("status").asText()).isEqualTo("up");
        }
    }

    private void createTable(int rows) {
        database.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, 'x' from generate_series(1, " + rows + ") i");
    }

    private void awaitState(String id, String state) {
        Awaitility.await(state).atMost(Duration.ofSeconds(60)).until(() -> database.query(
                        "select state from paillette.backfills where id = " + id)
                .equals(state));
    }

    private static JsonNode status(FedBroker broker) throws IOException, InterruptedException {
        URI http = URI.create(broker.line().http().orElseThrow() + "/status");
        return JSON.readTree(HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(http).build(), BodyHandlers.ofString())
                .body());
    }

    private static List<Integer> ids(List<String> records) {
        return values(records).stream()
                .map(value -> value.get("after").get("id").asInt())
                .toList();
    }

    private static List<JsonNode> values(List<String> records) {
        return records.stream().map(BackfillSequenceTest::value).toList();
    }

    private static JsonNode value(String record) {
        try {
            return JSON.readTree(record.substring(record.indexOf(' ') + 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
