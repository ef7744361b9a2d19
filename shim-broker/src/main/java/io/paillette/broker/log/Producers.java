package io.paillette.broker.log;

import io.paillette.broker.log.CompactionFilter.LastOfProducer;
import io.paillette.broker.log.LogStore.OffsetRange;
import io.paillette.broker.log.LogStore.ProducerSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.CompletedTxn;
import org.apache.kafka.storage.internals.log.LogOffsetMetadata;
import org.apache.kafka.storage.internals.log.ProducerAppendInfo;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;

/**
 * The idempotent producers of one partition: epoch, and the last five batches of each (KIP-98). Kafka's own state, rebuilt
 * from a snapshot and the headers of the batches after it. Guarded by the partition's lock.
 *
 * <p>Unlike in Kafka a producer expires by this broker's clock, not by its records' timestamps: whoever writes old
 * timestamps keeps the protection against doubles.
 */
final class Producers {

    private static final byte FORMAT = 2;
    private static final byte FORMAT_WITHOUT_TRANSACTIONS = 1;
    private static final long NO_TRANSACTION = -1;
    private static final short LENIENT = 0; // of a marker that is in the log, the epoch is not in question
    /** Kafka's default of transaction.max.timeout.ms. */
    private static final int MAX_TRANSACTION_MS = 15 * 60 * 1000;

    /** Where Kafka looks for snapshot files of its own: this path never exists, so there are none. */
    private static final File NOWHERE = new File("");

    private final TopicPartition partition;
    private final Time time;
    private final ProducerStateManager state;

    Producers(TopicPartition partition, Duration expiry, Time time) {
        this.partition = partition;
        this.time = time;
        try {
            this.state = new ProducerStateManager(
                    partition,
                    NOWHERE,
                    MAX_TRANSACTION_MS,
                    new ProducerStateManagerConfig(Math.toIntExact(expiry.toMillis()), false),
                    time);
        } catch (IOException e) {
            throw new UncheckedIOException("the state of producers could not be made", e);
        }
    }

    /** What the store knows: the last snapshot, and the headers of batches after it. Blocks. */
    static Loaded load(long partitionId, TopicPartition partition, LogParts parts) {
        Optional<ProducerSnapshot> snapshot = parts.store().producerSnapshot(partitionId);
        long from = snapshot.map(ProducerSnapshot::uptoOffset).orElse(0L);
        List<BatchHeader> later = parts.store().producerBatches(new OffsetRange(partitionId, from, Long.MAX_VALUE));
        var producers = new Producers(partition, parts.producerExpiry(), parts.time());
        producers.restore(snapshot, later);
        producers.state.onHighWatermarkUpdated(Long.MAX_VALUE); // all that the store has is committed
        return new Loaded(producers, later.size());
    }

    /** The last record of each producer that is not expired. */
    Map<Long, LastOfProducer> lastRecords() {
        return state.activeProducers().values().stream()
                .collect(Collectors.toMap(
                        ProducerStateEntry::producerId,
                        entry -> new LastOfProducer(entry.lastDataOffset(), entry.producerEpoch())));
    }

    private void restore(Optional<ProducerSnapshot> snapshot, List<BatchHeader> later) {
        snapshot.ifPresent(s -> decode(s.state()));
        later.forEach(this::replay);
        state.removeExpiredProducers(time.milliseconds());
    }

    /** What a batch with the same producer, epoch and sequences got when it came first. */
    Optional<BatchMetadata> duplicateOf(RecordBatch batch) {
        return state.lastEntry(batch.producerId())
                .filter(entry -> entry.producerEpoch() == batch.producerEpoch())
                .flatMap(entry -> entry.batchMetadata().stream()
                        .filter(known ->
                                known.firstSeq() == batch.baseSequence() && known.lastSeq() == batch.lastSequence())
                        .findFirst());
    }

    /**
     * Checks a batch whose offsets are assigned; {@link #accept} takes it up.
     *
     * @throws org.apache.kafka.common.errors.OutOfOrderSequenceException  after a gap
     * @throws org.apache.kafka.common.errors.InvalidProducerEpochException from a fenced producer
     */
    ProducerAppendInfo check(RecordBatch batch) {
        ProducerAppendInfo info = state.prepareUpdate(batch.producerId(), AppendOrigin.CLIENT);
        info.appendDataBatch(
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.lastSequence(),
                time.milliseconds(),
                new LogOffsetMetadata(batch.baseOffset()),
                batch.lastOffset(),
                batch.isTransactional());
        return info;
    }

    boolean isInTransaction(long producerId, short epoch) {
        return state.lastEntry(producerId)
                .filter(entry -> entry.producerEpoch() == epoch
                        && entry.currentTxnFirstOffset().isPresent())
                .isPresent();
    }

    /**
     * Whether the transaction that a marker of this broker's own is to end has begun here and not ended.
     *
     * @throws EndedByOthersException when it was to be committed and somebody else has ended it
     */
    boolean isOpen(TransactionMarker marker) {
        if (marker.commit()) {
            requireUnended(marker);
        }
        return isInTransaction(marker.producerId(), marker.producerEpoch());
    }

    /** A producer of this broker's own has one transaction: what comes under it after its end would be seen without the rest. */
    void requireUnended(TransactionMarker marker) {
        if (hasEnded(marker)) {
            throw new EndedByOthersException(marker.producerId(), partition);
        }
    }

    boolean hasOpenTransactions() {
        return state.firstUnstableOffset().isPresent();
    }

    long lastStableOffset(long highWatermark) {
        state.onHighWatermarkUpdated(highWatermark);
        return state.firstUnstableOffset()
                .map(first -> Math.min(first.messageOffset, highWatermark))
                .orElse(highWatermark);
    }

    /** Whether the marker is in the log already, or one of a later epoch; a producer that never wrote here gets one all the same, against late batches. */
    boolean hasEnded(TransactionMarker marker) {
        return state.lastEntry(marker.producerId())
                .filter(entry -> entry.producerEpoch() > marker.producerEpoch()
                        || (entry.producerEpoch() == marker.producerEpoch()
                                && entry.currentTxnFirstOffset().isEmpty()))
                .isPresent();
    }

    /** Takes up a marker at {@code offset}. */
    void end(TransactionMarker marker, long offset) {
        end(marker, offset, AppendOrigin.COORDINATOR);
    }

    private void end(TransactionMarker marker, long offset, AppendOrigin origin) {
        ProducerAppendInfo info = state.prepareUpdate(marker.producerId(), origin);
        Optional<CompletedTxn> completed = info.appendEndTxnMarker(
                marker.kafka(), marker.producerEpoch(), offset, time.milliseconds(), marker.transactionVersion());
        state.update(info);
        completed.ifPresent(state::completeTxn);
    }

    /** The transaction that a marker at {@code offset} aborts; readers have to be told of it. */
    List<AbortedTransaction> abortedBy(TransactionMarker marker, long offset) {
        OptionalLong first = state.lastEntry(marker.producerId())
                .map(ProducerStateEntry::currentTxnFirstOffset)
                .orElseGet(OptionalLong::empty);
        if (marker.commit() || first.isEmpty()) {
            return List.of();
        }
        var ended = new CompletedTxn(marker.producerId(), first.getAsLong(), offset, true);
        return List.of(new AbortedTransaction(
                ended.producerId(), ended.firstOffset(), ended.lastOffset(), state.lastStableOffset(ended)));
    }

    List<ActiveProducer> active() {
        return state.activeProducers().values().stream()
                .map(entry -> new ActiveProducer(
                        entry.producerId(),
                        entry.producerEpoch(),
                        entry.batchMetadata().stream()
                                .mapToInt(BatchMetadata::lastSeq)
                                .reduce(RecordBatch.NO_SEQUENCE, (older, newer) -> newer),
                        entry.lastTimestamp(),
                        entry.currentTxnFirstOffset()))
                .toList();
    }

    void accept(ProducerAppendInfo checked) {
        state.update(checked);
    }

    record Loaded(Producers producers, int batchesReplayed) {}

    /** A batch that needs no check: it is in the log, or this broker's own. */
    void replay(BatchHeader batch) {
        if (batch.isControl()) {
            var marker = new TransactionMarker(batch.producerId(), batch.producerEpoch(), true, LENIENT);
            end(marker, batch.baseOffset(), AppendOrigin.REPLICATION);
            return;
        }
        append(
                batch.producerId(),
                batch.producerEpoch(),
                batch.isTransactional(),
                new BatchMetadata(
                        batch.lastSequence(),
                        batch.lastOffset(),
                        (int) (batch.lastOffset() - batch.baseOffset()),
                        time.milliseconds()));
    }

    private void append(long producerId, short epoch, boolean transactional, BatchMetadata batch) {
        ProducerAppendInfo info = state.prepareUpdate(producerId, AppendOrigin.REPLICATION);
        info.appendDataBatch(
                epoch,
                batch.firstSeq(),
                batch.lastSeq(),
                batch.timestamp(),
                new LogOffsetMetadata(batch.firstOffset()),
                batch.lastOffset(),
                transactional);
        state.update(info);
    }

    byte[] encode() {
        state.removeExpiredProducers(time.milliseconds());
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            Map<Long, ProducerStateEntry> producers = state.activeProducers();
            out.writeInt(producers.size());
            for (ProducerStateEntry producer : producers.values()) {
                out.writeLong(producer.producerId());
                out.writeShort(producer.producerEpoch());
                out.writeLong(producer.currentTxnFirstOffset().orElse(NO_TRANSACTION));
                out.writeByte(producer.batchMetadata().size());
                for (BatchMetadata batch : producer.batchMetadata()) {
                    out.writeInt(batch.lastSeq());
                    out.writeLong(batch.lastOffset());
                    out.writeInt(batch.offsetDelta());
                    out.writeLong(batch.timestamp());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private void decode(byte[] snapshot) {
        try (var in = new DataInputStream(new ByteArrayInputStream(snapshot))) {
            byte format = in.readByte();
            if (format != FORMAT && format != FORMAT_WITHOUT_TRANSACTIONS) {
                throw new IllegalStateException(
                        "producer snapshot has format " + format + ", this version reads " + FORMAT + "; upgrade");
            }
            int producers = in.readInt();
            for (int i = 0; i < producers; i++) {
                long producerId = in.readLong();
                short epoch = in.readShort();
                long firstOffset = format == FORMAT ? in.readLong() : NO_TRANSACTION;
                int batches = in.readByte();
                state.loadProducerEntry(new ProducerStateEntry(
                        producerId,
                        epoch,
                        -1,
                        time.milliseconds(),
                        firstOffset == NO_TRANSACTION ? OptionalLong.empty() : OptionalLong.of(firstOffset)));
                for (int b = 0; b < batches; b++) {
                    append(
                            producerId,
                            epoch,
                            firstOffset != NO_TRANSACTION,
                            new BatchMetadata(in.readInt(), in.readLong(), in.readInt(), in.readLong()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("producer snapshot ends too early", e);
        }
    }
}
