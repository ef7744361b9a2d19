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

/**
 * Which rows of a table a chunk of it must not tell, as a later state of them was delivered while it was read: the window
 * between watermarks of DBLog, with transaction ids for watermarks. Owned by the reader thread.
 */
final class OvertakenRows {

    /** More transactions than that do not wait for their commit to become visible. */
    private static final int MOST_RECENT = 1024;

    /** Who changes more rows than that while a chunk is read has it read once more. */
    private static final int MOST_KEYS = 50_000;

    private final long[] recent = new long[MOST_RECENT];
    private int transactions;
    private long xid;

    /** 0: nothing is read. */
    private int table;

    private List<KeyColumn> key = List.of();
    private final Map<Long, Changes> changes = new HashMap<>();
    private int count;

    /** What a transaction did to the table. */
    private static final class Changes {

        private final List<List<String>> keys = new ArrayList<>();

        /** Any row may be another one now, or none. */
        private boolean unclear;
    }

    void begin(long transaction) {
        xid = transaction;
        recent[transactions++ % MOST_RECENT] = transaction;
    }

    /** Those whose changes were delivered not long ago, so that others may not see them yet. */
    Set<Long> delivered() {
        Set<Long> all = new HashSet<>();
        for (int i = 0; i < Math.min(transactions, MOST_RECENT); i++) {
            all.add(recent[i]);
        }
        return all;
    }

    /** From now on a chunk is read. */
    void open(int oid, List<KeyColumn> order) {
        close();
        table = oid;
        key = order;
    }

    void close() {
        table = 0;
        changes.clear();
        count = 0;
    }

    boolean isOf(int oid) {
        return oid == table && table != 0;
    }

    void changed(CaptureEvent.Row row) {
        if (!isOf(row.relation().oid())) {
            return;
        }
        Changes of = current();
        ToldKeys keys = ToldKeys.of(key, row);
        if (!keys.whole() || ++count > MOST_KEYS) {
            of.unclear = true;
        } else {
            keys.before().ifPresent(of.keys::add);
            keys.after().ifPresent(of.keys::add);
        }
    }

    /** The table was emptied, or has another shape. */
    void changedWhole(int oid) {
        if (isOf(oid)) {
            current().unclear = true;
        }
    }

    private Changes current() {
        return changes.computeIfAbsent(xid, transaction -> new Changes());
    }

    /** Keys of rows that were delivered as they became after {@code seen}; empty when it is not known of which. */
    Optional<Set<List<String>>> since(MvccSnapshot seen) {
        Set<List<String>> keys = new HashSet<>();
        for (var change : changes.entrySet()) {
            if (!seen.sees(change.getKey())) {
                if (change.getValue().unclear) {
                    return Optional.empty();
                }
                keys.addAll(change.getValue().keys);
            }
        }
        return Optional.of(keys);
    }
}
