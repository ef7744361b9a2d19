package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import java.util.List;
import java.util.Optional;

/** What comes of a table that is read beside others, in the order in which it was read. */
sealed interface ReadPart {

    /**
     * Some of its rows.
     *
     * @param rows their positions say how far this table is, and nothing of others
     */
    record Rows(DueTable table, List<CaptureEvent.Row> rows, long bytes) implements ReadPart {}

    /**
     * There are no more.
     *
     * @param read empty when it was dropped
     */
    record End(DueTable table, Optional<TableSnapshot> read) implements ReadPart {}

    /** It could not be read; whatever is wrong. */
    record Failure(Throwable cause) implements ReadPart {}
}
