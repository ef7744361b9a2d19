package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What one transaction of the source did is visible at once to whom reads committed records, however much it is. */
class LargeTransactionIT {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String TOPIC = "app.public.big";
    private static final int PARTITIONS = 3;
    private static final Pattern CHANGE = Pattern.compile("\"after\":\\{\"id\":(\\d+),.*\"op\":\"(.)\"");

    @Test
    void aTransactionOf100000ChangesBecomesVisibleAtOnceThoughTheBrokerIsKilledInTheMiddle() {
        try (BrokerProcess broker = start("fail")) {
            insertInOneTransaction(broker, 100_000);
            freezeInItsMiddle(broker);

            broker.kill();
            broker.start();

            readInOnePiece(broker, 100_000);
            broker.store().execute("update big set v = 'small' where id = 7");
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> Topics.records(broker.bootstrap(), TOPIC).size() == 100_001);
            assertThat(broker.terminate()).isZero();
        }
    }

    @Test
    @Tag("proof")
    void aTransactionWhoseRestIsLostWithTheSlotIsAbortedAndTheTableReadAgain() {
        try (BrokerProcess broker = start("resnapshot")) {
            insertInOneTransaction(broker, 100_000);
            freezeInItsMiddle(broker);

            broker.kill();
            Awaitility.await().atMost(PATIENCE).until(() -> broker.store()
                    .query("select count(*) from pg_replication_slots where active")
                    .equals("0"));
            broker.store().query("select pg_drop_replication_slot('paillette_app')");
            broker.start();

            expectEachOnce(broker, "r", 100_000);
            assertThat(ends(broker, "read_committed")).isEqualTo(ends(broker, "read_uncommitted"));
        }
    }

    @Test
    @Tag("proof")
    void aTransactionThatSomebodyAbortsIsReadAgain() throws Exception {
        try (BrokerProcess broker = start("fail");
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
            insertInOneTransaction(broker, 200_000);
            freezeInItsMiddle(broker);

            broker.thaw();
            Map<TopicPartition, Long> open = new HashMap<>();
            admin.describeProducers(partitions()).all().get().forEach((partition, states) -> states.activeProducers()
                    .forEach(state -> open.put(partition, state.producerId())));
            abort(admin, open);

            expectEachOnce(broker, "c", 200_000);
            assertThat(broker.store().query("select count(*) > 0 from paillette.aborted_transaction"))
                    .as("something was aborted")
                    .isEqualTo("t");
        }
    }

    @Test
    void oneThatSomebodyAbortsWhereItHasWrittenNothingIsReadAgainToo() throws Exception {
        try (BrokerProcess broker = start("fail");
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
            // Without a key all go to the first partition.
            broker.store().execute("alter table big drop constraint big_pkey");
            insertInOneTransaction(broker, 100_000);
            freezeInItsMiddle(broker);
            String producer = "select producer_id from paillette.feed";
            long begun = Long.parseLong(broker.store().query(producer));

            broker.thaw();
            abort(admin, Map.of(partitions().get(2), begun));

            expectEachOnce(broker, "c", 100_000);
            assertThat(broker.store()
                            .query("select count(*) from paillette.aborted_transaction where producer_id = " + begun))
                    .as("begun once more")
                    .isEqualTo("1");
        }
    }

    /** As {@code kafka-transactions.sh abort} does it; where the broker has ended one meanwhile there is nothing left to abort. */
    private static void abort(Admin admin, Map<TopicPartition, Long> producers) throws Exception {
        var asked = producers.entrySet().stream()
                .map(open -> admin.abortTransaction(
                                new AbortTransactionSpec(open.getKey(), open.getValue(), (short) 0, 0))
                        .all())
                .toList();
        for (var abort : asked) {
            abort.get();
        }
    }

    @Test
    @Tag("proof")
    void aTransactionOf10000000ChangesNeedsNoMoreMemory() {
        try (BrokerProcess broker = start("fail")) {
            insertInOneTransaction(broker, 10_000_000);
            readInOnePiece(broker, 10_000_000);
        }
    }

    private static BrokerProcess start(String onSlotLoss) {
        BrokerProcess broker = BrokerProcess.start(
                List.of("-Xmx256m"),
                Map.of(
                        "store.url", "embedded",
                        "num.partitions", String.valueOf(PARTITIONS),
                        "source.app.url", "store",
                        "source.app.tables", "public.*",
                        "source.app.on.slot.loss", onSlotLoss));
        broker.store().execute("create table big (id int primary key, v text)");
        return broker;
    }

    private static void insertInOneTransaction(BrokerProcess broker, int rows) {
        broker.store().execute("insert into big select i, repeat('v', 100) from generate_series(1, " + rows + ") i");
    }

    /** Some of it is stored, and not its end. */
    private static void freezeInItsMiddle(BrokerProcess broker) {
        String open = "select count(producer_id) from paillette.feed";
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> broker.store()
                .query(open)
                .equals("1"));
        broker.freeze();
        assertThat(broker.store().query(open)).as("transactions that are open").isEqualTo("1");
    }

    /** Follows the sequence: partition by partition its end is that of nothing, or of all; each change is there once, in order. */
    private static void readInOnePiece(BrokerProcess broker, int rows) {
        var ids = new BitSet(rows);
        Map<Integer, Integer> last = new HashMap<>();
        try (var consumer = consumer(broker, "read_committed")) {
            consumer.assign(partitions());
            consumer.seekToBeginning(partitions());
            Awaitility.await()
                    .atMost(Duration.ofMinutes(20))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> {
                        if (ids.isEmpty()) {
                            consumer.endOffsets(partitions()).values().forEach(end -> assertThat(end)
                                    .satisfiesAnyOf(none -> assertThat(none).isZero(), all -> assertThat(all)
                                            .isGreaterThan(rows / PARTITIONS / 2)));
                        }
                        consumer.poll(Duration.ofMillis(100)).forEach(read -> {
                            int id = Integer.parseInt(change(read.value()).group(1));
                            assertThat(ids.get(id))
                                    .as("row " + id + " was read before")
                                    .isFalse();
                            assertThat(id).as("order").isGreaterThan(last.getOrDefault(read.partition(), 0));
                            ids.set(id);
                            last.put(read.partition(), id);
                        });
                        return ids.cardinality() == rows;
                    });
        }
    }

    private static void expectEachOnce(BrokerProcess broker, String operation, int rows) {
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> ends(broker, "read_committed").values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum()
                                >= rows
                        && Topics.records(broker.bootstrap(), TOPIC).size() >= rows);
        var ids = new BitSet();
        for (ConsumerRecord<String, String> read : Topics.records(broker.bootstrap(), TOPIC)) {
            Matcher change = change(read.value());
            assertThat(change.group(2)).as("operation").isEqualTo(operation);
            int id = Integer.parseInt(change.group(1));
            assertThat(ids.get(id)).as("row " + id + " was read before").isFalse();
            ids.set(id);
        }
        assertThat(ids.cardinality()).isEqualTo(rows);
    }

    private static Matcher change(String value) {
        Matcher change = CHANGE.matcher(value);
        assertThat(change.find()).as(value).isTrue();
        return change;
    }

    private static Map<TopicPartition, Long> ends(BrokerProcess broker, String isolation) {
        try (var consumer = consumer(broker, isolation)) {
            return consumer.listTopics().containsKey(TOPIC) ? consumer.endOffsets(partitions()) : Map.of();
        }
    }

    private static KafkaConsumer<String, String> consumer(BrokerProcess broker, String isolation) {
        return new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", broker.bootstrap(), "isolation.level", isolation),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static List<TopicPartition> partitions() {
        return List.of(new TopicPartition(TOPIC, 0), new TopicPartition(TOPIC, 1), new TopicPartition(TOPIC, 2));
    }
}
