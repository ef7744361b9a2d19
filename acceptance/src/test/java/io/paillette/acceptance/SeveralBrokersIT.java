package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.change.ChangeReader;
import io.paillette.testkit.change.ChangeWorkload;
import io.paillette.testkit.change.ProcessedRecords;
import io.paillette.testkit.numbers.NumberCheck;
import io.paillette.testkit.numbers.NumberReader;
import io.paillette.testkit.numbers.NumberWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several brokers on one store, as their clients see them. */
class SeveralBrokersIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration PACE = Duration.ofMillis(10);

    /** So long that whoever waits for its end is told apart from who does not, however slow the machine is. */
    private static final Duration SESSION = Duration.ofMinutes(1);

    private static final Map<String, String> LONG_SESSION =
            Map.of("broker.session.timeout.ms", String.valueOf(SESSION.toMillis()));
    private static final Duration BELOW_THE_SESSION = SESSION.dividedBy(2);

    /** The goals, 5 s after SIGKILL among them, are printed beside what it took: a slow machine is no fault. */
    private static final Duration LONGEST_TAKE_OVER = Duration.ofSeconds(20);

    private static final int PARTITIONS = 6;
    private static final int CHANGES = 20_000;

    private @TempDir Path directory;
    private Trio trio = new Trio();

    @AfterEach
    void close() {
        trio.close();
    }

    @Test
    @Tag("proof")
    void everyBrokerTellsOfAllBrokersAndATopicMadeOnOneIsUsableThroughEach() throws Exception {
        trio = Trio.of(2, Map.of("broker.rack", "r1"));
        try (Admin first = trio.admin(trio.broker(1));
                Admin second = trio.admin(trio.broker(2))) {
            for (Admin admin : List.of(first, second)) {
                assertThat(Trio.get(admin.describeCluster().nodes()))
                        .extracting(Node::id)
                        .containsExactlyInAnyOrder(1, 2);
                assertThat(Trio.get(admin.describeCluster().nodes()))
                        .extracting(Node::rack)
                        .containsOnly("r1");
            }
            Trio.get(first.createTopics(List.of(new NewTopic("orders", 4, (short) 1)))
                    .all());
            assertThat(trio.leaders("orders", trio.broker(1)))
                    .as("usable at once")
                    .containsOnly(1, 2);
        }
        Map<String, Object> config = Map.of("bootstrap.servers", trio.broker(2).bootstrap());
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int partition = 0; partition < 4; partition++) {
                producer.send(new ProducerRecord<>("orders", partition, "k", "v"))
                        .get();
            }
        }
        Awaitility.await().until(() -> trio.leadersAgreed("orders").isPresent());
    }

    @Test
    void aSecondBrokerWithTheIdOfALiveOneIsRefusedInOneSentence() {
        trio = Trio.of(1, Map.of());
        var settings = new HashMap<String, String>(BrokerProcess.onStore(trio.database, 1));
        settings.put("listeners", "PLAINTEXT://127.0.0.1:0");
        settings.put("http.listen", "");

        try (ChildJvm second = BrokerProcess.attempt(directory, settings)) {
            assertThat(second.awaitExit(PATIENCE)).as(second.output()).isEqualTo(2);
            assertThat(second.output())
                    .contains("broker.id=1", trio.broker(1).bootstrap())
                    .doesNotContain("\tat ");
        }
    }

    @Test
    @Tag("proof")
    void aBrokerThatWasKilledIsBackWithoutWaitingForTheEndOfItsSession() {
        trio = Trio.of(1, LONG_SESSION);
        trio.create("orders", PARTITIONS);
        trio.broker(1).kill();

        long killed = System.nanoTime();
        trio.broker(1).start();
        Duration took = Duration.ofNanos(System.nanoTime() - killed);

        System.out.println("ready again after " + took.toMillis() + " ms");
        assertThat(took).isLessThan(BELOW_THE_SESSION);
        assertThat(trio.leaders("orders")).containsOnly(1);
    }

    @Test
    void nothingIsLostWhenOneOfTwoIsKilledAndItsPartitionsHaveANewLeader() {
        trio = Trio.of(2, Map.of());
        trio.create("orders", PARTITIONS);
        underLoad("SIGKILL (goal 5 s)", LONGEST_TAKE_OVER, () -> {
            trio.broker(2).kill();
            awaitLeaders(Set.of(1));
        });
    }

    @Test
    @Tag("proof")
    void aBrokerThatIsToldToStopHandsOverWithoutWaitingForItsSession() {
        trio = Trio.of(2, LONG_SESSION);
        trio.create("orders", PARTITIONS);
        underLoad("SIGTERM (goal 1 s)", BELOW_THE_SESSION, () -> {
            assertThat(trio.broker(2).terminate()).isZero();
            awaitLeaders(Set.of(1));
        });
    }

    @Test
    @Tag("proof")
    void aBrokerThatJoinsGetsItsShareWithoutWaitingForAnySession() {
        trio = Trio.of(1, LONG_SESSION);
        trio.create("orders", PARTITIONS);
        underLoad("join (goal 1 s)", BELOW_THE_SESSION, () -> {
            trio.add(2, LONG_SESSION);
            awaitLeaders(Set.of(1, 2));
        });
    }

    @Test
    void aBrokerThatWasFrozenLeadsNothingMoreAndComesBackByItself() {
        trio = Trio.of(2, Map.of());
        trio.create("orders", PARTITIONS);
        List<Integer> before = trio.leadersAgreed("orders").orElseThrow();
        underLoad("SIGSTOP (goal 8 s)", LONGEST_TAKE_OVER, () -> {
            trio.broker(2).freeze();
            awaitLeaders(Set.of(1));
            trio.broker(2).thaw();
            Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> trio.leadersAgreed("orders")
                    .equals(Optional.of(before)));
        });
    }

    @Test
    @Tag("proof")
    void aSourceMovesFromBrokerToBrokerAndNoChangeIsLostOrDoubled() {
        trio = Trio.of(2, Map.of("source.app.url", "store", "source.app.tables", "public.*"));
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var processed = new ProcessedRecords(ProcessedRecords.Offsets.DENSE);
        ChangeWorkload.createTables(trio.database, 2);
        try (var workload =
                        ChangeWorkload.start(trio.database, new ChangeWorkload.Plan(2, CHANGES, CHANGES / 20, seed));
                var reader = ChangeReader.start(
                        2,
                        Map.of(
                                "bootstrap.servers", trio.bootstrap(),
                                "group.id", "moves",
                                "request.timeout.ms", "5000",
                                "metadata.max.age.ms", "1000",
                                // Who has not heard yet of the broker that came back knows only the frozen one.
                                "metadata.recovery.rebootstrap.trigger.ms", "3000"),
                        ChangeWorkload.TABLES.stream()
                                .map(table -> "app.public." + table)
                                .toList(),
                        processed)) {
            move(processed, "SIGTERM", owner -> assertThat(owner.terminate()).isZero(), BrokerProcess::start);
            move(processed, "SIGKILL", BrokerProcess::kill, BrokerProcess::start);
            move(processed, "SIGSTOP", BrokerProcess::freeze, BrokerProcess::thaw);
            var committed = workload.await(PATIENCE.multipliedBy(4));
            Awaitility.await().atMost(PATIENCE).until(() -> {
                reader.expectAlive();
                return processed.rows() >= committed.size();
            });
            assertThat(processed.verdict(committed).isClean())
                    .as("seed " + seed + ": " + processed.verdict(committed))
                    .isTrue();
        }
    }

    /** Strikes the broker that feeds the source; returns when the other one does, and the struck one is back. */
    private void move(
            ProcessedRecords processed, String what, Consumer<BrokerProcess> strike, Consumer<BrokerProcess> revive) {
        awaitRows(processed);
        // Nobody for a moment, when it is being handed to a broker that came back.
        int owner = Awaitility.await().atMost(PATIENCE).until(this::owner, broker -> broker > 0);
        long began = System.nanoTime();
        strike.accept(trio.broker(owner));
        Awaitility.await().atMost(PATIENCE).until(() -> owner() == 3 - owner);
        long stored = storedRecords();
        Awaitility.await().atMost(PATIENCE).until(() -> storedRecords() > stored);
        Duration stoodStill = Duration.ofNanos(System.nanoTime() - began);
        awaitRows(processed);
        System.out.println(what + ": changes stored again after " + stoodStill.toMillis() + " ms, read again after "
                + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms");
        revive.accept(trio.broker(owner));
        Awaitility.await().atMost(PATIENCE).until(() -> trio.database
                .query("select count(*) from paillette.broker where state = 'serving' and"
                        + " heartbeat > clock_timestamp() - interval '2 s'")
                .equals("2"));
    }

    private static void awaitRows(ProcessedRecords processed) {
        long rows = processed.rows();
        Awaitility.await().atMost(PATIENCE).until(() -> processed.rows() > rows);
    }

    private long storedRecords() {
        return Long.parseLong(trio.database.query("select coalesce(sum(p.next_offset), 0) from paillette.partition p"
                + " join paillette.topic t on t.id = p.topic_id where t.source = 'app'"));
    }

    private int owner() {
        return Integer.parseInt(
                trio.database.query("select coalesce(leader_broker, -1) from paillette.feed where source = 'app'"));
    }

    /** Writes and reads meanwhile; prints and checks how long each partition took no writes. */
    private void underLoad(String what, Duration longest, Runnable disturbance) {
        String bootstrap = trio.bootstrap();
        try (var writer = NumberWriter.start(bootstrap, "orders", PARTITIONS, PACE);
                var reader = NumberReader.start(bootstrap, "orders", "readers", 2)) {
            awaitProgress(writer, reader);
            var unused = writer.longestGaps();
            disturbance.run();
            awaitProgress(writer, reader);
            List<Duration> gaps = writer.longestGaps();
            System.out.println(what + ": without a write, by partition: " + gaps);
            writer.stop();
            assertThat(NumberCheck.faults(writer, reader)).isEmpty();
            System.out.println(
                    what + ": " + writer.acknowledged() + " written, " + reader.redelivered() + " redelivered");
            assertThat(gaps).allSatisfy(gap -> assertThat(gap).isLessThan(longest));
        }
    }

    private static void awaitProgress(NumberWriter writer, NumberReader reader) {
        long written = writer.acknowledgedEverywhere();
        long read = reader.read();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> writer.acknowledgedEverywhere() > written + 100 && reader.read() > read + 100);
    }

    private void awaitLeaders(Set<Integer> expected) {
        Awaitility.await().atMost(PATIENCE).ignoreExceptions().until(() -> new HashSet<>(
                        trio.leaders("orders", trio.broker(1)))
                .equals(expected));
    }
}
