package io.paillette.broker.log;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What cannot be committed any more once some partitions or sources are out of step: every append that touches one of
 * them, and every later one that touches a partition or source of those, because its offsets follow theirs.
 */
final class Fallout {

    private final Set<Long> partitionIds = new HashSet<>();
    private final Set<String> sources = new HashSet<>();
    private final List<PendingAppend> casualties = new ArrayList<>();

    Fallout(Collection<Long> partitionIds, Collection<String> sources) {
        this.partitionIds.addAll(partitionIds);
        this.sources.addAll(sources);
    }

    /** Everything that {@code appends} touch. */
    static Fallout ofAll(List<PendingAppend> appends) {
        var fallout = new Fallout(Set.of(), Set.of());
        appends.forEach(fallout::strike);
        return fallout;
    }

    /** Looks at appends in queue order; answers those that are not hit. */
    List<PendingAppend> spare(Collection<PendingAppend> appends) {
        var spared = new ArrayList<PendingAppend>();
        for (PendingAppend append : appends) {
            if (isHit(append)) {
                strike(append);
            } else {
                spared.add(append);
            }
        }
        return spared;
    }

    /** Hit appends, in the order they were looked at. */
    List<PendingAppend> casualties() {
        return casualties;
    }

    private boolean isHit(PendingAppend append) {
        return append.parts().stream()
                        .anyMatch(part -> partitionIds.contains(part.log().id()))
                || append.feed().filter(feed -> sources.contains(feed.source())).isPresent();
    }

    private void strike(PendingAppend append) {
        casualties.add(append);
        append.parts().forEach(part -> partitionIds.add(part.log().id()));
        append.feed().ifPresent(feed -> sources.add(feed.source()));
    }
}
