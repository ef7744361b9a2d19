package io.paillette.broker.postgres;

import io.paillette.broker.cluster.ClusterStore;
import io.paillette.broker.group.GroupStore;
import io.paillette.broker.log.FeedStore;
import io.paillette.broker.log.LogStore;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.topic.TopicStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import org.apache.kafka.common.Uuid;

/** The store, open: schema up to date, one pool for each purpose. */
public final class Store implements AutoCloseable {

    /** One commits, one loads. */
    private static final int GROUP_CONNECTIONS = 2;

    private final NamedQueries queries = NamedQueries.load("cluster.sql");
    private final Connections writer;
    private final Connections general;
    private final Connections cold;
    private final Connections groups;
    private final Connections cluster;

    private Store(Connections writer, Connections general, Connections cold, Connections groups, Connections cluster) {
        this.writer = writer;
        this.general = general;
        this.cold = cold;
        this.groups = groups;
        this.cluster = cluster;
    }

    /** @throws StoreException whose message says what to do when Postgres cannot be used as it is */
    public static Store open(StoreSettings settings) {
        new Migrations(settings).apply();
        var store = new Store(
                Connections.open(settings, "writer", 1),
                Connections.open(settings, "general", settings.generalPool()),
                // Readers walk the batches in key order and stop early; a bitmap would collect the whole backlog first.
                Connections.open(settings, "reader", settings.coldReads(), "enable_bitmapscan = off"),
                Connections.open(settings, "groups", GROUP_CONNECTIONS),
                Connections.open(settings, "cluster", 1));
        try {
            var unused = store.clusterId(); // every change of topics and leaders is numbered in its row
            return store;
        } catch (StoreException e) {
            store.close();
            throw e;
        }
    }

    public LogStore logs() {
        return new PostgresLogStore(writer, general, cold);
    }

    public TopicStore topics() {
        return new PostgresTopicStore(general);
    }

    public FeedStore feeds() {
        return new PostgresFeedStore(general);
    }

    /** One connection for commits and one for loading, so that neither waits for anything else. */
    public GroupStore groups() {
        return new GroupTables(groups);
    }

    /** On a connection of its own: a heartbeat waits for nothing. */
    public ClusterStore cluster() {
        return new PostgresClusterStore(cluster);
    }

    /** Id of the Kafka cluster that this store is, made by whoever opens it first. */
    public String clusterId() {
        return general.transaction("reading the cluster id", connection -> {
            try (PreparedStatement create = connection.prepareStatement(queries.get("createClusterId"));
                    PreparedStatement read = connection.prepareStatement(queries.get("clusterId"))) {
                create.setString(1, Uuid.randomUuid().toString());
                create.executeUpdate();
                try (ResultSet rows = read.executeQuery()) {
                    rows.next();
                    return rows.getString(1);
                }
            }
        });
    }

    @Override
    public void close() {
        writer.close();
        general.close();
        cold.close();
        groups.close();
        cluster.close();
    }
}
