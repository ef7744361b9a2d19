package io.paillette.broker.net;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The requests of one connection, oldest first: answers leave in this order. Used by its processor thread only. */
final class Connection {

    private final String id;
    private final ArrayDeque<Exchange> underWay = new ArrayDeque<>();
    private long unsentBytes;
    private boolean sending;
    private boolean muted;
    private boolean gone;

    Connection(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }

    void begin(Exchange exchange) {
        underWay.add(exchange);
    }

    void built(long bytes) {
        unsentBytes += bytes;
    }

    /** The oldest request when its end is known and no answer is on its way out. */
    @Nullable
    Exchange next() {
        Exchange head = underWay.peek();
        return head != null && head.settled() && !sending ? head : null;
    }

    void sendingHead() {
        sending = true;
    }

    /** Forgets the oldest request; returns the bytes of its answer. */
    long finishHead() {
        sending = false;
        long bytes = underWay.remove().builtBytes();
        unsentBytes -= bytes;
        return bytes;
    }

    int underWay() {
        return underWay.size();
    }

    long unsentBytes() {
        return unsentBytes;
    }

    boolean muted() {
        return muted;
    }

    void muted(boolean now) {
        muted = now;
    }

    boolean gone() {
        return gone;
    }

    /**
     * The socket is closed; returns the bytes of answers that will never be sent. Requests still under way count no more: one
     * may wait as long as its client has asked for, and nobody is left to count against.
     */
    long leave() {
        gone = true;
        underWay.forEach(Exchange::forgetRequest);
        long lost = unsentBytes;
        unsentBytes = 0;
        return lost;
    }
}
