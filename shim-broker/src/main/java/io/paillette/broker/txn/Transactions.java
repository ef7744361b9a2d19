package io.paillette.broker.txn;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.group.TransactionCheck;
import io.paillette.broker.store.StoreException;
import io.paillette.broker.txn.Transaction.Step;
import io.paillette.broker.txn.TransactionStore.Listed;
import io.paillette.broker.txn.TransactionStore.Stored;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transaction coordinator. Every broker is one: a transaction is a row, and every change of it a compare-and-set. Clients
 * find the same broker for an id as long as no broker comes or goes, so that its row is mostly known here.
 *
 * <p>Methods return at once; futures complete on threads of this class and fail with Kafka's exceptions. What is asked while a
 * transaction is ending waits for a moment, which Kafka's clients would otherwise spend on asking again.
 */
public final class Transactions implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);
    private static final int ATTEMPTS = 20;
    private static final int WAITS = 25;

    private final TransactionStore store;
    private final LongSupplier producerIds;
    private final TransactionSettings settings;
    private final Lanes lanes = new Lanes();
    private final LongAdder timedOut = new LongAdder();
    private final List<Runnable> endingListeners = new CopyOnWriteArrayList<>();
    private volatile long lastEntryNanos = System.nanoTime();

    /** @param producerIds each given once, ever; may block */
    public Transactions(TransactionStore store, LongSupplier producerIds, TransactionSettings settings) {
        this.store = store;
        this.producerIds = producerIds;
        this.settings = settings;
    }

    /**
     * Gives a producer its id and epoch; whoever had the transactional id before is fenced, and its open transaction aborted.
     *
     * @param expected who the producer believes to be, when it has to bump its epoch (KIP-360)
     */
    public CompletableFuture<Producer> init(String id, int timeoutMs, Optional<Producer> expected) {
        if (timeoutMs <= 0 || timeoutMs > settings.maxTimeout().toMillis()) {
            return CompletableFuture.failedFuture(Errors.INVALID_TRANSACTION_TIMEOUT.exception(
                    "transaction.timeout.ms is " + timeoutMs + ", this broker's transaction.max.timeout.ms is "
                            + settings.maxTimeout().toMillis()));
        }
        return ask(
                id,
                stored -> stored.isPresent()
                        ? stored.get().transaction().init(timeoutMs, expected, producerIds)
                        : created(timeoutMs));
    }

    private Step<Producer> created(int timeoutMs) {
        var producer = new Producer(producerIds.getAsLong(), (short) 0);
        return new Step.Move<>(Transaction.first(producer, timeoutMs), Set.of(), Optional.of(producer));
    }

    /** Makes partitions and coordinator shards part of the producer's transaction, which begins with the first. */
    public CompletableFuture<Boolean> add(String id, Producer producer, Set<Duty> participants, short clientVersion) {
        return ask(
                id,
                stored -> stored.isEmpty()
                        ? Transaction.unknown()
                        : stored.get()
                                .transaction()
                                .add(
                                        producer,
                                        participants,
                                        stored.get().participants(),
                                        clientVersion,
                                        System.currentTimeMillis()));
    }

    /** Fails unless the participant has been added to the producer's open transaction. */
    public CompletableFuture<Boolean> verify(String id, Producer producer, Duty participant) {
        return ask(
                id,
                stored -> stored.isEmpty()
                        ? Transaction.unknown()
                        : stored.get()
                                .transaction()
                                .verify(producer, participant, stored.get().participants()));
    }

    /**
     * Decides. Completes once the decision is durable; the participants get their markers afterwards.
     *
     * @return whom the producer goes on as
     */
    public CompletableFuture<Producer> end(String id, Producer producer, boolean commit, short clientVersion) {
        return ask(
                id,
                stored -> stored.isEmpty()
                        ? Transaction.unknown()
                        : stored.get().transaction().end(producer, commit, clientVersion, producerIds));
    }

    /**
     * A producer writes to a participant that this broker leads, for the first time in its transaction.
     *
     * @param adds whether the participant joins by this, or must have been added before (KIP-890)
     */
    public CompletableFuture<Void> enter(String id, Producer producer, Duty participant, boolean adds) {
        lastEntryNanos = System.nanoTime();
        CompletableFuture<Boolean> entered = adds
                ? add(id, producer, Set.of(participant), Transaction.EPOCH_PER_TRANSACTION)
                : verify(id, producer, participant);
        return entered.thenApply(in -> null);
    }

    /** As {@link #enter(String, Producer, Duty, boolean)}, for offsets of a group. */
    public CompletableFuture<Void> enter(TransactionCheck.Entry entry) {
        return enter(
                entry.transactionalId(),
                new Producer(entry.producerId(), entry.producerEpoch()),
                new Duty.Shard(entry.shard()),
                entry.adds());
    }

    /** When a transaction last began to write here. */
    long lastEntryNanos() {
        return lastEntryNanos;
    }

    public CompletableFuture<Optional<Stored>> describe(String id) {
        return onLane(lanes.of(id), () -> store.load(id));
    }

    public CompletableFuture<List<Listed>> list() {
        return onLane(lanes.of(""), store::list);
    }

    /** Calls back when a transaction is about to end; the listener must not block. */
    void onEnding(Runnable listener) {
        endingListeners.add(listener);
    }

    /** Aborts transactions that are open for longer than their timeouts. Blocks. */
    void abortTimedOut() {
        for (String id : store.timedOut()) {
            var unused = ask(
                            id,
                            stored -> stored.isEmpty()
                                    ? new Step.Answer<>(false)
                                    : stored.get().transaction().timeOut(System.currentTimeMillis()))
                    .whenComplete((aborted, failure) -> {
                        if (failure != null) {
                            LOG.warn("transaction of {} has timed out and cannot be aborted yet", id, failure);
                        } else if (aborted) {
                            timedOut.increment();
                            LOG.info("transaction of {} has timed out and is aborted", id);
                        }
                    });
        }
    }

    /** Transactions that this broker has aborted because they were open for too long. */
    public long timedOut() {
        return timedOut.sum();
    }

    TransactionSettings settings() {
        return settings;
    }

    /** Its row was changed by whoever wrote the last marker. */
    void completed(String id) {
        lanes.of(id).completed(id);
    }

    /** What a request means for a row; asked again when the row was not what it seemed. */
    private interface Rule<T> {
        Step<T> decide(Optional<Stored> stored);
    }

    private <T> CompletableFuture<T> ask(String id, Rule<T> rule) {
        var answer = new CompletableFuture<T>();
        Lane lane = lanes.of(id);
        lane.execute(() -> settle(new Question<>(id, rule, lane, answer), WAITS), answer);
        return answer;
    }

    private record Question<T>(String id, Rule<T> rule, Lane lane, CompletableFuture<T> answer) {}

    private <T> void settle(Question<T> question, int waits) {
        try {
            attempt(question, waits);
        } catch (StoreException e) {
            question.lane().forget(question.id());
            endingListeners.forEach(Runnable::run); // it may have been decided without an answer
            question.answer().completeExceptionally(unavailable(e));
        } catch (RuntimeException e) {
            question.lane().forget(question.id());
            question.answer().completeExceptionally(e);
        }
    }

    private <T> void attempt(Question<T> question, int waits) {
        String id = question.id();
        Lane lane = question.lane();
        Optional<Stored> known = lane.known(id);
        boolean fresh = known.isEmpty();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Stored> stored = fresh ? store.load(id) : known;
            Step<T> step = question.rule().decide(stored);
            if (step instanceof Step.Move<T> move) {
                long version = stored.map(Stored::version).orElse(0L);
                if (store.save(id, version, move.to(), move.added())) {
                    moved(question, stored, move, version, waits);
                    return;
                }
            } else if (fresh) { // of a row that was only remembered nothing but a change is believed
                stored.ifPresent(found -> lane.remember(id, found));
                answer(question, step, waits);
                return;
            }
            fresh = true;
        }
        question.answer().completeExceptionally(Errors.CONCURRENT_TRANSACTIONS.exception());
    }

    private <T> void moved(Question<T> question, Optional<Stored> from, Step.Move<T> move, long version, int waits) {
        var participants = new HashSet<>(move.added());
        if (move.to().state() == TransactionState.ONGOING || move.to().state().isEnding()) {
            from.ifPresent(stored -> participants.addAll(stored.participants()));
        }
        question.lane().remember(question.id(), new Stored(move.to(), participants, version + 1));
        if (move.answer().isEmpty()) {
            waitAndAsk(question, waits);
            return;
        }
        if (move.to().state().isEnding()) {
            endingListeners.forEach(Runnable::run);
        }
        question.answer().complete(move.answer().get());
    }

    private <T> void answer(Question<T> question, Step<T> step, int waits) {
        if (step instanceof Step.Answer<T> answered) {
            question.answer().complete(answered.value());
        } else if (step instanceof Step.Refuse<T> refused) {
            question.answer().completeExceptionally(refused.error().exception(refused.reason()));
        } else {
            waitAndAsk(question, waits);
        }
    }

    /** Whoever decided it may be gone: this broker looks whether a marker is left to it. */
    private <T> void waitAndAsk(Question<T> question, int waits) {
        if (waits == 0) {
            answer(question, Transaction.refuseForNow(), 0);
            return;
        }
        endingListeners.forEach(Runnable::run);
        var unused = question.lane().completion(question.id()).thenRun(() -> question.lane()
                .execute(() -> settle(question, waits - 1), question.answer()));
    }

    private static <T> CompletableFuture<T> onLane(Lane lane, Supplier<T> question) {
        var answer = new CompletableFuture<T>();
        lane.execute(
                () -> {
                    try {
                        answer.complete(question.get());
                    } catch (StoreException e) {
                        answer.completeExceptionally(unavailable(e));
                    } catch (RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                },
                answer);
        return answer;
    }

    private static CoordinatorNotAvailableException unavailable(StoreException e) {
        return new CoordinatorNotAvailableException(
                "the store of transactions does not answer; ask again: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        lanes.close();
    }
}
