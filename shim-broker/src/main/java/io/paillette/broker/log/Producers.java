package io.paillette.broker.log;

import io.paillette.broker.log.LogParts.ProducerMemory;
import io.paillette.broker.log.LogStore.OffsetRange;
import io.paillette.broker.log.LogStore.ProducerSnapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.BatchMetadata;
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

    private static final byte FORMAT = 1;
    /** Kafka's default of transaction.max.timeout.ms. */
    private static final int MAX_TRANSACTION_MS = 15 * 60 * 1000;

    private final Time time;
    private final ProducerStateManager state;

    Producers(TopicPartition partition, ProducerMemory memory, Time time) {
        this.time = time;
        try {
            this.state = new ProducerStateManager(
                    partition,
                    memory.emptyDirectory(),
                    MAX_TRANSACTION_MS,
                    new ProducerStateManagerConfig(
                            Math.toIntExact(memory.expiry().toMillis()), false),
                    time);
        } catch (IOException e) {
            throw new UncheckedIOException(memory.emptyDirectory() + " could not be listed", e);
        }
    }

    /** What the store knows: the last snapshot, and the headers of batches after it. Blocks. */
    static Loaded load(long partitionId, TopicPartition partition, LogParts parts) {
        Optional<ProducerSnapshot> snapshot = parts.store().producerSnapshot(partitionId);
        long from = snapshot.map(ProducerSnapshot::uptoOffset).orElse(0L);
        List<BatchHeader> later = parts.store().producerBatches(new OffsetRange(partitionId, from, Long.MAX_VALUE));
        var producers = new Producers(partition, parts.producers(), parts.time());
        producers.restore(snapshot, later);
        return new Loaded(producers, later.size());
    }

    /** Offset of the last record of each producer that is not expired. */
    Set<Long> lastOffsets() {
        return state.activeProducers().values().stream()
                .map(ProducerStateEntry::lastDataOffset)
                .collect(Collectors.toSet());
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
                false);
        return info;
    }

    void accept(ProducerAppendInfo checked) {
        state.update(checked);
    }

    record Loaded(Producers producers, int batchesReplayed) {}

    private void replay(BatchHeader batch) {
        append(
                batch.producerId(),
                batch.producerEpoch(),
                new BatchMetadata(
                        batch.lastSequence(),
                        batch.lastOffset(),
                        (int) (batch.lastOffset() - batch.baseOffset()),
                        time.milliseconds()));
    }

    private void append(long producerId, short epoch, BatchMetadata batch) {
        ProducerAppendInfo info = state.prepareUpdate(producerId, AppendOrigin.REPLICATION);
        info.appendDataBatch(
                epoch,
                batch.firstSeq(),
                batch.lastSeq(),
                batch.timestamp(),
                new LogOffsetMetadata(batch.firstOffset()),
                batch.lastOffset(),
                false);
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
            if (format != FORMAT) {
                throw new IllegalStateException(
                        "producer snapshot has format " + format + ", this version reads " + FORMAT + "; upgrade");
            }
            int producers = in.readInt();
            for (int i = 0; i < producers; i++) {
                long producerId = in.readLong();
                short epoch = in.readShort();
                int batches = in.readByte();
                if (batches == 0) {
                    state.loadProducerEntry(
                            new ProducerStateEntry(producerId, epoch, -1, time.milliseconds(), OptionalLong.empty()));
                }
                for (int b = 0; b < batches; b++) {
                    append(
                            producerId,
                            epoch,
                            new BatchMetadata(in.readInt(), in.readLong(), in.readInt(), in.readLong()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("producer snapshot ends too early", e);
        }
    }
}
