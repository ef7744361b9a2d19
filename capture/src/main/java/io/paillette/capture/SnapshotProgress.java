package io.paillette.capture;

import java.util.List;

/**
 * How far reading the rows that were there before capture is, and which stream events those rows already contain.
 *
 * <p>A table is read under one MVCC snapshot taken after the slot was created. A stream event of that table whose
 * transaction is visible in the snapshot is already in the rows read and must be skipped; every other one must be
 * delivered. Once the stream is past {@link TableSnapshot#until} no such event can come any more and the entry goes away.
 *
 * @param complete whether every table of the initial snapshot has been read
 * @param tables   tables that were read and whose snapshot the stream has not passed yet
 */
public record SnapshotProgress(boolean complete, List<TableSnapshot> tables) {

    public static final SnapshotProgress NOT_STARTED = new SnapshotProgress(false, List.of());
    public static final SnapshotProgress DONE = new SnapshotProgress(true, List.of());

    public SnapshotProgress {
        tables = List.copyOf(tables);
    }

    /**
     * @param oid      the table
     * @param snapshot text of {@code pg_current_snapshot()} ({@code xmin:xmax:xip,...}, 64-bit ids; on Postgres 12
     *                 {@code txid_current_snapshot()})
     * @param until    WAL insert position read after the snapshot was taken: commits at or beyond it are not in it
     */
    public record TableSnapshot(int oid, TableName name, String snapshot, Lsn until) {}
}
