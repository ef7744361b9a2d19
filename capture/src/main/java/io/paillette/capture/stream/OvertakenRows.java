package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.snapshot.MvccSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a table a chunk of it must not tell, as a later state of them was delivered while it was read: the window
 * between watermarks of DBLog, with transaction ids for watermarks. Owned by the reader thread.
 */
final class OvertakenRows {

    /** Who changes more than that while a chunk is read has it read once more. */
    private static final long MOST_CHARACTERS = 4 << 20;

    private long transactions;
    private long xid;

    /** While a backfill is under way: those that were delivered and that perhaps not everybody sees. */
    private final Set<Long> delivered = new HashSet<>();

    private boolean remembers;

    /** Any chunk from now on sees what this does. */
    private @Nullable MvccSnapshot settled;

    /** Of which a chunk is read; 0 for none. */
    private int table;

    private List<KeyColumn> key = List.of();
    private @Nullable MvccSnapshot seen;

    /** Which rows transactions changed that the chunk does not see, as far as that is known. */
    private final Map<Long, List<RowMark>> changes = new HashMap<>();

    /** Of the chunk, by their content. */
    private final Map<String, Integer> leftOut = new HashMap<>();

    private final Set<Long> unclear = new HashSet<>();
    private long characters;
    private boolean useless;

    void begin(long transaction) {
        transactions++;
        xid = transaction;
        if (remembers && (settled == null || !settled.sees(transaction))) {
            delivered.add(transaction);
        }
    }

    /** That were delivered until now. */
    long transactions() {
        return transactions;
    }

    /** From now on transactions are remembered until a chunk sees them. */
    void remember() {
        remembers = true;
    }

    /** Whatever is read from now on sees these. */
    void settle(MvccSnapshot snapshot) {
        settled = snapshot;
        delivered.removeIf(snapshot::sees);
    }

    /** Those that a chunk must see which is read from now on. */
    Set<Long> delivered() {
        return Set.copyOf(delivered);
    }

    /** No backfill is under way. */
    void forget() {
        close();
        remembers = false;
        settled = null;
        delivered.clear();
    }

    /** From now on a chunk is read. */
    void open(int oid, List<KeyColumn> order) {
        close();
        table = oid;
        key = order;
    }

    /** This is what the chunk sees. */
    void read(MvccSnapshot snapshot) {
        seen = snapshot;
        settle(snapshot);
        unclear.removeIf(snapshot::sees);
        changes.keySet().removeIf(snapshot::sees);
    }

    void close() {
        table = 0;
        seen = null;
        changes.clear();
        leftOut.clear();
        unclear.clear();
        characters = 0;
        useless = false;
    }

    void changed(CaptureEvent.Row row) {
        if (!matters(row.relation().oid())) {
            return;
        }
        Optional<List<RowMark>> marks = RowMark.of(key, row);
        marks.ifPresentOrElse(told -> told.forEach(this::add), () -> unclear.add(xid));
    }

    private void add(RowMark changed) {
        characters += changed.length();
        if (characters > MOST_CHARACTERS) {
            useless = true;
            changes.clear();
        } else {
            changes.computeIfAbsent(xid, transaction -> new ArrayList<>()).add(changed);
        }
    }

    /** The table was emptied, or has another shape. */
    void changedWhole(int oid) {
        if (matters(oid)) {
            unclear.add(xid);
        }
    }

    /** Rows of the table that are younger than those of the chunk were delivered. */
    void readElsewhere(int oid) {
        useless |= oid == table;
    }

    private boolean matters(int oid) {
        return table != 0 && oid == table && !useless && (seen == null || !seen.sees(xid));
    }

    /** Rows that were delivered as they became after the chunk was read; empty when it is not known which. */
    Optional<LaterChanges> later() {
        return useless || !unclear.isEmpty()
                ? Optional.empty()
                : Optional.of(new LaterChanges(key, changes.values(), leftOut));
    }
}
