package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sequence is changed over HTTP while rows are written, and the broker is SIGKILLed right after, or in the middle. */
class SequencesOverHttpKillIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int KILLS = Integer.getInteger("kills", 8);
    private static final int ROWS_BETWEEN = 300;

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger last = new AtomicInteger();
    private final AtomicBoolean stopping = new AtomicBoolean();

    /** What a version tells, by the offset from which it holds. */
    private final TreeMap<Integer, Integer> divisors = new TreeMap<>();

    @Test
    @Tag("proof")
    void eachRecordObeysTheDefinitionThatHoldsAtItsOffsetAndNoneIsMissing() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.of(
                        "store.url", "embedded",
                        "source.app.url", "store",
                        "source.app.tables", "public.t",
                        "sequence.all.tables", "public.t"))) {
            Database database = broker.store();
            database.execute("create table t (id int primary key)");
            put(broker, 2);
            note(broker);
            CompletableFuture<Void> written = CompletableFuture.runAsync(() -> write(database));
            for (int kill = 0; kill < KILLS; kill++) {
                awaitRows(ROWS_BETWEEN);
                int divisor = 2 + (divisors.lastEntry().getValue() - 1 + random.nextInt(4)) % 5; // another one
                CompletableFuture<Void> changed = CompletableFuture.runAsync(() -> put(broker, divisor));
                if (kill % 2 == 0) {
                    changed.join(); // stored, and its feed is about to be made anew, or just made
                } else {
                    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(400)).toNanos());
                }
                broker.kill();
                Awaitility.await().atMost(LIMIT).until(changed::isDone); // it may not have heard the answer
                broker.start();
                note(broker);
            }
            awaitRows(ROWS_BETWEEN);
            stopping.set(true);
            written.get();
            compare(broker, seed);
            assertThat(broker.terminate()).isZero();
        }
    }

    private void awaitRows(int more) {
        int from = last.get();
        Awaitility.await().atMost(LIMIT).until(() -> last.get() >= from + more);
    }

    private void write(Database database) {
        try (var connection = database.connect();
                var insert = connection.prepareStatement("insert into t values (?)")) {
            while (!stopping.get()) {
                insert.setInt(1, last.get() + 1);
                insert.executeUpdate();
                last.incrementAndGet();
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void put(BrokerProcess broker, int divisor) {
        String body = "{\"tables\": \"public.t\", \"where\": \"id % " + divisor + " = 0\"}";
        try {
            var answer = client.send(
                    HttpRequest.newBuilder(page(broker))
                            .header("Content-Type", "application/json")
                            .PUT(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
        } catch (IOException e) {
            throw new IllegalStateException("the broker was killed meanwhile", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static URI page(BrokerProcess broker) {
        return broker.http().resolve("/api/v1/sequences/some");
    }

    /** Once it is held, what is defined, and from where on. */
    private void note(BrokerProcess broker) {
        JsonNode page = Awaitility.await("held")
                .atMost(LIMIT)
                .until(
                        () -> JSON.readTree(
                                client.send(HttpRequest.newBuilder(page(broker)).build(), BodyHandlers.ofString())
                                        .body()),
                        read -> read.has("version") && read.get("version").equals(read.at("/effective/version")));
        divisors.put(
                page.at("/effective/fromOffset/0").asInt(),
                Integer.parseInt(page.at("/properties/where").asText().split(" ", -1)[2]));
    }

    private void compare(BrokerProcess broker, long seed) {
        List<Integer> all = Awaitility.await("all is told")
                .atMost(LIMIT)
                .until(() -> ids(broker, "all"), ids -> ids.size() >= last.get());
        assertThat(all)
                .as("all, seed %d", seed)
                .isEqualTo(IntStream.rangeClosed(1, last.get()).boxed().toList());
        List<Integer> some = ids(broker, "some");
        System.out.println("definitions " + divisors + ", records " + some.size());
        assertThat(divisors).hasSizeGreaterThan(1);
        int from = 0;
        for (var one : divisors.entrySet()) {
            Integer next = divisors.higherKey(one.getKey());
            List<Integer> own = some.subList(one.getKey(), next == null ? some.size() : next);
            int divisor = one.getValue();
            if (!own.isEmpty()) {
                List<Integer> exact = IntStream.rangeClosed(own.get(0), own.get(own.size() - 1))
                        .filter(id -> id % divisor == 0)
                        .boxed()
                        .toList();
                assertThat(own)
                        .as("from offset %d, seed %d", one.getKey(), seed)
                        .isEqualTo(exact);
                assertThat(own.get(0)).isGreaterThan(from);
                from = own.get(own.size() - 1);
            }
        }
        requireNoGaps(some, seed);
    }

    /** Between the last record of one definition and the first of the next there is a row at which the one ended and the other began. */
    private void requireNoGaps(List<Integer> some, long seed) {
        for (Integer offset : divisors.tailMap(0, false).keySet()) {
            if (offset >= some.size()) {
                continue;
            }
            int before = divisors.lowerEntry(offset).getValue();
            int now = divisors.get(offset);
            int end = some.get(offset - 1);
            int begin = some.get(offset);
            boolean seamless = IntStream.rangeClosed(end, begin - 1)
                    .anyMatch(at -> IntStream.rangeClosed(end + 1, at).noneMatch(id -> id % before == 0)
                            && IntStream.range(at + 1, begin).noneMatch(id -> id % now == 0));
            assertThat(seamless)
                    .as("no gap at offset %d, seed %d", offset, seed)
                    .isTrue();
        }
    }

    private static List<Integer> ids(BrokerProcess broker, String topic) {
        return Topics.records(broker.bootstrap(), topic).stream()
                .map(record -> Integer.parseInt(record.key().replaceAll("\\D", "")))
                .toList();
    }
}
