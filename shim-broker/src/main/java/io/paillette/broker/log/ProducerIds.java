package io.paillette.broker.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;

/** Producer ids for InitProducerId, taken from the store in blocks; an id is given out once, ever. */
public final class ProducerIds {

    private static final long BLOCK = 1000;

    private final LogStore store;
    private final StoreCalls calls;
    private final ReentrantLock lock = new ReentrantLock();
    private long next; // guarded by lock
    private long end; // guarded by lock

    ProducerIds(LogStore store, StoreCalls calls) {
        this.store = store;
        this.calls = calls;
    }

    /** Fails with {@link io.paillette.broker.store.StoreException} when a new block is due and the store cannot be asked. */
    public CompletableFuture<Long> next() {
        lock.lock();
        try {
            if (next < end) {
                return CompletableFuture.completedFuture(next++);
            }
        } finally {
            lock.unlock();
        }
        return calls.ask(this::firstOfNewBlock);
    }

    /** As {@link #next}, for who may wait. */
    public long await() {
        try {
            return next().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private long firstOfNewBlock() {
        long first = Math.multiplyExact(store.nextProducerIdBlock(), BLOCK);
        lock.lock();
        try {
            if (next >= end) {
                next = first + 1;
                end = first + BLOCK;
            } // else somebody was faster, and the rest of this block is never used
        } finally {
            lock.unlock();
        }
        return first;
    }
}
