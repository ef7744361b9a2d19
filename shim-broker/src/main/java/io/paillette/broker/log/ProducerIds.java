package io.paillette.broker.log;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.errors.KafkaStorageException;

/** Producer ids for InitProducerId, taken from the store in blocks; an id is given out once, ever. */
public final class ProducerIds {

    private static final long BLOCK = 1000;

    private final LogStore store;
    private final Executor storeCalls;
    private final ReentrantLock lock = new ReentrantLock();
    private long next; // guarded by lock
    private long end; // guarded by lock

    ProducerIds(LogStore store, Executor storeCalls) {
        this.store = store;
        this.storeCalls = storeCalls;
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
        try {
            return CompletableFuture.supplyAsync(this::firstOfNewBlock, storeCalls);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(
                    new KafkaStorageException("too many reads wait for the store; ask again", e));
        }
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
