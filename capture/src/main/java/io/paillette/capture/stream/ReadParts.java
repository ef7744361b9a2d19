package io.paillette.capture.stream;

import io.paillette.capture.stream.ReadPart.Rows;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What waits between the threads that read tables and the one that hands their rows over, bounded in bytes. */
final class ReadParts {

    private final long capacityBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition notEmpty = lock.newCondition();
    private final Condition notFull = lock.newCondition();

    /** Guarded by {@link #lock}, like all below. */
    private final ArrayDeque<ReadPart> parts = new ArrayDeque<>();

    /**
     * Tables whose rows found no room, the one that waits for longest first: were it passed by others, rows that need all of
     * the room would wait for ever beside such as need little. A table stays here between two offers of the same rows.
     */
    private final LinkedHashSet<DueTable> waiting = new LinkedHashSet<>();

    private long bytes;

    /** @param capacityBytes rows that are more pass alone */
    ReadParts(long capacityBytes) {
        this.capacityBytes = capacityBytes;
    }

    /** Waits for room; false when there was none within {@code wait}: the same rows are to be offered again. */
    boolean offer(Rows rows, Duration wait) throws InterruptedException {
        long nanos = wait.toNanos();
        lock.lockInterruptibly();
        try {
            waiting.add(rows.table());
            while (!isNext(rows)) {
                if (nanos <= 0) {
                    return false;
                }
                nanos = notFull.awaitNanos(nanos);
            }
            waiting.remove(rows.table());
            bytes += rows.bytes();
            parts.add(rows);
            notEmpty.signal();
            notFull.signalAll(); // there may be room for the next one too
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isNext(Rows rows) {
        return waiting.iterator().next().equals(rows.table()) && (bytes == 0 || bytes + rows.bytes() <= capacityBytes);
    }

    /** Nothing more is offered of the table for now: nobody waits for it. */
    void leave(DueTable table) {
        lock.lock();
        try {
            if (waiting.remove(table)) {
                notFull.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** What takes no room. */
    void put(ReadPart part) {
        lock.lock();
        try {
            parts.add(part);
            notEmpty.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next; empty when none came within {@code wait}. */
    Optional<ReadPart> poll(Duration wait) throws InterruptedException {
        long nanos = wait.toNanos();
        lock.lockInterruptibly();
        try {
            while (parts.isEmpty()) {
                if (nanos <= 0) {
                    return Optional.empty();
                }
                nanos = notEmpty.awaitNanos(nanos);
            }
            ReadPart part = parts.remove();
            if (part instanceof Rows rows) {
                bytes -= rows.bytes();
                notFull.signalAll();
            }
            return Optional.of(part);
        } finally {
            lock.unlock();
        }
    }
}
