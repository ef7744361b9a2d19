package io.paillette.capture.stream;

import io.paillette.capture.BackfillProgress;
import io.paillette.capture.Lsn;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.Segment;
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

    private final Map<Integer, ReadTable> read = new HashMap<>();

    /** Tables that the server still lists as joining: their entry must outlive that, or they would be read again. */
    private final Set<Integer> joining = new HashSet<>();

    /** Tables whose rows are still to be read. */
    private final Map<Integer, Awaited> awaited = new HashMap<>();

    private final boolean lasting;
    private SnapshotProgress progress;
    private long xid;

    /**
     * @param told  whether its changes are delivered until then; else they are withheld
     * @param xids  transactions that changed it, which its rows, when they are read, must contain
     */
    private record Awaited(boolean told, Set<Long> xids) {}

    /** Each segment sees what the one before sees, and perhaps more. */
    private record ReadTable(TableSnapshot table, List<MvccSnapshot> snapshots) {

        static ReadTable of(TableSnapshot table) {
            List<MvccSnapshot> snapshots = new ArrayList<>();
            for (Segment segment : table.earlier()) {
                snapshots.add(MvccSnapshot.parse(segment.snapshot()));
            }
            snapshots.add(MvccSnapshot.parse(table.last().snapshot()));
            return new ReadTable(table, snapshots);
        }

        Contained contains(long xid) {
            int last = snapshots.size() - 1;
            if (!snapshots.get(last).sees(xid)) {
                return Contained.Whole.NO;
            }
            if (snapshots.get(0).sees(xid)) {
                return Contained.Whole.YES;
            }
            int without = 0;
            int with = last;
            while (with - without > 1) {
                int middle = (with + without) / 2;
                if (snapshots.get(middle).sees(xid)) {
                    with = middle;
                } else {
                    without = middle;
                }
            }
            return new Contained.Beyond(
                    table.key(), table.earlier().get(without).upTo());
        }
    }

    TableSnapshots(SnapshotProgress progress, Set<Integer> joining) {
        this(progress, joining, true);
    }

    private TableSnapshots(SnapshotProgress progress, Set<Integer> joining, boolean lasting) {
        this.lasting = lasting;
        this.progress = progress;
        this.joining.addAll(joining);
        progress.tables().forEach(table -> read.put(table.oid(), ReadTable.of(table)));
        progress.again().forEach(this::withhold);
    }

    /** For a stream of what is before the position: what is found there to be read is forgotten with it. */
    static TableSnapshots passing(SnapshotProgress progress, Set<Integer> joining) {
        return new TableSnapshots(progress, joining, false);
    }

    /** Whether a table that is to be read once more will be. */
    boolean isLasting() {
        return lasting;
    }

    SnapshotProgress progress() {
        return progress;
    }

    boolean wasRead(int oid) {
        return read.containsKey(oid);
    }

    /** A table was read; where that was for a mark the server lists it as joining until this is stored. */
    void add(TableSnapshot table) {
        read.put(table.oid(), ReadTable.of(table));
        awaited.remove(table.oid());
        if (table.mark() != 0) {
            joining.add(table.oid());
        }
        progress = progress.read(table);
    }

    /** Rows of one of several tables that are read were handed over: {@code now} says how far that is. */
    void readUpTo(SnapshotProgress now) {
        progress = now;
    }

    /** The table is to be read once more, and what comes of it until then is withheld. */
    void readAgain(int oid) {
        read.remove(oid);
        progress = progress.anew(oid);
        withhold(oid);
    }

    /** The table is no more, or no more to be read. */
    void gone(int oid) {
        progress = progress.without(oid);
        awaited.remove(oid);
    }

    void complete() {
        progress = progress.completed();
    }

    /** What backfills have come to. */
    void backfilling(List<BackfillProgress> backfills) {
        progress = progress.backfilling(backfills);
    }

    /** Signals are taken in up to there. */
    void signalled(long next) {
        progress = progress.signalled(next);
    }

    /** The server no longer lists the table as joining. */
    void joined(int oid) {
        joining.remove(oid);
    }

    /** Forgets snapshots that no commit from {@code commit} on can be in; true when there were any. */
    boolean passed(Lsn commit) {
        if (read.isEmpty()) {
            return false;
        }
        List<TableSnapshot> left = progress.tables().stream()
                .filter(table -> table.until().compareTo(commit) > 0 || joining.contains(table.oid()))
                .toList();
        if (left.size() == progress.tables().size()) {
            return false;
        }
        progress = progress.keeping(left);
        read.keySet().retainAll(left.stream().map(TableSnapshot::oid).toList());
        return true;
    }

    void begin(long transaction) {
        xid = transaction;
    }

    /** The table's rows will be read, and will contain all that comes until then. */
    void withhold(int oid) {
        awaited.merge(oid, new Awaited(false, new HashSet<>()), (before, now) -> new Awaited(false, before.xids()));
    }

    /** The table's rows will be read; its changes are told until then, unless they are withheld. */
    void expect(int oid) {
        awaited.putIfAbsent(oid, new Awaited(true, new HashSet<>()));
    }

    /** Its rows will not be read after all. */
    void expectNoMore(int oid) {
        awaited.computeIfPresent(oid, (table, rows) -> rows.told() ? null : rows);
    }

    /** Whether the table's rows are still to be read, or only in part. */
    boolean isAwaited(int oid) {
        return awaited.containsKey(oid) || progress.reading(oid).isPresent();
    }

    /** The transactions that the rows of the table, when they are read, must contain. */
    Set<Long> toContain(int oid) {
        Awaited rows = awaited.get(oid);
        return rows == null ? Set.of() : rows.xids();
    }

    /** The transaction did something to a table that is withheld. */
    void withhold(int oid, long transaction) {
        withhold(oid);
        toContain(oid).add(transaction);
    }

    /** Whether the rows read of the table, or yet to be read, contain what the current transaction did to it. */
    Contained contained(int oid) {
        if (read.isEmpty() && awaited.isEmpty()) {
            return Contained.Whole.NO;
        }
        Awaited rows = awaited.get(oid);
        if (rows != null) {
            rows.xids().add(xid);
            if (!rows.told()) {
                return Contained.Whole.YES;
            }
        }
        ReadTable table = read.get(oid);
        return table == null ? Contained.Whole.NO : table.contains(xid);
    }
}
