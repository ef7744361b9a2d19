package io.paillette.broker.feed;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * Appends that are not committed yet, in order. Bounded in bytes: a new one waits for the oldest. Owned by the feed's thread.
 */
final class PendingAppends {

    private static final long MAX_BYTES = 8 * 1024 * 1024;

    private final Deque<Pending> pending = new ArrayDeque<>();
    private long bytes;

    /**
     * Waits until {@code more} bytes fit; one append always fits when nothing else is pending.
     *
     * @throws CompletionException with the cause of an earlier append's failure
     */
    void reserve(long more) throws InterruptedException {
        throwFailure();
        while (!pending.isEmpty() && bytes + more > MAX_BYTES) {
            awaitOldest();
        }
    }

    void track(CompletableFuture<Void> append, long size) {
        pending.add(new Pending(append, size));
        bytes += size;
    }

    /** Forgets what is committed; throws when an append failed. Does not wait. */
    void throwFailure() throws InterruptedException {
        while (!pending.isEmpty() && pending.element().append().isDone()) {
            awaitOldest();
        }
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    void drain() throws InterruptedException {
        while (!pending.isEmpty()) {
            awaitOldest();
        }
    }

    private void awaitOldest() throws InterruptedException {
        Pending oldest = pending.remove();
        bytes -= oldest.bytes();
        try {
            oldest.append().get();
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        }
    }

    private record Pending(CompletableFuture<Void> append, long bytes) {}
}
