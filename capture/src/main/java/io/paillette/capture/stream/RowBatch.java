package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.snapshot.RowSink;
import java.util.ArrayList;
import java.util.List;

/** Hands over rows that are read from a table in batches: a lock for each would cost more than the row. */
final class RowBatch implements RowSink {

    private static final long BATCH_BYTES = 64 << 10;

    private final Taker taker;
    private List<CaptureEvent.Row> rows = new ArrayList<>();
    private long bytes;

    /** Whoever they are handed to. */
    @FunctionalInterface
    interface Taker {

        /** Waits a moment for room; false when there was none. Keeps the list. */
        boolean take(List<CaptureEvent.Row> rows, long bytes) throws CaptureException, InterruptedException;
    }

    RowBatch(Taker taker) {
        this.taker = taker;
    }

    @Override
    public boolean row(CaptureEvent.Row row, long size, long deadlineNanos)
            throws CaptureException, InterruptedException {
        rows.add(row);
        bytes += size;
        while (bytes >= BATCH_BYTES) {
            if (taker.take(rows, bytes)) {
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
            while (!taker.take(rows, bytes)) {
                // Until there is room.
            }
            begin();
        }
    }

    private void begin() {
        rows = new ArrayList<>();
        bytes = 0;
    }
}
