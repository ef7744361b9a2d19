package io.paillette.broker.feed;

import io.paillette.broker.log.RecordBatches;
import io.paillette.capture.CaptureException;

/** Turns a capture's events into the records of its sequences. */
interface EventRecords {

    /**
     * A sequence that cannot tell it is stopped, and nothing of the event is added to it.
     *
     * @throws CaptureException when the source cannot go on without that; nothing was added then
     * @throws RuntimeException naming table and LSN when a value cannot be represented: never drops it
     */
    void encode(Addressed addressed, Stragglers stragglers, RecordBatches into) throws CaptureException;
}
