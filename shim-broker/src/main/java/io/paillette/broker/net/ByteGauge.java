package io.paillette.broker.net;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes of answers held for all connections, against a budget. Shared by all processors. */
final class ByteGauge {

    private final long budgetBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    ByteGauge(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    void add(long bytes) {
        heldBytes.addAndGet(bytes);
    }

    long heldBytes() {
        return heldBytes.get();
    }

    boolean exceeded() {
        return heldBytes.get() >= budgetBytes;
    }
}
