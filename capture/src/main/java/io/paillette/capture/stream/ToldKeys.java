package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.Tuple;
import io.paillette.capture.snapshot.KeyComparison;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a change tells of the key of its row.
 *
 * @param before the old row's, where there was one and it is told
 * @param after  the new row's, likewise
 * @param whole  nothing is left out: where no old key is told it is the new one
 */
record ToldKeys(Optional<List<String>> before, Optional<List<String>> after, boolean whole) {

    static ToldKeys of(List<KeyColumn> key, CaptureEvent.Row row) {
        Tuple old = row.before();
        Tuple now = row.after();
        Optional<List<String>> before =
                old == null ? Optional.empty() : KeyComparison.keyOf(key, row.relation(), old, null);
        Optional<List<String>> after =
                now == null ? Optional.empty() : KeyComparison.keyOf(key, row.relation(), now, old);
        boolean whole = (old == null || before.isPresent()) && (now == null || after.isPresent());
        if (row.kind() == Kind.UPDATE && old == null) {
            whole = whole && tellsChangesOf(key, row.relation());
        }
        return new ToldKeys(before, after, whole);
    }

    /**
     * Whether an update without an old row leaves the key as it was: with another identity it may have changed untold. A table
     * whose identity is FULL has such updates where it is partitioned and its partitions have the default.
     */
    private static boolean tellsChangesOf(List<KeyColumn> key, Relation relation) {
        Set<String> told = relation.ownKey().stream()
                .map(i -> relation.columns().get(i).name())
                .collect(Collectors.toSet());
        return (relation.identity() == ReplicaIdentity.DEFAULT || relation.identity() == ReplicaIdentity.FULL)
                && key.stream().map(KeyColumn::name).allMatch(told::contains);
    }
}
