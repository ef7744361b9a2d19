package io.paillette.broker.log;

import io.paillette.broker.log.PendingAppend.Part;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.server.record.BrokerCompressionType;
import org.apache.kafka.storage.internals.log.LogConfig;

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
    private final Appender appender;
    private final TailCache.Tail tail;
    private final PartitionReader reader;
    private final LogStart start;
    private final StoredProducers storedProducers;
    private final AbortedTransactions aborted;
    private volatile LogConfig config;
    private volatile long highWatermark;
    private volatile long stable;

    PartitionLog(TopicPartition partition, LogStore.Claim claim, LogConfig config, LogParts parts) {
        this.partition = partition;
        this.claim = claim;
        this.config = config;
        this.tail = parts.cache().newTail();
        this.reader = new PartitionReader(claim, parts);
        this.storedProducers = new StoredProducers(claim, partition, parts);
        this.start = new LogStart(partition, claim, parts.store());
        this.aborted = new AbortedTransactions(reader, claim.nextOffset());
        this.highWatermark = claim.nextOffset();
        this.stable = claim.nextOffset();
        this.appender = new Appender(this, parts, storedProducers, claim.nextOffset());
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

    /** Below it every transaction has ended; at most the high watermark. */
    public long lastStableOffset() {
        return Math.max(Math.min(stable, highWatermark), logStartOffset());
    }

    /** Up to where a consumer of that isolation reads. */
    public long end(IsolationLevel isolation) {
        return isolation == IsolationLevel.READ_COMMITTED ? lastStableOffset() : highWatermark;
    }

    /** With the partition locked. */
    void stable(long offset) {
        stable = offset;
    }

    /**
     * Validates, assigns offsets in call order and queues for the next group commit. Completes after COMMIT.
     *
     * @param records as a client sent them (Produce v3+: exactly what Kafka's LogValidator accepts from a client); stamped in
     *     place, and not used any more once this returns
     */
    public CompletableFuture<AppendResult> append(MemoryRecords records) {
        return appender.append(records, Optional.empty());
    }

    /** As {@link #append(MemoryRecords)}; {@code transaction} is asked before the first batch of each transaction. */
    public CompletableFuture<AppendResult> append(MemoryRecords records, TransactionEntry transaction) {
        return appender.append(records, Optional.of(transaction));
    }

    /** Writes the marker that ends a producer's transaction here, unless that has been done. Completes after COMMIT. */
    public CompletableFuture<Void> endTransaction(TransactionMarker marker) {
        return appender.end(marker);
    }

    /** The producers that are remembered here, asked of the store where needed; without what is under way. */
    public CompletableFuture<List<ActiveProducer>> activeProducers() {
        return reader.ask(() -> storedProducers.load().producers().active());
    }

    /** Blocks, once, before anybody reads: transactions were open when this broker took over. */
    void loadTransactions() {
        appender.loadTransactions();
    }

    StoredProducers storedProducers() {
        return storedProducers;
    }

    <T> CompletableFuture<T> ask(Supplier<T> question) {
        return reader.ask(question);
    }

    /** All that is committed, whatever became of its transaction. */
    public CompletableFuture<LogSlice> read(long offset, int maxBytes, boolean atLeastOne) {
        return read(offset, maxBytes, atLeastOne, IsolationLevel.READ_UNCOMMITTED);
    }

    /**
     * Whole batches from the one that contains {@code offset}, below the end that {@code isolation} has, up to
     * {@code maxBytes}; with {@code atLeastOne} the first batch comes even when it is larger. Already complete when served
     * from the tail cache.
     */
    public CompletableFuture<LogSlice> read(long offset, int maxBytes, boolean atLeastOne, IsolationLevel isolation) {
        if (appender.phase() == Phase.RESIGNED) {
            throw appender.notLeading();
        }
        long stableEnd = lastStableOffset();
        long end = highWatermark;
        long below = isolation == IsolationLevel.READ_COMMITTED ? stableEnd : end;
        start.requireReadable(offset, end);
        var empty = new LogSlice(MemoryRecords.EMPTY, end, stableEnd, logStartOffset(), List.of());
        if (offset >= below || (maxBytes <= 0 && !atLeastOne)) {
            return CompletableFuture.completedFuture(empty);
        }
        Optional<MemoryRecords> cached = tail.read(offset, below, maxBytes, atLeastOne);
        CompletableFuture<MemoryRecords> read = cached.isPresent()
                ? CompletableFuture.completedFuture(cached.get())
                : reader.read(offset, below, maxBytes, atLeastOne, tail::holds);
        return read.thenCompose(records -> (isolation == IsolationLevel.READ_COMMITTED
                        ? abortedAmong(records, offset)
                        : CompletableFuture.completedFuture(List.<AbortedTransaction>of()))
                .thenApply(left -> {
                    start.requireReadable(
                            offset, end); // retention may have taken them away meanwhile, or what was aborted
                    return new LogSlice(records, end, stableEnd, logStartOffset(), left);
                }));
    }

    /** Nobody asks where no transaction has written. */
    private CompletableFuture<List<AbortedTransaction>> abortedAmong(MemoryRecords records, long from) {
        long end = from;
        boolean any = false;
        for (RecordBatch batch : records.batches()) {
            any |= batch.isTransactional();
            end = batch.nextOffset();
        }
        return any ? aborted.within(from, end) : CompletableFuture.completedFuture(List.of());
    }

    /** Bytes that {@link #read} could return from {@code offset}, capped at {@code enough}; never asks the store. */
    public long availableBytes(long offset, long enough, IsolationLevel isolation) {
        long end = end(isolation);
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

    /**
     * Of batches that are built here: no larger than the topic takes them, compressed as it says.
     *
     * @param asProducer where it says that the producer decides
     */
    public RecordBatches.Shape shape(CompressionType asProducer) {
        LogConfig now = config;
        return new RecordBatches.Shape(
                Math.min(RecordBatches.PLAIN.maxBytes(), now.maxMessageSize()),
                BrokerCompressionType.targetCompression(now.compression, asProducer));
    }

    LogConfig config() {
        return config;
    }

    boolean isLed() {
        return appender.phase() == Phase.LEADING;
    }

    boolean hasYielded() {
        return appender.phase() == Phase.YIELDED;
    }

    /** The store's: never reused, also not by a topic of the same name. */
    public long id() {
        return claim.partitionId();
    }

    void configure(LogConfig newConfig) {
        config = newConfig;
    }

    /** Completes when a transaction of this broker's own may write here. */
    CompletableFuture<Void> readyForTransaction() {
        return appender.knowProducers();
    }

    /** Whether the transaction that this marker is to end has begun here and not ended. */
    boolean isOpen(TransactionMarker marker) {
        return appender.isOpen(marker);
    }

    /** Held over {@link #stageOwn}, the submission and {@link #staged}; of several partitions in the order of their ids. */
    ReentrantLock appendLock() {
        return appender.lock();
    }

    /** Stamps batches of this broker's own making, without taking their offsets yet. */
    Part stageOwn(OwnAppend append) {
        return appender.stageOwn(append);
    }

    void staged(Part part) {
        appender.staged(part);
    }

    /** On the writer's thread, in offset order. */
    void committed(Part part) {
        part.batches().forEach(tail::add);
        part.beside().aborted().forEach(aborted::add);
        highWatermark = part.nextOffset();
        appender.committed(part.nextOffset());
    }

    /** From here on every append is refused until {@link #resume}. */
    void breakOff() {
        appender.breakOff();
    }

    /** An append that was given up may have been committed after all: then what is remembered has a hole. */
    void resume(long storedNextOffset) {
        appender.resume(storedNextOffset, () -> {
            tail.clear();
            aborted.forget(storedNextOffset);
            highWatermark = storedNextOffset;
        });
    }

    /** Takes no more appends; what is under way is still committed, and reads go on. */
    void yieldUp() {
        appender.yieldUp();
    }

    void resign() {
        appender.resign();
        tail.clear();
    }

    /** Nothing is under way any more. */
    void saveProducers() {
        appender.saveProducers();
    }
}
