package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;

/** Takes the rows of a table as they are read. */
public interface RowSink {

    /**
     * Takes the row, and waits for room once what it holds is enough to be handed over.
     *
     * @param deadlineNanos {@link System#nanoTime} until when it waits
     * @return false when there was no room until then: what it holds is for {@link #flush}
     */
    boolean row(CaptureEvent.Row row, long bytes, long deadlineNanos) throws CaptureException, InterruptedException;

    /** Hands over what it holds, however long that takes. */
    void flush() throws CaptureException, InterruptedException;
}
