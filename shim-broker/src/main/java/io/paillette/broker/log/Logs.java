package io.paillette.broker.log;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Duty;
import io.paillette.broker.log.AppendGroup.FeedMove;
import io.paillette.broker.log.FeedStore.FeedClaim;
import io.paillette.broker.log.LogParts.Readers;
import io.paillette.broker.log.PendingAppend.Part;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.topic.PartitionLeader;
import io.paillette.broker.topic.Topic;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.FencedLeaderEpochException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The partitions this broker leads, and the sources it feeds. */
public final class Logs implements PartitionLeader, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Logs.class);

    /** Enough for some consumers that catch up at the same time; the others wait for the store. */
    private static final long READ_AHEAD_BYTES = 8L << 20;

    private final FeedStore feeds;
    private final StoreThreads threads;
    private final LogParts parts;
    private final ProducerIds producerIds;
    private final Cluster cluster;
    private final SourceLeadership sources;
    private final Leadership leadership;
    private final Housekeeping housekeeping;
    private final Map<String, FeedLease> leases = new ConcurrentHashMap<>();
    private final List<Consumer<TopicPartition>> advanceListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<TopicPartition>> resignListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<Set<String>>> sourceListeners = new CopyOnWriteArrayList<>();

    private Logs(LogSettings settings, LogStore store, FeedStore feeds, Cluster cluster, Time time) {
        this.feeds = feeds;
        this.cluster = cluster;
        this.threads = new StoreThreads(settings.readThreads());
        var writer = new LogWriter(store, settings.appendQueueBytes(), settings.appendPatience(), new Callbacks());
        this.parts = new LogParts(
                store,
                writer,
                new Readers(threads.reads(), new ReadAhead(READ_AHEAD_BYTES)),
                threads.housekeeping(),
                new TailCache(settings.tailCacheBytes()),
                settings.producerExpiry(),
                time);
        this.sources = new SourceLeadership(
                cluster, feeds, leases::containsKey, fed -> sourceListeners.forEach(told -> told.accept(fed)));
        this.leadership =
                new Leadership(cluster, sources, parts, new LogConfigs(settings.topicDefaults()), this::givenUp);
        this.producerIds = new ProducerIds(store, threads.reads());
        this.housekeeping = new Housekeeping(store, this::led, settings.housekeeping(), time);
    }

    /** Leads nothing yet: {@code Topics} calls {@link #settle}. */
    public static Logs open(LogSettings settings, LogStore store, FeedStore feeds, Cluster cluster, Time time) {
        var logs = new Logs(settings, store, feeds, cluster, time);
        logs.housekeeping.start(logs.threads);
        return logs;
    }

    public Optional<PartitionLog> find(TopicPartition partition) {
        return leadership.find(partition);
    }

    /** A topic's partitions as the store has them now, whoever leads them. Blocks; fails with {@link StoreException}. */
    public List<StoredPartition> stored(Topic topic) {
        return leadership.stored(topic);
    }

    public HousekeepingCounts housekeepingCounts() {
        return housekeeping.counts();
    }

    private List<PartitionLog> led() {
        return leadership.all().stream().filter(PartitionLog::isLed).toList();
    }

    Housekeeping housekeeping() {
        return housekeeping;
    }

    /** Bytes of appends that wait for their commit. */
    public long waitingAppendBytes() {
        return parts.writer().reservedBytes();
    }

    public AppendCounts appendCounts() {
        return parts.writer().counts();
    }

    public TailCacheCounts tailCacheCounts() {
        return parts.cache().counts();
    }

    public ProducerIds producerIds() {
        return producerIds;
    }

    /**
     * Begins to feed a source that this broker leads: appends of earlier beginnings fail from now on. Until
     * {@link #releaseFeed} the source is not handed over.
     *
     * @return its position as the last committed append left it; empty before the first one
     */
    public CompletableFuture<Optional<String>> claimFeed(String source) {
        return threads.reads().ask(() -> {
            FeedClaim claim = Optional.of(source)
                    .filter(led -> cluster.isActing())
                    .flatMap(led -> feeds.claim(led, cluster.brokerId()))
                    .orElseThrow(
                            () -> new FencedLeaderEpochException("another broker leads source " + source + " now"));
            leases.put(source, new FeedLease(source, claim.ownerEpoch()));
            return claim.position();
        });
    }

    /** Its feed has stopped here. */
    public void releaseFeed(String source) {
        leases.remove(source);
        cluster.settleAgain();
    }

    /** As {@link #append(List, FeedPosition, Optional)}, where nothing has to be ended. */
    public CompletableFuture<Void> append(List<OwnRecords> appends, FeedPosition position) {
        return append(appends, position, Optional.empty());
    }

    /**
     * Appends to many partitions and moves a feed's position, all in one SQL transaction or not at all. Appends of one source
     * commit in call order. Once one has failed all later ones fail too, until {@link #claimFeed} is called again.
     * The caller bounds how much it has under way; {@code appends} may be empty, then only the position moves.
     *
     * @param position what {@link FeedPosition#source} stands at once these records are committed
     * @param ending   what ends, behind these records, a transaction that is spread over several appends
     */
    public CompletableFuture<Void> append(List<OwnRecords> appends, FeedPosition position, Optional<OwnEnding> ending) {
        FeedLease lease = leases.get(position.source());
        if (lease == null) {
            return CompletableFuture.failedFuture(
                    new FencedLeaderEpochException("source " + position.source() + " was not claimed; claim it first"));
        }
        var done = new CompletableFuture<Void>();
        try {
            var move = new FeedMove(position.source(), lease.ownerEpoch(), position.text());
            Map<Long, Staging> stagings = stagings(appends, ending);
            lease.holding(() -> submit(List.copyOf(stagings.values()), Optional.of(move), done));
        } catch (ApiException e) {
            lease.breakOff();
            done.completeExceptionally(e);
        } catch (RuntimeException | Error e) {
            lease.breakOff(); // or the next append would skip these records
            throw e;
        }
        return done;
    }

    /** Whether a transaction that is spread over several appends was aborted, anywhere and by whomever. */
    public CompletableFuture<Boolean> isAborted(long producerId) {
        return threads.reads().ask(() -> feeds.isAborted(producerId));
    }

    /** Completes when records of a transaction that is spread over several appends may be appended to a partition. */
    public CompletableFuture<Void> readyForTransaction(TopicPartition partition) {
        return required(partition).readyForTransaction();
    }

    /**
     * Appends what was published by SQL and takes it out of the inbox, all in one SQL transaction or not at all. The caller
     * bounds how much it has under way.
     */
    public CompletableFuture<Void> append(Published published) {
        var done = new CompletableFuture<Void>();
        try {
            PartitionLog log = find(published.partition())
                    .filter(led -> led.id() == published.partitionId())
                    .orElseThrow(() -> notLed(published.partition()));
            submit(
                    List.of(new Staging(log, OwnAppend.taking(published.records(), published.ids()))),
                    Optional.empty(),
                    done);
        } catch (ApiException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    /** Odd while this broker is about to lead something more, which it may do for one partition already and not for the next. */
    public long leaderships() {
        return leadership.claims();
    }

    private static NotLeaderOrFollowerException notLed(TopicPartition partition) {
        return new NotLeaderOrFollowerException(partition + " is not led by this broker");
    }

    /** In the order of partition ids, which is the order of their locks. */
    private Map<Long, Staging> stagings(List<OwnRecords> appends, Optional<OwnEnding> ending) {
        var stagings = new TreeMap<Long, Staging>();
        ending.ifPresent(end -> end.partitions().stream()
                .map(this::required)
                .filter(log -> log.isOpen(end.marker()))
                .forEach(log -> stagings.put(log.id(), new Staging(log, OwnAppend.ending(end.marker())))));
        for (OwnRecords append : appends) {
            PartitionLog log = required(append.partition());
            stagings.merge(
                    log.id(),
                    new Staging(log, OwnAppend.of(append.records(), endingAlso(ending, append))),
                    (staged, more) -> new Staging(log, staged.append().and(append.records())));
        }
        return stagings;
    }

    /** The transaction may begin in a partition with the very append that ends it. */
    private static Optional<TransactionMarker> endingAlso(Optional<OwnEnding> ending, OwnRecords append) {
        return ending.map(OwnEnding::marker).filter(marker -> append.isOf(marker.producerId()));
    }

    private PartitionLog required(TopicPartition partition) {
        return find(partition).orElseThrow(() -> notLed(partition));
    }

    private void submit(List<Staging> stagings, Optional<FeedMove> move, CompletableFuture<Void> done) {
        stagings.forEach(staging -> staging.log().appendLock().lock());
        try {
            List<Part> staged = stagings.stream()
                    .map(staging -> staging.log().stageOwn(staging.append()))
                    .toList();
            parts.writer()
                    .submit(new PendingAppend(staged, move, () -> done.complete(null), done::completeExceptionally));
            staged.forEach(part -> part.log().staged(part));
        } finally {
            stagings.forEach(staging -> staging.log().appendLock().unlock());
        }
    }

    /** Calls back after each move of a high watermark, on the committing thread: the listener must not block. */
    public void onAdvance(Consumer<TopicPartition> listener) {
        advanceListeners.add(listener);
    }

    /** Calls back when a partition is not led here any more; the listener must not block. */
    public void onResign(Consumer<TopicPartition> listener) {
        resignListeners.add(listener);
    }

    /** Calls back with the sources that should be fed here, whenever they change; the listener must not block. */
    public void onSources(Consumer<Set<String>> listener) {
        sourceListeners.add(listener);
    }

    @Override
    public void lead(Collection<Topic> topics) {
        sources.claim(sourcesOf(topics));
        var unused = leadership.lead(topics);
    }

    @Override
    public void settle(Collection<Topic> all) {
        sources.claim(sourcesOf(all));
        List<PartitionLog> released = leadership.lead(all);
        try {
            leadership.release(released);
            sources.release();
        } catch (StoreException e) {
            cluster.unsettled(e);
        }
    }

    @Override
    public void drop(Topic topic) {
        leadership.drop(topic);
        threads.housekeeping().execute(housekeeping::deleteDroppedNow);
    }

    @Override
    public CompletableFuture<Void> led(Topic topic) {
        return cluster.awaitLeaders(IntStream.range(0, topic.partitions())
                .mapToObj(index -> new Duty.Partition(topic.id(), index))
                .toList());
    }

    private static List<String> sourcesOf(Collection<Topic> topics) {
        return topics.stream().flatMap(topic -> topic.source().stream()).toList();
    }

    private void givenUp(PartitionLog log) {
        tell(resignListeners, log);
    }

    /** Commits what is queued and saves what makes the next start short. */
    @Override
    public void close() {
        housekeeping.stop();
        parts.writer().close();
        leadership.all().forEach(PartitionLog::saveProducers);
        threads.close();
    }

    private final class Callbacks implements LogWriter.Listeners {

        @Override
        public void advanced(PartitionLog log) {
            tell(advanceListeners, log);
        }

        @Override
        public void resigned(PartitionLog log) {
            LOG.info("{} has another leader now", log.partition());
            tell(resignListeners, log);
        }

        @Override
        public void feedBroken(String source, long ownerEpoch) {
            FeedLease lease = leases.get(source);
            if (lease != null && lease.ownerEpoch() == ownerEpoch) {
                lease.breakOff();
            }
        }
    }

    /** A listener's fault must not stop the log. */
    private static void tell(List<Consumer<TopicPartition>> listeners, PartitionLog log) {
        for (Consumer<TopicPartition> listener : listeners) {
            try {
                listener.accept(log.partition());
            } catch (RuntimeException e) {
                LOG.error("a listener of {} has failed", log.partition(), e);
            }
        }
    }

    private record Staging(PartitionLog log, OwnAppend append) {}

    /** @param text an opaque line, given back unchanged by {@link #claimFeed} and {@link FeedStore#load} */
    public record FeedPosition(String source, String text) {}
}
