package io.paillette.broker.feed;

import io.paillette.broker.job.Wish;
import io.paillette.broker.store.StoreException;
import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes backfills from the store to the captures of the sources that this broker feeds, and tells the store how far they are. */
final class BackfillDesk {

    private static final Logger LOG = LoggerFactory.getLogger(BackfillDesk.class);

    /** They are done one after the other, and every position has all that the capture was asked for. */
    private static final int NEXT = 10;

    private final BackfillStore store;
    private final SourceFeeds feeds;

    BackfillDesk(BackfillStore store, SourceFeeds feeds) {
        this.store = store;
        this.feeds = feeds;
    }

    /** Whether there was any. */
    boolean look() {
        Map<String, List<AskedBackfill>> asked =
                store.underWay().stream().collect(Collectors.groupingBy(AskedBackfill::source));
        for (String source : feeds.sources()) {
            List<AskedBackfill> ofSource = asked.getOrDefault(source, List.of());
            Optional<List<BackfillProgress>> progress = feeds.backfill(source, wanted(ofSource));
            progress.ifPresent(all -> ofSource.forEach(one -> tellUnlessRefused(one, all)));
        }
        return !asked.isEmpty();
    }

    /** Those that have begun, or are paused and may have begun just now, and the next few of the others. */
    private static List<Backfill> wanted(List<AskedBackfill> all) {
        Set<AskedBackfill> next = all.stream()
                .filter(one -> one.wish() == Wish.RUN && !one.begun())
                .limit(NEXT)
                .collect(Collectors.toSet());
        return all.stream()
                .filter(one -> next.contains(one) || one.wish() == Wish.PAUSE || (one.begun() && !one.isCancelled()))
                .map(AskedBackfill::toCapture)
                .toList();
    }

    /** What the store does not take of one is no reason to leave the others. */
    private void tellUnlessRefused(AskedBackfill asked, List<BackfillProgress> all) {
        try {
            tell(asked, all);
        } catch (StoreException e) {
            if (e.fate() != StoreException.Fate.REFUSED) {
                throw e;
            }
            LOG.warn("how far backfill {} is cannot be told: {}", asked.id(), e.getMessage());
        }
    }

    private void tell(AskedBackfill asked, List<BackfillProgress> all) {
        Optional<BackfillProgress> progress = all.stream()
                .filter(one -> one.asked().id().equals(String.valueOf(asked.id())))
                .findFirst();
        // A cancelled one ends once the position does not know it any more: until then its rows may still come.
        BackfillReport now = progress.map(BackfillReport::of).orElseGet(asked::unknown);
        if (!now.equals(asked.last())) {
            store.tell(asked.id(), now);
        }
    }
}
