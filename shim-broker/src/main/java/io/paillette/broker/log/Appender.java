package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.ProducerSnapshot;
import io.paillette.broker.log.PendingAppend.Part;
import io.paillette.broker.log.Verifications.Question;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of a partition: who may append, at which offset, as part of which transaction. {@link PartitionLog} has the
 * picture of its phases.
 *
 * <pre>
 *   append -> [producers not known: parked, they are loaded] -> [transaction not begun here: parked, the coordinator is asked]
 *          -> checked, stamped, queued for the next group commit
 * </pre>
 */
final class Appender {

    private final PartitionLog log;
    private final LogParts parts;
    private final AppendRules rules;
    private final StoredProducers stored;

    private final ReentrantLock lock = new ReentrantLock();
    private final ProducerState producers = new ProducerState(); // guarded by lock
    private final Verifications verifications = new Verifications(lock);
    private long nextOffset; // guarded by lock
    private volatile Phase phase = Phase.LEADING; // changed under lock

    Appender(PartitionLog log, LogParts parts, StoredProducers stored, long nextOffset) {
        this.log = log;
        this.parts = parts;
        this.rules = new AppendRules(log.partition(), parts.time());
        this.stored = stored;
        this.nextOffset = nextOffset;
    }

    Phase phase() {
        return phase;
    }

    CompletableFuture<AppendResult> append(MemoryRecords records, Optional<TransactionEntry> transaction) {
        int bytes = records.sizeInBytes();
        if (!parts.writer().reserve(bytes)) {
            return CompletableFuture.failedFuture(
                    new NotEnoughReplicasException("too many bytes wait for their commit; send the batch again"));
        }
        var append = WantedAppend.of(records, transaction);
        CompletableFuture<AppendResult> answered =
                append.answer().whenComplete((done, error) -> parts.writer().release(bytes));
        admit(append);
        return answered;
    }

    private void admit(WantedAppend append) {
        boolean load = false;
        Optional<Question> question = Optional.empty();
        try {
            lock.lock();
            try {
                requireLeading();
                MutableRecordBatch batch = rules.onlyBatch(
                        append.records(), log.config(), append.transaction().isPresent());
                if (!append.producersKnown() && producers.mustWait(batch)) {
                    load = producers.park(
                            new Parked(() -> admit(append.withProducers()), cause -> append.refuse(notLoaded(cause))));
                } else if (mustAsk(append, batch)) {
                    question = verifications.wait(
                            batch, new Parked(() -> admit(append.withTransaction()), append::refuse));
                } else {
                    requireKnown(append, batch);
                    enqueue(append, batch);
                }
            } finally {
                lock.unlock();
            }
        } catch (RuntimeException | Error e) { // also what is no refusal: the answer gives the reserved bytes back
            append.refuse(e);
        }
        if (load) {
            loadProducers();
        }
        question.ifPresent(
                asked -> verifications.ask(asked, append.transaction().orElseThrow()));
    }

    /** What was known may be void again: an append failed while this one waited. */
    private void requireKnown(WantedAppend append, MutableRecordBatch batch) {
        if (append.producersKnown() && batch.hasProducerId() && producers.isForgotten()) {
            throw changed();
        }
    }

    /** A batch that was here before is no matter of the transaction that is open now. */
    private boolean mustAsk(WantedAppend append, MutableRecordBatch batch) {
        if (!batch.isTransactional() || append.verified()) {
            return false;
        }
        return verifications.isAsked(batch)
                || (!producers.continuesTransaction(batch)
                        && producers.firstAnswerTo(batch, log.logStartOffset()).isEmpty());
    }

    private void enqueue(WantedAppend append, MutableRecordBatch batch) {
        CompletableFuture<AppendResult> answer = append.answer();
        var first = producers.firstAnswerTo(batch, log.logStartOffset());
        if (first.isPresent()) {
            append.follow(first.get());
            return;
        }
        long baseOffset = nextOffset;
        var stamped = rules.stamp(append.records(), batch, log.config(), log.leaderEpoch(), baseOffset);
        var checked = producers.check(stamped.batch());
        StoredBatch storedBatch = StoredBatch.copyOf(stamped.batch());
        var part = Part.of(log, baseOffset, List.of(storedBatch));
        var result = new AppendResult(baseOffset, stamped.logAppendTime(), log.logStartOffset());
        parts.writer()
                .submit(new PendingAppend(
                        List.of(part), Optional.empty(), () -> answer.complete(result), answer::completeExceptionally));
        nextOffset = part.nextOffset();
        producers.queued(checked, nextOffset, answer);
    }

    /**
     * Writes the marker that ends a producer's transaction here, unless that has been done. Completes after COMMIT.
     */
    CompletableFuture<Void> end(TransactionMarker marker) {
        var done = new CompletableFuture<Void>();
        end(marker, done, false);
        return done;
    }

    private void end(TransactionMarker marker, CompletableFuture<Void> done, boolean producersKnown) {
        boolean load = false;
        List<Parked> late = new ArrayList<>();
        try {
            lock.lock();
            try {
                requireLeading();
                if (!producersKnown && producers.mustWait()) {
                    load = producers.park(new Parked(
                            () -> end(marker, done, true), cause -> done.completeExceptionally(notLoaded(cause))));
                } else {
                    late.addAll(verifications.end(marker));
                    enqueue(marker, producers.known().orElseThrow(this::changed), done);
                }
            } finally {
                lock.unlock();
            }
        } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
        }
        late.forEach(append -> append.refuse()
                .accept(new InvalidTxnStateException("the transaction was ended before the batch was verified")));
        if (load) {
            loadProducers();
        }
    }

    private void enqueue(TransactionMarker marker, Producers known, CompletableFuture<Void> done) {
        if (known.hasEnded(marker)) {
            if (nextOffset > log.highWatermark()) {
                throw new KafkaStorageException("the marker may be on its way to the store; ask again");
            }
            done.complete(null);
            return;
        }
        MutableRecordBatch batch =
                marker.batch(nextOffset, log.leaderEpoch(), parts.time().milliseconds());
        List<AbortedTransaction> aborted = known.abortedBy(marker, nextOffset);
        known.end(marker, nextOffset);
        var part = Part.of(log, nextOffset, List.of(StoredBatch.copyOf(batch))).beside(SideRows.aborting(aborted));
        parts.writer()
                .submit(new PendingAppend(
                        List.of(part), Optional.empty(), () -> done.complete(null), done::completeExceptionally));
        nextOffset = part.nextOffset();
        producers.queuedMarker(nextOffset);
    }

    /** No batch with a producer id is under way while its state is not known, so the store's headers tell it all. */
    private void loadProducers() {
        var unused = log.ask(stored::load).whenComplete((loaded, error) -> {
            if (error == null) {
                take(loaded);
            }
            for (Parked append = nextParked(); append != null; append = nextParked()) {
                append.end(error);
            }
        });
    }

    /** Blocks. Before anybody reads: until then it is not known what is stable. */
    void loadTransactions() {
        take(stored.load());
    }

    private void take(Producers.Loaded loaded) {
        lock.lock();
        try {
            producers.loaded(loaded.producers(), loaded.batchesReplayed());
            log.stable(producers.lastStableOffset(log.highWatermark(), log.lastStableOffset()));
        } finally {
            lock.unlock();
        }
    }

    private KafkaStorageException changed() {
        return new KafkaStorageException(
                "what is known of the producers of " + log.partition() + " has changed; send the batch again");
    }

    private KafkaStorageException notLoaded(Throwable cause) {
        return new KafkaStorageException(
                "the state of producers of " + log.partition() + " could not be loaded; send the batch again: "
                        + cause.getMessage(),
                cause);
    }

    private @Nullable Parked nextParked() {
        lock.lock();
        try {
            return producers.nextParked();
        } finally {
            lock.unlock();
        }
    }

    /** Held over {@link #stageOwn}, the submission and {@link #staged}; of several partitions in the order of their ids. */
    ReentrantLock lock() {
        return lock;
    }

    /** Completes when it is known which producers have written here, which a transaction of this broker's own needs. */
    CompletableFuture<Void> knowProducers() {
        var known = new CompletableFuture<Void>();
        loadWhere(() -> {
            requireLeading();
            if (producers.mustWait()) {
                return producers.park(
                        new Parked(() -> known.complete(null), cause -> known.completeExceptionally(notLoaded(cause))));
            }
            known.complete(null);
            return false;
        });
        return known;
    }

    private void loadWhere(BooleanSupplier due) {
        boolean load;
        lock.lock();
        try {
            load = due.getAsBoolean();
        } finally {
            lock.unlock();
        }
        if (load) {
            loadProducers();
        }
    }

    /** Whether the transaction that this marker is to end has begun here; see {@link Producers#isOpen}. */
    boolean isOpen(TransactionMarker marker) {
        loadWhere(() -> {
            requireLeading();
            return producers.mustLookForTransactions();
        });
        lock.lock();
        try {
            if (producers.mayHaveOpenTransactions()) {
                throw changed();
            }
            return producers.known().filter(known -> known.isOpen(marker)).isPresent();
        } finally {
            lock.unlock();
        }
    }

    /** Stamps batches of this broker's own making, without taking their offsets yet. */
    Part stageOwn(OwnAppend append) {
        requireLeading();
        if (append.mustFit()) {
            rules.requireSizes(append.records(), log.config());
        }
        Part part =
                Part.of(log, nextOffset, rules.stampOwn(append.records(), log.config(), log.leaderEpoch(), nextOffset));
        if (!append.isTransactional()) {
            return part.beside(append.beside());
        }
        Producers known = producers.known().orElseThrow(this::changed);
        append.unended().forEach(known::requireUnended);
        return append.ended(part, known, parts.time().milliseconds());
    }

    void staged(Part part) {
        nextOffset = part.nextOffset();
        producers.queuedOwn(part.batches());
    }

    /** On the writer's thread, in offset order. */
    void committed(long highWatermark) {
        Optional<ProducerSnapshot> due;
        lock.lock();
        try {
            due = producers.committed(highWatermark);
            log.stable(producers.lastStableOffset(highWatermark, log.lastStableOffset()));
        } finally {
            lock.unlock();
        }
        due.ifPresent(snapshot -> parts.housekeeping().execute(() -> stored.save(snapshot)));
    }

    /** From here on every append is refused until {@link #resume}. */
    void breakOff() {
        lock.lock();
        try {
            if (phase == Phase.LEADING) {
                phase = Phase.BROKEN;
            }
            producers.forget();
        } finally {
            lock.unlock();
        }
    }

    /** @param reset called with the partition locked, before anything is accepted again */
    void resume(long storedNextOffset, Runnable reset) {
        loadWhere(() -> {
            if (phase != Phase.BROKEN) {
                return false;
            }
            reset.run();
            nextOffset = storedNextOffset;
            producers.forget();
            log.stable(producers.lastStableOffset(storedNextOffset, log.lastStableOffset()));
            phase = Phase.LEADING;
            return producers.mustLookForTransactions();
        });
    }

    /** Takes no more appends; what is under way is still committed, and reads go on. */
    void yieldUp() {
        lock.lock();
        try {
            if (phase == Phase.LEADING) {
                phase = Phase.YIELDED;
            }
        } finally {
            lock.unlock();
        }
    }

    void resign() {
        lock.lock();
        try {
            phase = Phase.RESIGNED;
            producers.forget();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is under way any more. */
    void saveProducers() {
        Optional<ProducerSnapshot> last;
        lock.lock();
        try {
            last = phase == Phase.LEADING || phase == Phase.YIELDED ? producers.last(nextOffset) : Optional.empty();
        } finally {
            lock.unlock();
        }
        last.ifPresent(stored::save);
    }

    private void requireLeading() {
        switch (phase) {
            case LEADING -> {}
            case BROKEN ->
                throw new KafkaStorageException(
                        log.partition() + " waits for the store to tell where it stands; send the batch again");
            case YIELDED, RESIGNED -> throw notLeading();
        }
    }

    ApiException notLeading() {
        return new NotLeaderOrFollowerException(log.partition() + " is led by another broker, or deleted");
    }
}
