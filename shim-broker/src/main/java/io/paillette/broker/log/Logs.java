package io.paillette.broker.log;

import io.paillette.broker.log.AppendGroup.FeedMove;
import io.paillette.broker.log.FeedStore.FeedClaim;
import io.paillette.broker.log.LogStore.ClaimRequest;
import io.paillette.broker.log.PendingAppend.Part;
import io.paillette.broker.topic.PartitionLeader;
import io.paillette.broker.topic.Topic;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.FencedLeaderEpochException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The partitions this broker leads. */
public final class Logs implements PartitionLeader, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Logs.class);

    private final LogSettings settings;
    private final LogStore store;
    private final FeedStore feeds;
    private final StoreThreads threads;
    private final LogParts parts;
    private final ProducerIds producerIds;
    private final Housekeeping housekeeping;
    private final Map<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();
    private final Map<Uuid, Integer> ledPartitions = new HashMap<>(); // of the caller of lead and drop alone
    private final Map<String, FeedLease> leases = new ConcurrentHashMap<>();
    private final List<Consumer<TopicPartition>> advanceListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<TopicPartition>> resignListeners = new CopyOnWriteArrayList<>();

    private Logs(LogSettings settings, LogStore store, FeedStore feeds, Time time) {
        this.settings = settings;
        this.store = store;
        this.feeds = feeds;
        this.threads = new StoreThreads(settings.readThreads());
        var writer = new LogWriter(store, settings.appendQueueBytes(), settings.appendPatience(), new Callbacks());
        this.parts = new LogParts(
                store,
                writer,
                threads.reads(),
                threads.housekeeping(),
                new TailCache(settings.tailCacheBytes()),
                emptyDirectory(),
                time);
        this.producerIds = new ProducerIds(store, threads.reads());
        this.housekeeping = new Housekeeping(store, this::led, settings.housekeeping(), time);
    }

    /** Leads nothing yet: {@code Topics.open} calls {@link #lead}. */
    public static Logs open(LogSettings settings, LogStore store, FeedStore feeds, Time time) {
        var logs = new Logs(settings, store, feeds, time);
        logs.housekeeping.start(logs.threads);
        return logs;
    }

    public Optional<PartitionLog> find(TopicPartition partition) {
        return Optional.ofNullable(logs.get(partition));
    }

    public HousekeepingCounts housekeepingCounts() {
        return housekeeping.counts();
    }

    private List<PartitionLog> led() {
        return logs.values().stream().filter(PartitionLog::isLed).toList();
    }

    Housekeeping housekeeping() {
        return housekeeping;
    }

    /** Bytes of appends that wait for their commit. */
    public long waitingAppendBytes() {
        return parts.writer().reservedBytes();
    }

    public ProducerIds producerIds() {
        return producerIds;
    }

    /**
     * Takes a source over: appends of its former owner fail from now on.
     *
     * @return its position as the last committed append left it; empty before the first one
     */
    public CompletableFuture<Optional<String>> claimFeed(String source) {
        return CompletableFuture.supplyAsync(
                () -> {
                    FeedClaim claim = feeds.claim(source);
                    leases.put(source, new FeedLease(source, claim.ownerEpoch()));
                    return claim.position();
                },
                threads.reads());
    }

    /**
     * Appends to many partitions and moves a feed's position, all in one SQL transaction or not at all. Appends of one source
     * commit in call order. Once one has failed all later ones fail too, until {@link #claimFeed} is called again.
     * The caller bounds how much it has under way; {@code appends} may be empty, then only the position moves.
     *
     * @param position what {@link FeedPosition#source} stands at once these records are committed
     */
    public CompletableFuture<Void> append(List<SequenceAppend> appends, FeedPosition position) {
        var done = new CompletableFuture<Void>();
        try {
            FeedLease lease = leases.get(position.source());
            if (lease == null) {
                throw new FencedLeaderEpochException(
                        "source " + position.source() + " was not claimed; claim it first");
            }
            var move = new FeedMove(position.source(), lease.ownerEpoch(), position.text());
            Map<Long, Staging> stagings = stagings(appends);
            lease.holding(() -> submit(List.copyOf(stagings.values()), move, done));
        } catch (ApiException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    /** In the order of partition ids, which is the order of their locks. */
    private Map<Long, Staging> stagings(List<SequenceAppend> appends) {
        var stagings = new TreeMap<Long, Staging>();
        for (SequenceAppend append : appends) {
            PartitionLog log = logs.get(append.partition());
            if (log == null) {
                throw new UnknownTopicOrPartitionException(append.partition() + " is not led by this broker");
            }
            stagings.computeIfAbsent(log.id(), id -> new Staging(log, new ArrayList<>()))
                    .records()
                    .add(append.records());
        }
        return stagings;
    }

    private void submit(List<Staging> stagings, FeedMove move, CompletableFuture<Void> done) {
        stagings.forEach(staging -> staging.log().appendLock().lock());
        try {
            List<Part> staged = stagings.stream()
                    .map(staging -> staging.log().stageOwn(staging.records()))
                    .toList();
            parts.writer()
                    .submit(new PendingAppend(
                            staged, Optional.of(move), () -> done.complete(null), done::completeExceptionally));
            staged.forEach(part -> part.log().staged(part));
        } finally {
            stagings.forEach(staging -> staging.log().appendLock().unlock());
        }
    }

    /** Calls back after each move of a high watermark, on the committing thread: the listener must not block. */
    public void onAdvance(Consumer<TopicPartition> listener) {
        advanceListeners.add(listener);
    }

    /** Calls back, on the committing thread, when a partition turns out to have another leader. */
    public void onResign(Consumer<TopicPartition> listener) {
        resignListeners.add(listener);
    }

    @Override
    public void lead(Collection<Topic> topics) {
        var byId = new HashMap<Uuid, Topic>();
        var requests = new ArrayList<ClaimRequest>();
        for (Topic topic : topics) {
            byId.put(topic.id(), topic);
            int led = ledPartitions.getOrDefault(topic.id(), 0);
            LogConfig config = config(topic);
            for (int index = 0; index < led; index++) {
                find(new TopicPartition(topic.name(), index)).ifPresent(log -> log.configure(config));
            }
            if (led < topic.partitions()) {
                requests.add(new ClaimRequest(topic.id(), led));
            }
        }
        if (requests.isEmpty()) {
            return;
        }
        Map<Uuid, LogConfig> configs = new HashMap<>();
        for (LogStore.Claim claim : store.claim(settings.brokerId(), requests)) {
            Topic topic = byId.get(claim.topicId());
            if (topic != null) {
                var partition = new TopicPartition(topic.name(), claim.index());
                LogConfig config = configs.computeIfAbsent(topic.id(), id -> config(topic));
                logs.put(partition, new PartitionLog(partition, claim, config, parts));
            }
        }
        requests.forEach(request -> {
            Topic topic = byId.get(request.topicId());
            if (topic != null) {
                ledPartitions.put(topic.id(), topic.partitions());
            }
        });
    }

    @Override
    public void drop(Topic topic) {
        ledPartitions.remove(topic.id());
        for (int index = 0; index < topic.partitions(); index++) {
            PartitionLog log = logs.remove(new TopicPartition(topic.name(), index));
            if (log != null) {
                log.resign();
            }
        }
        threads.housekeeping().execute(housekeeping::deleteDroppedNow);
    }

    private LogConfig config(Topic topic) {
        var own = new Properties();
        own.putAll(topic.configs());
        return LogConfig.fromProps(settings.topicDefaults(), own);
    }

    /** Commits what is queued and saves what makes the next start short. */
    @Override
    public void close() {
        housekeeping.stop();
        parts.writer().close();
        logs.values().forEach(PartitionLog::saveProducers);
        threads.close();
        if (!parts.empty().delete()) {
            LOG.warn("{} was not removed", parts.empty());
        }
    }

    private static File emptyDirectory() {
        try {
            return Files.createTempDirectory("paillette-empty").toFile();
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary directory could be made", e);
        }
    }

    private final class Callbacks implements LogWriter.Listeners {

        @Override
        public void advanced(PartitionLog log) {
            tell(advanceListeners, log);
        }

        @Override
        public void resigned(PartitionLog log) {
            LOG.warn("{} has another leader now", log.partition());
            tell(resignListeners, log);
        }

        @Override
        public void feedBroken(String source, long ownerEpoch) {
            FeedLease lease = leases.get(source);
            if (lease != null && lease.ownerEpoch() == ownerEpoch) {
                lease.breakOff();
            }
        }

        /** A listener's fault must not stop the log. */
        private void tell(List<Consumer<TopicPartition>> listeners, PartitionLog log) {
            for (Consumer<TopicPartition> listener : listeners) {
                try {
                    listener.accept(log.partition());
                } catch (RuntimeException e) {
                    LOG.error("a listener of {} has failed", log.partition(), e);
                }
            }
        }
    }

    private record Staging(PartitionLog log, List<MemoryRecords> records) {}

    /** Records for one partition of a sequence, built by this broker; stamped in place. */
    public record SequenceAppend(TopicPartition partition, MemoryRecords records) {}

    /** @param text an opaque line, given back unchanged by {@link #claimFeed} and {@link FeedStore#load} */
    public record FeedPosition(String source, String text) {}
}
