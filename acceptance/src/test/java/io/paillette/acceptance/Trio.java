package io.paillette.acceptance;

import io.paillette.testkit.BrokerProcess;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.awaitility.Awaitility;

/** Two or three broker processes on one database of the shared server. */
final class Trio implements AutoCloseable {

    final Database database = PostgresServer.shared().newDatabase();
    final List<BrokerProcess> brokers = new ArrayList<>();

    static Trio of(int brokers, Map<String, String> settings) {
        var trio = new Trio();
        for (int id = 1; id <= brokers; id++) {
            trio.add(id, settings);
        }
        trio.awaitAcquaintance();
        return trio;
    }

    /** A broker that was alone hears of another at its next heartbeat, and gives it nothing before. */
    private void awaitAcquaintance() {
        for (BrokerProcess broker : brokers) {
            try (Admin admin = admin(broker)) {
                Awaitility.await()
                        .until(() -> get(admin.describeCluster().nodes()).size() == brokers.size());
            }
        }
    }

    BrokerProcess add(int id, Map<String, String> settings) {
        var all = new HashMap<String, String>(settings);
        all.putAll(BrokerProcess.onStore(database, id));
        all.put("group.initial.rebalance.delay.ms", "0");
        BrokerProcess broker = BrokerProcess.start(List.of("-Xmx160m"), all);
        brokers.add(broker);
        return broker;
    }

    /** By its broker.id. */
    BrokerProcess broker(int id) {
        return brokers.get(id - 1);
    }

    String bootstrap() {
        return brokers.stream().map(BrokerProcess::bootstrap).collect(Collectors.joining(","));
    }

    Admin admin(BrokerProcess... asked) {
        String bootstrap = List.of(asked).stream().map(BrokerProcess::bootstrap).collect(Collectors.joining(","));
        // A frozen broker takes connections and does not answer.
        return Admin.create(Map.of(
                "bootstrap.servers",
                asked.length == 0 ? bootstrap() : bootstrap,
                "request.timeout.ms",
                1_000,
                "default.api.timeout.ms",
                5_000));
    }

    void create(String topic, int partitions) {
        try (Admin admin = admin()) {
            get(admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all());
        }
        Awaitility.await().until(() -> leadersAgreed(topic).isPresent());
    }

    /** As {@link #leaders} once all brokers tell the same and each of them leads something; empty until then. */
    Optional<List<Integer>> leadersAgreed(String topic) {
        List<List<Integer>> told = brokers.stream()
                .map(broker -> leaders(topic, broker))
                .distinct()
                .toList();
        boolean agreed = told.size() == 1 && Set.copyOf(told.get(0)).equals(ids());
        return agreed ? Optional.of(told.get(0)) : Optional.empty();
    }

    private Set<Integer> ids() {
        return IntStream.rangeClosed(1, brokers.size()).boxed().collect(Collectors.toSet());
    }

    /** Broker id of each partition's leader, in order, as {@code asked} tells it; -1 for none. */
    List<Integer> leaders(String topic, BrokerProcess... asked) {
        try (Admin admin = admin(asked)) {
            TopicDescription described =
                    get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
            return described.partitions().stream()
                    .map(partition ->
                            partition.leader() == null ? -1 : partition.leader().id())
                    .toList();
        }
    }

    static <T> T get(org.apache.kafka.common.KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        brokers.forEach(BrokerProcess::close);
    }
}
