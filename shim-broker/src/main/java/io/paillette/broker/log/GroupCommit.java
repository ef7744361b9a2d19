package io.paillette.broker.log;

import io.paillette.broker.log.AppendGroup.Advance;
import io.paillette.broker.log.AppendGroup.FeedMove;
import io.paillette.broker.log.AppendGroup.Position;
import io.paillette.broker.log.AppendGroup.Positions;
import io.paillette.broker.log.AppendGroup.Refused;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.store.StoreException.Fate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits a group of appends and finds out whether it did.
 *
 * <p>When the connection breaks while the commit is on its way, where the partitions stand decides: at the new offset under
 * our epoch, it is committed; at the old one it is not, and the same group is sent again; anything else, and the partition
 * has another leader. Asking takes the rows' locks, so a commit that is still running is waited for.
 */
final class GroupCommit {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);
    private static final long FIRST_PAUSE_MS = 20;
    private static final long LONGEST_PAUSE_MS = 1_000;

    private final LogStore store;
    private final Duration patience;
    private final BooleanSupplier hurry;

    /**
     * @param hurry true once the broker stops: then a store out of reach is not waited for
     */
    GroupCommit(LogStore store, Duration patience, BooleanSupplier hurry) {
        this.store = store;
        this.patience = patience;
        this.hurry = hurry;
    }

    Result commit(List<PendingAppend> appends) {
        List<PendingAppend> rest = appends;
        var casualties = new ArrayList<PendingAppend>();
        long deadline = System.nanoTime() + patience.toNanos();
        long pauseMs = FIRST_PAUSE_MS;
        boolean doubtful = false;
        while (!rest.isEmpty()) {
            AppendGroup group = group(rest);
            try {
                if (doubtful && isCommitted(group)) {
                    break;
                }
                Refused refused = store.append(group);
                if (refused.nobody()) {
                    break;
                }
                // A first attempt whose end we did not see may have committed between our question and this attempt.
                if (doubtful && isCommitted(group)) {
                    break;
                }
                var fallout = new Fallout(refused.partitionIds(), refused.sources());
                rest = fallout.spare(rest);
                casualties.addAll(fallout.casualties());
                doubtful = false;
            } catch (StoreException e) {
                doubtful |= e.fate() == Fate.UNKNOWN;
                boolean hopeless = e.fate() == Fate.REFUSED || hurry.getAsBoolean();
                if (hopeless || System.nanoTime() - deadline > 0 || !pause(pauseMs)) {
                    LOG.error("{} appends are given up: {}", rest.size(), e.getMessage());
                    casualties.addAll(rest);
                    return new Result(List.of(), casualties, Optional.of(e));
                }
                LOG.warn("append will be tried again: {}", e.getMessage());
                pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
            }
        }
        return new Result(rest, casualties, Optional.empty());
    }

    /** All or nothing was committed, so one partition at its new offset proves it for the whole group. */
    private boolean isCommitted(AppendGroup group) {
        if (group.partitions().isEmpty()) {
            return false; // only positions move: setting them again is harmless
        }
        Positions now = store.positions(
                group.partitions().stream().map(Advance::partitionId).toList());
        return group.partitions().stream()
                .anyMatch(partition -> new Position(partition.leaderEpoch(), partition.nextOffset())
                        .equals(now.byPartition().get(partition.partitionId())));
    }

    private static AppendGroup group(List<PendingAppend> appends) {
        var partitions = new TreeMap<Long, List<PendingAppend.Part>>();
        var feeds = new TreeMap<String, FeedMove>();
        for (PendingAppend append : appends) {
            append.parts().forEach(part -> partitions
                    .computeIfAbsent(part.log().id(), id -> new ArrayList<>())
                    .add(part));
            append.feed().ifPresent(feed -> feeds.put(feed.source(), feed));
        }
        return new AppendGroup(
                partitions.values().stream().map(GroupCommit::advance).toList(), List.copyOf(feeds.values()));
    }

    private static Advance advance(List<PendingAppend.Part> parts) {
        PendingAppend.Part first = parts.get(0);
        PendingAppend.Part last = parts.get(parts.size() - 1);
        List<StoredBatch> batches =
                parts.stream().flatMap(part -> part.batches().stream()).toList();
        return new Advance(
                first.log().id(),
                first.log().leaderEpoch(),
                first.baseOffset(),
                last.nextOffset(),
                SegmentClass.of(first.log().config()),
                batches,
                SideRows.ofAll(parts.stream().map(PendingAppend.Part::beside).toList()));
    }

    /** @return false when interrupted: the broker stops */
    private static boolean pause(long ms) {
        try {
            Thread.sleep(ms);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * @param fault present when the store could not be asked, or refused; empty when partitions or sources were out of step
     */
    record Result(List<PendingAppend> committed, List<PendingAppend> casualties, Optional<StoreException> fault) {}
}
