package io.paillette.broker.log;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * The newest batches of all partitions, bounded in bytes; the batch that was added first leaves first.
 *
 * <p>Added to by the writer's thread only, read by any.
 */
final class TailCache {

    private final long limitBytes;
    private final ArrayDeque<Entry> byAge = new ArrayDeque<>();
    private long bytes;

    TailCache(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    Tail newTail() {
        return new Tail();
    }

    private void added(Entry entry) {
        byAge.add(entry);
        bytes += entry.batch().sizeBytes();
        while (bytes > limitBytes && !byAge.isEmpty()) {
            Entry oldest = byAge.remove();
            bytes -= oldest.batch().sizeBytes();
            // Identity: after a clear the same offset may be taken by a younger batch.
            oldest.tail().batches.remove(oldest.batch().header().lastOffset(), oldest.batch());
        }
    }

    private record Entry(Tail tail, StoredBatch batch) {}

    /** The cached end of one partition, without holes: what leaves it leaves at its start. */
    final class Tail {

        private final ConcurrentSkipListMap<Long, StoredBatch> batches = new ConcurrentSkipListMap<>();

        private Tail() {}

        void add(StoredBatch batch) {
            batches.put(batch.header().lastOffset(), batch);
            added(new Entry(this, batch));
        }

        /** Forgets all; what was there still counts for the limit until its turn comes. */
        void clear() {
            batches.clear();
        }

        /** Forgets batches that end below {@code offset}; as {@link #clear} otherwise. */
        void forgetBelow(long offset) {
            batches.headMap(offset).clear();
        }

        /** Batches from the one that holds {@code offset}; empty when that one is not cached. */
        Optional<MemoryRecords> read(long offset, long highWatermark, int maxBytes, boolean atLeastOne) {
            var taken = new ArrayList<byte[]>();
            long takenBytes = 0;
            long expected = -1;
            for (StoredBatch batch : from(offset)) {
                BatchHeader header = batch.header();
                if (expected < 0 && header.baseOffset() > offset) {
                    return Optional.empty();
                }
                boolean fits = takenBytes + batch.sizeBytes() <= maxBytes || (atLeastOne && taken.isEmpty());
                boolean evictedMeanwhile = expected >= 0 && header.baseOffset() != expected;
                if (!fits || evictedMeanwhile || header.lastOffset() >= highWatermark) {
                    return Optional.of(concatenate(taken, takenBytes));
                }
                taken.add(batch.body());
                takenBytes += batch.sizeBytes();
                expected = header.lastOffset() + 1;
            }
            return taken.isEmpty() ? Optional.empty() : Optional.of(concatenate(taken, takenBytes));
        }

        /** Bytes from {@code offset} on; {@code enough} as soon as that is reached, or when the cache starts later. */
        long availableBytes(long offset, long highWatermark, long enough) {
            long available = 0;
            boolean first = true;
            for (StoredBatch batch : from(offset)) {
                if (first && batch.header().baseOffset() > offset) {
                    return enough;
                }
                first = false;
                if (available >= enough || batch.header().lastOffset() >= highWatermark) {
                    break;
                }
                available += batch.sizeBytes();
            }
            return first ? enough : Math.min(available, enough);
        }

        private Collection<StoredBatch> from(long offset) {
            Map<Long, StoredBatch> tail = batches.tailMap(offset, true);
            return tail.values();
        }
    }

    static MemoryRecords concatenate(Collection<byte[]> bodies, long totalBytes) {
        if (bodies.isEmpty()) {
            return MemoryRecords.EMPTY;
        }
        if (bodies.size() == 1) {
            // A view of its own: the reader moves position and limit, never the bytes.
            return MemoryRecords.readableRecords(
                    ByteBuffer.wrap(bodies.iterator().next()));
        }
        var buffer = ByteBuffer.allocate(Math.toIntExact(totalBytes));
        bodies.forEach(buffer::put);
        buffer.flip();
        return MemoryRecords.readableRecords(buffer);
    }
}
