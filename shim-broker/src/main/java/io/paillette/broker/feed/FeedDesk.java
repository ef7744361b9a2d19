package io.paillette.broker.feed;

import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into the store for what is asked of this broker's sources: backfills, and sequences that were made, changed or removed
 * through another broker. One thread, {@code paillette-desk}, looks every three seconds, once a second while there are backfills.
 */
public final class FeedDesk implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FeedDesk.class);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration LOOK_AT_REST = Duration.ofSeconds(3);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(2);

    private final BackfillDesk backfills;
    private final Sequences sequences;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "paillette-desk");

    private FeedDesk(BackfillDesk backfills, Sequences sequences) {
        this.backfills = backfills;
        this.sequences = sequences;
    }

    public static FeedDesk start(BackfillStore backfills, SourceFeeds feeds, Sequences sequences) {
        var desk = new FeedDesk(new BackfillDesk(backfills, feeds, sequences), sequences);
        desk.thread.setDaemon(true);
        desk.thread.start();
        return desk;
    }

    private void run() {
        boolean rests = true;
        while (!closesWithin(rests ? LOOK_AT_REST : LOOK)) {
            try {
                sequences.look();
                rests = !backfills.look();
            } catch (StoreException | CompletionException e) {
                LOG.debug("the store is looked into again", e); // health tells that it is away
            }
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
