package io.paillette.broker.group;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Duty;
import io.paillette.broker.cluster.Leader;
import io.paillette.broker.log.Logs;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.timer.PatientTimer;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.TopicChange;
import io.paillette.broker.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.group.Group.GroupType;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorRuntimeMetrics;
import org.apache.kafka.server.share.persister.NoOpStatePersister;
import org.apache.kafka.server.util.PartitionMetadataClient;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumer groups: Kafka's own group coordinator, which keeps its state in our store. Each shard is led by one broker; another
 * one, and a leader that was fenced, answers NOT_COORDINATOR.
 *
 * <p>Threads: Kafka's {@code group.coordinator.threads} event threads and {@code group.coordinator.background.threads}, one
 * timer, one that loads shards, one that commits, one that claims
 * and releases shards and hands over topic changes.
 */
public final class Groups implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Groups.class);
    private static final long MAX_QUEUED_BYTES = 32L << 20;
    private static final long MAX_GROUP_BYTES = 4L << 20;
    private static final long CLOSE_SECONDS = 5;
    private static final long LOADED_POLL_MILLIS = 10;

    private final int brokerId;
    private final GroupSettings settings;
    private final GroupStore store;
    private final ShardLoader loader;
    private final GroupCoordinatorService coordinator;
    private final GroupCommitter committer;
    private final Map<Integer, Shard> shards;
    private final TopicImages images;
    private final Fences fences = new Fences(Time.SYSTEM::milliseconds);
    private final Queue<TopicChange> topicChanges = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean applyingTopics = new AtomicBoolean();
    private final AtomicBoolean settling = new AtomicBoolean();
    private final ExecutorService topicThread =
            Executors.newSingleThreadExecutor(work -> new Thread(work, "paillette-groups-topics"));

    private Groups(
            GroupStore store,
            GroupSettings settings,
            int brokerId,
            PartitionMetadataClient offsets,
            TransactionCheck transactions) {
        this.brokerId = brokerId;
        this.settings = settings;
        this.store = store;
        var queue = new CommitQueue(MAX_QUEUED_BYTES, MAX_GROUP_BYTES);
        this.shards = shards(store, settings, queue);
        this.images = new TopicImages(brokerId);
        this.loader = new ShardLoader(store, shards);
        this.coordinator = coordinator(settings, brokerId, new ShardWriter(shards, transactions), loader, offsets);
        this.committer = new GroupCommitter(store, shards, queue, new Reelection());
        coordinator.startup(shards::size);
    }

    /**
     * Leads no shard yet: {@link #settle} claims them.
     *
     * @param config values of Kafka's group keys; others are not looked at
     * @throws StoreException when the store cannot be reached
     */
    public static Groups start(
            GroupStore store,
            AbstractConfig config,
            int brokerId,
            Topics topics,
            Logs logs,
            TransactionCheck transactions) {
        var groups = new Groups(store, GroupSettings.of(config), brokerId, new LatestOffsets(logs), transactions);
        topics.onChange(groups::topicsChanged);
        groups.committer.start();
        return groups;
    }

    /** Leads every shard, whoever does now; topics are told by {@link #topicsChanged} alone. */
    static Groups start(
            GroupStore store,
            AbstractConfig config,
            int brokerId,
            Collection<Topic> topics,
            PartitionMetadataClient offsets,
            TransactionCheck transactions) {
        var groups = new Groups(store, GroupSettings.of(config), brokerId, offsets, transactions);
        groups.topicsChanged(new TopicChange(List.of(), topics));
        groups.committer.start();
        var epochs = new HashMap<Integer, Integer>();
        store.positions(groups.shards.keySet()).forEach((shard, now) -> epochs.put(shard, now.leaderEpoch()));
        groups.claim(epochs);
        return groups;
    }

    /** Kafka's coordinator: its methods return at once and never fail for an expected refusal. */
    public GroupCoordinator coordinator() {
        return coordinator;
    }

    /** Members that {@link GroupOffsets} has made to leave. */
    public Fences fences() {
        return fences;
    }

    /** Whether {@code group.coordinator.rebalance.protocols} has it; the coordinator does not look. */
    public boolean serves(GroupType protocol) {
        return settings.protocols().contains(protocol);
    }

    /** How often members of streams groups come. */
    public Duration streamsHeartbeatInterval() {
        return Duration.ofMillis(settings.groups().streamsGroupHeartbeatIntervalMs());
    }

    /** Whether every shard that this broker leads is loaded. */
    public boolean isReady() {
        return shards.values().stream().allMatch(shard -> shard.heldEpoch().isEmpty() || shard.isServing());
    }

    public List<Duty.Shard> duties() {
        return shards.keySet().stream().map(Duty.Shard::new).toList();
    }

    /** Brokers have changed: claims the shards that this one should lead, lets go of those it should not. Returns at once. */
    public void settle(Cluster cluster) {
        if (!topicThread.isShutdown() && !settling.getAndSet(true)) {
            topicThread.execute(() -> {
                settling.set(false);
                try {
                    settleShards(cluster);
                } catch (StoreException e) {
                    cluster.unsettled(e);
                }
            });
        }
    }

    private void settleShards(Cluster cluster) {
        int[] targets = cluster.placement().shards(shards.size());
        var claimed = new HashMap<Integer, Integer>();
        var released = new HashMap<Integer, Integer>();
        shards.forEach((number, shard) -> {
            var duty = new Duty.Shard(number);
            Optional<Integer> held = shard.heldEpoch();
            switch (cluster.next(duty, targets[number], held)) {
                case CLAIM -> claimed.put(number, cluster.leaders().of(duty).epoch());
                case RELEASE -> released.put(number, held.orElseThrow());
                case LOST -> resign(shard, number, held.orElseThrow());
                case NONE -> {}
            }
        });
        if (!released.isEmpty()) {
            // What was queued and not committed is answered NOT_COORDINATOR; clients send it to the next one.
            released.forEach((number, epoch) -> resign(shard(number), number, epoch));
            store.release(released);
            released.forEach((number, epoch) ->
                    cluster.leaders().heard(Map.of(new Duty.Shard(number), new Leader(Leader.NOBODY, epoch))));
        }
        if (!claimed.isEmpty()) {
            claim(claimed).forEach(claim -> cluster.leaders()
                    .heard(Map.of(new Duty.Shard(claim.shard()), new Leader(brokerId, claim.leaderEpoch()))));
        }
    }

    private List<ShardPosition> claim(Map<Integer, Integer> expectedEpochs) {
        List<ShardPosition> claims = store.claim(brokerId, expectedEpochs);
        claims.forEach(claim -> {
            if (shard(claim.shard()).claimed(claim)) {
                coordinator.onElection(claim.shard(), claim.leaderEpoch());
            }
        });
        return claims;
    }

    private void resign(Shard shard, int number, int epoch) {
        if (shard.lost(epoch)) {
            coordinator.onResignation(number, OptionalInt.empty());
        }
    }

    private Shard shard(int number) {
        return Optional.ofNullable(shards.get(number))
                .orElseThrow(() -> new IllegalStateException("no coordinator shard " + number));
    }

    /** Tells the coordinator, soon: what comes until then is told in one go. */
    void topicsChanged(TopicChange change) {
        topicChanges.add(change);
        if (!applyingTopics.getAndSet(true)) {
            topicThread.execute(this::applyTopics);
        }
    }

    /** Not on the caller's thread: when topics are deleted Kafka waits here until their offsets are, too. */
    private void applyTopics() {
        applyingTopics.set(false);
        var changes = new ArrayList<TopicChange>();
        for (TopicChange next = topicChanges.poll(); next != null; next = topicChanges.poll()) {
            changes.add(next);
        }
        if (changes.isEmpty()) {
            return;
        }
        try {
            TopicImages.Step step = images.next(changes);
            coordinator.onMetadataUpdate(step.delta(), step.image());
        } catch (RuntimeException e) {
            LOG.error("consumer groups were not told of changed topics", e);
        }
    }

    /** Stops taking requests, commits what was taken, leaves. */
    @Override
    public void close() {
        topicThread.shutdown();
        try {
            if (!topicThread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                topicThread.shutdownNow();
            }
            awaitLoads();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        coordinator.shutdown();
        committer.close();
    }

    /** Kafka's runtime tells every load that its shutdown overtakes as an error, each with a stack trace. */
    private void awaitLoads() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
        while (!isReady() && !loader.isHeld() && System.nanoTime() - deadline < 0) {
            Thread.sleep(LOADED_POLL_MILLIS);
        }
    }

    private static Map<Integer, Shard> shards(GroupStore store, GroupSettings settings, CommitQueue queue) {
        int count = store.shards(settings.shards());
        if (count != settings.shards() && settings.shardsAsked()) {
            LOG.warn(
                    "offsets.topic.num.partitions={} is ignored: this store was made with {}, which cannot be changed",
                    settings.shards(),
                    count);
        }
        var shards = new HashMap<Integer, Shard>();
        for (int number = 0; number < count; number++) {
            shards.put(number, new Shard(number, queue));
        }
        return Map.copyOf(shards);
    }

    private static GroupCoordinatorService coordinator(
            GroupSettings settings,
            int brokerId,
            ShardWriter writer,
            ShardLoader loader,
            PartitionMetadataClient offsets) {
        var metrics = new Metrics();
        return new GroupCoordinatorService.Builder(brokerId, settings.groups())
                .withWriter(writer)
                .withLoader(loader)
                .withTime(Time.SYSTEM)
                .withTimer(new SystemTimerReaper("paillette-groups-timer", new PatientTimer("paillette-groups")))
                .withCoordinatorRuntimeMetrics(new GroupCoordinatorRuntimeMetrics(metrics))
                .withGroupCoordinatorMetrics(
                        new GroupCoordinatorMetrics(new com.yammer.metrics.core.MetricsRegistry(), metrics))
                .withGroupConfigManager(new GroupConfigManager(settings.groups(), settings.shares()))
                .withPersister(new NoOpStatePersister())
                .withAuthorizerPlugin(Optional.empty())
                .withPartitionMetadataClient(offsets)
                .build();
    }

    /** A coordinator that has shut down is told nothing more: its shards are left as they are. */
    private final class Reelection implements GroupCommitter.Elections {

        @Override
        public void resigned(int shard) {
            unlessShutDown(() -> coordinator.onResignation(shard, OptionalInt.empty()));
        }

        @Override
        public void reelected(ShardPosition claim) {
            unlessShutDown(() -> {
                coordinator.onResignation(claim.shard(), OptionalInt.empty());
                coordinator.onElection(claim.shard(), claim.leaderEpoch());
            });
        }

        private static void unlessShutDown(Runnable news) {
            try {
                news.run();
            } catch (CoordinatorNotAvailableException e) {
                LOG.debug("the coordinator of consumer groups has shut down", e);
            }
        }
    }
}
