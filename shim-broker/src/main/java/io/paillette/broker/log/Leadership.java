package io.paillette.broker.log;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Duty;
import io.paillette.broker.cluster.Leader;
import io.paillette.broker.cluster.Move;
import io.paillette.broker.log.LogStore.ClaimRequest;
import io.paillette.broker.log.LogStore.Held;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.topic.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions this broker leads: claims those it should lead and nobody does, lets go of those that another broker should
 * lead, drops those that were taken. For one thread, except {@link #find}, {@link #all}, {@link #claims} and {@link #stored}.
 */
final class Leadership {

    /** One transaction each, so that heartbeats of others never wait long for it. */
    private static final int CLAIMS_AT_ONCE = 1000;
    /** Nobody leads these while they are handed over. */
    private static final int RELEASES_AT_ONCE = 250;

    private final Cluster cluster;
    private final SourceLeadership sources;
    private final LogParts parts;
    private final LogConfigs configs;
    private final Consumer<PartitionLog> givenUp;
    private final Map<TopicPartition, PartitionLog> logs = new ConcurrentHashMap<>();
    private final AtomicLong claims = new AtomicLong();

    Leadership(
            Cluster cluster,
            SourceLeadership sources,
            LogParts parts,
            LogConfigs configs,
            Consumer<PartitionLog> givenUp) {
        this.cluster = cluster;
        this.sources = sources;
        this.parts = parts;
        this.configs = configs;
        this.givenUp = givenUp;
    }

    Optional<PartitionLog> find(TopicPartition partition) {
        return Optional.ofNullable(logs.get(partition));
    }

    Collection<PartitionLog> all() {
        return logs.values();
    }

    /** Odd while this broker is about to lead something more, which it may do for one partition already and not for the next. */
    long claims() {
        return claims.get();
    }

    /** @return those that another broker should lead */
    List<PartitionLog> lead(Collection<Topic> topics) {
        var claims = new ArrayList<ClaimRequest>();
        var released = new ArrayList<PartitionLog>();
        Map<Uuid, Topic> byId = new HashMap<>();
        for (Topic topic : topics) {
            byId.put(topic.id(), topic);
            int[] targets = targets(topic);
            LogConfig config = configs.of(topic);
            for (int index = 0; index < topic.partitions(); index++) {
                PartitionLog held = held(topic, index);
                if (held != null) {
                    held.configure(config);
                }
                Move move = next(topic, index, targets[index], held);
                if (held != null && (move == Move.LOST || (move == Move.NONE && held.hasYielded()))) {
                    giveUp(held);
                    move = next(topic, index, targets[index], null);
                }
                if (move == Move.CLAIM) {
                    var duty = new Duty.Partition(topic.id(), index);
                    claims.add(new ClaimRequest(
                            topic.id(), index, cluster.leaders().of(duty).epoch()));
                } else if (held != null && move == Move.RELEASE) {
                    released.add(held);
                }
            }
        }
        for (int from = 0; from < claims.size(); from += CLAIMS_AT_ONCE) {
            claim(claims.subList(from, Math.min(claims.size(), from + CLAIMS_AT_ONCE)), byId);
        }
        return released;
    }

    /**
     * A topic's partitions as the store has them now, for somebody to read who leads none of them: what comes later is not seen. Where
     * they end is asked before what is open, so that nothing undecided is below.
     */
    List<StoredPartition> stored(Topic topic) {
        List<LogStore.Claim> found = parts.store().look(topic.id());
        Set<Duty.Partition> open = open(found);
        return found.stream()
                .map(claim -> {
                    var partition = new TopicPartition(topic.name(), claim.index());
                    var log = new PartitionLog(partition, claim, configs.of(topic), parts);
                    if (open.contains(new Duty.Partition(claim.topicId(), claim.index()))) {
                        log.loadTransactions();
                    }
                    return new StoredPartition(log);
                })
                .toList();
    }

    private Set<Duty.Partition> open(List<LogStore.Claim> claims) {
        return parts.store()
                .openPartitions(claims.stream()
                        .map(claim -> new Duty.Partition(claim.topicId(), claim.index()))
                        .toList());
    }

    /** What is under way is committed first, so that no client loses an answer. */
    void release(List<PartitionLog> released) {
        for (int from = 0; from < released.size(); from += RELEASES_AT_ONCE) {
            List<PartitionLog> some = released.subList(from, Math.min(released.size(), from + RELEASES_AT_ONCE));
            some.forEach(PartitionLog::yieldUp);
            parts.writer().awaitSubmitted();
            some.forEach(PartitionLog::saveProducers);
            parts.store()
                    .release(some.stream()
                            .map(log -> new Held(log.id(), log.leaderEpoch()))
                            .toList());
            var news = new HashMap<Duty, Leader>();
            some.forEach(log -> news.put(duty(log), new Leader(Leader.NOBODY, log.leaderEpoch())));
            cluster.leaders().heard(news);
            some.forEach(this::giveUp);
        }
    }

    void drop(Topic topic) {
        for (int index = 0; index < topic.partitions(); index++) {
            PartitionLog held = held(topic, index);
            if (held != null) {
                giveUp(held);
            }
            cluster.leaders().forget(new Duty.Partition(topic.id(), index));
        }
    }

    private int[] targets(Topic topic) {
        return topic.source()
                .map(source -> IntStream.generate(() -> sources.leader(source))
                        .limit(topic.partitions())
                        .toArray())
                .orElseGet(() -> cluster.placement().partitions(topic.id(), topic.partitions()));
    }

    /** Null when this broker does not lead it, or leads one of a topic of the same name that was deleted meanwhile. */
    private @Nullable PartitionLog held(Topic topic, int index) {
        PartitionLog log = logs.get(new TopicPartition(topic.name(), index));
        return log != null && log.topicId().equals(topic.id()) ? log : null;
    }

    private Move next(Topic topic, int index, int target, @Nullable PartitionLog held) {
        return cluster.next(
                new Duty.Partition(topic.id(), index),
                target,
                Optional.ofNullable(held).map(PartitionLog::leaderEpoch));
    }

    private void claim(List<ClaimRequest> requests, Map<Uuid, Topic> topics) {
        this.claims.incrementAndGet();
        try {
            var news = new HashMap<Duty, Leader>();
            List<LogStore.Claim> claims = parts.store().claim(cluster.brokerId(), requests);
            Set<Duty.Partition> open = open(claims);
            for (LogStore.Claim claim : claims) {
                Topic topic = topics.get(claim.topicId());
                if (topic != null) {
                    var partition = new TopicPartition(topic.name(), claim.index());
                    var log = new PartitionLog(partition, claim, configs.of(topic), parts);
                    if (open.contains(new Duty.Partition(claim.topicId(), claim.index()))) {
                        log.loadTransactions();
                    }
                    logs.put(partition, log);
                    news.put(
                            new Duty.Partition(topic.id(), claim.index()),
                            new Leader(cluster.brokerId(), claim.leaderEpoch()));
                }
            }
            cluster.leaders().heard(news);
        } catch (StoreException e) {
            cluster.unsettled(e);
        } finally {
            this.claims.incrementAndGet();
        }
    }

    private void giveUp(PartitionLog log) {
        logs.remove(log.partition(), log);
        log.resign();
        givenUp.accept(log);
    }

    private static Duty duty(PartitionLog log) {
        return new Duty.Partition(log.topicId(), log.partition().partition());
    }
}
