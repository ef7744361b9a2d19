package io.paillette.capture.stream;

import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import io.paillette.capture.stream.RowMark.Copy;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What was delivered of a table after a chunk of it was read. */
final class LaterChanges {

    private final List<KeyColumn> order;
    private final Set<RowMark.Key> keys = new HashSet<>();

    /** Of rows that are known by all their values: how many fewer there are. */
    private final Map<String, Integer> gone = new HashMap<>();

    private final Map<String, Integer> leftOut;

    /**
     * @param order   in which the chunk is read
     * @param leftOut rows of the chunk that were left out so far, by their content
     */
    LaterChanges(List<KeyColumn> order, Collection<List<RowMark>> changes, Map<String, Integer> leftOut) {
        this.order = order;
        this.leftOut = leftOut;
        for (List<RowMark> marks : changes) {
            for (RowMark mark : marks) {
                if (mark instanceof RowMark.Key key) {
                    keys.add(key);
                } else if (mark instanceof Copy copy) {
                    gone.merge(copy.content(), -copy.more(), Integer::sum);
                }
            }
        }
        leftOut.forEach((content, rows) -> gone.merge(content, -rows, Integer::sum));
        gone.values().removeIf(fewer -> fewer <= 0);
    }

    /** One of the rows may be another than the one that was changed, and only looks as that did. */
    boolean leaveDoubt(List<KeyedRow> rows) {
        return !gone.isEmpty() && rows.stream().anyMatch(row -> gone.containsKey(RowMark.content(row.row())));
    }

    /** Whether a later state of the row was told. Of rows that look the same it is one for each that is gone. */
    boolean overtake(Relation relation, KeyedRow row) {
        if (!keys.isEmpty()
                && RowMark.key(order, relation, row).filter(keys::contains).isPresent()) {
            return true;
        }
        if (gone.isEmpty()) {
            return false;
        }
        String content = RowMark.content(row.row());
        Integer fewer = gone.get(content);
        if (fewer == null || fewer == 0) {
            return false;
        }
        gone.put(content, fewer - 1);
        leftOut.merge(content, 1, Integer::sum);
        return true;
    }
}
