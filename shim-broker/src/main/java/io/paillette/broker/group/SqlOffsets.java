package io.paillette.broker.group;

import io.paillette.broker.store.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offsets that applications commit by SQL ({@code paillette.commit_offset}), in the transaction of what they have done. They are
 * not among the coordinator's, which one broker holds in memory: whoever asks for a group's offsets is told both.
 */
public final class SqlOffsets implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SqlOffsets.class);
    private static final int THREADS = 2;
    private static final int WAITING = 1_000;

    private final Store store;
    private final ThreadPoolExecutor threads;

    /** Keeps them. Every call blocks. */
    public interface Store {

        /** Waits, for a while, for transactions that are about to commit some. */
        List<SqlOffset> offsets(String group);

        /** @return whether there were any */
        boolean forget(String group);

        void forget(String group, Uuid topicId, Collection<Integer> partitions);
    }

    public record SqlOffset(Uuid topicId, String topic, int partition, long offset, String metadata) {}

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

    /** Those younger than the coordinator's; fails with UnstableOffsetCommitException while a transaction may change them. */
    public CompletableFuture<List<SqlOffset>> of(String group) {
        return ask(() -> store.offsets(group));
    }

    /** The group is deleted. */
    public CompletableFuture<Boolean> forget(String group) {
        return ask(() -> store.forget(group));
    }

    public CompletableFuture<Void> forget(String group, Uuid topicId, Collection<Integer> partitions) {
        return ask(() -> {
                    store.forget(group, topicId, partitions);
                    return true;
                })
                .thenApply(done -> null);
    }

    private <T> CompletableFuture<T> ask(Supplier<T> question) {
        try {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return question.get();
                        } catch (StoreException e) {
                            LOG.debug("offsets committed by SQL cannot be told yet", e);
                            throw new UnstableOffsetCommitException(
                                    "offsets committed by SQL cannot be told yet; ask again: " + e.getMessage());
                        }
                    },
                    threads);
        } catch (RejectedExecutionException e) {
            LOG.debug("too many ask for offsets", e);
            return CompletableFuture.failedFuture(
                    new UnstableOffsetCommitException("too many ask for offsets; ask again"));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
