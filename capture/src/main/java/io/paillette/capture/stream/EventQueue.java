package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What waits between the reader and the caller, bounded in bytes; a batch larger than the bound passes alone. */
final class EventQueue {

    /** Enough for one poll: more would only move the bound from the queue to the caller. */
    private static final long POLL_BYTES = 1 << 20;

    /**
     * Of rows that are read from a table: they always come faster than they are taken, and what waits is copied in the heap
     * again and again (16 MB: a quarter of the time went into that).
     */
    private static final long READ_BYTES = 2 * POLL_BYTES;

    private final long capacityBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();

    /** Guarded by {@link #lock}, like all below. */
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();

    private long bytes;
    private @Nullable CaptureException end;
    private boolean woken;

    private record Batch(List<? extends CaptureEvent> events, long bytes) {}

    EventQueue(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    /** Waits for room; false when there was none within {@code wait}. Keeps the list. */
    boolean offer(List<? extends CaptureEvent> events, long size, Duration wait) throws InterruptedException {
        long nanos = wait.toNanos();
        long bound = areRead(events) ? Math.min(capacityBytes, READ_BYTES) : capacityBytes;
        lock.lockInterruptibly();
        try {
            while (bytes > 0 && bytes + size > bound) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = notFull.awaitNanos(nanos);
            }
            batches.add(new Batch(events, size));
            bytes += size;
            notEmpty.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static boolean areRead(List<? extends CaptureEvent> events) {
        return events.get(0) instanceof CaptureEvent.Row row && row.kind().isRead();
    }

    /** The next events; those queued before {@link #end} come first. */
    List<CaptureEvent> poll(Duration wait) throws CaptureException, InterruptedException {
        long nanos = wait.toNanos();
        lock.lockInterruptibly();
        try {
            while (batches.isEmpty()) {
                if (end != null) {
                    throw end;
                }
                if (woken || nanos <= 0) {
                    woken = false;
                    return List.of();
                }
                nanos = notEmpty.awaitNanos(nanos);
            }
            return drain();
        } finally {
            lock.unlock();
        }
    }

    /** The poll that waits, or else the next one that would, comes back with nothing. */
    void wake() {
        lock.lock();
        try {
            woken = true;
            notEmpty.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** That wait. */
    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing comes after what is queued; the first reason counts. */
    void end(CaptureException reason) {
        lock.lock();
        try {
            if (end == null) {
                end = reason;
            }
            notEmpty.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private List<CaptureEvent> drain() {
        List<CaptureEvent> events = new ArrayList<>();
        long taken = 0;
        do {
            Batch batch = batches.remove();
            events.addAll(batch.events());
            taken += batch.bytes();
        } while (!batches.isEmpty() && taken + batches.element().bytes() <= POLL_BYTES);
        bytes -= taken;
        notFull.signal();
        return events;
    }
}
