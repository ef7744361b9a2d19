package io.paillette.capture.snapshot;

import io.paillette.capture.Tuple;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import java.util.ArrayList;
import java.util.List;

/** Takes rows until they are enough for a chunk. */
final class ChunkRows implements CopyLines.Taker {

    /** A chunk is in memory, and what comes of the stream waits until it is handed over. */
    private static final int MOST_BYTES = 512 << 10;

    private final List<KeyedRow> taken = new ArrayList<>();
    private final int columns;
    private final Reading reading;
    private long bytes;

    /** What a line of so many columns is. */
    @FunctionalInterface
    interface Reading {
        KeyedRow row(Tuple line, int bytes);
    }

    ChunkRows(int columns, Reading reading) {
        this.columns = columns;
        this.reading = reading;
    }

    @Override
    public boolean line(byte[] line) {
        taken.add(reading.row(CopyText.parse(line, columns), line.length));
        bytes += line.length;
        return bytes < MOST_BYTES;
    }

    List<KeyedRow> taken() {
        return taken;
    }

    List<String> lastKey() {
        return taken.get(taken.size() - 1).key();
    }
}
