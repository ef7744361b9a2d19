package io.paillette.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far reading the rows that were there before capture is, and which stream events those rows already contain.
 *
 * <p>A table is read in segments, each under one MVCC snapshot taken after the slot was created. A stream event of that
 * table whose transaction is visible in the snapshot of the segment that its key belongs to is already in the rows read and
 * must be skipped; every other one must be delivered. Once the stream is past {@link TableSnapshot#until} no such event can
 * come any more and the entry goes away.
 *
 * @param complete whether every table of the initial snapshot has been read
 * @param tables   tables that were read and whose snapshots the stream has not passed yet
 * @param reading  tables that are being read in the order of their key, each up to the last of its rows that came before
 *                 the position; more than one where several are read at the same time
 * @param again    OIDs of tables that are to be read from the beginning once more; their changes are withheld until then
 * @param backfills that are asked for, in the order in which they were, those that have ended among them
 * @param nextSignal from where whoever sends signals goes on; 0 before the first
 */
public record SnapshotProgress(
        boolean complete,
        List<TableSnapshot> tables,
        List<TableSnapshot> reading,
        List<Integer> again,
        List<BackfillProgress> backfills,
        long nextSignal) {

    public static final SnapshotProgress NOT_STARTED = new SnapshotProgress(false, List.of());
    public static final SnapshotProgress DONE = new SnapshotProgress(true, List.of());

    public SnapshotProgress {
        tables = List.copyOf(tables);
        reading = List.copyOf(reading);
        again = List.copyOf(again);
        backfills = List.copyOf(backfills);
    }

    /** Nothing is in the middle of being read. */
    public SnapshotProgress(boolean complete, List<TableSnapshot> tables) {
        this(complete, tables, List.of(), List.of(), List.of(), 0);
    }

    /** Every table of the initial snapshot is read. */
    public SnapshotProgress completed() {
        return new SnapshotProgress(true, tables, reading, again, backfills, nextSignal);
    }

    /** The same, with only these of the tables that were read. */
    public SnapshotProgress keeping(List<TableSnapshot> some) {
        return new SnapshotProgress(complete, some, reading, again, backfills, nextSignal);
    }

    /** The same, with other backfills. */
    public SnapshotProgress backfilling(List<BackfillProgress> others) {
        return new SnapshotProgress(complete, tables, reading, again, others, nextSignal);
    }

    /** The same, with signals taken in up to there. */
    public SnapshotProgress signalled(long next) {
        return new SnapshotProgress(complete, tables, reading, again, backfills, next);
    }

    /** The same, with a backfill of these further on. */
    public SnapshotProgress backfilled(BackfillProgress now) {
        return backfilling(backfills.stream()
                .map(one -> one.asked().id().equals(now.asked().id()) ? now : one)
                .toList());
    }

    /** How far the table is, if it is one of those that are being read. */
    public Optional<TableSnapshot> reading(int oid) {
        for (TableSnapshot table : reading) {
            if (table.oid() == oid) {
                return Optional.of(table);
            }
        }
        return Optional.empty();
    }

    /** Those that are carried beside the last one of each table, and become more the longer the reading takes. */
    public int segments() {
        return segments(tables) + segments(reading);
    }

    private static int segments(List<TableSnapshot> some) {
        return some.stream().mapToInt(table -> table.earlier().size()).sum();
    }

    /** The same, with a table read so far; costs next to nothing, as every row that is read has one. */
    public SnapshotProgress during(TableSnapshot now) {
        return new SnapshotProgress(complete, tables, beside(now), again, backfills, nextSignal);
    }

    private List<TableSnapshot> beside(TableSnapshot now) {
        if (reading.isEmpty()) {
            return List.of(now);
        }
        List<TableSnapshot> all = new ArrayList<>(reading.size() + 1);
        for (TableSnapshot table : reading) {
            if (table.oid() != now.oid()) {
                all.add(table);
            }
        }
        all.add(now);
        return all;
    }

    /** Nothing but what it says of the reading of this table. */
    public SnapshotProgress only(int oid) {
        return new SnapshotProgress(
                false,
                List.of(),
                reading(oid).map(List::of).orElse(List.of()),
                again.contains(oid) ? List.of(oid) : List.of(),
                List.of(),
                0);
    }

    /** The same, which says nothing of this table, with what {@link #only} is said of it elsewhere. */
    public SnapshotProgress with(int oid, SnapshotProgress only) {
        Optional<TableSnapshot> now = only.reading(oid);
        if (now.isPresent()) {
            return during(now.get());
        }
        return only.again().contains(oid) ? anew(oid) : this;
    }

    /** The table was read to its end. */
    public SnapshotProgress read(TableSnapshot table) {
        return without(table.oid()).withTable(table);
    }

    /** The table is to be read from the beginning. */
    public SnapshotProgress anew(int oid) {
        SnapshotProgress others = without(oid);
        List<Integer> all = new ArrayList<>(others.again);
        all.add(oid);
        return new SnapshotProgress(complete, others.tables, others.reading, all, backfills, nextSignal);
    }

    /** Nothing of the table was read. */
    public SnapshotProgress without(int oid) {
        return new SnapshotProgress(
                complete,
                tables.stream().filter(table -> table.oid() != oid).toList(),
                reading.stream().filter(table -> table.oid() != oid).toList(),
                again.stream().filter(other -> other != oid).toList(),
                backfills,
                nextSignal);
    }

    private SnapshotProgress withTable(TableSnapshot table) {
        List<TableSnapshot> all = new ArrayList<>(tables);
        all.add(table);
        return new SnapshotProgress(complete, all, reading, again, backfills, nextSignal);
    }

    /**
     * A table that was read, or the part of it that was.
     *
     * @param key     the columns in whose order it is read; none when it is read as one segment, or was
     * @param earlier segments before the last, in order; of a table that is read by place, once that was interrupted, the first
     *                alone, whose snapshot the last one has too
     * @param mark    the transaction that had marked the table as one whose rows are to be read, and whose changes before that
     *                need not be told; they are all among these rows. 0 where none had
     */
    public record TableSnapshot(
            int oid, TableName name, List<KeyColumn> key, List<Segment> earlier, Segment last, long mark) {

        public TableSnapshot {
            key = List.copyOf(key);
            earlier = List.copyOf(earlier);
        }

        /** Read under one snapshot, of a table that was not marked. */
        public TableSnapshot(int oid, TableName name, String snapshot, Lsn until) {
            this(oid, name, List.of(), List.of(), new Segment(List.of(), snapshot, until), 0);
        }

        /** What the first segment was read under: later ones see what it sees, and more. */
        public Segment first() {
            return earlier.isEmpty() ? last : earlier.get(0);
        }

        /** Commits at or beyond are in none of its segments, and no row of it was passed over because of them. */
        public Lsn until() {
            return last.until();
        }
    }

    /**
     * The rows of a table between the segment before and {@code upTo}, read in one transaction.
     *
     * @param upTo     key of the last row, as text; empty for all that comes
     * @param snapshot text of {@code pg_current_snapshot()} ({@code xmin:xmax:xip,...}, 64-bit ids; on Postgres 12
     *                 {@code txid_current_snapshot()})
     * @param until    WAL insert position read after the snapshot was taken: commits at or beyond it are not in it
     */
    public record Segment(List<String> upTo, String snapshot, Lsn until) {

        public Segment {
            upTo = List.copyOf(upTo);
        }
    }

    /**
     * A column of the key in whose order a table is read; by OIDs, so that values and order mean the same later.
     *
     * @param greater the operator that the key's index is ordered by
     */
    public record KeyColumn(String name, int typeOid, int typeModifier, int collation, int greater) {}
}
