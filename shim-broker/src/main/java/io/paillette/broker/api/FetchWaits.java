package io.paillette.broker.api;

import io.paillette.broker.log.Logs;
import io.paillette.broker.timer.PatientTimer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
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
    private final Set<TopicPartition> advanced = ConcurrentHashMap.newKeySet();
    private final ExecutorService wakeups;
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

    /** Called on the committing thread. One pending look per partition: the queue is as long as there are partitions. */
    private void advanced(TopicPartition partition) {
        if (!open.isEmpty() && advanced.add(partition)) {
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
        Wait wait = new Wait(enough, maxWaitMillis);
        open.add(wait);
        purgatory.tryCompleteElseWatch(
                wait,
                partitions.stream()
                        .map(read ->
                                new TopicPartitionOperationKey(read.partition().topicPartition()))
                        .toList());
        if (closed) {
            wait.forceComplete();
        }
        return wait.over;
    }

    int waiting() {
        return open.size();
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
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        Wait(BooleanSupplier enough, int maxWaitMillis) {
            super(maxWaitMillis);
            this.enough = enough;
        }

        @Override
        public boolean tryComplete() {
            return enough.getAsBoolean() && forceComplete();
        }

        @Override
        public void onComplete() {
            open.remove(this);
            over.complete(null);
        }

        @Override
        public void onExpiration() {
            // onComplete has answered; an expired wait is nothing out of the ordinary
        }
    }
}
