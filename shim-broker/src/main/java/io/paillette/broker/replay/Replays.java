package io.paillette.broker.replay;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.job.Wish;
import io.paillette.broker.log.Logs;
import io.paillette.broker.replay.ReplayStore.Wanted;
import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the replays of the partitions that this broker leads, in turns. One thread, {@code paillette-replays}, looks into the store every
 * three seconds, once a second while there are some that others do, and at once when one is asked for here.
 */
public final class Replays implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Replays.class);

    private static final Duration AT_REST = Duration.ofSeconds(3);
    static final Duration FIRST_PAUSE = Duration.ofMillis(2);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(2);

    private final int brokerId;
    private final ReplayStore store;
    private final InboxRoom room;
    private final ShareWork work;
    private final LongAdder published = new LongAdder();
    private final Semaphore calls = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "paillette-replays");
    private volatile boolean closing;

    private Replays(int brokerId, ReplayStore store, Logs logs) {
        this.brokerId = brokerId;
        this.store = store;
        this.room = new InboxRoom(store::isMoved, this::goesOn, LONGEST_WAIT);
        this.work = new ShareWork(store, logs, room, published::add);
    }

    public static Replays start(int brokerId, ReplayStore store, Logs logs) {
        var replays = new Replays(brokerId, store, logs);
        replays.thread.setDaemon(true);
        replays.thread.start();
        return replays;
    }

    /** Records that this broker has published. */
    public long published() {
        return published.sum();
    }

    public ReplayStore store() {
        return store;
    }

    /** As {@link ReplayStore#ask}, and begins. */
    public long ask(Wanted wanted) throws RefusedException {
        long id = store.ask(wanted);
        calls.release();
        return id;
    }

    /** As {@link ReplayStore#wish}, and goes on where it is wished. */
    public void wish(long id, Wish wish) throws RefusedException {
        store.wish(id, wish);
        calls.release();
    }

    @Override
    public void close() {
        closing = true;
        calls.release();
        try {
            thread.join(LONGEST_STOP.toMillis()); // what is under way is a transaction: there as a whole or not at all
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        boolean any = true;
        long settled = System.nanoTime();
        while (!closing) {
            try {
                boolean goesOn = any && turn();
                // One that is done, or cannot be, does not wait for the end of another that goes on.
                if (!goesOn || System.nanoTime() - settled >= LONGEST_PAUSE.toNanos()) {
                    any = store.settle() > 0;
                    settled = System.nanoTime();
                }
                if (goesOn) {
                    pause = FIRST_PAUSE;
                    continue;
                }
            } catch (StoreException e) {
                LOG.debug("replays are looked for again", e); // health tells that the store is away
                pause = LONGEST_PAUSE;
            }
            boolean called = await(any ? pause : AT_REST);
            any |= called;
            pause = called ? FIRST_PAUSE : longer(pause);
        }
    }

    /** Whether anything has gone on. */
    private boolean turn() {
        boolean any = false;
        List<Share> shares = store.underWay(brokerId);
        room.keep(shares);
        for (Share share : shares) {
            any |= !closing && work.goOn(share);
        }
        return any;
    }

    /** Pauses on the way; false where the broker stops. */
    private boolean goesOn(Duration pause) {
        if (!closing) {
            await(pause);
        }
        return !closing;
    }

    static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    /** Whether somebody has called. */
    private boolean await(Duration longest) {
        try {
            boolean called = calls.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS);
            calls.drainPermits();
            return called;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing = true;
            return true;
        }
    }
}
