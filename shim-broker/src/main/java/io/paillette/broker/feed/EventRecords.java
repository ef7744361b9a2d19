package io.paillette.broker.feed;

import io.paillette.broker.log.RecordBatches;
import io.paillette.capture.CaptureException;

/** Turns a capture's events into the records of its sequences. */
interface EventRecords {

    /**
     * @throws CaptureException when a sequence cannot tell a table
     * @throws RuntimeException naming table and LSN when a value cannot be represented: never drops it
     */
    void encode(Addressed addressed, RecordBatches into) throws CaptureException;
}
