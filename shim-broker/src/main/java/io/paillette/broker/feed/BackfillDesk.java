package io.paillette.broker.feed;

import io.paillette.broker.feed.BackfillReport.State;
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
    private final Sequences sequences;

    BackfillDesk(BackfillStore store, SourceFeeds feeds, Sequences sequences) {
        this.store = store;
        this.feeds = feeds;
        this.sequences = sequences;
    }

    /** Whether there was any. */
    boolean look() {
        Map<String, List<AskedBackfill>> asked =
                store.underWay().stream().collect(Collectors.groupingBy(AskedBackfill::source));
        for (String source : feeds.sources()) {
            List<AskedBackfill> ofSource = asked.getOrDefault(source, List.of());
            Map<Long, String> impossible = impossible(ofSource);
            List<AskedBackfill> possible = ofSource.stream()
                    .filter(one -> !impossible.containsKey(one.id()))
                    .toList();
            Optional<List<BackfillProgress>> progress = feeds.backfill(source, wanted(possible));
            progress.ifPresent(all -> ofSource.forEach(
                    one -> tellUnlessRefused(one, Optional.ofNullable(impossible.get(one.id())), all)));
        }
        return !asked.isEmpty();
    }

    /** By id, why the sequence that they are for cannot be told them: it may have been removed since, or changed. */
    private Map<Long, String> impossible(List<AskedBackfill> all) {
        List<AskedBackfill> some = all.stream()
                .filter(one -> !one.sequence().isEmpty() && !one.isCancelled())
                .toList();
        if (some.isEmpty()) {
            return Map.of();
        }
        var readers = sequences.readers();
        return some.stream()
                .flatMap(one -> readers.whyNot(one.sequence(), one.source(), one.table()).stream()
                        .map(why -> Map.entry(one.id(), why)))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
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
    private void tellUnlessRefused(AskedBackfill asked, Optional<String> impossible, List<BackfillProgress> all) {
        try {
            tell(asked, impossible, all);
        } catch (StoreException e) {
            if (e.fate() != StoreException.Fate.REFUSED) {
                throw e;
            }
            LOG.warn("how far backfill {} is cannot be told: {}", asked.id(), e.getMessage());
        }
    }

    private void tell(AskedBackfill asked, Optional<String> impossible, List<BackfillProgress> all) {
        Optional<BackfillProgress> progress = all.stream()
                .filter(one -> one.asked().id().equals(String.valueOf(asked.id())))
                .findFirst();
        // A cancelled one ends once the position does not know it any more: until then its rows may still come.
        BackfillReport now = progress.map(BackfillReport::of).orElseGet(() -> impossible
                .map(why -> asked.last().ended(State.FAILED, why))
                .orElseGet(asked::unknown));
        if (!now.equals(asked.last())) {
            store.tell(asked.id(), now);
        }
    }
}
