package io.paillette.capture.snapshot;

import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import java.util.List;

/**
 * Some rows of a table in the order of its key, in memory.
 *
 * @param seen  the snapshot that they were read under
 * @param until commits at or beyond are not in it
 * @param upTo  key of the last row that was looked at; empty when there are no more
 * @param large as many bytes as a chunk may have
 */
public record Chunk(
        Relation relation, MvccSnapshot seen, Lsn until, List<KeyedRow> rows, List<String> upTo, boolean large) {

    public Chunk {
        rows = List.copyOf(rows);
        upTo = List.copyOf(upTo);
    }

    /** @param bytes as Postgres writes it */
    public record KeyedRow(Tuple row, List<String> key, int bytes) {}
}
