package io.paillette.broker.txn;

import io.paillette.broker.cluster.Cluster;
import io.paillette.broker.cluster.Duty;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.txn.TransactionStore.Ending;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the markers of transactions that are about to end into what this broker leads, whichever broker decided them. The
 * store says which those are, so that nothing is forgotten when a broker dies: the next leader finds them there.
 *
 * <pre>
 *   decided (row) -> looked for: at once when decided here, soon when transactions of other brokers are open here
 *                 -> marker appended -> participant done (row) -> last one: complete
 * </pre>
 */
public final class TransactionEnds implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TransactionEnds.class);

    private static final Duration SOON = Duration.ofMillis(10);
    private static final Duration AFTER_A_FAULT = Duration.ofMillis(200);
    private static final Duration WITH_OTHERS = Duration.ofMillis(500);
    private static final Duration ALONE = Duration.ofSeconds(10);
    /** Whoever wrote here as part of a transaction will want it ended; longer ones wait a little for it. */
    private static final Duration LIVELY = Duration.ofSeconds(30);

    private final TransactionStore store;
    private final Transactions transactions;
    private final Cluster cluster;
    private final Participants participants;
    private final Set<Place> underWay = ConcurrentHashMap.newKeySet();
    private final Set<Place> complainedOf = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Place> done = new ConcurrentLinkedQueue<>();
    private final LongAdder completed = new LongAdder();
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "paillette-transactions-end");
    private volatile boolean closed;
    private long nextTimeoutCheckNanos; // of the thread
    private long nextExpiryNanos; // of the thread
    private boolean faulty; // of the thread

    /** Ends transactions in what this broker leads. */
    public interface Participants {

        /** Completes once the marker is durable, also when it was there before; fails when that has to be tried again. */
        CompletableFuture<Void> end(Duty participant, Ending ending);
    }

    /** A participant of an ending transaction. */
    private record Place(Producer producer, Duty participant) {}

    private TransactionEnds(
            TransactionStore store, Transactions transactions, Cluster cluster, Participants participants) {
        this.store = store;
        this.transactions = transactions;
        this.cluster = cluster;
        this.participants = participants;
    }

    public static TransactionEnds start(
            TransactionStore store, Transactions transactions, Cluster cluster, Participants participants) {
        var ends = new TransactionEnds(store, transactions, cluster, participants);
        transactions.onEnding(ends.wake::release);
        ends.nextTimeoutCheckNanos =
                System.nanoTime() + transactions.settings().timeoutCheck().toNanos();
        ends.nextExpiryNanos = ends.nextTimeoutCheckNanos;
        ends.thread.setDaemon(true);
        ends.thread.start();
        return ends;
    }

    /** Transactions whose last marker was written here. */
    public long completed() {
        return completed.sum();
    }

    /** Markers on their way. */
    public int underWay() {
        return underWay.size();
    }

    /** Leaders have changed: there may be markers that nobody has written. */
    public void settle() {
        wake.release();
    }

    private void run() {
        while (!closed) {
            try {
                if (wake.tryAcquire(pause().toMillis(), TimeUnit.MILLISECONDS)) {
                    wake.drainPermits();
                }
                if (!closed) {
                    faulty = false;
                    pass();
                    checkTimes();
                }
            } catch (StoreException e) {
                faulty = true;
                LOG.warn("transactions that are about to end wait for the store: {}", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                faulty = true;
                LOG.error("ending transactions has failed and is tried again", e);
            }
        }
    }

    private Duration pause() {
        if (faulty) {
            return AFTER_A_FAULT;
        }
        if (cluster.members().size() <= 1) {
            return ALONE;
        }
        boolean lively = System.nanoTime() - transactions.lastEntryNanos() < LIVELY.toNanos();
        return lively ? SOON : WITH_OTHERS;
    }

    private void pass() {
        finish();
        complainedOf.retainAll(underWay);
        for (Ending ending : store.endings(cluster.brokerId())) {
            if (ending.participants().isEmpty()) {
                finished(ending.producer(), Set.of());
            }
            for (Duty participant : ending.participants()) {
                var place = new Place(ending.producer(), participant);
                if (underWay.add(place)) {
                    end(ending, place);
                }
            }
        }
    }

    private void end(Ending ending, Place place) {
        CompletableFuture<Void> marked;
        try {
            marked = participants.end(place.participant(), ending);
        } catch (RuntimeException e) { // not led here yet, or no more
            marked = CompletableFuture.failedFuture(e);
        }
        var unused = marked.whenComplete((ended, failure) -> {
            if (failure == null) {
                complainedOf.remove(place);
                done.add(place);
                wake.release();
            } else {
                complain(place, failure);
                CompletableFuture.delayedExecutor(AFTER_A_FAULT.toMillis(), TimeUnit.MILLISECONDS)
                        .execute(() -> tryAgain(place));
            }
        });
    }

    /** Once of each place: it is tried until it succeeds, or another broker leads it. */
    private void complain(Place place, Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (!(cause instanceof RetriableException) && complainedOf.add(place)) {
            LOG.warn("the transaction of {} cannot be ended in {} yet", place.producer(), place.participant(), cause);
        } else {
            LOG.debug("the transaction of {} cannot be ended in {} yet", place.producer(), place.participant(), cause);
        }
    }

    private void tryAgain(Place place) {
        underWay.remove(place);
        wake.release();
    }

    private void finish() {
        Map<Producer, Set<Duty>> ended = new LinkedHashMap<>();
        for (Place place = done.peek(); place != null; place = done.peek()) {
            ended.computeIfAbsent(place.producer(), producer -> new HashSet<>()).add(place.participant());
            done.remove();
        }
        try {
            for (var producers = ended.entrySet().iterator(); producers.hasNext(); ) {
                var next = producers.next();
                finished(next.getKey(), next.getValue());
                next.getValue().forEach(participant -> underWay.remove(new Place(next.getKey(), participant)));
                producers.remove();
            }
        } finally { // what the store did not take is told again
            ended.forEach((producer, places) -> places.forEach(place -> done.add(new Place(producer, place))));
        }
    }

    private void finished(Producer producer, Set<Duty> places) {
        store.finish(producer, places).ifPresent(id -> {
            completed.increment();
            transactions.completed(id);
        });
    }

    private void checkTimes() {
        long now = System.nanoTime();
        if (now - nextTimeoutCheckNanos >= 0) {
            nextTimeoutCheckNanos = now + transactions.settings().timeoutCheck().toNanos();
            transactions.abortTimedOut();
        }
        if (now - nextExpiryNanos >= 0) {
            nextExpiryNanos = now + transactions.settings().expiryCheck().toNanos();
            int expired = store.expire(transactions.settings().idExpiry());
            if (expired > 0) {
                LOG.info("{} transactional ids that nobody used are forgotten", expired);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        wake.release();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
