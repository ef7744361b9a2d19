package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;

/** Takes the rows of a table as they are read; may block for as long as there is no room. */
@FunctionalInterface
public interface RowSink {
    void row(CaptureEvent.Row row, long bytes) throws CaptureException, InterruptedException;
}
