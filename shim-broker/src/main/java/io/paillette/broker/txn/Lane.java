package io.paillette.broker.txn;

import io.paillette.broker.txn.TransactionStore.Stored;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.CoordinatorNotAvailableException;

/** One thread that works on some transactional ids, each request after the other, and what it remembers of them. */
final class Lane implements AutoCloseable {

    private static final int REMEMBERED = 2_000;
    /** How soon a transaction is looked at again that ends on another broker. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private final ThreadPoolExecutor thread; // its queue holds requests, whose bytes the connections bound
    private final Map<String, Stored> remembered = new LinkedHashMap<>(16, 0.75f, true); // of the thread
    private final Map<String, CompletableFuture<Void>> completions = new HashMap<>(); // of the thread

    Lane(int number) {
        this.thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread named = new Thread(work, "paillette-transactions-" + number);
            named.setDaemon(true);
            return named;
        });
    }

    /** @param answer fails when the broker stops */
    void execute(Runnable work, CompletableFuture<?> answer) {
        try {
            thread.execute(work);
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(
                    new CoordinatorNotAvailableException("the broker is stopping; ask the next coordinator", e));
        }
    }

    Optional<Stored> known(String id) {
        return Optional.ofNullable(remembered.get(id));
    }

    void remember(String id, Stored stored) {
        remembered.put(id, stored);
        if (remembered.size() > REMEMBERED) {
            var eldest = remembered.keySet().iterator();
            eldest.next();
            eldest.remove();
        }
    }

    void forget(String id) {
        remembered.remove(id);
    }

    /** Completes when a transaction has ended, or when it is time to look again. */
    CompletableFuture<Void> completion(String id) {
        completions.values().removeIf(CompletableFuture::isDone);
        return completions.computeIfAbsent(id, ending -> new CompletableFuture<Void>()
                .completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** From any thread. */
    void completed(String id) {
        try {
            thread.execute(() -> {
                forget(id);
                CompletableFuture<Void> awaited = completions.remove(id);
                if (awaited != null) {
                    awaited.complete(null);
                }
            });
        } catch (RejectedExecutionException e) {
            // nobody waits any more: whoever did has been told that the broker stops
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
