package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A backfill for one of two sequences, while writers change rows of its table all the time and the broker is SIGKILLed. Every
 * state that a row ever has is numbered: one that is read must not come after a later one.
 */
class BackfillBesideChangesKillIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int ROWS = 6_000;
    private static final int KILLS = 3;
    private static final int WRITERS = 3;

    /** Rows with these remainders are the writers', one each; those with the last are left alone. */
    private static final int SHARES = WRITERS + 1;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final AtomicBoolean writing = new AtomicBoolean(true);

    @Test
    @Tag("proof")
    void noRowComesAfterALaterStateOfItAndEachThatStaysIsReadThoughTheBrokerIsKilledThrice() throws Exception {
        System.out.println("seed " + seed);
        try (BrokerProcess broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.of(
                        "store.url", "embedded",
                        "source.app.url", "store",
                        "source.app.tables", "public.t",
                        "source.app.snapshot.mode", "no_data",
                        "sequence.filled.tables", "public.t",
                        "sequence.live.tables", "public.t"))) {
            Database database = broker.store();
            database.execute(
                    "create sequence state",
                    "create table t (id int primary key, state bigint not null, v text)",
                    "insert into t select i, nextval('state'), 'v' from generate_series(1, " + ROWS + ") i");
            List<CompletableFuture<Void>> writers = IntStream.range(0, WRITERS)
                    .mapToObj(writer ->
                            CompletableFuture.runAsync(() -> write(database, writer, new Random(seed + writer))))
                    .toList();
            database.query("select paillette.backfill('app', 'public.t', 'pg_sleep(0.001) is not null',"
                    + " sequence => 'filled')");
            for (int kill = 1; kill <= KILLS; kill++) {
                awaitRows(database, kill * ROWS / (KILLS + 3));
                broker.kill();
                broker.start();
            }
            Awaitility.await().atMost(PATIENCE).until(() -> database.query("select state from paillette.backfills")
                    .equals("done"));
            writing.set(false);
            CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new)).join();
            database.execute("insert into t values (0, nextval('state'), 'last')");
            Map<Integer, Long> rows = rows(database);
            for (String topic : List.of("filled", "live")) {
                Awaitility.await(topic).atMost(PATIENCE).until(() -> Topics.records(broker.bootstrap(), topic).stream()
                        .anyMatch(record -> "{\"id\":0}".equals(record.key())));
            }

            var filled = new Told(Topics.records(broker.bootstrap(), "filled"));
            assertThat(filled.rows()).as("seed " + seed).isEqualTo(rows);
            assertThat(filled.readOf(SHARES - 1))
                    .as("each that nobody changes, once; seed " + seed)
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, ROWS)
                            .filter(id -> id % SHARES == SHARES - 1)
                            .boxed()
                            .toList());
            assertThat(filled.changes).as("beside the backfill").isGreaterThan(500);

            var live = new Told(Topics.records(broker.bootstrap(), "live"));
            assertThat(live.read).isEmpty();
            assertThat(live.changes).isEqualTo(filled.changes);
            System.out.println(filled.read.size() + " rows read beside " + filled.changes + " changes");
            assertThat(broker.terminate()).isZero();
        }
    }

    /** What a consumer knows of the table. */
    private final class Told {

        private final Map<Integer, Long> states = new HashMap<>(); // of one that is gone the negative of its last
        private final List<Integer> read = new ArrayList<>();
        private int changes;

        Told(List<ConsumerRecord<String, String>> records) throws IOException {
            for (ConsumerRecord<String, String> record : records) {
                if (record.value() != null) {
                    take(JSON.readTree(record.value()));
                }
            }
        }

        private void take(JsonNode change) {
            String op = change.path("op").asText();
            if (op.equals("d")) {
                changes++;
                int gone = change.path("before").path("id").asInt();
                states.computeIfPresent(gone, (id, state) -> -Math.abs(state));
                return;
            }
            int id = change.path("after").path("id").asInt();
            long state = change.path("after").path("state").asLong();
            boolean isRead = op.equals("r");
            if (isRead) {
                read.add(id);
            } else {
                changes++;
            }
            Long known = states.put(id, state);
            if (known != null) {
                assertThat(state)
                        .as("seed %d: %s of %d after %d", seed, op, id, known)
                        .matches(now -> now > Math.abs(known) || (isRead && now.equals(known)));
            }
        }

        Map<Integer, Long> rows() {
            Map<Integer, Long> all = new TreeMap<>(states);
            all.values().removeIf(state -> state < 0);
            return all;
        }

        List<Integer> readOf(int share) {
            return read.stream().filter(id -> id % SHARES == share).toList();
        }
    }

    private static Map<Integer, Long> rows(Database database) throws SQLException {
        Map<Integer, Long> rows = new TreeMap<>();
        try (Connection connection = database.connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery("select id, state from t")) {
            while (row.next()) {
                rows.put(row.getInt(1), row.getLong(2));
            }
        }
        return rows;
    }

    private void write(Database database, int writer, Random random) {
        try (Connection connection = database.connect();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            while (writing.get()) {
                for (int change = random.nextInt(4); change >= 0; change--) {
                    statement.execute(change(writer, random));
                }
                if (random.nextInt(10) == 0) {
                    connection.rollback();
                } else {
                    connection.commit();
                }
                statement.execute("select pg_sleep(" + random.nextInt(25) + " / 1000.0)");
            }
        } catch (SQLException e) {
            throw new IllegalStateException("Postgres is not killed", e);
        }
    }

    private static String change(int writer, Random random) {
        int id = random.nextInt(ROWS / SHARES) * SHARES + writer;
        int other = random.nextInt(ROWS / SHARES) * SHARES + writer;
        return switch (random.nextInt(10)) {
            case 0, 1 -> "delete from t where id = " + id + " and id > 0";
            case 2, 3, 4 ->
                "update t set id = " + other + ", state = nextval('state') where id = " + id + " and id > 0 and "
                        + other + " > 0 and not exists (select from t where id = " + other + ")";
            default ->
                "insert into t select i, nextval('state'), repeat('x', " + random.nextInt(500) + ") from (values (" + id
                        + ")) as v (i) where i > 0 on conflict (id) do update set state = nextval('state')";
        };
    }

    private static void awaitRows(Database database, int rows) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> Integer.parseInt(database.query("select rows from paillette.backfills")) >= rows);
    }
}
