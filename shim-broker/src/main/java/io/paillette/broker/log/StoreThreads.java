package io.paillette.broker.log;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that wait for the store on behalf of readers, and one for housekeeping. */
final class StoreThreads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreThreads.class);
    private static final int WAITING_READS = 4096;

    private final ThreadPoolExecutor reads;
    private final StoreCalls calls;
    private final ScheduledThreadPoolExecutor housekeeping;

    StoreThreads(int readThreads) {
        var number = new AtomicInteger();
        this.reads = new ThreadPoolExecutor(
                readThreads,
                readThreads,
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_READS),
                task -> daemon(task, "paillette-log-read-" + number.incrementAndGet()));
        reads.allowCoreThreadTimeOut(true);
        this.calls = new StoreCalls(reads);
        this.housekeeping = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "paillette-log-housekeeping"));
    }

    StoreCalls reads() {
        return calls;
    }

    /** A chore that fails is told and left; the next one runs. */
    Executor housekeeping() {
        return chore -> housekeeping.execute(() -> guarded(chore));
    }

    /** On the same thread, again and again with this pause between. */
    void every(Duration pause, Runnable chore) {
        var unused = housekeeping.scheduleWithFixedDelay(
                () -> guarded(chore), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The executor keeps what is thrown to itself, and a repeated chore would never run again. */
    private static void guarded(Runnable chore) {
        try {
            chore.run();
        } catch (RuntimeException e) {
            LOG.error("housekeeping has failed", e);
        } catch (Error e) {
            Thread thread = Thread.currentThread();
            thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
        }
    }

    private static Thread daemon(Runnable task, String name) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() {
        reads.shutdownNow();
        housekeeping.shutdownNow();
        try {
            if (!reads.awaitTermination(5, TimeUnit.SECONDS) || !housekeeping.awaitTermination(5, TimeUnit.SECONDS)) {
                throw new IllegalStateException("threads of the log still wait for the store");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
