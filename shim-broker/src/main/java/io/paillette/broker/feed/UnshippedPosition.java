package io.paillette.broker.feed;

import io.paillette.capture.Position;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The position of the last encoded event, until it is on its way to the store. Records carry it along at once; a position
 * without records (what a transaction did elsewhere, WAL that holds nothing for us) waits a moment for company.
 */
final class UnshippedPosition {

    private static final long LONE_WAIT_NANOS = Duration.ofSeconds(1).toNanos();

    private @Nullable Position position;
    private long since;

    void set(Position position) {
        if (this.position == null) {
            since = System.nanoTime();
        }
        this.position = position;
    }

    boolean isSet() {
        return position != null;
    }

    boolean isDue() {
        return position != null && System.nanoTime() - since >= LONE_WAIT_NANOS;
    }

    Position take() {
        Position taken = position;
        if (taken == null) {
            throw new IllegalStateException("no position to ship");
        }
        position = null;
        return taken;
    }
}
