package io.paillette.broker.inbox;

import io.paillette.broker.inbox.InboxStore.Look;
import io.paillette.broker.inbox.InboxStore.Rest;
import io.paillette.broker.log.Logs;
import io.paillette.broker.log.Published;
import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves what applications publish by SQL into the partitions that this broker leads. One thread, {@code paillette-inbox}.
 *
 * <pre>
 *   look -> records: batches -> log (out of the inbox in the same SQL transaction) -> look
 *        -> nothing: lie down -> look -> nothing: sleep until somebody publishes
 *                    not possible, a transaction that publishes is under way: look again soon
 * </pre>
 */
public final class Inbox implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Inbox.class);

    private static final int MAX_RECORDS = 5_000;
    private static final long MAX_BYTES = 4L << 20;
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(5); // should a call ever be lost
    private static final Duration SWEEP = Duration.ofMinutes(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);
    private static final Duration AFTER_A_FAULT = Duration.ofMillis(500);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(2);
    private static final Duration SET_ASIDE = Duration.ofMillis(200);

    private final InboxStore store;
    private final Logs logs;
    private final int brokerId;
    private final LongAdder moved = new LongAdder();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "paillette-inbox");
    private volatile Optional<String> problem = Optional.empty();

    // Of the thread alone.
    private final Floor floor = new Floor(Duration.ofSeconds(1));
    private long leaderships;
    private final Set<Long> setAside = new HashSet<>(); // partitions that could not be written: the others do not wait
    private long tryAgainNanos = System.nanoTime();
    private long sweptNanos = System.nanoTime();
    private Duration pause = FIRST_PAUSE;

    private Inbox(int brokerId, InboxStore store, Logs logs) {
        this.brokerId = brokerId;
        this.store = store;
        this.logs = logs;
    }

    public static Inbox start(int brokerId, InboxStore store, Logs logs) {
        var inbox = new Inbox(brokerId, store, logs);
        inbox.thread.setDaemon(true);
        inbox.thread.start();
        return inbox;
    }

    /** Records that this broker has moved into the log. */
    public long moved() {
        return moved.sum();
    }

    /** Why records wait, if they do. */
    public List<String> problems() {
        return problem.stream().toList();
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            store.call(brokerId);
        } catch (StoreException e) {
            LOG.debug("the inbox wakes up by itself: {}", e.getMessage());
        }
        try {
            thread.join(LONGEST_STOP.toMillis()); // what it waits for is the log's to commit or to refuse
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void run() {
        while (!isClosing()) {
            try {
                turn();
                sweep();
            } catch (StoreException e) {
                LOG.debug("the inbox is looked into again", e); // looks fail as well: health tells
                floor.reset(); // the server may be another one now, with numbers that this one has lost
                await(AFTER_A_FAULT);
            }
        }
    }

    private void turn() {
        if (lookAndMove()) {
            pause = FIRST_PAUSE;
            return;
        }
        Optional<Rest> rest = setAside.isEmpty() ? store.lieDown(brokerId) : Optional.empty();
        if (rest.isEmpty()) {
            await(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            return;
        }
        pause = FIRST_PAUSE;
        try (Rest resting = rest.get()) {
            // What was published before anybody knew that we sleep; and what could not be moved is tried again soon.
            while (!lookAndMove()
                    && setAside.isEmpty()
                    && !resting.sleep(LONGEST_SLEEP, () -> isClosing() || logs.leaderships() != leaderships)) {
                sweep();
            }
        }
    }

    /** @return whether anything has moved */
    private boolean lookAndMove() {
        long led = logs.leaderships();
        boolean settled = led % 2 == 0;
        if (leaderships != led || !settled) {
            leaderships = led;
            floor.reset();
            setAside.clear();
        }
        if (System.nanoTime() - tryAgainNanos >= 0) {
            setAside.clear();
        }
        Look look = store.look(brokerId, floor.from(), setAside, MAX_RECORDS, MAX_BYTES);
        List<Published> published = Targets.of(look.records(), logs);
        if (leaderships != logs.leaderships()) {
            return false; // of what is led since, it may have missed the oldest: they are below the floor
        }
        int done = move(look.records(), published);
        if (settled) {
            floor.looked(look, setAside.isEmpty() && done == look.records().size(), store::transactionId);
        }
        return done > 0;
    }

    private int move(List<InboxRecord> records, List<Published> led) {
        if (records.isEmpty()) {
            if (setAside.isEmpty()) {
                problem = Optional.empty();
            }
            return 0;
        }
        Set<Long> stuck = records.stream().map(InboxRecord::partitionId).collect(Collectors.toCollection(HashSet::new));
        Map<Published, CompletableFuture<Void>> appends = new LinkedHashMap<>();
        led.forEach(published -> appends.put(published, logs.append(published)));
        int done = 0;
        Optional<String> failure = Optional.empty();
        for (Map.Entry<Published, CompletableFuture<Void>> append : appends.entrySet()) {
            try {
                append.getValue().join();
                done += append.getKey().ids().size();
                stuck.remove(append.getKey().partitionId());
            } catch (CompletionException e) {
                if (!(e.getCause() instanceof NotLeaderOrFollowerException)) { // else its next leader moves them
                    failure = Optional.of(
                            "records published by SQL to " + append.getKey().partition() + " wait: " + message(e));
                }
            }
        }
        moved.add(done);
        if (!stuck.isEmpty()) {
            setAside.addAll(stuck);
            tryAgainNanos = System.nanoTime() + SET_ASIDE.toNanos();
        }
        tell(failure);
        return done;
    }

    private static String message(CompletionException e) {
        Throwable cause = e.getCause();
        return String.valueOf((cause == null ? e : cause).getMessage());
    }

    private void tell(Optional<String> failure) {
        if (failure.isPresent() && problem.isEmpty()) {
            LOG.warn("{}; this is tried again", failure.get());
        }
        problem = failure;
    }

    private void sweep() {
        if (System.nanoTime() - sweptNanos >= SWEEP.toNanos()) {
            sweptNanos = System.nanoTime();
            int lost = store.sweep();
            if (lost > 0) {
                LOG.warn("{} records published by SQL are gone with their topics, which were deleted meanwhile", lost);
            }
        }
    }

    private void await(Duration duration) {
        try {
            var unused = closing.await(duration.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing.countDown();
        }
    }
}
