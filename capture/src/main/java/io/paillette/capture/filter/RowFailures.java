package io.paillette.capture.filter;

import io.paillette.capture.CaptureEvent.Row;
import io.paillette.capture.CaptureException;

/** What becomes of a row for which a condition fails, and of no other that was asked of with it. */
public interface RowFailures {

    /** The first one ends it. */
    RowFailures NONE_IS_TAKEN = (row, failure) -> {
        throw failure;
    };

    /**
     * @param failure naming condition and row
     * @throws CaptureException to leave it at that
     */
    void failed(Row row, CaptureException failure) throws CaptureException;
}
