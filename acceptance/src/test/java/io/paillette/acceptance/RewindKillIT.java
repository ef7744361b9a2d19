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
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Groups are rewound over HTTP, and the broker is SIGKILLed before it can answer, at a random moment, or right after. */
class RewindKillIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int KILLS = Integer.getInteger("kills", 9);
    private static final int ROWS = 3_000;
    private static final int PARTITIONS = 3;
    private static final int LONGEST_REWIND_MILLIS = 1_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int OK = 200;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    @Tag("proof")
    void aGroupIsAtItsOldPlaceOrAtItsNewOneAndAfterTheSameRewindOnceMoreAtTheNewOne() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.of(
                        "store.url", "embedded",
                        "source.app.url", "store",
                        "source.app.tables", "public.t",
                        "sequence.all.tables", "public.t",
                        "sequence.all.partitions", String.valueOf(PARTITIONS)))) {
            broker.store()
                    .execute(
                            "create table t (id int primary key, v int)",
                            "insert into t select i, 0 from generate_series(1, " + ROWS + ") i");
            Awaitility.await().atMost(LIMIT).until(() -> ends(broker) == ROWS);
            broker.store().execute("update t set v = 1");
            Awaitility.await().atMost(LIMIT).until(() -> ends(broker) == 2 * ROWS);
            Map<Integer, Long> was = new TreeMap<>();
            for (int kill = 0; kill < KILLS; kill++) {
                var where = Map.of("topic", "all", "where", "id = " + (1 + random.nextInt(ROWS)), "change", "last");
                Map<Integer, Long> wanted = target(broker, with(where, "dryRun", "true"));
                CompletableFuture<Optional<HttpResponse<String>>> answer =
                        CompletableFuture.supplyAsync(() -> post(broker.http(), with(where, "fence", "true")));
                boolean answered = kill % 3 == 0;
                if (answered) {
                    assertThat(answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                                    .orElseThrow()
                                    .statusCode())
                            .isEqualTo(OK);
                } else {
                    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(LONGEST_REWIND_MILLIS))
                            .toNanos());
                }
                broker.kill();
                answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                broker.start();

                Map<Integer, Long> is = committed(broker);
                if (answered) {
                    assertThat(is).as("seed %s, kill %s", seed, kill).isEqualTo(wanted);
                } else {
                    assertThat(is).as("seed %s, kill %s", seed, kill).isIn(was, wanted);
                }
                System.out.println("kill " + kill + ": " + (is.equals(wanted) ? "moved" : "not moved"));
                assertThat(target(broker, where))
                        .as("seed %s, kill %s", seed, kill)
                        .isEqualTo(wanted);
                assertThat(first(broker, wanted))
                        .as("seed %s, kill %s", seed, kill)
                        .isEqualTo(wanted);
                was = wanted;
            }
            assertThat(broker.terminate()).isZero();
        }
    }

    private static long ends(BrokerProcess broker) {
        return Long.parseLong(broker.store()
                .query("select coalesce(sum(p.next_offset), 0) from paillette.partition p"
                        + " join paillette.topic t on t.id = p.topic_id where t.name = 'all'"));
    }

    private static Map<String, String> with(Map<String, String> asked, String name, String value) {
        var more = new TreeMap<>(asked);
        more.put(name, value);
        return more;
    }

    /** Once the group is led again. */
    private Map<Integer, Long> target(BrokerProcess broker, Map<String, String> asked) {
        HttpResponse<String> answer = Awaitility.await()
                .atMost(LIMIT)
                .until(
                        () -> post(broker.http(), asked),
                        found -> found.isPresent() && found.get().statusCode() == OK)
                .orElseThrow();
        var offsets = new TreeMap<Integer, Long>();
        json(answer.body())
                .path("partitions")
                .forEach(share -> offsets.put(
                        share.path("partition").asInt(), share.path("offset").asLong()));
        return offsets;
    }

    /** Empty: killed before it answered. */
    private Optional<HttpResponse<String>> post(URI http, Map<String, String> asked) {
        try {
            return Optional.of(client.send(
                    HttpRequest.newBuilder(http.resolve("/api/v1/groups/g/rewind"))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(JSON.writeValueAsString(asked)))
                            .build(),
                    BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new IllegalStateException(text, e);
        }
    }

    private static Map<Integer, Long> committed(BrokerProcess broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            var committed = new TreeMap<Integer, Long>();
            admin.listConsumerGroupOffsets("g")
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .forEach((partition, at) -> committed.put(partition.partition(), at.offset()));
            return committed;
        }
    }

    /** What a consumer of the group is given first, of each partition that has something for it. */
    private static Map<Integer, Long> first(BrokerProcess broker, Map<Integer, Long> wanted) {
        var properties = new Properties();
        properties.put("bootstrap.servers", broker.bootstrap());
        properties.put("group.id", "g");
        properties.put("enable.auto.commit", "false");
        try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("all"));
            var first = new TreeMap<Integer, Long>();
            Awaitility.await().atMost(LIMIT).until(() -> {
                consumer.poll(Duration.ofMillis(100))
                        .forEach(record -> first.putIfAbsent(record.partition(), record.offset()));
                return consumer.assignment().size() == PARTITIONS
                        && consumer.assignment().stream()
                                .allMatch(partition -> first.containsKey(partition.partition())
                                        || consumer.position(partition)
                                                == consumer.endOffsets(List.of(partition))
                                                        .get(partition));
            });
            wanted.forEach(first::putIfAbsent); // at their ends
            return first;
        }
    }
}
