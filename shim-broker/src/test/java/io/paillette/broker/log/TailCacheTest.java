package io.paillette.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class TailCacheTest {

    private static final int RECORDS = 3;

    private final TailCache cache = new TailCache(1 << 20);

    @Test
    void readersNeverSeeBytesThatWereOverwrittenMeanwhile() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        TailCache.Tail tail = cache.newTail();
        var end = new AtomicLong();
        var served = new AtomicLong();
        var reader = CompletableFuture.runAsync(() -> {
            while (end.get() < 200_000L * RECORDS) {
                // From the oldest that may be there: the one that is evicted next.
                long from = Math.max(0, end.get() - 2_000L * RECORDS) / RECORDS * RECORDS;
                tail.read(from, end.get(), 64 << 10, true).ifPresent(records -> {
                    served.incrementAndGet();
                    verify(records.buffer(), from, seed);
                });
            }
        });
        for (long batch = 0; batch < 200_000; batch++) {
            tail.add(batch(batch * RECORDS, 300 + random.nextInt(400)));
            end.set((batch + 1) * RECORDS);
        }

        reader.join();
        assertThat(served.get()).as("seed " + seed).isPositive();
    }

    @Test
    void aBatchLargerThanTheCacheLeavesNoHoleBehind() {
        TailCache.Tail tail = cache.newTail();
        tail.add(batch(0, 1000));
        tail.add(batch(3, 2 << 20));
        tail.add(batch(6, 1000));

        assertThat(tail.read(0, 9, 1 << 20, true)).isEmpty();
        assertThat(tail.read(3, 9, 1 << 20, true)).isEmpty();
        assertThat(tail.read(6, 9, 1 << 20, true)).isPresent();
    }

    @Test
    void whatOnePartitionAddsPushesOutWhatAnotherAddedBefore() {
        TailCache.Tail old = cache.newTail();
        TailCache.Tail busy = cache.newTail();
        old.add(batch(0, 1000));
        for (int batch = 0; batch < 2000; batch++) {
            busy.add(batch((long) batch * RECORDS, 1000));
        }

        assertThat(old.read(0, 3, 1 << 20, true)).isEmpty();
        assertThat(busy.read(5997, 6000, 1 << 20, true)).isPresent();
    }

    /** Every 8 bytes tell the batch's base offset. */
    private static StoredBatch batch(long baseOffset, int sizeBytes) {
        var body = ByteBuffer.allocate(sizeBytes / 8 * 8);
        while (body.hasRemaining()) {
            body.putLong(baseOffset);
        }
        return new StoredBatch(
                new BatchHeader(baseOffset, baseOffset + RECORDS - 1, 0, -1, 0, -1, (short) -1, (short) 0),
                body.array());
    }

    private static void verify(ByteBuffer bytes, long from, long seed) {
        long expected = from;
        while (bytes.hasRemaining()) {
            long told = bytes.getLong();
            if (told != expected && told != expected + RECORDS) {
                throw new AssertionError(
                        "seed " + seed + ": read from " + from + ", found " + told + " after " + expected);
            }
            expected = told;
        }
    }
}
