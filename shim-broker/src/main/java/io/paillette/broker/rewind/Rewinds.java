package io.paillette.broker.rewind;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Leader;
import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.feed.Sequences;
import io.paillette.broker.group.GroupOffsets;
import io.paillette.broker.group.GroupOffsets.Moved;
import io.paillette.broker.group.GroupOffsets.Readers;
import io.paillette.broker.log.Logs;
import io.paillette.broker.log.StoredPartition;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/** Moves groups that this broker coordinates to places in topics, whoever leads those. One at a time; from any thread, which waits. */
public final class Rewinds {

    /** As long as a person may wait; whoever asks waits a little longer. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private final Topics topics;
    private final Logs logs;
    private final Sequences sequences;
    private final GroupOffsets groups;
    private final Cluster cluster;
    private final Semaphore turn = new Semaphore(1);

    /**
     * Where a group is to go.
     *
     * @param partition the only one that is moved; empty: all
     * @param isTried   nothing is done
     */
    public record Wanted(
            String group,
            String topic,
            Optional<Integer> partition,
            WantedPlace place,
            Readers readers,
            boolean isTried) {}

    /** A place, or the row that has to be found first. */
    public sealed interface WantedPlace {

        record At(Place place) implements WantedPlace {}

        /**
         * A change of the row that meets a condition.
         *
         * @param table  whose row it is; empty where the topic tells one alone
         * @param number of its changes, as {@link Place.Row} has it
         */
        record OfRowWhere(Optional<String> table, String condition, long number) implements WantedPlace {}
    }

    /** @param fenced how many members have left for it */
    public record Rewound(List<Share> partitions, int fenced) {

        public Rewound {
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * A partition.
     *
     * @param was    where the group was; null where it had committed nothing
     * @param offset where it goes on
     * @param end    of the partition
     */
    public record Share(int partition, @Nullable Long was, long offset, long end) {}

    public Rewinds(Topics topics, Logs logs, Sequences sequences, GroupOffsets groups, Cluster cluster) {
        this.topics = topics;
        this.logs = logs;
        this.sequences = sequences;
        this.groups = groups;
        this.cluster = cluster;
    }

    /** @throws RefusedException saying why not, and what to do; the group is where it was then */
    public Rewound rewind(Wanted wanted) throws RefusedException, InterruptedException {
        Topic topic = topics.find(wanted.topic())
                .orElseThrow(() -> new RefusedException(
                        Why.UNKNOWN,
                        "there is no topic " + wanted.topic() + "; ./paillette topic list names those there are"));
        if (!turn.tryAcquire()) {
            throw new RefusedException(Why.UNAVAILABLE, "another group is being rewound here; ask again");
        }
        try {
            return rewind(wanted, topic);
        } catch (NotCoordinatorException e) {
            throw elsewhere(wanted.group());
        } catch (ApiException e) {
            boolean passes = e instanceof RetriableException;
            throw new RefusedException(
                    passes ? Why.UNAVAILABLE : Why.CONFLICT,
                    "group " + wanted.group() + " could not be moved, or nobody knows whether it was: " + e.getMessage()
                            + (passes ? "; ask again" : ""));
        } catch (KafkaException e) {
            throw new RefusedException(Why.CONFLICT, "topic " + topic.name() + " cannot be read: " + e.getMessage());
        } finally {
            turn.release();
        }
    }

    private Rewound rewind(Wanted wanted, Topic topic) throws RefusedException, InterruptedException {
        if (wanted.readers() == Readers.STAY) {
            var unused = fenced(wanted.group(), groups.look(wanted.group()));
        }
        List<StoredPartition> stored = stored(topic, wanted.partition());
        Map<Integer, Long> target = new Places(topic.name(), new StoredTopic(stored, LONGEST)).of(place(wanted, topic));
        Map<Integer, Long> was = groups.committed(wanted.group(), topic, target.keySet());
        int fenced = wanted.isTried()
                ? 0
                : fenced(wanted.group(), groups.move(wanted.group(), topic, target, wanted.readers()));
        return new Rewound(
                stored.stream()
                        .map(partition -> new Share(
                                partition.index(),
                                was.get(partition.index()),
                                target.getOrDefault(partition.index(), partition.first()),
                                partition.end()))
                        .toList(),
                fenced);
    }

    private Place place(Wanted wanted, Topic topic) throws RefusedException {
        if (wanted.place() instanceof WantedPlace.OfRowWhere row) {
            byte[] key = sequences.rowKey(topic, row.table(), row.condition());
            return new Place.Row(new RowKey.Exactly(key), row.number());
        }
        return ((WantedPlace.At) wanted.place()).place();
    }

    private List<StoredPartition> stored(Topic topic, Optional<Integer> wanted) throws RefusedException {
        List<StoredPartition> all = logs.stored(topic);
        List<StoredPartition> chosen = all.stream()
                .filter(partition -> wanted.isEmpty() || wanted.get() == partition.index())
                .toList();
        if (chosen.isEmpty()) {
            throw new RefusedException(
                    Why.INVALID, "topic " + topic.name() + " has partitions 0 to " + (all.size() - 1));
        }
        return chosen;
    }

    private static int fenced(String group, Moved moved) throws RefusedException {
        if (moved instanceof Moved.Done done) {
            return done.fenced();
        }
        if (moved instanceof Moved.Active active) {
            throw new RefusedException(
                    Why.CONFLICT,
                    "group " + group + " has " + active.members()
                            + (active.members() == 1 ? " member that reads" : " members that read")
                            + ": stop them first, give another group, or fence them (--fence), since they would commit over it");
        }
        throw new RefusedException(
                Why.CONFLICT,
                "group " + group + " is one of share consumers, which do not go on from offsets: give another group");
    }

    private RefusedException elsewhere(String group) {
        int broker = cluster.leaders().of(groups.shard(group)).broker();
        return new RefusedException(
                broker == Leader.NOBODY ? Why.UNAVAILABLE : Why.CONFLICT,
                broker == Leader.NOBODY
                        ? "group " + group + " is being taken over by a broker; ask again"
                        : "group " + group + " is coordinated by broker " + broker + ": ask that one");
    }
}
