package io.paillette.broker.postgres;

import com.zaxxer.hikari.HikariPoolMXBean;
import io.paillette.broker.cluster.ClusterStore;
import io.paillette.broker.feed.BackfillStore;
import io.paillette.broker.feed.SequenceStore;
import io.paillette.broker.group.GroupStore;
import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.inbox.InboxStore;
import io.paillette.broker.log.FeedStore;
import io.paillette.broker.log.LogStore;
import io.paillette.broker.replay.ReplayStore;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.topic.TopicStore;
import io.paillette.broker.txn.TransactionStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;

/** The store, open: schema up to date, one pool for each purpose. */
public final class Store implements AutoCloseable {

    /** One commits, one loads. */
    private static final int GROUP_CONNECTIONS = 2;
    /** As many as change transactions at once, and one that looks for those about to end. */
    private static final int TRANSACTION_CONNECTIONS = 5;

    private final NamedQueries queries = NamedQueries.load("cluster.sql");
    private final StoreFigures figures;
    private final Connections writer;
    private final Connections general;
    private final Connections cold;
    private final Connections groups;
    private final Connections transactions;
    private final Connections cluster;
    private final Connections listener;
    private final LogStore logs;
    private final StoreWatch watch;

    private Store(StoreFigures figures, Pools pools) {
        this.figures = figures;
        this.writer = pools.writer();
        this.general = pools.general();
        this.cold = pools.cold();
        this.groups = pools.groups();
        this.transactions = pools.transactions();
        this.cluster = pools.cluster();
        this.listener = pools.listener();
        this.logs = new PostgresLogStore(writer, general, cold);
        this.watch = new StoreWatch(general.as("watch"));
    }

    /** @throws StoreException whose message says what to do when Postgres cannot be used as it is */
    public static Store open(StoreSettings settings) {
        new Migrations(settings).apply();
        Sessions sessions = Sessions.of(settings);
        var health = new StoreHealth(System::nanoTime);
        var calls = new StoreCalls();
        var store = new Store(
                new StoreFigures(health, calls),
                new Pools(
                        Connections.open(settings, sessions, health, calls, "writer", 1),
                        // Its statements find rows by their keys. A plan kept from when a table had one page
                        // would read all of it once it has thousands.
                        Connections.open(
                                settings,
                                sessions,
                                health,
                                calls,
                                "general",
                                settings.generalPool(),
                                "enable_seqscan = off"),
                        // Readers walk the batches in key order and stop early; a bitmap would collect the whole
                        // backlog.
                        Connections.open(
                                settings,
                                sessions,
                                health,
                                calls,
                                "reader",
                                settings.coldReads(),
                                "enable_bitmapscan = off"),
                        Connections.open(settings, sessions, health, calls, "groups", GROUP_CONNECTIONS),
                        Connections.open(
                                settings,
                                sessions,
                                health,
                                calls,
                                "transactions",
                                TRANSACTION_CONNECTIONS,
                                "enable_seqscan = off"),
                        Connections.open(settings, sessions, health, calls, "cluster", 1),
                        Connections.open(settings, sessions, health, calls, "listener", 1)));
        try {
            var unused = store.clusterId(); // every change of topics and leaders is numbered in its row
        } catch (StoreException e) {
            store.close();
            throw e;
        }
        store.watch.start();
        return store;
    }

    public LogStore logs() {
        return logs;
    }

    public TopicStore topics() {
        return new PostgresTopicStore(general);
    }

    public FeedStore feeds() {
        return new PostgresFeedStore(general);
    }

    public BackfillStore backfills() {
        return new PostgresBackfillStore(general);
    }

    public ReplayStore replays() {
        return new PostgresReplayStore(general.as("replays"));
    }

    public SequenceStore sequences() {
        return new PostgresSequenceStore(general);
    }

    /** One connection for commits and one for loading, so that neither waits for anything else. */
    public GroupStore groups() {
        return new GroupTables(groups);
    }

    public SqlOffsets.Store sqlOffsets() {
        return new PostgresSqlOffsets(general);
    }

    public TransactionStore transactions() {
        return new PostgresTransactionStore(transactions);
    }

    /** With one connection to be called on. */
    public InboxStore inbox() {
        return new PostgresInboxStore(general.as("inbox"), listener);
    }

    public StoreHealth health() {
        return figures.health();
    }

    /** Calls to Postgres that succeeded, by purpose. */
    public Map<String, Double> calls() {
        return figures.calls().calls();
    }

    public Map<String, Double> faults() {
        return figures.calls().faults();
    }

    public Map<String, Double> seconds() {
        return figures.calls().seconds();
    }

    /** Connections in use, by purpose. */
    public Map<String, Double> activeConnections() {
        return pools(HikariPoolMXBean::getActiveConnections);
    }

    public Map<String, Double> idleConnections() {
        return pools(HikariPoolMXBean::getIdleConnections);
    }

    public Map<String, Double> waitingThreads() {
        return pools(HikariPoolMXBean::getThreadsAwaitingConnection);
    }

    private Map<String, Double> pools(ToIntFunction<HikariPoolMXBean> value) {
        return Stream.of(writer, general, cold, groups, transactions, cluster, listener)
                .collect(Collectors.toMap(Connections::purpose, pool -> (double) value.applyAsInt(pool.use())));
    }

    /** At most 30 seconds old as long as it is asked for, of the start otherwise. */
    public StoreStatistics statistics() {
        return watch.statistics();
    }

    private record StoreFigures(StoreHealth health, StoreCalls calls) {}

    private record Pools(
            Connections writer,
            Connections general,
            Connections cold,
            Connections groups,
            Connections transactions,
            Connections cluster,
            Connections listener) {}

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
        watch.close();
        writer.close();
        general.close();
        cold.close();
        groups.close();
        transactions.close();
        cluster.close();
        listener.close();
    }
}
