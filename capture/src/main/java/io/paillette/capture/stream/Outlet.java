package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reader's end of the queue, with the account of what was handed over and what of it is stored. */
final class Outlet {

    private static final Duration STEP = Duration.ofMillis(50);

    private final EventQueue queue;

    /** Set by the caller's thread, read by the reader's. */
    private volatile Position stored;

    /** The same. */
    private volatile Optional<Lsn> kept;

    /** Of the reader's thread. */
    private @Nullable Position lastPut;

    /** What the reader does while there is no room; false ends the capture. */
    @FunctionalInterface
    interface Waiting {
        boolean goOn() throws CaptureException;
    }

    /** @param kept see {@link #keep} */
    Outlet(EventQueue queue, Position stored, Optional<Lsn> kept) {
        this.queue = queue;
        this.stored = stored;
        this.kept = kept;
    }

    EventQueue queue() {
        return queue;
    }

    /** Waits until there is room, in small steps. */
    void put(List<? extends CaptureEvent> events, long bytes, Waiting waiting)
            throws CaptureException, InterruptedException {
        while (!offer(events, bytes, waiting)) {
            // Until there is room.
        }
    }

    /** Waits a moment for room; false when there was none. */
    boolean offer(List<? extends CaptureEvent> events, long bytes, Waiting waiting)
            throws CaptureException, InterruptedException {
        if (!waiting.goOn()) {
            throw new InterruptedException("closing");
        }
        Position last = events.get(events.size() - 1).position();
        boolean taken = queue.offer(events, bytes, STEP);
        if (taken) {
            lastPut = last;
        }
        return taken;
    }

    void end(CaptureException reason) {
        queue.end(reason);
    }

    void stored(Position position) {
        stored = position;
    }

    Position stored() {
        return stored;
    }

    /** The slot may not let go of anything from there on; to be said before what is stored. */
    void keep(Optional<Lsn> lsn) {
        kept = lsn;
    }

    /** The slot may let go of what is before. */
    Lsn confirmable() {
        Lsn end = stored.end(); // read first: what is to be kept was said before it was stored
        return kept.filter(lsn -> lsn.compareTo(end) < 0).orElse(end);
    }

    /** Nothing that was handed over is still to be stored. */
    boolean allStored() {
        return lastPut == null || lastPut.equals(stored);
    }
}
