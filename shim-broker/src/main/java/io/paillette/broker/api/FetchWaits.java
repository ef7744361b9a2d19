package io.paillette.broker.api;

import io.paillette.broker.log.Logs;
import io.paillette.broker.timer.PatientTimer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.server.purgatory.DelayedOperation;
import org.apache.kafka.server.purgatory.DelayedOperationPurgatory;
import org.apache.kafka.server.purgatory.TopicPartitionOperationKey;

/**
 * Fetches that wait for data, in Kafka's purgatory. Owns three threads: the purgatory's reaper and timer, and one that
 * looks at waiting fetches after a high watermark moved, so that many consumers never hold up the committing thread.
 */
final class FetchWaits implements AutoCloseable {

    private final DelayedOperationPurgatory<Wait> purgatory;
    private final Set<Wait> open = ConcurrentHashMap.newKeySet();
    private final Map<TopicPartition, Integer> watched = new ConcurrentHashMap<>();
    private final Set<TopicPartition> advanced = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor wakeups;
    private volatile boolean closed;

    FetchWaits(int brokerId) {
        this.purgatory = new DelayedOperationPurgatory<>("Fetch", new PatientTimer("Fetch"), brokerId, 1000);
        this.wakeups = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, "paillette-fetch-wakeups");
            thread.setDaemon(true);
            return thread;
        });
    }

    void follow(Logs logs) {
        logs.onAdvance(this::advanced);
        logs.onResign(this::advanced);
    }

    /**
     * Called on the committing thread, which does not even wake another one for a partition that nobody waits for. One pending
     * look per partition: the queue is as long as there are partitions.
     */
    void advanced(TopicPartition partition) {
        if (watched.containsKey(partition) && advanced.add(partition)) {
            try {
                wakeups.execute(() -> {
                    advanced.remove(partition);
                    purgatory.checkAndComplete(new TopicPartitionOperationKey(partition));
                });
            } catch (RejectedExecutionException e) {
                advanced.remove(partition); // closing: every wait is being answered anyway
            }
        }
    }

    /** Completes when {@code enough} holds, after {@code maxWaitMillis}, or when this is closed; never fails. */
    CompletableFuture<Void> until(BooleanSupplier enough, List<PartitionRead> partitions, int maxWaitMillis) {
        if (maxWaitMillis <= 0 || closed || enough.getAsBoolean()) {
            return CompletableFuture.completedFuture(null);
        }
        List<TopicPartition> watches = partitions.stream()
                .map(read -> read.partition().topicPartition())
                .toList();
        Wait wait = new Wait(enough, watches, maxWaitMillis);
        open.add(wait);
        watches.forEach(partition -> watched.merge(partition, 1, Integer::sum));
        purgatory.tryCompleteElseWatch(
                wait, watches.stream().map(TopicPartitionOperationKey::new).toList());
        if (closed) {
            wait.forceComplete();
        }
        return wait.over;
    }

    int waiting() {
        return open.size();
    }

    /** Times that a committed append had waiting fetches looked at. */
    long looks() {
        return wakeups.getTaskCount();
    }

    /** Answers all waiting fetches with what is there. */
    @Override
    public void close() {
        closed = true;
        open.forEach(Wait::forceComplete);
        wakeups.shutdown();
        try {
            purgatory.shutdown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("the purgatory of waiting fetches did not stop", e);
        }
    }

    private final class Wait extends DelayedOperation {

        private final BooleanSupplier enough;
        private final List<TopicPartition> watches;
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        Wait(BooleanSupplier enough, List<TopicPartition> watches, int maxWaitMillis) {
            super(maxWaitMillis);
            this.enough = enough;
            this.watches = watches;
        }

        @Override
        public boolean tryComplete() {
            return enough.getAsBoolean() && forceComplete();
        }

        @Override
        public void onComplete() {
            open.remove(this);
            watches.forEach(
                    partition -> watched.computeIfPresent(partition, (key, waits) -> waits == 1 ? null : waits - 1));
            over.complete(null);
        }

        @Override
        public void onExpiration() {
            // onComplete has answered; an expired wait is nothing out of the ordinary
        }
    }
}
