package io.paillette.capture.stream;

import io.paillette.capture.Lsn;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.snapshot.MvccSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells which changes of the stream the rows read from tables already contain (see {@link SnapshotProgress}). Owned by the
 * reader thread.
 */
final class TableSnapshots {

    private final Map<Integer, MvccSnapshot> parsed = new HashMap<>();

    /** Tables that the server still lists as joining: their entry must outlive that, or they would be read again. */
    private final Set<Integer> joining = new HashSet<>();

    /** Transactions whose changes of a table were withheld because its rows are still to be read. */
    private final Map<Integer, Set<Long>> withheld = new HashMap<>();

    private SnapshotProgress progress;
    private long xid;

    TableSnapshots(SnapshotProgress progress, Set<Integer> joining) {
        this.progress = progress;
        this.joining.addAll(joining);
        progress.tables().forEach(table -> parsed.put(table.oid(), MvccSnapshot.parse(table.snapshot())));
    }

    SnapshotProgress progress() {
        return progress;
    }

    boolean wasRead(int oid) {
        return parsed.containsKey(oid);
    }

    /** A table was read; {@code late} when it joined while the stream was on. */
    void add(TableSnapshot table, boolean late) {
        parsed.put(table.oid(), MvccSnapshot.parse(table.snapshot()));
        withheld.remove(table.oid());
        if (late) {
            joining.add(table.oid());
        }
        List<TableSnapshot> tables = new ArrayList<>(progress.tables());
        tables.removeIf(old -> old.oid() == table.oid());
        tables.add(table);
        progress = new SnapshotProgress(progress.complete(), tables);
    }

    void complete() {
        progress = new SnapshotProgress(true, progress.tables());
    }

    /** The server no longer lists the table as joining. */
    void joined(int oid) {
        joining.remove(oid);
    }

    /** Forgets snapshots that no commit from {@code commit} on can be in; true when there were any. */
    boolean passed(Lsn commit) {
        if (parsed.isEmpty()) {
            return false;
        }
        List<TableSnapshot> left = progress.tables().stream()
                .filter(table -> table.until().compareTo(commit) > 0 || joining.contains(table.oid()))
                .toList();
        if (left.size() == progress.tables().size()) {
            return false;
        }
        progress = new SnapshotProgress(progress.complete(), left);
        parsed.keySet().retainAll(left.stream().map(TableSnapshot::oid).toList());
        return true;
    }

    void begin(long transaction) {
        xid = transaction;
    }

    /** The table's rows will be read, and will contain all that comes until then. */
    void withhold(int oid) {
        withheld.putIfAbsent(oid, new HashSet<>());
    }

    /** The transactions that the rows of the table, when they are read, must contain. */
    Set<Long> withheld(int oid) {
        return withheld.getOrDefault(oid, Set.of());
    }

    /** Whether the rows read of the table, or yet to be read, contain what the current transaction did to it. */
    boolean contain(int oid) {
        if (parsed.isEmpty() && withheld.isEmpty()) {
            return false;
        }
        Set<Long> earlier = withheld.get(oid);
        if (earlier != null) {
            earlier.add(xid);
            return true;
        }
        MvccSnapshot snapshot = parsed.get(oid);
        return snapshot != null && snapshot.sees(xid);
    }
}
