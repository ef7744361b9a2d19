package io.paillette.broker.log;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Duty;
import io.paillette.broker.cluster.Leader;
import io.paillette.broker.store.StoreException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Which sources this broker feeds. The partitions of a source's sequences go where the source is, so that records and position
 * can move in one transaction: a source is claimed before its partitions and released after them, and neither before its feed
 * has stopped. For one thread.
 */
final class SourceLeadership {

    private final Cluster cluster;
    private final FeedStore feeds;
    private final Predicate<String> isFeeding;
    private final Consumer<Set<String>> listener;
    private final Set<String> led = new TreeSet<>();
    private final List<String> leaving = new ArrayList<>();
    private Set<String> told = Set.of();

    /** @param listener gets the sources that should be fed here, whenever they change; must not block */
    SourceLeadership(Cluster cluster, FeedStore feeds, Predicate<String> isFeeding, Consumer<Set<String>> listener) {
        this.cluster = cluster;
        this.feeds = feeds;
        this.isFeeding = isFeeding;
        this.listener = listener;
    }

    /** Whose partitions of its sequences should be. */
    int leader(String source) {
        return leaving.contains(source)
                ? cluster.placement().source(source)
                : cluster.leaders().of(new Duty.Source(source)).broker();
    }

    /**
     * Before partitions are led.
     *
     * @param ofTopics sources that no broker's configuration knows any more may still have sequences, to be read
     */
    void claim(Collection<String> ofTopics) {
        var fed = new TreeSet<String>();
        leaving.clear();
        var all = new TreeSet<>(cluster.sources());
        all.addAll(ofTopics);
        for (String source : all) {
            int target = cluster.placement().source(source);
            switch (cluster.next(new Duty.Source(source), target, heldEpoch(source))) {
                case CLAIM -> claim(source);
                case LOST -> led.remove(source);
                case RELEASE -> {
                    if (!isFeeding.test(source)) {
                        leaving.add(source);
                    }
                    continue;
                }
                case NONE -> {}
            }
            if (led.contains(source) && (target == cluster.brokerId() || target == Leader.NOBODY)) {
                fed.add(source);
            }
        }
        if (!fed.equals(told)) {
            told = fed;
            listener.accept(Set.copyOf(fed));
        }
    }

    /** After their partitions were released. */
    void release() {
        for (String source : leaving) {
            int epoch = cluster.leaders().of(new Duty.Source(source)).epoch();
            feeds.release(source, epoch);
            led.remove(source);
            cluster.leaders().heard(Map.of(new Duty.Source(source), new Leader(Leader.NOBODY, epoch)));
        }
        leaving.clear();
    }

    /** The feed itself raises the epoch each time it begins anew. */
    private Optional<Integer> heldEpoch(String source) {
        if (!led.contains(source)) {
            return Optional.empty();
        }
        Leader leader = cluster.leaders().of(new Duty.Source(source));
        return Optional.of(leader.broker() == cluster.brokerId() ? leader.epoch() : -1);
    }

    private void claim(String source) {
        var duty = new Duty.Source(source);
        try {
            feeds.lead(source, cluster.brokerId(), cluster.leaders().of(duty).epoch())
                    .ifPresent(epoch -> {
                        led.add(source);
                        cluster.leaders().heard(Map.of(duty, new Leader(cluster.brokerId(), epoch)));
                    });
        } catch (StoreException e) {
            cluster.unsettled(e);
        }
    }
}
