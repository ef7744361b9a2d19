package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.capture.snapshot.TableReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the rows of tables and hands them over with the positions that say so: those that were there before the stream begins,
 * several tables at the same time where that is asked for, and later one table at a time. Owned by the reader thread, but for
 * {@link #abort}.
 *
 * <p>Of tables that are read at the same time the position of a row says how far each of them was handed over, never how far
 * it was read: so whatever comes of the threads becomes part of the position here, where its rows are handed over.
 */
final class TableReading {

    private static final Logger LOG = LoggerFactory.getLogger(TableReading.class);

    /** Of a row's position to how far another table is; each has a list of them. */
    private static final int REFERENCE_BYTES = 4;

    private final PreparedSource prepared;
    private final Outlet outlet;
    private final Outlet.Waiting waiting;
    private final TableSnapshots snapshots;
    private final ReadingProgress progress;
    private final OvertakenRows overtaken;
    private final SegmentBounds bounds;

    /** For {@link #abort}. */
    private volatile @Nullable ReadingThreads threads;

    /** Of tables that are read beside others, by OID: what their newest rows were read in, there and as it is told. */
    private final Map<Integer, Told> told = new HashMap<>();

    private record Told(TransactionInfo read, TransactionInfo told) {}

    /** What a position carries of all tables, for threads that know of their own alone. Written by the owner. */
    private volatile int segments;

    TableReading(
            PreparedSource prepared,
            Outlet outlet,
            Outlet.Waiting waiting,
            TableSnapshots snapshots,
            ReadingProgress progress,
            OvertakenRows overtaken,
            SegmentBounds bounds) {
        this.prepared = prepared;
        this.outlet = outlet;
        this.waiting = waiting;
        this.snapshots = snapshots;
        this.progress = progress;
        this.overtaken = overtaken;
        this.bounds = bounds;
    }

    TableReader reader(Connection connection) {
        return new TableReader(
                connection,
                prepared.server(),
                prepared.source().settings().told().columns(),
                bounds,
                () -> segments);
    }

    /** From another thread: makes whatever is waited for of other connections fail. */
    void abort() {
        ReadingThreads others = threads;
        if (others != null) {
            others.abort();
        }
    }

    /** Before the stream begins: what {@link #first} reads. What joins later is counted then. */
    Set<Integer> due() {
        Set<Integer> oids = new HashSet<>();
        snapshots.progress().reading().forEach(table -> oids.add(table.oid()));
        if (!snapshots.progress().complete()) {
            prepared.tables().stream()
                    .filter(table -> isReadFirst(table) && !snapshots.wasRead(table.oid()))
                    .forEach(table -> oids.add(table.oid()));
        }
        return oids;
    }

    /**
     * Others join once the stream is on, among them one created after the publications were filled, or marked since: that
     * waits for who wrote them before, and reads them.
     */
    private static boolean isReadFirst(CapturedTable table) {
        return table.fullyTold() && !table.joining();
    }

    /** The rest of tables that were being read when {@code from} was stored, and then, where none of that was done, all. */
    void first(Connection catalog, TableReader reader, Position from)
            throws CaptureException, SQLException, InterruptedException {
        var next = new FirstTables(catalog);
        int most = prepared.source().settings().snapshot().threads();
        do {
            if (most > 1) {
                readBesideOthers(next, from, most);
            }
            for (DueTable table = next.take(); table != null; table = next.take()) {
                read(reader, table, from, from.end());
            }
        } while (next.haveLocked());
        if (!snapshots.progress().complete()) {
            snapshots.complete();
            step(from, from.end());
        }
    }

    /** In the order in which they are read. */
    private final class FirstTables {

        private final Connection catalog;
        private final Deque<TableSnapshot> unfinished =
                new ArrayDeque<>(snapshots.progress().reading());
        private final Deque<CapturedTable> untouched = new ArrayDeque<>();

        /** Not beside others. */
        private final Deque<DueTable> alone = new ArrayDeque<>();

        /** Once all others are read, and beside each other again. */
        private final Deque<DueTable> locked = new ArrayDeque<>();

        /** Of those, whose turn it is. */
        private final Deque<DueTable> onceMore = new ArrayDeque<>();

        private final Set<Integer> toldLocked = new HashSet<>();

        FirstTables(Connection catalog) {
            this.catalog = catalog;
            Set<Integer> oids = due();
            unfinished.forEach(table -> oids.remove(table.oid()));
            prepared.tables().stream()
                    .filter(table -> oids.contains(table.oid()))
                    .forEach(untouched::add);
        }

        /** Null when there is none, but for those that are locked. */
        @Nullable
        DueTable take() throws CaptureException, SQLException, InterruptedException {
            DueTable next = takeForOthers();
            return next == null ? alone.poll() : next;
        }

        /** As far as is known now beside others; null when there is none. */
        @Nullable
        DueTable takeForOthers() throws CaptureException, SQLException, InterruptedException {
            requireOpen();
            DueTable next = takeUnfinished();
            while (next == null && !untouched.isEmpty()) {
                int oid = untouched.remove().oid();
                if (prepared.publications().joiningSince(catalog, oid).isEmpty()) {
                    next = new DueTable(oid, 0);
                }
            }
            return next == null ? onceMore.poll() : next;
        }

        void later(ReadPart.Alone part) {
            alone.add(part.table());
        }

        void later(ReadPart.Locked part) {
            locked.add(part.table());
            if (toldLocked.add(part.table().oid())) {
                LOG.warn(
                        "Source {}: a table is locked, and is read after the others. {}",
                        prepared.name(),
                        part.cause().getMessage());
            }
        }

        /** Whether some are left; it is their turn then. */
        boolean haveLocked() {
            onceMore.addAll(locked);
            locked.clear();
            return !onceMore.isEmpty();
        }

        private @Nullable DueTable takeUnfinished() {
            while (!unfinished.isEmpty()) {
                TableSnapshot table = unfinished.remove();
                if (prepared.tables().stream().anyMatch(captured -> captured.oid() == table.oid())) {
                    return new DueTable(table.oid(), table.mark());
                }
                LOG.info("Source {}: table {} is captured no more", prepared.name(), table.name());
                snapshots.gone(table.oid());
            }
            return null;
        }
    }

    private void requireOpen() throws CaptureException, InterruptedException {
        if (!waiting.goOn()) {
            throw new InterruptedException("closing");
        }
    }

    private void readBesideOthers(FirstTables next, Position from, int most)
            throws CaptureException, SQLException, InterruptedException {
        segments = snapshots.progress().segments();
        try (var others = new ReadingThreads(prepared, this::reader, most)) {
            threads = others;
            do {
                startNext(next, from, others);
                if (others.areReading()) {
                    handOver(others.next(waiting), next, from);
                }
            } while (others.areReading());
        } finally {
            threads = null;
            told.clear();
            segments = 0;
        }
    }

    private void startNext(FirstTables next, Position from, ReadingThreads others)
            throws CaptureException, SQLException, InterruptedException {
        while (others.haveRoom()) {
            DueTable table = next.takeForOthers();
            if (table == null) {
                others.dismissIdle();
                return;
            }
            others.read(table, from.moved(from.end(), snapshots.progress().only(table.oid())));
        }
    }

    private void handOver(ReadPart part, FirstTables next, Position from)
            throws CaptureException, InterruptedException {
        if (part instanceof ReadPart.Rows rows) {
            handOver(rows, from);
        } else if (part instanceof ReadPart.End end) {
            ended(end.table(), end.read(), from, from.end());
        } else if (part instanceof ReadPart.Alone alone) {
            next.later(alone);
        } else if (part instanceof ReadPart.Locked locked) {
            next.later(locked);
        }
    }

    private void handOver(ReadPart.Rows part, Position from) throws CaptureException, InterruptedException {
        int oid = part.table().oid();
        SnapshotProgress others = snapshots.progress().without(oid);
        List<CaptureEvent> events = new ArrayList<>(part.rows().size());
        SnapshotProgress now = others;
        for (CaptureEvent.Row row : part.rows()) {
            TransactionInfo transaction = transaction(oid, row.transaction(), from);
            now = others.with(oid, row.position().snapshot());
            events.add(row.in(transaction, from.moved(from.end(), now)));
        }
        long lists = (long) events.size() * now.reading().size() * REFERENCE_BYTES;
        outlet.put(events, part.bytes() + lists, waiting);
        snapshots.readUpTo(now);
        progress.rows(events.size());
    }

    /** It begins where its first row is handed over. */
    @SuppressWarnings("ReferenceEquality") // all rows of a segment have the same instance
    private TransactionInfo transaction(int oid, TransactionInfo read, Position from) {
        Told known = told.get(oid);
        if (known == null || known.read() != read) {
            Position start = from.moved(from.end(), snapshots.progress());
            known = new Told(read, new TransactionInfo(read.xid(), read.commit(), read.committed(), start));
            told.put(oid, known);
            segments = snapshots.progress().segments();
        }
        return known.told();
    }

    /**
     * One table, on the connection of {@code reader}.
     *
     * @param end where its rows stand in the stream
     */
    void read(TableReader reader, DueTable table, Position from, Lsn end)
            throws CaptureException, InterruptedException {
        int oid = table.oid();
        LOG.info("Source {}: reading the rows of table {}", prepared.name(), Integer.toUnsignedString(oid));
        var batch = new RowBatch(this::isTaken);
        var read = reader.read(oid, table.mark(), from.moved(end, snapshots.progress()), batch);
        ended(table, read, from, end);
    }

    private boolean isTaken(List<CaptureEvent.Row> rows, long bytes) throws CaptureException, InterruptedException {
        if (outlet.offer(rows, bytes, waiting)) {
            progress.rows(rows.size());
            return true;
        }
        return false;
    }

    private void ended(DueTable table, Optional<TableSnapshot> read, Position from, Lsn end)
            throws CaptureException, InterruptedException {
        if (read.isPresent()) {
            snapshots.add(read.get());
            step(from, end);
        } else {
            snapshots.gone(table.oid());
        }
        progress.tableDone();
        overtaken.readElsewhere(table.oid());
    }

    private void step(Position from, Lsn end) throws CaptureException, InterruptedException {
        Position reached = from.moved(end, snapshots.progress());
        outlet.put(List.of(new CaptureEvent.SnapshotStep(reached)), TableReader.ROW_OVERHEAD_BYTES, waiting);
    }
}
