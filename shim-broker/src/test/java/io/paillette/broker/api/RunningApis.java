package io.paillette.broker.api;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.ClusterStore;
import io.paillette.broker.cluster.Clusters;
import io.paillette.broker.group.Groups;
import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.inbox.Inbox;
import io.paillette.broker.log.HousekeepingSettings;
import io.paillette.broker.log.LogSettings;
import io.paillette.broker.log.Logs;
import io.paillette.broker.net.Listener;
import io.paillette.broker.net.NetSettings;
import io.paillette.broker.net.SocketServer;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.txn.LedParticipants;
import io.paillette.broker.txn.TransactionEnds;
import io.paillette.broker.txn.TransactionSettings;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.Dispatcher;
import io.paillette.broker.wire.RequestCounts;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;

/** The broker without capture, composed as the real one, on a port of its own. */
public final class RunningApis implements AutoCloseable {

    final Store store;
    final Cluster cluster;
    final Logs logs;
    final Topics topics;
    final Transactions transactions;
    final Groups groups;
    final TransactionEnds ends;
    final SqlOffsets sqlOffsets;
    final Inbox inbox;
    final ApiHandlers handlers;
    final RequestCounts counts = new RequestCounts();
    final SocketServer server;
    final int port;

    private RunningApis(String storeUrl, NetSettings settings, LogSettings logSettings, Joins joins, int id)
            throws IOException {
        server = SocketServer.bind(
                List.of(new Listener("PLAINTEXT", SecurityProtocol.PLAINTEXT, "127.0.0.1", 0)), settings);
        port = server.boundPort("PLAINTEXT");
        store = Store.open(StoreSettings.of(storeUrl));
        cluster = joins.join(store.cluster(), id, port);
        logs = Logs.open(logSettings, store.logs(), store.feeds(), cluster, Time.SYSTEM);
        topics = Topics.open(store.topics(), logs, logSettings.topicDefaults());
        var groupKeys = new AbstractConfig(
                new ConfigDef(GroupCoordinatorConfig.CONFIG_DEF),
                Map.of(
                        "offsets.topic.num.partitions",
                        16,
                        "group.initial.rebalance.delay.ms",
                        0,
                        "group.streams.initial.rebalance.delay.ms",
                        0),
                false);
        transactions = new Transactions(store.transactions(), logs.producerIds()::await, settings());
        groups = Groups.start(store.groups(), groupKeys, id, topics, logs, transactions::enter);
        ends = TransactionEnds.start(
                store.transactions(), transactions, cluster, new LedParticipants(topics, logs, groups.coordinator()));
        cluster.onChange(this::settle);
        settle();
        cluster.awaitLeaders(groups.duties()).join();
        sqlOffsets = new SqlOffsets(store.sqlOffsets());
        inbox = Inbox.start(id, store.inbox(), logs);
        BrokerIdentity identity = new BrokerIdentity(store.clusterId(), cluster);
        handlers = new ApiHandlers(
                identity,
                topics,
                logs,
                transactions,
                ApiSettings.defaults(),
                List.of(
                        GroupHandlers.of(identity, groups, topics, sqlOffsets, ApiSettings.defaults()),
                        TransactionHandlers.of(identity, transactions, topics, logs, groups)));
        server.start(new Dispatcher(handlers.registry(), counts), version -> handlers.versions());
    }

    public static RunningApis on(Database database) {
        return on(database, NetSettings.defaults());
    }

    public static RunningApis on(Database database, NetSettings settings) {
        return on(database, settings, compactingSoon());
    }

    private static LogSettings compactingSoon() {
        LogSettings defaults = LogSettings.defaults();
        return new LogSettings(
                defaults.tailCacheBytes(),
                defaults.appendQueueBytes(),
                defaults.appendPatience(),
                defaults.readThreads(),
                Map.of(),
                defaults.producerExpiry(),
                new HousekeepingSettings(1 << 20, Duration.ofMinutes(5), Duration.ofMillis(200), 1 << 20));
    }

    public static RunningApis on(Database database, NetSettings settings, LogSettings logSettings) {
        try {
            return new RunningApis(database.url(), settings, logSettings, Clusters::alone, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of several on the database. */
    static RunningApis joining(Database database, int id) {
        return joining(database.url(), id);
    }

    static RunningApis joining(String storeUrl, int id) {
        try {
            return new RunningApis(storeUrl, NetSettings.defaults(), LogSettings.defaults(), Clusters::join, id);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Timed-out transactions are looked for often. */
    private static TransactionSettings settings() {
        TransactionSettings defaults = TransactionSettings.defaults();
        return new TransactionSettings(
                defaults.maxTimeout(), Duration.ofMillis(200), defaults.idExpiry(), defaults.expiryCheck());
    }

    private void settle() {
        groups.settle(cluster);
        var unused = topics.follow(cluster.topicsRevision()).whenComplete((done, failure) -> ends.settle());
    }

    public int port() {
        return port;
    }

    String bootstrap() {
        return "127.0.0.1:" + port;
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap()));
    }

    KafkaProducer<String, String> producer(Map<String, Object> more) {
        var configs = new HashMap<String, Object>(Map.of("bootstrap.servers", bootstrap(), "max.block.ms", 20_000));
        configs.putAll(more);
        return new KafkaProducer<>(configs, new StringSerializer(), new StringSerializer());
    }

    KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        var configs = new HashMap<String, Object>(
                Map.of("bootstrap.servers", bootstrap(), "enable.auto.commit", false, "auto.offset.reset", "earliest"));
        configs.putAll(more);
        return new KafkaConsumer<>(configs, new StringDeserializer(), new StringDeserializer());
    }

    @Override
    public void close() {
        server.drain();
        handlers.close();
        server.close();
        ends.close();
        inbox.close();
        sqlOffsets.close();
        groups.close();
        transactions.close();
        topics.close();
        logs.close();
        cluster.close();
        store.close();
    }

    @FunctionalInterface
    private interface Joins {
        Cluster join(ClusterStore store, int id, int port);
    }
}
