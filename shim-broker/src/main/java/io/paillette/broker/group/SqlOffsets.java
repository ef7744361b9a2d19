package io.paillette.broker.group;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.store.StoreException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;

/**
 * Offsets that applications commit by SQL ({@code paillette.commit_offset}), in the transaction of what they have done. They are
 * not among the coordinator's, which one broker holds in memory: whoever asks for a group's offsets is told both.
 */
public final class SqlOffsets implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int WAITING = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final Store store;
    private final ThreadPoolExecutor threads;

    /** Keeps them. Every call blocks. */
    public interface Store {

        /** @param wanted empty for all partitions, as they are now */
        Told offsets(String group, Optional<List<Duty.Partition>> wanted);

        /** @return whether there were any */
        boolean forget(String group);

        void forget(String group, Uuid topicId, Collection<Integer> partitions);
    }

    public record SqlOffset(Uuid topicId, String topic, int partition, long offset, String metadata) {}

    /**
     * @param offsets  of partitions that are not unstable
     * @param unstable of the wanted partitions, those that a transaction is about to commit
     */
    public record Told(List<SqlOffset> offsets, Set<Duty.Partition> unstable) {

        public Told {
            offsets = List.copyOf(offsets);
            unstable = Set.copyOf(unstable);
        }
    }

    public SqlOffsets(Store store) {
        this.store = store;
        this.threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, "paillette-groups-sql");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Those younger than the coordinator's. Waits a second, without a thread, for transactions that are about to commit wanted
     * ones; what is unstable then is told so.
     */
    public CompletableFuture<Told> of(String group, Optional<List<Duty.Partition>> wanted) {
        return of(group, wanted, System.nanoTime() + PATIENCE.toNanos());
    }

    private CompletableFuture<Told> of(String group, Optional<List<Duty.Partition>> wanted, long deadlineNanos) {
        return ask(() -> store.offsets(group, wanted), threads)
                .thenCompose(told -> told.unstable().isEmpty() || System.nanoTime() - deadlineNanos > 0
                        ? CompletableFuture.completedFuture(told)
                        : later().thenCompose(now -> of(group, wanted, deadlineNanos)));
    }

    private static CompletableFuture<Void> later() {
        return new CompletableFuture<Void>().completeOnTimeout(null, LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The group is deleted. */
    public CompletableFuture<Boolean> forget(String group) {
        return ask(() -> store.forget(group), threads);
    }

    public CompletableFuture<Void> forget(String group, Uuid topicId, Collection<Integer> partitions) {
        return ask(
                        () -> {
                            store.forget(group, topicId, partitions);
                            return true;
                        },
                        threads)
                .thenApply(done -> null);
    }

    /** Clients of every version ask again on this error. */
    private static <T> CompletableFuture<T> ask(Supplier<T> question, Executor threads) {
        try {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return question.get();
                        } catch (StoreException e) {
                            throw new CoordinatorLoadInProgressException(
                                    "offsets committed by SQL cannot be had; ask again: " + e.getMessage(), e);
                        }
                    },
                    threads);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(
                    new CoordinatorLoadInProgressException("too many ask for offsets; ask again", e));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
