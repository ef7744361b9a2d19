package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.ChildJvm;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import io.paillette.testkit.transfer.TransferApp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An application moves money between accounts as records tell it, offsets in the same SQL transactions. Two of it run and are
 * killed twenty times; each transfer is done once. {@code -Dkills=}, {@code -Dseed=}.
 */
class ExactlyOnceIntoPostgresIT {

    private static final int ACCOUNTS = 20;
    private static final int PARTITIONS = 4;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Database database = PostgresServer.shared().newDatabase();
    private final Map<Integer, Integer> balances = new HashMap<>();
    private final List<String> orders = new ArrayList<>();

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    @Proves(
            client = "kafka-clients, consumer groups",
            version = Published.KAFKA_CLIENTS,
            what =
                    "both protocols, offsets committed in the SQL transaction of the effects, application killed: each effect once")
    void eachTransferIsDoneOnceThoughTheApplicationIsKilledTwentyTimes(String protocol) throws Exception {
        int kills = Integer.getInteger("kills", protocol.equals("classic") ? 20 : 5);
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println(protocol + " seed " + seed);
        var random = new Random(seed);
        database.execute(
                "create table account (id int primary key, balance bigint not null)",
                "insert into account select i, 0 from generate_series(0, " + (ACCOUNTS - 1) + ") i",
                "create table done (transfer text not null)");
        try (BrokerProcess broker = BrokerProcess.start(
                        List.of("-Xmx160m"),
                        with(
                                BrokerProcess.onStore(database, 1),
                                Map.of(
                                        "group.initial.rebalance.delay.ms",
                                        "0",
                                        "group.min.session.timeout.ms",
                                        "1000",
                                        "group.consumer.session.timeout.ms",
                                        "3000",
                                        "group.consumer.min.session.timeout.ms",
                                        "1000",
                                        "group.consumer.heartbeat.interval.ms",
                                        "500",
                                        "group.consumer.min.heartbeat.interval.ms",
                                        "100")));
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic("transfers", PARTITIONS, (short) 1)))
                    .all()
                    .get();
            var apps = new ArrayList<>(List.of(app(broker, protocol, 0), app(broker, protocol, 1)));
            try {
                for (int kill = 0; kill < kills; kill++) {
                    order(broker, random, 100);
                    awaitDone(orders.size() - 50);
                    int victim = random.nextInt(apps.size());
                    apps.get(victim).close(); // SIGKILL
                    apps.set(victim, app(broker, protocol, victim));
                }
                awaitDone(orders.size());
            } finally {
                apps.forEach(ChildJvm::close);
            }
            assertThat(database.query("select count(*) || ' ' || count(distinct transfer) from done"))
                    .as("seed %d", seed)
                    .isEqualTo(orders.size() + " " + orders.size());
            balances.forEach((account, balance) -> assertThat(
                            database.query("select balance from account where id = " + account))
                    .isEqualTo(String.valueOf(balance)));
        }
    }

    private static Map<String, String> with(Map<String, String> some, Map<String, String> more) {
        var all = new HashMap<>(some);
        all.putAll(more);
        return all;
    }

    private ChildJvm app(BrokerProcess broker, String protocol, int number) {
        return ChildJvm.start(new ChildJvm.Command(
                TransferApp.class.getName(),
                List.of(System.getProperty("java.class.path")),
                List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                List.of(broker.bootstrap(), database.url(), "transfers", protocol),
                directory,
                directory.resolve("app-" + number + ".log")));
    }

    private void order(BrokerProcess broker, Random random, int count) {
        Map<String, Object> config = Map.of("bootstrap.servers", broker.bootstrap());
        try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                int from = random.nextInt(ACCOUNTS);
                int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
                int amount = 1 + random.nextInt(100);
                String order = from + "," + to + "," + amount + "," + orders.size();
                orders.add(order);
                balances.merge(from, -amount, Integer::sum);
                balances.merge(to, amount, Integer::sum);
                producer.send(new ProducerRecord<>("transfers", orders.size() % PARTITIONS, null, order));
            }
        }
    }

    private void awaitDone(int transfers) {
        Awaitility.await()
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> Integer.parseInt(database.query("select count(*) from done")) >= transfers);
    }
}
