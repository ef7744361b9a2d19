package io.paillette.broker.group;

import io.paillette.broker.api.ApiHandlers;
import io.paillette.broker.api.ApiSettings;
import io.paillette.broker.api.BrokerIdentity;
import io.paillette.broker.api.GroupHandlers;
import io.paillette.broker.api.TransactionHandlers;
import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Clusters;
import io.paillette.broker.feed.SequenceNames;
import io.paillette.broker.log.LogSettings;
import io.paillette.broker.log.Logs;
import io.paillette.broker.net.Listener;
import io.paillette.broker.net.NetSettings;
import io.paillette.broker.net.SocketServer;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.txn.TransactionSettings;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.ApiHandler;
import io.paillette.broker.wire.Dispatcher;
import io.paillette.broker.wire.RequestCounts;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;

/** A broker with groups, composed as the real one, on a port of its own. */
final class RunningGroups implements AutoCloseable {

    final Topics topics;
    final Groups groups;
    private final List<ApiHandler<?>> groupHandlers;
    private final Store store;
    private final Cluster cluster;
    private final Logs logs;
    private final ApiHandlers handlers;
    private final Transactions transactions;
    private final SqlOffsets sqlOffsets;
    private final SocketServer server;
    private final int port;

    private RunningGroups(Database database, Map<String, Object> settings) throws IOException {
        server = SocketServer.bind(
                List.of(new Listener("PLAINTEXT", SecurityProtocol.PLAINTEXT, "127.0.0.1", 0)), NetSettings.defaults());
        port = server.boundPort("PLAINTEXT");
        store = Store.open(StoreSettings.of(database.url()));
        var logSettings = LogSettings.defaults();
        cluster = Clusters.alone(store.cluster(), 0, port);
        logs = Logs.open(logSettings, store.logs(), store.feeds(), cluster, Time.SYSTEM);
        topics = Topics.open(
                store.topics(), logs, logSettings.topicDefaults(), new SequenceNames(Set.of("captured"), Map.of()));
        var config =
                new AbstractConfig(new ConfigDef(GroupCoordinatorConfig.CONFIG_DEF), withDefaults(settings), false);
        transactions =
                new Transactions(store.transactions(), logs.producerIds()::await, TransactionSettings.defaults());
        groups = Groups.start(store.groups(), config, 0, topics, logs, transactions::enter);
        groups.settle(cluster);
        cluster.awaitLeaders(groups.duties()).join();
        var identity = new BrokerIdentity(store.clusterId(), cluster);
        sqlOffsets = new SqlOffsets(store.sqlOffsets());
        groupHandlers = GroupHandlers.of(identity, groups, topics, sqlOffsets, ApiSettings.defaults());
        handlers = new ApiHandlers(
                identity,
                topics,
                logs,
                transactions,
                ApiSettings.defaults(),
                List.of(groupHandlers, TransactionHandlers.of(identity, transactions, topics, logs, groups)));
        server.start(new Dispatcher(handlers.registry(), new RequestCounts()), version -> handlers.versions());
    }

    private static Map<String, Object> withDefaults(Map<String, Object> settings) {
        var all = new HashMap<String, Object>(Map.of(
                "offsets.topic.num.partitions",
                16,
                "group.initial.rebalance.delay.ms",
                0,
                "group.streams.initial.rebalance.delay.ms",
                0,
                "group.streams.min.heartbeat.interval.ms",
                500,
                "group.streams.heartbeat.interval.ms",
                500));
        all.putAll(settings);
        return all;
    }

    static RunningGroups on(Database database) {
        return on(database, Map.of());
    }

    static RunningGroups on(Database database, Map<String, Object> settings) {
        try {
            return new RunningGroups(database, settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Topic create(String name, int partitions) {
        return Client.get(topics.create(new NewTopic(name, partitions, Optional.empty(), Map.of())));
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port));
    }

    void produce(Topic topic, int from, int to) {
        var configs = Map.<String, Object>of("bootstrap.servers", "127.0.0.1:" + port);
        try (var producer = new KafkaProducer<>(configs, new StringSerializer(), new StringSerializer())) {
            for (int i = from; i < to; i++) {
                producer.send(new ProducerRecord<>(topic.name(), i % topic.partitions(), "k", Integer.toString(i)));
            }
            producer.flush();
        }
    }

    KafkaConsumer<String, String> consumer(String group, String protocol) {
        var configs = new HashMap<String, Object>(Map.of(
                "bootstrap.servers",
                "127.0.0.1:" + port,
                "group.id",
                group,
                "group.protocol",
                protocol,
                "enable.auto.commit",
                false,
                "auto.offset.reset",
                "earliest"));
        return new KafkaConsumer<>(configs, new StringDeserializer(), new StringDeserializer());
    }

    /** As the dispatcher asks: through bytes both ways, so that fields a version does not have cannot slip through. */
    @SuppressWarnings("unchecked")
    AbstractResponse ask(ApiKeys key, short version, ApiMessage data) {
        var handler = (ApiHandler<AbstractRequest>) groupHandlers.stream()
                .filter(candidate ->
                        candidate.serves().key() == key && candidate.serves().covers(version))
                .findFirst()
                .orElseThrow();
        var bytes = MessageUtil.toByteBufferAccessor(data, version);
        AbstractRequest request = AbstractRequest.parseRequest(key, version, bytes).request;
        AbstractResponse answer = Client.get(handler.handle(Client.context(key, version), request)
                .toCompletableFuture()
                .<AbstractResponse>thenApply(told -> told)
                .exceptionally(refusal -> request.getErrorResponse(0, refusal)));
        return AbstractResponse.parseResponse(key, MessageUtil.toByteBufferAccessor(answer.data(), version), version);
    }

    GroupOffsets offsets() {
        return new GroupOffsets(groups, sqlOffsets, key -> Client.context(key, key.latestVersion()));
    }

    GroupStore groupStore() {
        return store.groups();
    }

    @Override
    public void close() {
        server.drain();
        handlers.close();
        server.close();
        groups.close();
        transactions.close();
        sqlOffsets.close();
        topics.close();
        logs.close();
        cluster.close();
        store.close();
    }
}
