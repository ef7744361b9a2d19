package io.paillette.broker.log;

import io.paillette.broker.log.TailChunk.Slot;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * The newest batches of all partitions, bounded in bytes; the batch that was added first leaves first.
 *
 * <p>Batches are copied into chunks of memory that are taken once and then recycled in turn. Kept as objects of their own
 * they would grow old before they die, and the collector of a small heap would stop the broker again and again for them
 * (ADR 9).
 *
 * <p>Added to by the writer's thread only, read by any.
 */
final class TailCache {

    private static final int LARGEST_CHUNK_BYTES = 1 << 20;
    private static final int CHUNKS = 64;

    private final long limitBytes;
    private final int chunkBytes;
    private final ArrayDeque<TailChunk> byAge = new ArrayDeque<>();
    private @Nullable TailChunk spare;
    private final AtomicLong bytes = new AtomicLong();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    TailCache(long limitBytes) {
        this.limitBytes = limitBytes;
        this.chunkBytes = (int) Math.min(LARGEST_CHUNK_BYTES, limitBytes / CHUNKS);
    }

    TailCacheCounts counts() {
        return new TailCacheCounts(bytes.get(), hits.sum(), misses.sum());
    }

    Tail newTail() {
        return new Tail();
    }

    /** Where the next batch of this size goes; empty when it is larger than the whole cache, which is emptied then. */
    private Optional<TailChunk> chunkFor(int sizeBytes) {
        TailChunk newest = byAge.peekLast();
        if (newest != null && newest.fits(sizeBytes)) {
            return Optional.of(newest);
        }
        int wanted = Math.max(chunkBytes, sizeBytes);
        while (bytes.get() + wanted > limitBytes && !byAge.isEmpty()) {
            evictOldest();
        }
        if (wanted > limitBytes) {
            return Optional.empty();
        }
        TailChunk next = spare != null && wanted == chunkBytes ? spare : new TailChunk(wanted);
        spare = null;
        byAge.add(next);
        bytes.addAndGet(next.sizeBytes());
        return Optional.of(next);
    }

    private void evictOldest() {
        TailChunk oldest = byAge.remove();
        bytes.addAndGet(-oldest.sizeBytes());
        // Identity: after a clear the same offset may be taken by a younger batch.
        oldest.recycle().forEach(slot -> slot.tail().batches.remove(slot.lastOffset(), slot));
        if (oldest.sizeBytes() == chunkBytes) {
            spare = oldest;
        }
    }

    /** The cached end of one partition, without holes: what leaves it leaves at its start. */
    final class Tail {

        private final ConcurrentSkipListMap<Long, Slot> batches = new ConcurrentSkipListMap<>();

        private Tail() {}

        void add(StoredBatch batch) {
            chunkFor(batch.sizeBytes()).ifPresent(chunk -> {
                Slot slot = chunk.add(this, batch);
                batches.put(slot.lastOffset(), slot);
            });
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
            Optional<MemoryRecords> found = look(offset, highWatermark, maxBytes, atLeastOne);
            (found.isPresent() ? hits : misses).increment();
            return found;
        }

        private Optional<MemoryRecords> look(long offset, long highWatermark, int maxBytes, boolean atLeastOne) {
            var taken = new ArrayList<Slot>();
            long takenBytes = 0;
            long expected = -1;
            for (Slot slot : from(offset)) {
                if (expected < 0 && slot.baseOffset() > offset) {
                    return Optional.empty();
                }
                boolean fits = takenBytes + slot.sizeBytes() <= maxBytes || (atLeastOne && taken.isEmpty());
                boolean evictedMeanwhile = expected >= 0 && slot.baseOffset() != expected;
                if (!fits || evictedMeanwhile || slot.lastOffset() >= highWatermark) {
                    return copy(taken, takenBytes);
                }
                taken.add(slot);
                takenBytes += slot.sizeBytes();
                expected = slot.lastOffset() + 1;
            }
            return taken.isEmpty() ? Optional.empty() : copy(taken, takenBytes);
        }

        /** Bytes from {@code offset} on; {@code enough} as soon as that is reached, or when the cache starts later. */
        long availableBytes(long offset, long highWatermark, long enough) {
            long available = 0;
            boolean first = true;
            for (Slot slot : from(offset)) {
                if (first && slot.baseOffset() > offset) {
                    return enough;
                }
                first = false;
                if (available >= enough || slot.lastOffset() >= highWatermark) {
                    break;
                }
                available += slot.sizeBytes();
            }
            return first ? enough : Math.min(available, enough);
        }

        boolean holds(long offset) {
            var holder = batches.ceilingEntry(offset);
            return holder != null && holder.getValue().baseOffset() <= offset;
        }

        private Collection<Slot> from(long offset) {
            return batches.tailMap(offset, true).values();
        }
    }

    /** Empty when a batch was evicted before it was copied: the first one was then too, and the store has it. */
    private static Optional<MemoryRecords> copy(List<Slot> slots, long totalBytes) {
        var target = new byte[Math.toIntExact(totalBytes)];
        int at = 0;
        for (Slot slot : slots) {
            if (!slot.copyTo(target, at)) {
                return Optional.empty();
            }
            at += slot.sizeBytes();
        }
        return Optional.of(MemoryRecords.readableRecords(ByteBuffer.wrap(target)));
    }
}
