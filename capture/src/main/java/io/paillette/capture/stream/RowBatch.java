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
    private final ReadingProgress progress;
    private List<CaptureEvent> rows = new ArrayList<>();
    private long bytes;

    RowBatch(Outlet outlet, Outlet.Waiting waiting, ReadingProgress progress) {
        this.outlet = outlet;
        this.waiting = waiting;
        this.progress = progress;
    }

    @Override
    public boolean row(CaptureEvent.Row row, long size, long deadlineNanos)
            throws CaptureException, InterruptedException {
        rows.add(row);
        bytes += size;
        while (bytes >= BATCH_BYTES) {
            if (outlet.offer(rows, bytes, waiting)) {
                begin();
            } else if (System.nanoTime() - deadlineNanos >= 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void flush() throws CaptureException, InterruptedException {
        if (!rows.isEmpty()) {
            outlet.put(rows, bytes, waiting);
            begin();
        }
    }

    private void begin() {
        progress.rows(rows.size());
        rows = new ArrayList<>();
        bytes = 0;
    }
}
