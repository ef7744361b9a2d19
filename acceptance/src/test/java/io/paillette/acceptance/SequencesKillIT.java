package io.paillette.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.paillette.acceptance.AuditedAccounts.Change;
import io.paillette.testkit.BrokerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Utils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sequences with conditions, queries, expressions and functions, in several envelopes, while broker and Postgres are SIGKILLed: a
 * consumer reads just the changes that each should have, once and in order.
 */
class SequencesKillIT {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final int PARTITIONS = 4;
    private static final String JOINED =
            "select k.id, 'owner of ' || k.id as owner from unnest($1) as k(id) where public.calm()";
    private static final String JAVASCRIPT =
            """
            function filter(action, record) { return record.id % 3 !== 0 }
            function transform(action, record, changes) {
                const was = action === 'update' ? changes.balance ?? record.balance : null;
                return { action, id: record.id, balance: record.balance, was };
            }
            function route(action, record) { return { key: 'account ' + record.id } }
            """;
    private static final String LUA =
            """
            function filter(action, record) return record.balance % 2 == 0 end
            function transform(action, record) return { action, record.id, 2 * record.balance } end
            """;

    private final long seed = Long.getLong("seed", System.nanoTime());

    @TempDir
    Path directory;

    private long told;

    @Test
    void aConditionAndAFunctionMissNothingAndRepeatNothingWhileTheBrokerIsKilledTwice() throws Exception {
        Map<String, String> sequences = Map.of(
                "all.envelope", "change",
                "called.where", "new.balance >= 100 or old.balance >= 100",
                "called.envelope", "change",
                "called.functions", file("functions.js", JAVASCRIPT));
        try (var broker = start(sequences)) {
            var accounts = accounts(broker, 800);
            accounts.write(new Random(seed));
            for (int kill = 1; kill <= 2; kill++) {
                accounts.awaitShare(kill, 3);
                awaitProgress(broker, accounts);
                broker.kill();
                broker.start();
            }
            accounts.awaitEnd();

            Predicate<Change> rich = change ->
                    (change.now() != null && change.now() >= 100) || (change.was() != null && change.was() >= 100);
            compareEach(broker.bootstrap(), "all", accounts.audit());
            compareCalled(
                    broker.bootstrap(), accounts.audit().stream().filter(rich).toList());
            assertThat(broker.terminate()).isZero();
        }
    }

    @Test
    @Tag("proof")
    void eachHasJustTheChangesThatItShouldHaveOnceAndInOrder() throws Exception {
        int kills = 6;
        try (var broker = start(allKinds())) {
            var accounts = accounts(broker, 3_000);
            accounts.write(new Random(seed));
            for (int kill = 1; kill <= kills; kill++) {
                accounts.awaitShare(kill, kills + 1);
                awaitProgress(broker, accounts);
                strike(broker, kill);
            }
            accounts.awaitEnd();
            assertThat(broker.terminate()).isZero();
            broker.start(); // what has stopped is tried again

            compareAll(broker, accounts.audit());
            assertThat(broker.terminate()).isZero();
        }
    }

    private Map<String, String> allKinds() {
        return Map.ofEntries(
                Map.entry("became.where", "new.balance >= 100 and old.balance < 100"),
                Map.entry("became.operations", "update"),
                Map.entry("became.envelope", "change"),
                Map.entry("rich.where", "balance >= 100"),
                Map.entry("rich.envelope", "row"),
                Map.entry("picky.where", "public.calm()"),
                Map.entry("picky.envelope", "change"),
                Map.entry("joined.enrich", JOINED),
                Map.entry("joined.route.headers.twice", "2 * id"),
                Map.entry("joined.envelope", "change"),
                Map.entry("called.functions", file("functions.js", JAVASCRIPT)),
                Map.entry("called.envelope", "change"),
                Map.entry("lua.functions", file("functions.lua", LUA)),
                Map.entry("lua.envelope", "change"),
                Map.entry("routed.route.key", "'account-' || id"),
                Map.entry("routed.route.partition", "nullif(id % 4, 3)"),
                Map.entry("routed.partitions", String.valueOf(PARTITIONS)),
                Map.entry("routed.envelope", "change"),
                Map.entry("wal.envelope", "wal2json"),
                Map.entry("all.envelope", "change"));
    }

    /** @param sequences their options, by {@code name.option}; all are of table account */
    private BrokerProcess start(Map<String, String> sequences) {
        System.out.println("seed " + seed);
        var settings = new HashMap<>(Map.of(
                "store.url", "embedded",
                "source.app.url", "store",
                "source.app.tables", "public.account"));
        sequences.forEach((option, value) -> {
            settings.put("sequence." + option, value);
            settings.put("sequence." + option.substring(0, option.indexOf('.')) + ".tables", "public.account");
        });
        return BrokerProcess.start(List.of("-Xmx256m"), settings);
    }

    /** Returns when changes are streamed: before that they would come as rows that were there. */
    private static AuditedAccounts accounts(BrokerProcess broker, int steps) {
        Awaitility.await("the slot is read").atMost(LIMIT).until(() -> broker.store()
                .query("select count(*) from pg_replication_slots where active")
                .equals("1"));
        return new AuditedAccounts(broker.store(), steps);
    }

    /**
     * Returns once more is told, where there is more: a broker that is killed whenever it has just started would tell nothing, and
     * on a slow machine it would be each time.
     */
    private void awaitProgress(BrokerProcess broker, AuditedAccounts accounts) {
        long before = told;
        told = Awaitility.await("more is told")
                .atMost(LIMIT)
                .until(
                        () -> Topics.size(broker.bootstrap(), "all"),
                        size -> size > before || (accounts.isWritten() && size >= accounts.changes()));
    }

    private String file(String name, String text) {
        try {
            return Files.writeString(directory.resolve(name), text).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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

    private void compareAll(BrokerProcess broker, List<Change> audit) throws IOException {
        String bootstrap = broker.bootstrap();
        compareEach(bootstrap, "all", audit);
        compareEach(bootstrap, "picky", audit); // which stops again and again
        compareEach(bootstrap, "joined", audit); // whose query fails again and again
        assertThat(read(bootstrap, "joined", audit.size())).allSatisfy(record -> {
            JsonNode change = JSON.readTree(record.value());
            int id = change.at("/record/id").asInt();
            assertThat(change.at("/metadata/enrichment/owner").asText()).isEqualTo("owner of " + id);
            assertThat(new String(record.headers().lastHeader("twice").value(), UTF_8))
                    .isEqualTo(String.valueOf(2 * id));
        });
        List<String> became = told(audit, change -> change.is("update") && change.now() >= 100 && change.was() < 100);
        assertThat(read(bootstrap, "became", became.size()))
                .as("became, seed %d", seed)
                .isNotEmpty()
                .extracting(SequencesKillIT::told)
                .containsExactlyElementsOf(became);
        compareRich(broker);
        compareCalled(bootstrap, audit);
        compareLua(bootstrap, audit);
        compareRouted(bootstrap, audit);
        compareWal(bootstrap, audit);
    }

    private void compareEach(String bootstrap, String topic, List<Change> audit) {
        assertThat(read(bootstrap, topic, audit.size()))
                .as("%s, seed %d", topic, seed)
                .extracting(SequencesKillIT::told)
                .containsExactlyElementsOf(told(audit, change -> true));
    }

    /** What is left of each key is the rows of the table. */
    private void compareRich(BrokerProcess broker) {
        var newest = new TreeMap<String, String>();
        for (ConsumerRecord<String, String> record : Topics.records(broker.bootstrap(), "rich")) {
            newest.compute(record.key(), (key, before) -> record.value());
        }
        var rows = new TreeMap<String, String>();
        broker.store()
                .query(
                        "select coalesce(string_agg(row_to_json(account)::text, ';'), '') from account where balance >= 100")
                .lines()
                .flatMap(line -> List.of(line.split(";", -1)).stream())
                .filter(row -> !row.isEmpty())
                .forEach(row -> rows.put(row.replaceFirst(",.*", "}"), row));
        assertThat(newest).as("rich, seed %d", seed).isEqualTo(rows);
    }

    /** @param changes that the function is called with */
    private void compareCalled(String bootstrap, List<Change> changes) {
        List<String> expected = changes.stream()
                .filter(change -> change.id() % 3 != 0)
                .map(change -> "account %d {\"action\":\"%s\",\"id\":%d,\"balance\":%d,\"was\":%d}"
                        .formatted(
                                change.id(),
                                change.op(),
                                change.id(),
                                change.balance(),
                                change.is("update") ? change.was() : null))
                .toList();
        assertThat(read(bootstrap, "called", expected.size()))
                .as("called, in JavaScript, seed %d", seed)
                .isNotEmpty()
                .extracting(record -> record.key() + " " + record.value())
                .containsExactlyElementsOf(expected);
    }

    private void compareLua(String bootstrap, List<Change> audit) {
        List<String> expected = audit.stream()
                .filter(change -> change.balance() % 2 == 0)
                .map(change -> "{\"id\":%d} [\"%s\",%d,%d]"
                        .formatted(change.id(), change.op(), change.id(), 2 * change.balance()))
                .toList();
        assertThat(read(bootstrap, "lua", expected.size()))
                .as("lua, seed %d", seed)
                .isNotEmpty()
                .extracting(record -> record.key() + " " + record.value())
                .containsExactlyElementsOf(expected);
    }

    private void compareRouted(String bootstrap, List<Change> audit) {
        List<ConsumerRecord<String, String>> records = read(bootstrap, "routed", audit.size());
        Function<Change, String> key = change -> "account-" + change.id();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            int read = partition;
            assertThat(records)
                    .filteredOn(record -> record.partition() == read)
                    .as("partition %d of routed, seed %d", partition, seed)
                    .isNotEmpty()
                    .extracting(record -> record.key() + " " + told(record))
                    .containsExactlyElementsOf(audit.stream()
                            .filter(change -> partitionOf(change.id(), key.apply(change)) == read)
                            .map(change -> key.apply(change) + " " + told(change))
                            .toList());
        }
    }

    /** As the expression says, or the key where that is NULL. */
    private static int partitionOf(int id, String key) {
        return id % 4 == 3 ? Utils.toPositive(Utils.murmur2(key.getBytes(UTF_8))) % PARTITIONS : id % 4;
    }

    private void compareWal(String bootstrap, List<Change> audit) {
        assertThat(read(bootstrap, "wal", audit.size()))
                .as("wal, seed %d", seed)
                .extracting(record -> {
                    var value = (ObjectNode) JSON.readTree(record.value());
                    assertThat(value.remove(List.of("xid", "timestamp", "lsn"))).isNotNull();
                    return value.toString();
                })
                .containsExactlyElementsOf(
                        audit.stream().map(SequencesKillIT::wal2json).toList());
    }

    private static String wal2json(Change change) {
        String action = change.op().substring(0, 1).toUpperCase(Locale.ROOT);
        return "{\"action\":\"" + action + "\",\"schema\":\"public\",\"table\":\"account\""
                + (change.now() == null ? "" : ",\"columns\":" + columns(change.id(), change.now()))
                + (change.was() == null ? "" : ",\"identity\":" + columns(change.id(), change.was())) + "}";
    }

    private static String columns(int id, int balance) {
        return "[{\"name\":\"id\",\"type\":\"integer\",\"value\":%d},{\"name\":\"balance\",\"type\":\"integer\",\"value\":%d}]"
                .formatted(id, balance);
    }

    /** Once there are so many, for which it waits as long as more come; there may be more in the end, which are wrong. */
    private static List<ConsumerRecord<String, String>> read(String bootstrap, String topic, int count) {
        List<ConsumerRecord<String, String>> records = List.of();
        while (records.size() < count) {
            int before = records.size();
            records = Awaitility.await("%d of %d records of %s".formatted(before, count, topic))
                    .atMost(LIMIT)
                    .until(() -> Topics.records(bootstrap, topic), now -> now.size() > before);
        }
        return records;
    }

    /** Of the envelope change: what happened, the row, and its balance. */
    private static String told(ConsumerRecord<String, String> record) {
        try {
            JsonNode change = JSON.readTree(record.value());
            JsonNode row = change.get("record");
            return change.get("action").asText() + " " + row.get("id") + " " + row.get("balance");
        } catch (IOException e) {
            throw new UncheckedIOException(record.value(), e);
        }
    }

    private static String told(Change change) {
        return change.op() + " " + change.id() + " " + change.balance();
    }

    private static List<String> told(List<Change> audit, Predicate<Change> which) {
        return audit.stream().filter(which).map(SequencesKillIT::told).toList();
    }
}
