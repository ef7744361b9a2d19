package io.paillette.broker.net;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.memory.MemoryPool;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of all requests being read or answered, against a budget. As long as anything is left a request is let in
 * whole, so the last one may overdraw the budget and a request larger than it still gets through; then no connection is
 * read until bytes come back. Kafka's SimpleMemoryPool does the same, but refuses a budget below the largest request.
 */
final class RequestMemory implements MemoryPool {

    private final long budgetBytes;
    private final AtomicLong leftBytes;

    RequestMemory(long budgetBytes) {
        this.budgetBytes = budgetBytes;
        this.leftBytes = new AtomicLong(budgetBytes);
    }

    @Override
    public @Nullable ByteBuffer tryAllocate(int sizeBytes) {
        for (long left = leftBytes.get(); left > 0; left = leftBytes.get()) {
            if (leftBytes.compareAndSet(left, left - sizeBytes)) {
                return allocate(sizeBytes);
            }
        }
        return null;
    }

    private ByteBuffer allocate(int sizeBytes) {
        boolean done = false;
        try {
            ByteBuffer buffer = ByteBuffer.allocate(sizeBytes);
            done = true;
            return buffer;
        } finally {
            if (!done) { // out of memory: the budget must not leak
                leftBytes.addAndGet(sizeBytes);
            }
        }
    }

    @Override
    public void release(ByteBuffer buffer) {
        leftBytes.addAndGet(buffer.capacity());
    }

    @Override
    public long size() {
        return budgetBytes;
    }

    @Override
    public long availableMemory() {
        return leftBytes.get();
    }

    @Override
    public boolean isOutOfMemory() {
        return leftBytes.get() <= 0;
    }
}
