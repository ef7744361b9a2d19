package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.snapshot.RowSink;
import java.util.ArrayList;
import java.util.List;

/** Hands over rows that are read from a table in batches: a lock for each would cost more than the row. */
final class RowBatch implements RowSink {

    private static final long BATCH_BYTES = 64 << 10;

    private final Outlet outlet;
    private final Outlet.Waiting waiting;
    private List<CaptureEvent> rows = new ArrayList<>();
    private long bytes;

    RowBatch(Outlet outlet, Outlet.Waiting waiting) {
        this.outlet = outlet;
        this.waiting = waiting;
    }

    @Override
    public void row(CaptureEvent.Row row, long size) throws CaptureException, InterruptedException {
        rows.add(row);
        bytes += size;
        if (bytes >= BATCH_BYTES) {
            flush();
        }
    }

    void flush() throws CaptureException, InterruptedException {
        if (!rows.isEmpty()) {
            outlet.put(rows, bytes, waiting);
            rows = new ArrayList<>();
            bytes = 0;
        }
    }
}
