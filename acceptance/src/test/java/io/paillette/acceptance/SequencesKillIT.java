package io.paillette.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sequences with conditions, queries and expressions, in several envelopes, while broker and Postgres are SIGKILLed. */
class SequencesKillIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int CHANGES = 3_000;
    private static final int KILLS = 6;
    private static final String RICH = "balance >= 100";
    private static final String JOINED =
            "select k.id, 'owner of ' || k.id as owner from unnest($1) as k(id) where public.calm()";

    @Test
    @Tag("proof")
    void eachHasJustTheChangesThatMeetItsConditionOnceAndInOrder() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed);
        try (var broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.ofEntries(
                        Map.entry("store.url", "embedded"),
                        Map.entry("source.app.url", "store"),
                        Map.entry("source.app.tables", "public.account"),
                        Map.entry("sequence.became.tables", "public.account"),
                        Map.entry("sequence.became.where", "new." + RICH + " and old.balance < 100"),
                        Map.entry("sequence.became.operations", "update"),
                        Map.entry("sequence.became.envelope", "change"),
                        Map.entry("sequence.rich.tables", "public.account"),
                        Map.entry("sequence.rich.where", RICH),
                        Map.entry("sequence.rich.envelope", "row"),
                        Map.entry("sequence.picky.tables", "public.account"),
                        Map.entry("sequence.picky.where", "public.calm()"),
                        Map.entry("sequence.picky.envelope", "change"),
                        Map.entry("sequence.joined.tables", "public.account"),
                        Map.entry("sequence.joined.enrich", JOINED),
                        Map.entry("sequence.joined.route.headers.twice", "2 * id"),
                        Map.entry("sequence.joined.envelope", "change"),
                        Map.entry("sequence.all.tables", "public.account"),
                        Map.entry("sequence.all.envelope", "change")))) {
            Database database = broker.store();
            database.execute(
                    "create table mood (angry boolean)",
                    "insert into mood values (false)",
                    "create function calm() returns boolean language plpgsql as $$ begin"
                            + " if (select angry from mood) then raise 'not now'; end if; return true; end $$",
                    "create table account (id int primary key, balance int not null)",
                    "alter table account replica identity full",
                    "create table audit (n serial primary key, op text, id int, was int, now int)",
                    "create function note() returns trigger language plpgsql as $$ begin insert into audit (op, id, was, now)"
                            + " values (lower(tg_op), coalesce(new.id, old.id), old.balance, new.balance); return null; end $$",
                    "create trigger note after insert or update or delete on account for each row execute function note()");
            var steps = new AtomicInteger();
            CompletableFuture<Void> written =
                    CompletableFuture.runAsync(() -> write(database, new Random(seed), steps));
            for (int kill = 1; kill <= KILLS; kill++) {
                int due = kill * CHANGES / (KILLS + 1);
                Awaitility.await().atMost(LIMIT).until(() -> steps.get() >= due || written.isDone());
                strike(broker, kill);
            }
            written.get();
            database.execute("update mood set angry = false");
            assertThat(broker.terminate()).isZero();
            broker.start();

            compare(database, broker.bootstrap(), seed);
            assertThat(broker.terminate()).isZero();
        }
    }

    private static void strike(BrokerProcess broker, int kill) {
        if (kill % 3 != 1) {
            broker.killPostgres();
        }
        if (kill % 3 == 2) {
            broker.awaitPostgres();
        } else {
            broker.kill();
            broker.start();
        }
    }

    /** One writer, so that the audit is in the order of commits. */
    private static void write(Database database, Random random, AtomicInteger steps) {
        while (steps.get() < CHANGES) {
            try (var connection = database.connect();
                    var statement = connection.createStatement()) {
                while (steps.get() < CHANGES) {
                    statement.execute(change(random));
                    steps.incrementAndGet();
                }
            } catch (SQLException e) {
                LockSupport.parkNanos(
                        Duration.ofMillis(100).toNanos()); // Postgres is away; what committed is in the audit
            }
        }
    }

    private static String change(Random random) {
        int id = random.nextInt(50);
        if (random.nextInt(100) == 0) {
            return "update mood set angry = not angry";
        }
        return switch (random.nextInt(6)) {
            case 0 -> "delete from account where id = " + id;
            case 1 -> "update account set balance = balance + 40 where id % 7 = " + id % 7;
            case 2 -> "update account set balance = balance - 40 where id % 5 = " + id % 5;
            default ->
                "insert into account values (" + id + ", " + random.nextInt(200)
                        + ") on conflict (id) do update set balance = excluded.balance";
        };
    }

    private static void compare(Database database, String bootstrap, long seed) throws Exception {
        int all = Integer.parseInt(database.query("select count(*) from audit"));
        Awaitility.await("all is told")
                .atMost(LIMIT)
                .until(() -> Topics.records(bootstrap, "all").size() >= all);

        assertThat(told(Topics.records(bootstrap, "all")))
                .as("all, seed %d", seed)
                .containsExactlyElementsOf(audit(database, "true"));
        Awaitility.await("picky has caught up")
                .atMost(LIMIT)
                .until(() -> Topics.records(bootstrap, "picky").size() >= all);
        assertThat(told(Topics.records(bootstrap, "picky")))
                .as("picky, which stops again and again, seed %d", seed)
                .containsExactlyElementsOf(audit(database, "true"));
        Awaitility.await("joined has caught up")
                .atMost(LIMIT)
                .until(() -> Topics.records(bootstrap, "joined").size() >= all);
        List<ConsumerRecord<String, String>> joined = Topics.records(bootstrap, "joined");
        assertThat(told(joined))
                .as("joined, whose query fails again and again, seed %d", seed)
                .containsExactlyElementsOf(audit(database, "true"));
        for (ConsumerRecord<String, String> record : joined) {
            JsonNode change = JSON.readTree(record.value());
            int id = change.at("/record/id").asInt();
            assertThat(change.at("/metadata/enrichment/owner").asText()).isEqualTo("owner of " + id);
            assertThat(new String(record.headers().lastHeader("twice").value(), UTF_8))
                    .isEqualTo(String.valueOf(2 * id));
        }
        assertThat(told(Topics.records(bootstrap, "became")))
                .as("became, seed %d", seed)
                .isNotEmpty()
                .containsExactlyElementsOf(audit(database, "op = 'update' and now >= 100 and was < 100"));
        var newest = new TreeMap<String, String>();
        for (ConsumerRecord<String, String> record : Topics.records(bootstrap, "rich")) {
            newest.compute(record.key(), (key, before) -> record.value());
        }
        var rows = new TreeMap<String, String>();
        database.query("select coalesce(string_agg(row_to_json(account)::text, ';'), '') from account where " + RICH)
                .lines()
                .flatMap(line -> List.of(line.split(";", -1)).stream())
                .filter(row -> !row.isEmpty())
                .forEach(row -> rows.put(row.replaceFirst(",.*", "}"), row));
        assertThat(newest).as("rich, seed %d", seed).isEqualTo(rows);
    }

    private static List<String> told(List<ConsumerRecord<String, String>> records) throws IOException {
        List<String> told = new ArrayList<>();
        for (ConsumerRecord<String, String> record : records) {
            JsonNode change = JSON.readTree(record.value());
            JsonNode row = change.get("record");
            told.add(change.get("action").asText() + " " + row.get("id") + " " + row.get("balance"));
        }
        return told;
    }

    /** The row as it is afterwards, or was before it was deleted. */
    private static List<String> audit(Database database, String condition) {
        return database.query(
                        "select coalesce(string_agg(concat_ws(' ', op, id, coalesce(now, was)), ';' order by n), '')"
                                + " from audit where " + condition)
                .lines()
                .flatMap(line -> List.of(line.split(";", -1)).stream())
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
