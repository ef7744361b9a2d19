package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.snapshot.CurrentRows;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What of one shape of one table is asked for, and what the answer was. */
final class Lacking {

    private final Relation relation;
    private final Set<List<String>> keys = new HashSet<>();
    private final Set<Integer> columns = new TreeSet<>();
    private CurrentRows.Found found = CurrentRows.Found.NOTHING_YET;

    Lacking(Relation relation) {
        this.relation = relation;
    }

    /**
     * The new row of a change that leaves out values, which the old row does not have either. What nobody is told of is not
     * asked for, nor what has no key to ask by.
     */
    static @Nullable Tuple of(CaptureEvent event) {
        if (!(event instanceof CaptureEvent.Row row) || row.relation().ownKey().isEmpty()) {
            return null;
        }
        Tuple after = row.after();
        if (after == null || !after.hasUnchanged()) {
            return null;
        }
        Tuple before = row.before();
        Tuple whole = before == null ? after : after.filledFrom(before);
        for (int i = 0; i < whole.size(); i++) {
            if (isWanted(row.relation(), whole, i)) {
                return whole;
            }
        }
        return null;
    }

    private static boolean isWanted(Relation relation, Tuple row, int column) {
        return row.isUnchanged(column)
                && (relation.columns().get(column).exposure().inRow()
                        || relation.key().contains(column));
    }

    void add(Tuple lacking) {
        CurrentRows.keyOf(relation.ownKey(), lacking).ifPresent(keys::add);
        for (int i = 0; i < lacking.size(); i++) {
            if (isWanted(relation, lacking, i)) {
                columns.add(i);
            }
        }
    }

    /** Another table of the same question may have been locked: what came before that stays. */
    boolean isAnswered() {
        return !found.equals(CurrentRows.Found.NOTHING_YET);
    }

    void ask(CurrentRows rows, long maxBytes) throws CaptureException, InterruptedException {
        found = keys.isEmpty()
                ? new CurrentRows.Found(Map.of(), 0, 0, true)
                : rows.rows(relation, relation.ownKey(), List.copyOf(columns), keys, maxBytes);
    }

    int oid() {
        return relation.oid();
    }

    CurrentRows.Found found() {
        return found;
    }

    /** The change with what was found; null while it is not known whether there is anything. */
    CaptureEvent.@Nullable Row filled(CaptureEvent.Row row, Tuple lacking) {
        Optional<List<String>> key = CurrentRows.keyOf(relation.ownKey(), lacking);
        Tuple now = key.map(found.rows()::get).orElse(null);
        if (now == null) {
            return key.isEmpty() || found.all() ? row : null;
        }
        return row.as(row.kind(), row.before(), lacking.filledFrom(now));
    }
}
