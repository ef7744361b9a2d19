package io.paillette.broker.group;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.paillette.broker.postgres.GroupTables;
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
import org.flywaydb.core.Flyway;

/** A migrated database and coordinators on it. */
final class GroupDatabase implements AutoCloseable {

    final PostgresServer.Database database;
    private final HikariDataSource pool;

    GroupDatabase(PostgresServer server) {
        database = server.newDatabase();
        Flyway.configure()
                .dataSource(database.url(), null, null)
                .schemas("paillette")
                .locations("classpath:sql/migration", "classpath:sql/function")
                .load()
                .migrate();
        pool = pool("");
    }

    GroupStore store() {
        return new GroupTables(pool);
    }

    /** With an application_name of its own, so that its backends can be told apart. */
    HikariDataSource pool(String application) {
        var config = new HikariConfig();
        config.setJdbcUrl(database.url() + "&ApplicationName=" + application);
        config.setMaximumPoolSize(4);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(5_000);
        return new HikariDataSource(config);
    }

    static Groups start(GroupStore store, Collection<Topic> topics) {
        return start(store, topics, Map.of());
    }

    static Groups start(GroupStore store, Collection<Topic> topics, Map<String, Object> settings) {
        var values = new HashMap<String, Object>(Map.of("group.initial.rebalance.delay.ms", 0));
        values.putAll(settings);
        var config = new AbstractConfig(new ConfigDef(GroupCoordinatorConfig.CONFIG_DEF), values, false);
        Groups groups = Groups.start(store, config, 1, topics, new NoOffsets());
        Awaitility.await().until(groups::isReady);
        return groups;
    }

    @Override
    public void close() {
        pool.close();
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
