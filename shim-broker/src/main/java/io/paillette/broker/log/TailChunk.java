package io.paillette.broker.log;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory of the tail cache that is used again and again. One thread fills and recycles it; readers copy out of it without a
 * lock and learn afterwards whether it was recycled meanwhile.
 */
final class TailChunk {

    private final byte[] bytes;
    private final List<Slot> slots = new ArrayList<>(); // of the writer's thread
    private int used; // of the writer's thread
    private int recycled; // of the writer's thread
    private volatile int generation;

    TailChunk(int sizeBytes) {
        this.bytes = new byte[sizeBytes];
    }

    int sizeBytes() {
        return bytes.length;
    }

    boolean fits(int more) {
        return used + more <= bytes.length;
    }

    Slot add(TailCache.Tail tail, StoredBatch batch) {
        int length = batch.sizeBytes();
        System.arraycopy(batch.body(), 0, bytes, used, length);
        BatchHeader header = batch.header();
        var slot = new Slot(tail, this, generation, used, length, header.baseOffset(), header.lastOffset());
        slots.add(slot);
        used += length;
        return slot;
    }

    /** Forgets what is in it; slots handed out before cannot be copied any more. */
    List<Slot> recycle() {
        recycled++;
        generation = recycled;
        VarHandle.storeStoreFence(); // nobody may see new bytes under the old generation
        List<Slot> forgotten = List.copyOf(slots);
        slots.clear();
        used = 0;
        return forgotten;
    }

    /** One cached batch. */
    record Slot(
            TailCache.Tail tail,
            TailChunk chunk,
            int generation,
            int position,
            int sizeBytes,
            long baseOffset,
            long lastOffset) {

        /** @return false when the bytes are gone: what was copied means nothing */
        boolean copyTo(byte[] target, int at) {
            if (chunk.generation != generation) {
                return false;
            }
            System.arraycopy(chunk.bytes, position, target, at, sizeBytes);
            VarHandle.loadLoadFence();
            return chunk.generation == generation;
        }
    }
}
