package io.paillette.function;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends calls that last too long, on a thread of its own that sleeps while there are none. One call at a time.
 */
final class TimeLimit implements AutoCloseable {

    private static final long NO_CALL = 0;
    private static final long ENDED = 2; // when a call began is odd

    private final Runnable end;
    private final Thread thread;

    /** When the present call began. */
    private final AtomicLong call = new AtomicLong(NO_CALL);

    /** Of the present call. */
    private volatile long limitNanos;

    private volatile boolean sleeps;
    private volatile boolean closed;

    /** @param end ends the present call; returns when it has ended */
    TimeLimit(String name, Runnable end) {
        this.end = end;
        this.thread = new Thread(this::watch, "paillette-limit-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    void begin(Duration limit) {
        boolean shorter = limit.toNanos() < limitNanos; // and the thread may wait for the end of the longer one
        limitNanos = limit.toNanos();
        call.set(System.nanoTime() | 1);
        if (sleeps || shorter) {
            LockSupport.unpark(thread);
        }
    }

    /** From any thread: ends the present call, if there is one, as if its time were over. */
    void expire() {
        long began = call.get();
        if (began != NO_CALL && began != ENDED && call.compareAndSet(began, ENDED)) {
            end.run();
        }
    }

    /** Whether the call has come to its end by itself. */
    boolean endedByItself() {
        long began = call.get();
        return began != ENDED && call.compareAndSet(began, NO_CALL);
    }

    private void watch() {
        boolean busy = true;
        while (!closed) {
            long began = call.get();
            if (began == NO_CALL && busy) {
                busy = false;
                LockSupport.parkNanos(this, limitNanos);
            } else if (began == NO_CALL || began == ENDED) {
                sleep(began);
            } else {
                busy = true;
                watch(began);
            }
        }
    }

    private void watch(long began) {
        long left = limitNanos - (System.nanoTime() - began);
        if (left > 0) {
            LockSupport.parkNanos(this, left);
        } else if (call.compareAndSet(began, ENDED)) {
            end.run();
        }
    }

    private void sleep(long seen) {
        sleeps = true;
        if (call.get() == seen && !closed) {
            LockSupport.park(this);
        }
        sleeps = false;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
