package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.ProducerSnapshot;
import io.paillette.broker.log.PendingAppend.Part;
import io.paillette.broker.log.ProducerState.Parked;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/**
 * One partition as its leader sees it. All methods return at once or refuse at once; futures complete on store threads, which
 * their callbacks must not block.
 *
 * <p>Failures are Kafka's own exceptions, among them NotLeaderOrFollowerException (another broker leads it now),
 * NotEnoughReplicasException (too much waits for the store) and KafkaStorageException (the store cannot be reached).
 *
 * <pre>
 *   LEADING --an append failed--> BROKEN --the store told where it stands--> LEADING
 *      |                            '----another leader epoch----> RESIGNED
 *      '----topic deleted----> RESIGNED
 *      '----another broker should lead----> YIELDED (readable, what is under way is committed) ----> RESIGNED
 * </pre>
 */
public final class PartitionLog {

    private final LogStore.Claim claim;
    private final TopicPartition partition;
    private final LogParts parts;
    private final AppendRules rules;
    private final TailCache.Tail tail;
    private final PartitionReader reader;
    private final LogStart start;
    private final StoredProducers storedProducers;
    private volatile LogConfig config;
    private volatile long highWatermark;

    private final ReentrantLock lock = new ReentrantLock();
    private final ProducerState producers = new ProducerState(); // guarded by lock
    private long nextOffset; // guarded by lock
    private volatile Phase phase = Phase.LEADING; // changed under lock

    PartitionLog(TopicPartition partition, LogStore.Claim claim, LogConfig config, LogParts parts) {
        this.partition = partition;
        this.claim = claim;
        this.config = config;
        this.parts = parts;
        this.rules = new AppendRules(partition, parts.time());
        this.tail = parts.cache().newTail();
        this.reader = new PartitionReader(claim, parts);
        this.storedProducers = new StoredProducers(claim, partition, parts);
        this.start = new LogStart(partition, claim, parts.store());
        this.nextOffset = claim.nextOffset();
        this.highWatermark = claim.nextOffset();
    }

    public TopicPartition partition() {
        return partition;
    }

    public Uuid topicId() {
        return claim.topicId();
    }

    public int leaderEpoch() {
        return claim.leaderEpoch();
    }

    public long logStartOffset() {
        return start.offset();
    }

    /** Offset after the last committed record. */
    public long highWatermark() {
        return highWatermark;
    }

    /** Equal to the high watermark as long as there are no transactions. */
    public long lastStableOffset() {
        return highWatermark;
    }

    /**
     * Validates, assigns offsets in call order and queues for the next group commit. Completes after COMMIT.
     *
     * @param records as a client sent them (Produce v3+: exactly what Kafka's LogValidator accepts from a client); stamped in
     *     place, and not used any more once this returns
     */
    public CompletableFuture<AppendResult> append(MemoryRecords records) {
        int bytes = records.sizeInBytes();
        if (!parts.writer().reserve(bytes)) {
            return CompletableFuture.failedFuture(
                    new NotEnoughReplicasException("too many bytes wait for their commit; send the batch again"));
        }
        var answer = new CompletableFuture<AppendResult>();
        CompletableFuture<AppendResult> answered =
                answer.whenComplete((done, error) -> parts.writer().release(bytes));
        admit(new Parked(records, answer), true);
        return answered;
    }

    private void admit(Parked append, boolean mayWait) {
        boolean load = false;
        try {
            lock.lock();
            try {
                requireLeading();
                MutableRecordBatch batch = rules.onlyBatch(append.records(), config);
                if (mayWait && producers.mustWait(batch)) {
                    load = producers.park(append);
                } else {
                    enqueue(append, batch);
                }
            } finally {
                lock.unlock();
            }
        } catch (RuntimeException | Error e) { // also what is no refusal: the answer gives the reserved bytes back
            append.answer().completeExceptionally(e);
        }
        if (load) {
            loadProducers();
        }
    }

    private void enqueue(Parked append, MutableRecordBatch batch) {
        CompletableFuture<AppendResult> answer = append.answer();
        var first = producers.firstAnswerTo(batch, logStartOffset());
        if (first.isPresent()) {
            var unused = first.get().whenComplete((result, error) -> {
                if (error == null) {
                    answer.complete(result);
                } else {
                    answer.completeExceptionally(error);
                }
            });
            return;
        }
        long baseOffset = nextOffset;
        var stamped = rules.stamp(append.records(), batch, config, leaderEpoch(), baseOffset);
        var checked = producers.check(stamped.batch());
        StoredBatch stored = StoredBatch.copyOf(stamped.batch());
        var part = new Part(this, baseOffset, stored.header().lastOffset() + 1, List.of(stored));
        var result = new AppendResult(baseOffset, stamped.logAppendTime(), logStartOffset());
        parts.writer()
                .submit(new PendingAppend(
                        List.of(part), Optional.empty(), () -> answer.complete(result), answer::completeExceptionally));
        nextOffset = part.nextOffset();
        producers.queued(checked, nextOffset, answer);
    }

    /** No batch with a producer id is under way while its state is not known, so the store's headers tell it all. */
    private void loadProducers() {
        var unused = reader.ask(() -> {
                    Producers.Loaded loaded = storedProducers.load();
                    lock.lock();
                    try {
                        producers.loaded(loaded.producers(), loaded.batchesReplayed());
                    } finally {
                        lock.unlock();
                    }
                    return loaded.batchesReplayed();
                })
                .whenComplete((replayed, error) -> unpark(error));
    }

    StoredProducers storedProducers() {
        return storedProducers;
    }

    /** What waited goes on in its order, before anything newer. */
    private void unpark(@Nullable Throwable error) {
        for (Parked append = nextParked(); append != null; append = nextParked()) {
            if (error == null) {
                admit(append, false);
            } else {
                append.answer()
                        .completeExceptionally(new KafkaStorageException(
                                "the state of producers of " + partition
                                        + " could not be loaded; send the batch again: " + error.getMessage(),
                                error));
            }
        }
    }

    private @Nullable Parked nextParked() {
        lock.lock();
        try {
            return producers.nextParked();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whole batches from the one that contains {@code offset}, below the high watermark, up to {@code maxBytes}; with
     * {@code atLeastOne} the first batch comes even when it is larger. Already complete when served from the tail cache.
     */
    public CompletableFuture<LogSlice> read(long offset, int maxBytes, boolean atLeastOne) {
        if (phase == Phase.RESIGNED) {
            throw notLeading();
        }
        long end = highWatermark;
        start.requireReadable(offset, end);
        if (offset == end || (maxBytes <= 0 && !atLeastOne)) {
            return CompletableFuture.completedFuture(slice(MemoryRecords.EMPTY, end));
        }
        Optional<MemoryRecords> cached = tail.read(offset, end, maxBytes, atLeastOne);
        return cached.isPresent()
                ? CompletableFuture.completedFuture(slice(cached.get(), end))
                : reader.read(offset, end, maxBytes, atLeastOne, tail::holds).thenApply(records -> {
                    start.requireReadable(offset, end); // retention may have taken it away meanwhile
                    return slice(records, end);
                });
    }

    private LogSlice slice(MemoryRecords records, long end) {
        return new LogSlice(records, end, end, logStartOffset());
    }

    /** Bytes that {@link #read} could return from {@code offset}, capped at {@code enough}; never asks the store. */
    public long availableBytes(long offset, long enough) {
        long end = highWatermark;
        return offset >= end || offset < logStartOffset() ? 0 : tail.availableBytes(offset, end, enough);
    }

    /** The first record whose timestamp is at or after {@code timestamp} (milliseconds). */
    public CompletableFuture<TimestampedOffset> firstAtOrAfter(long timestamp) {
        return reader.firstAtOrAfter(timestamp, logStartOffset(), highWatermark);
    }

    /** The record with the largest timestamp (ListOffsets -3). */
    public CompletableFuture<TimestampedOffset> latestByTimestamp() {
        return reader.latestByTimestamp(logStartOffset(), highWatermark);
    }

    /** End offset of the largest epoch at or below {@code epoch} (OffsetForLeaderEpoch); NONE when unknown. */
    public CompletableFuture<TimestampedOffset> endOfEpoch(int epoch) {
        return reader.endOfEpoch(epoch, highWatermark);
    }

    /** Deletes the records below an offset (DeleteRecords), -1 for all; completes with the log start afterwards. */
    public CompletableFuture<Long> deleteBefore(long offset) {
        long requested = start.requested(offset, highWatermark, config);
        return reader.ask(() -> moveLogStart(requested));
    }

    /** Blocks; fails with NotLeaderOrFollowerException. */
    long moveLogStart(long offset) {
        long moved = start.moveTo(offset);
        tail.forgetBelow(moved);
        return moved;
    }

    void forgetCachedBelow(long offset) {
        tail.forgetBelow(offset);
    }

    LogConfig config() {
        return config;
    }

    boolean isLed() {
        return phase == Phase.LEADING;
    }

    long id() {
        return claim.partitionId();
    }

    void configure(LogConfig newConfig) {
        config = newConfig;
    }

    /** Held over {@link #stageOwn}, the submission and {@link #staged}; of several partitions in the order of their ids. */
    ReentrantLock appendLock() {
        return lock;
    }

    /** Stamps batches of this broker's own making, without taking their offsets yet. */
    Part stageOwn(List<MemoryRecords> records) {
        requireLeading();
        List<StoredBatch> batches = rules.stampOwn(records, config, leaderEpoch(), nextOffset);
        int last = batches.size() - 1;
        long end = last < 0 ? nextOffset : batches.get(last).header().lastOffset() + 1;
        return new Part(this, nextOffset, end, batches);
    }

    void staged(Part part) {
        nextOffset = part.nextOffset();
    }

    /** On the writer's thread, in offset order. */
    void committed(Part part) {
        part.batches().forEach(tail::add);
        highWatermark = part.nextOffset();
        Optional<ProducerSnapshot> due;
        lock.lock();
        try {
            due = producers.committed(part.nextOffset());
        } finally {
            lock.unlock();
        }
        due.ifPresent(snapshot -> parts.housekeeping().execute(() -> storedProducers.save(snapshot)));
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

    void resume(long storedNextOffset) {
        lock.lock();
        try {
            if (phase == Phase.BROKEN) {
                // An append that was given up may have been committed after all: then the cache has a hole.
                tail.clear();
                nextOffset = storedNextOffset;
                highWatermark = storedNextOffset;
                producers.forget();
                phase = Phase.LEADING;
            }
        } finally {
            lock.unlock();
        }
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

    boolean hasYielded() {
        return phase == Phase.YIELDED;
    }

    void resign() {
        lock.lock();
        try {
            phase = Phase.RESIGNED;
            producers.forget();
            tail.clear();
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
        last.ifPresent(storedProducers::save);
    }

    private void requireLeading() {
        switch (phase) {
            case LEADING -> {}
            case BROKEN ->
                throw new KafkaStorageException(
                        partition + " waits for the store to tell where it stands; send the batch again");
            case YIELDED, RESIGNED -> throw notLeading();
        }
    }

    private ApiException notLeading() {
        return new NotLeaderOrFollowerException(partition + " is led by another broker, or deleted");
    }
}
