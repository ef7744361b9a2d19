package io.paillette.capture.snapshot;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import java.sql.SQLException;
import java.util.List;

/** A table as one transaction sees it, and the order in which its rows come chunk by chunk. */
interface ChunkSource {

    /**
     * A table that the transaction holds in its shape.
     *
     * @param expression the table as a FROM clause names it
     * @param until      commits at or beyond are not in {@code seen}
     */
    record Held(Relation relation, String expression, MvccSnapshot seen, Lsn until) {}

    List<KeyColumn> order();

    /** @throws CaptureException when the rows cannot be read in that order */
    void require(Backfill asked) throws CaptureException, SQLException;

    /** As a FROM clause names what the condition is one on: first the whole table, then parts that are read by themselves. */
    List<String> expressions() throws SQLException;

    /** The rows after {@code progress.upTo()} that meet its condition, of at most so many that are looked at. */
    Chunk read(BackfillProgress progress, int mostRows) throws CaptureException, SQLException, InterruptedException;
}
