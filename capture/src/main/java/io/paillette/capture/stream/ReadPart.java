package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import java.util.List;
import java.util.Optional;

/** What comes of a thread that reads tables beside others, in the order in which it was read. */
sealed interface ReadPart {

    /**
     * Some rows of its table.
     *
     * @param rows their positions say how far this table is, and nothing of others
     */
    record Rows(DueTable table, List<CaptureEvent.Row> rows, long bytes) implements ReadPart {}

    /** The thread is done with its table for now, and goes on with another. */
    sealed interface Left extends ReadPart {}

    /**
     * There are no more rows.
     *
     * @param read empty when it was dropped
     */
    record End(DueTable table, Optional<TableSnapshot> read) implements Left {}

    /** Nothing of it was read this time: its rows may not come between those of others. */
    record Alone(DueTable table) implements Left {}

    /** Somebody has it locked for long. What was read of it until then has come. */
    record Locked(DueTable table, CaptureException cause) implements Left {}

    /** The server has no connection for the thread, which took no table and has ended. */
    record NoConnection(CaptureException cause) implements ReadPart {}

    /** Its table could not be read; whatever is wrong. */
    record Failure(Throwable cause) implements ReadPart {}
}
