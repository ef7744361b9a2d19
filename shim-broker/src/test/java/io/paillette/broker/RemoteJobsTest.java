package io.paillette.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backfills and replays that are looked after over HTTP and by commands while they run. */
class RemoteJobsTest {

    private static final Database DATABASE = PostgresServer.shared().newDatabase();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROWS = 2_500;

    /** A millisecond for each. */
    private static final String SLOWLY = "pg_sleep(0.001) is not null";

    private static final Pattern SHOWN = Pattern.compile(
            "\\[#*\\.*] +(\\d+) %  ([\\d,]+) of (?:about )?([\\d,]+) \\w+  (\\w+)(?:  about (\\d+) s left)?");

    /** The bar goes over its line again and again. */
    private static final Pattern LINE_END = Pattern.compile("[\r\n]+");

    private static final int PARTITIONS = 3;
    private static final int STORED = 1_800;

    @TempDir
    static Path directory;

    private static FedBroker broker;

    @BeforeAll
    static void start() throws Exception {
        DATABASE.execute(
                "create table t (id int primary key, v text)",
                "insert into t select i, 'x' from generate_series(1, " + ROWS + ") i",
                "analyze t");
        broker = FedBroker.start(
                        DATABASE,
                        directory,
                        Map.of("snapshot.mode", "no_data"),
                        Map.of("rows.tables", "public.t", "others.tables", "public.t"))
                .streaming();
        // While there is one the broker looks every second.
        DATABASE.query("select paillette.pause_backfill(paillette.backfill('app', 'public.t'))::text");
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aBackfillStandsWhileItIsPausedGoesOnWithTheNextRowAndEndsWhenItIsCancelled() throws Exception {
        String id = started("backfill", "start", "public.t", "--where", SLOWLY, "--sequence", "rows");
        awaitPart(id);
        assertThat(http("backfill", "pause", id).code()).isZero();
        awaitState("backfills", id, "PAUSED");
        long paused = page("backfills", id).path("rows").asLong();
        assertThat(paused).isBetween(1L, ROWS - 1L);
        assertThat(page("backfills", id).has("secondsLeft")).isFalse();
        DATABASE.execute("insert into t values (0, 'while it is paused')");
        awaitCount("rows", paused + 1);
        assertThat(read("rows").stream().filter(key -> key.equals("{\"id\":0}")))
                .hasSize(1);

        assertThat(post("backfills/" + id + "/resume").path("id").asText()).isEqualTo(id);
        double first = awaitTimeLeft(id, Double.MAX_VALUE);
        assertThat(page("backfills", id).path("secondsLeft").isIntegralNumber()).isTrue();
        awaitTimeLeft(id, first);
        awaitState("backfills", id, "DONE");
        assertThat(read("rows").stream().filter(key -> !key.equals("{\"id\":0}")))
                .as("the next row after the last, and each once")
                .containsExactlyElementsOf(IntStream.rangeClosed(1, ROWS)
                        .mapToObj(row -> "{\"id\":" + row + "}")
                        .toList());

        String other = started("backfill", "start", "public.t", "--where", SLOWLY, "--sequence", "others");
        awaitPart(other);
        assertThat(http("backfill", "cancel", other).code()).isZero();
        awaitState("backfills", other, "CANCELLED");
        long told = page("backfills", other).path("rows").asLong();
        assertThat(told).isBetween(1L, ROWS - 1L);
        DATABASE.execute("update t set v = 'after it' where id = 0");
        awaitCount("others", told + 2);
        assertThat(http("backfill", "resume", other).err()).contains("is cancelled");
    }

    @Test
    void theBarShowsHowFarABackfillIsAndHowLongItWillTake() {
        RanCommand waited = http("backfill", "start", "public.t", "--where", "id > 0 and " + SLOWLY, "--wait");
        assertThat(waited.out()).contains("DONE");
        List<Matcher> shown = new ArrayList<>();
        for (String line : LINE_END.splitAsStream(waited.err()).toList()) {
            Matcher bar = SHOWN.matcher(line.strip());
            if (bar.matches()) {
                shown.add(bar);
            }
        }
        List<Integer> parts =
                shown.stream().map(bar -> Integer.parseInt(bar.group(1))).toList();
        assertThat(parts).as(waited.err()).isSorted().endsWith(100).anyMatch(part -> part > 0 && part < 100);
        List<Integer> left = shown.stream()
                .filter(bar -> bar.group(5) != null)
                .map(bar -> Integer.parseInt(bar.group(5)))
                .toList();
        assertThat(left).as(waited.err()).isNotEmpty();
        assertThat(left.get(0)).as(waited.err()).isGreaterThan(left.get(left.size() - 1));
    }

    @Test
    void aReplayStandsWhileItIsPausedAndPublishesEachRecordOnceAndNothingAfterItIsCancelled() throws Exception {
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", broker.line().kafka()))) {
            admin.createTopics(List.of(
                            new NewTopic("stored", PARTITIONS, (short) 1),
                            new NewTopic("again", PARTITIONS, (short) 1),
                            new NewTopic("some", PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        produce();
        String id = started("replay", "start", "stored", "--to", "again", "--where", SLOWLY);
        awaitOffsets(id);
        assertThat(http("replay", "pause", id).code()).isZero();
        assertThat(page("replays", id).path("state").asText()).isEqualTo("PAUSED");
        long published = page("replays", id).path("published").asLong();
        assertThat(published).isBetween(1L, STORED - 1L);
        awaitCount("again", published);
        assertThat(http("replay", "pause", id).code()).as("it is already").isZero();

        assertThat(post("replays/" + id + "/resume").path("id").asText()).isEqualTo(id);
        Awaitility.await().atMost(PATIENCE).until(() -> page("replays", id).has("secondsLeft"));
        awaitState("replays", id, "DONE");
        assertThat(TopicRecords.read(broker, "again").stream()
                        .map(record -> record.partition() + " " + record.key())
                        .sorted())
                .containsExactlyElementsOf(TopicRecords.read(broker, "stored").stream()
                        .map(record -> record.partition() + " " + record.key())
                        .sorted()
                        .toList());

        String other = started("replay", "start", "stored", "--to", "some", "--where", SLOWLY);
        awaitOffsets(other);
        assertThat(http("replay", "cancel", other).code()).isZero();
        long until = page("replays", other).path("published").asLong();
        assertThat(until).isBetween(1L, STORED - 1L);
        awaitCount("some", until);
        assertThat(http("replay", "resume", other).err()).contains("is cancelled");
    }

    /** Each as large as that a reading has some hundred of them. */
    private static void produce() throws Exception {
        var properties = new Properties();
        properties.put("bootstrap.servers", broker.line().kafka());
        String large = "x".repeat(6_000);
        try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < STORED; i++) {
                producer.send(new ProducerRecord<>("stored", i % PARTITIONS, String.valueOf(i), large));
            }
        }
    }

    private static String started(String... command) throws IOException {
        String[] all = new String[command.length + 1];
        System.arraycopy(command, 0, all, 0, command.length);
        all[command.length] = "--json";
        RanCommand ran = http(all);
        assertThat(ran.code()).as(ran.err()).isZero();
        return JSON.readTree(ran.out()).path("id").asText();
    }

    /** Some of its rows are told, and not all. */
    private static void awaitPart(String id) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> page("backfills", id).path("rows").asLong() > 0);
    }

    private static void awaitOffsets(String id) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> page("replays", id).path("published").asLong() > 0);
    }

    /** In SQL, with fractions of a second. */
    private static double awaitTimeLeft(String id, double below) {
        return Double.parseDouble(Awaitility.await("time left below " + below)
                .atMost(PATIENCE)
                .until(
                        () -> DATABASE.query(
                                "select coalesce(extract(epoch from time_left)::text, '') from paillette.backfills where id = "
                                        + id),
                        left -> !left.isEmpty() && Double.parseDouble(left) < below && Double.parseDouble(left) > 0));
    }

    private static void awaitState(String kind, String id, String state) {
        Awaitility.await(state)
                .atMost(PATIENCE)
                .until(() -> page(kind, id), page -> page.path("state").asText().equals(state));
    }

    /** A consumer has read so many, and there are no more. */
    private static void awaitCount(String topic, long count) {
        Awaitility.await(topic).atMost(PATIENCE).until(() -> (long) read(topic).size(), size -> size >= count);
        assertThat(read(topic)).hasSize((int) count);
    }

    private static List<String> read(String topic) {
        return TopicRecords.read(broker, topic).stream()
                .map(record -> String.valueOf(record.key()))
                .toList();
    }

    private static RanCommand http(String... arguments) {
        return RanCommand.http(broker, arguments);
    }

    private static JsonNode page(String kind, String id) throws IOException, InterruptedException {
        return answer(request(kind + "/" + id).GET().build());
    }

    private static JsonNode post(String page) throws IOException, InterruptedException {
        return answer(request(page)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}", UTF_8))
                .build());
    }

    private static HttpRequest.Builder request(String page) {
        return HttpRequest.newBuilder(URI.create(broker.line().http().orElseThrow() + "/api/v1/" + page));
    }

    private static JsonNode answer(HttpRequest request) throws IOException, InterruptedException {
        return JSON.readTree(HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofString())
                .body());
    }
}
