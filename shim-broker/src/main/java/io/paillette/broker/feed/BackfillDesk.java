package io.paillette.broker.feed;

import io.paillette.broker.feed.AskedBackfill.Wish;
import io.paillette.broker.store.StoreException;
import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes backfills from the store to the captures of the sources that this broker feeds, and tells the store how far they are.
 * One thread, {@code paillette-backfills}, looks every three seconds, once a second while there are any.
 */
public final class BackfillDesk implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BackfillDesk.class);

    /** They are done one after the other, and every position has all that the capture was asked for. */
    private static final int NEXT = 10;

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration LOOK_AT_REST = Duration.ofSeconds(3);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(2);

    private final BackfillStore store;
    private final SourceFeeds feeds;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "paillette-backfills");

    private BackfillDesk(BackfillStore store, SourceFeeds feeds) {
        this.store = store;
        this.feeds = feeds;
    }

    public static BackfillDesk start(BackfillStore store, SourceFeeds feeds) {
        var desk = new BackfillDesk(store, feeds);
        desk.thread.setDaemon(true);
        desk.thread.start();
        return desk;
    }

    private void run() {
        boolean rests = true;
        while (!closesWithin(rests ? LOOK_AT_REST : LOOK)) {
            try {
                rests = !look();
            } catch (StoreException e) {
                LOG.debug("backfills are looked for again", e); // health tells that the store is away
            }
        }
    }

    /** Whether there was any. */
    private boolean look() {
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

    private boolean closesWithin(Duration wait) {
        try {
            return closing.await(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(LONGEST_STOP.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
