package io.paillette.broker.group;

import io.paillette.broker.postgres.Store;
import io.paillette.broker.postgres.StoreSettings;
import io.paillette.broker.topic.Topic;
import io.paillette.testkit.PostgresServer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.server.util.PartitionMetadataClient;
import org.awaitility.Awaitility;

/** A migrated database and coordinators on it. */
final class GroupDatabase implements AutoCloseable {

    final PostgresServer.Database database;
    private final Store store;

    GroupDatabase(PostgresServer server) {
        database = server.newDatabase();
        store = Store.open(StoreSettings.of(database.url()));
    }

    GroupStore store() {
        return store.groups();
    }

    static Groups start(GroupStore store, Collection<Topic> topics) {
        return start(store, topics, Map.of());
    }

    static Groups start(GroupStore store, Collection<Topic> topics, Map<String, Object> settings) {
        Groups groups = starting(store, topics, settings);
        Awaitility.await().until(groups::isReady);
        return groups;
    }

    /** Its shards are still loading. */
    static Groups starting(GroupStore store, Collection<Topic> topics, Map<String, Object> settings) {
        return starting(store, topics, settings, entry -> CompletableFuture.completedFuture(null));
    }

    static Groups starting(
            GroupStore store, Collection<Topic> topics, Map<String, Object> settings, TransactionCheck transactions) {
        var values = new HashMap<String, Object>(
                Map.of("offsets.topic.num.partitions", 16, "group.initial.rebalance.delay.ms", 0));
        values.putAll(settings);
        var config = new AbstractConfig(new ConfigDef(GroupCoordinatorConfig.CONFIG_DEF), values, false);
        return Groups.start(store, config, 1, topics, new NoOffsets(), transactions);
    }

    @Override
    public void close() {
        store.close();
    }

    private static final class NoOffsets implements PartitionMetadataClient {

        @Override
        public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(
                Set<TopicPartition> partitions) {
            var answers = new HashMap<TopicPartition, CompletableFuture<OffsetResponse>>();
            partitions.forEach(partition ->
                    answers.put(partition, CompletableFuture.completedFuture(new OffsetResponse(0, Errors.NONE))));
            return answers;
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
