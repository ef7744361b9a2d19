package io.paillette.capture.catalog;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * How fast a stream of small messages comes. Who reads each as it comes is woken for each, which costs sender and reader more
 * than the message does; from some megabytes a second on, half a millisecond later there are dozens. Slower ones are never
 * waited for. For one thread.
 */
final class Flow {

    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** In a window: 6 MB/s, some ten thousands of changes. */
    private static final long FAST_BYTES = 30_000;

    private static final long GATHERING_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    /** Who finds so much comes late already. */
    private static final int MUCH_BYTES = 32 * 1024;

    private final LongSupplier nanoTime;
    private long windowFromNanos;
    private long bytes;
    private boolean fast;
    private boolean much;

    Flow(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.windowFromNanos = nanoTime.getAsLong();
    }

    /** Before a read. */
    void gather() {
        if (gathers()) {
            LockSupport.parkNanos(GATHERING_NANOS);
        }
    }

    boolean gathers() {
        return fast && !much;
    }

    /** After a read. */
    void came(int read) {
        long now = nanoTime.getAsLong();
        bytes += read;
        much = read >= MUCH_BYTES;
        if (now - windowFromNanos >= WINDOW_NANOS) {
            // Where nothing came for a while, the window is long: its share counts.
            fast = bytes * WINDOW_NANOS >= FAST_BYTES * (now - windowFromNanos);
            windowFromNanos = now;
            bytes = 0;
        }
    }
}
