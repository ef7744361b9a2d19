package io.paillette.broker.feed;

import io.paillette.broker.log.RecordBatches;
import io.paillette.capture.CaptureEvent;

/** Turns a capture's events into the records of its sequences. */
interface EventRecords {

    /** @throws RuntimeException naming table and LSN when a value cannot be represented: never drops it */
    void encode(CaptureEvent event, RecordBatches into);
}
