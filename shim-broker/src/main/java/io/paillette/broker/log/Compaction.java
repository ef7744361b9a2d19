package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.OffsetRange;
import io.paillette.broker.log.SegmentStore.Compacted;
import io.paillette.broker.log.SegmentStore.Dirt;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Compacts partitions as Kafka's log cleaner does: of every key in the dirty part the newest offset is found, then the whole
 * partition is gone through and what is superseded taken out. Chunk by chunk, each its own transaction; a pass that is cut
 * short leaves a log that reads the same, and is begun anew. What Kafka's active segment is to its cleaner, the batches that
 * are not committed are here: everything below the last stable offset may be compacted.
 */
final class Compaction {

    private static final int CHUNK_BYTES = 1 << 20;

    private final LogStore store;
    private final Time time;
    private final int keyBytes;
    private final BooleanSupplier stopping;
    private final Map<Long, Watch> watched = new HashMap<>(); // of the housekeeping thread alone
    private final LongAdder passes = new LongAdder();
    private final LongAdder replaced = new LongAdder();
    private final LongAdder deleted = new LongAdder();

    Compaction(LogStore store, Time time, int keyBytes, BooleanSupplier stopping) {
        this.store = store;
        this.time = time;
        this.keyBytes = keyBytes;
        this.stopping = stopping;
    }

    /** Compacts the partition if it is dirty enough; asks the store nothing when nothing has come in since it last was not. */
    void compact(PartitionLog log) {
        LogConfig config = log.config();
        long stable = log.lastStableOffset();
        Watch watch = watched.get(log.id());
        boolean lagging = config.compactionLagMs > 0 || config.maxCompactionLagMs < Long.MAX_VALUE;
        if (watch != null && watch.isOf(log) && watch.sawAll(stable, config) && !(lagging && watch.dirty())) {
            return;
        }
        Compacted before = watch != null && watch.isOf(log)
                ? watch.compacted()
                : store.segments().compacted(log.id()).orElse(Compacted.NOTHING);
        long from = Math.max(before.upto(), log.logStartOffset());
        long end = from >= stable ? from : cleanableEnd(log, from, stable);
        Compacted now = before;
        boolean dirty = false;
        if (from < end) {
            Dirt dirt = store.segments().dirt(new OffsetRange(log.id(), from, end));
            dirty = dirt.firstTimestamp().isPresent();
            if (isDirtyEnough(dirt, before.bytes(), config)) {
                Optional<Compacted> after = pass(log, new OffsetRange(log.id(), from, end));
                if (after.isEmpty()) {
                    watched.remove(log.id());
                    return;
                }
                now = after.get();
                dirty = now.upto() < stable;
            }
        }
        boolean more = now.upto() > before.upto() && now.upto() < end;
        watched.put(log.id(), new Watch(log.leaderEpoch(), config, more ? -1 : stable, dirty || end < stable, now));
    }

    void forgetAllBut(Set<Long> partitionIds) {
        watched.keySet().retainAll(partitionIds);
    }

    /** Where the first batch begins that has a record younger than min.compaction.lag.ms. */
    private long cleanableEnd(PartitionLog log, long from, long stable) {
        long lagMs = log.config().compactionLagMs;
        if (lagMs <= 0) {
            return stable;
        }
        return store.firstAtOrAfter(new OffsetRange(log.id(), from, stable), time.milliseconds() - lagMs + 1)
                .map(body -> Math.max(from, batch(body).baseOffset()))
                .orElse(stable);
    }

    private boolean isDirtyEnough(Dirt dirt, long cleanBytes, LogConfig config) {
        if (dirt.bytes() == 0) {
            return false;
        }
        boolean overdue = dirt.firstTimestamp().isPresent()
                && config.maxCompactionLagMs < Long.MAX_VALUE
                && dirt.firstTimestamp().getAsLong() < time.milliseconds() - config.maxCompactionLagMs;
        return overdue || (double) dirt.bytes() / (dirt.bytes() + cleanBytes) > config.minCleanableRatio;
    }

    /** @return empty when it was cut short, by a stop or another leader */
    private Optional<Compacted> pass(PartitionLog log, OffsetRange dirty) {
        List<AbortedTransaction> aborted =
                store.aborted(new OffsetRange(log.id(), log.logStartOffset(), dirty.below()));
        NewestOffsets newest = NewestOffsets.of(
                store, dirty, new NewestOffsets.Memory(CHUNK_BYTES, keyBytes), new CleanedTransactions(aborted));
        LogConfig config = log.config();
        var filter = new CompactionFilter(
                time.milliseconds(),
                config.deleteRetentionMs,
                newest,
                log.storedProducers().load().producers().lastRecords(),
                new CleanedTransactions(aborted));
        long offset = log.logStartOffset();
        long keptBytes = 0;
        while (offset < newest.endOffset()) {
            MemoryRecords batches =
                    store.read(new OffsetRange(log.id(), offset, newest.endOffset()), CHUNK_BYTES, true);
            if (batches.sizeInBytes() == 0) {
                break;
            }
            Chunk chunk = Chunk.of(batches, filter, config.maxDecompressedMessageBytes());
            boolean changes = !chunk.gone().isEmpty() || !chunk.changed().isEmpty();
            boolean fenced =
                    changes && !store.segments().replace(log.id(), log.leaderEpoch(), chunk.gone(), chunk.changed());
            if (fenced || stopping.getAsBoolean()) {
                return Optional.empty();
            }
            replaced.add(chunk.changed().size());
            deleted.add(chunk.gone().size());
            keptBytes += chunk.keptBytes();
            offset = chunk.nextOffset();
            log.forgetCachedBelow(offset);
        }
        var compacted = new Compacted(newest.endOffset(), keptBytes);
        store.segments().saveCompacted(log.id(), log.leaderEpoch(), compacted);
        passes.increment();
        return Optional.of(compacted);
    }

    long passes() {
        return passes.sum();
    }

    long batchesReplaced() {
        return replaced.sum();
    }

    long batchesDeleted() {
        return deleted.sum();
    }

    private static RecordBatch batch(byte[] body) {
        return MemoryRecords.readableRecords(ByteBuffer.wrap(body))
                .batches()
                .iterator()
                .next();
    }

    /** @param seenUpto last stable offset when it was last looked at; -1 to look again at once */
    private record Watch(int leaderEpoch, LogConfig config, long seenUpto, boolean dirty, Compacted compacted) {

        boolean isOf(PartitionLog log) {
            return leaderEpoch == log.leaderEpoch();
        }

        boolean sawAll(long stableOffset, LogConfig config) {
            return seenUpto == stableOffset && config.equals(this.config);
        }
    }

    /** What becomes of some batches. */
    private record Chunk(List<Long> gone, List<StoredBatch> changed, long keptBytes, long nextOffset) {

        static Chunk of(MemoryRecords all, CompactionFilter filter, int maxRecordBytes) {
            MemoryRecords.FilterResult result = all.filterTo(
                    filter, ByteBuffer.allocate(all.sizeInBytes()), BufferSupplier.NO_CACHING, maxRecordBytes);
            ByteBuffer output = result.outputBuffer();
            output.flip();
            Map<Long, MutableRecordBatch> kept = new HashMap<>();
            MemoryRecords.readableRecords(output).batches().forEach(batch -> kept.put(batch.lastOffset(), batch));
            List<Long> gone = new ArrayList<>();
            List<StoredBatch> changed = new ArrayList<>();
            long nextOffset = 0;
            for (MutableRecordBatch batch : all.batches()) {
                MutableRecordBatch after = kept.get(batch.lastOffset());
                if (after == null) {
                    gone.add(batch.lastOffset());
                } else if (after.checksum() != batch.checksum() || after.sizeInBytes() != batch.sizeInBytes()) {
                    changed.add(StoredBatch.copyOf(after));
                }
                nextOffset = batch.nextOffset();
            }
            return new Chunk(gone, changed, output.limit(), nextOffset);
        }
    }
}
