package io.paillette.broker.log;

import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.errors.FencedLeaderEpochException;

/**
 * The right to move a source's position. Once one append of a feed has failed, none after it may pass, or its records would
 * be skipped: the lease is broken and the source must be claimed again.
 */
final class FeedLease {

    private final String source;
    private final long ownerEpoch;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean broken; // guarded by lock

    FeedLease(String source, long ownerEpoch) {
        this.source = source;
        this.ownerEpoch = ownerEpoch;
    }

    long ownerEpoch() {
        return ownerEpoch;
    }

    void breakOff() {
        lock.lock();
        try {
            broken = true;
        } finally {
            lock.unlock();
        }
    }

    /** Runs {@code submit} unless the lease is broken; it cannot break meanwhile. */
    void holding(Runnable submit) {
        lock.lock();
        try {
            if (broken) {
                throw new FencedLeaderEpochException("the feed of source " + source
                        + " was interrupted or taken over; claim it again and go on from its stored position");
            }
            submit.run();
        } finally {
            lock.unlock();
        }
    }
}
