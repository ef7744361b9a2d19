package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.Segment;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.column.ColumnRules;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one table at a time, from any row on. In the order of its key where it has one: in segments, each a REPEATABLE READ
 * transaction of its own that ends soon. A table without a key is read by the place of its rows, in one transaction as long as
 * nothing interrupts it; where that cannot be gone on with, from the beginning each time.
 */
public final class TableReader {

    private static final Logger LOG = LoggerFactory.getLogger(TableReader.class);
    private static final String BY_INDEX = SqlText.load("read_by_index");
    private static final String BYTES = SqlText.load("table_bytes");

    /** A table without a key that is no larger can be handed on as a whole. */
    public static final long SMALL_TABLE_BYTES = 2 << 20;

    /**
     * A table that the transaction holds in its shape.
     *
     * @param expression the table as a FROM clause names it
     * @param whole      what the transaction sees
     */
    private record Held(Relation relation, String expression, Segment whole) {}

    private final Connection connection;
    private final Catalog catalog;
    private final String place;
    private final SegmentBounds bounds;
    private final IntSupplier segments;

    /** @param segments of other tables, where the positions that are given say nothing of these */
    public TableReader(
            Connection connection, ServerFacts server, ColumnRules rules, SegmentBounds bounds, IntSupplier segments) {
        this.connection = connection;
        this.catalog = new Catalog(connection, rules);
        this.place = Visibility.place(server);
        this.bounds = bounds;
        this.segments = segments;
    }

    /** Whether reading the table goes on where it was interrupted. */
    public static boolean goesOn(Connection connection, int oid) throws SQLException {
        return KeyOrder.isThere(connection, oid) || TableParts.goOn(connection, oid);
    }

    /**
     * Whether rows of other tables may be handed over between those of this one. Not of one that is begun anew when that is
     * interrupted, as only its end says that it was read; and not of a small one without a key, which a consumer can take in at
     * once as long as nothing comes in between.
     */
    public boolean isReadBesideOthers(int oid) throws CaptureException, SQLException {
        Optional<Relation> found = catalog.relationNow(oid);
        return found.isEmpty()
                || KeyOrder.ofTable(connection, found.get()).isPresent()
                || (TableParts.goOn(connection, oid) && bytes(connection, oid) > SMALL_TABLE_BYTES);
    }

    /** Of the table and its partitions. */
    public static long bytes(Connection connection, int oid) throws SQLException {
        try (var query = connection.prepareStatement(BYTES)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            query.setLong(2, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /**
     * Sends the rows of a table to {@code sink} as {@link CaptureEvent.Kind#READ}: those after the row that
     * {@code from.snapshot()} says that it is read up to, else all.
     *
     * @param mark see {@link TableSnapshot#mark}; of one that is gone on with it is the one before
     * @param from the position before the first of them; that of each row says how far the table is read
     * @return the snapshots the rows were read under; empty when the table was dropped meanwhile
     */
    public Optional<TableSnapshot> read(int oid, long mark, Position from, RowSink sink)
            throws CaptureException, InterruptedException {
        Position start = from;
        while (true) {
            Optional<TableSnapshot> read = readSegment(oid, mark, start, sink);
            sink.flush();
            if (read.isEmpty() || read.get().last().upTo().isEmpty()) {
                return read;
            }
            start = start.moved(start.end(), start.snapshot().without(oid).during(read.get()));
        }
    }

    private Optional<TableSnapshot> readSegment(int oid, long mark, Position start, RowSink sink)
            throws CaptureException, InterruptedException {
        try {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            try {
                return readInTransaction(oid, mark, start, sink);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw Faults.of("The rows of table " + Integer.toUnsignedString(oid) + " could not be read", e);
        }
    }

    private Optional<TableSnapshot> readInTransaction(int oid, long mark, Position start, RowSink sink)
            throws CaptureException, SQLException, InterruptedException {
        Optional<String> from = new TableLock(connection).take(oid);
        if (from.isEmpty()) {
            return Optional.empty();
        }
        Segment whole;
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(place)) {
            row.next();
            whole = new Segment(List.of(), row.getString(1), Lsn.parse(row.getString(2)));
        }
        Optional<Relation> found = catalog.relationNow(oid);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Held held = new Held(found.get(), from.get(), whole);
        Optional<TableSnapshot> before = start.snapshot().reading(oid);
        if (before.isEmpty()) {
            return Optional.of(readWhole(held, mark, start, sink));
        }
        Optional<TableSnapshot> read = readOn(held, before.get(), start, sink);
        if (read.isPresent()) {
            return read;
        }
        LOG.warn(
                "The key of table {} was changed while its rows were read, or the table was written anew: they are read from"
                        + " the beginning, and what was deleted in between is not told",
                found.get().name());
        return Optional.of(
                readWhole(held, mark, start.moved(start.end(), start.snapshot().anew(oid)), sink));
    }

    private TableSnapshot readWhole(Held held, long mark, Position at, RowSink sink)
            throws CaptureException, SQLException, InterruptedException {
        Relation relation = held.relation();
        var rows = new RowCopy(connection, relation, held.expression(), held.whole(), at, mark, sink);
        Optional<KeyOrder> order = KeyOrder.ofTable(connection, relation);
        if (order.isPresent()) {
            return readByKey(rows, order.get(), Optional.empty());
        }
        return TableParts.goOn(connection, relation.oid())
                ? PlaceCopy.whole(connection, relation, held.expression()).to(rows)
                : rows.all();
    }

    /** After what was read before; empty when that is not possible any more. */
    private Optional<TableSnapshot> readOn(Held held, TableSnapshot before, Position at, RowSink sink)
            throws CaptureException, SQLException, InterruptedException {
        Relation relation = held.relation();
        Segment segment = sameAs(before, held.whole());
        var rows = new RowCopy(connection, relation, held.expression(), segment, at, before.mark(), sink);
        if (RowPlace.isOrder(before.key())) {
            Optional<PlaceCopy> rest = TableParts.goOn(connection, relation.oid())
                    ? PlaceCopy.rest(connection, relation, held.expression(), before, segment)
                    : Optional.empty();
            return rest.isPresent() ? Optional.of(rest.get().to(rows)) : Optional.empty();
        }
        Optional<KeyOrder> order = KeyOrder.ofTable(connection, relation);
        return order.isPresent() && isSame(order.get(), before)
                ? Optional.of(readByKey(rows, order.get(), Optional.of(before)))
                : Optional.empty();
    }

    /** As long as nobody writes a segment sees what the one before saw, and is the same. */
    private static Segment sameAs(TableSnapshot before, Segment now) {
        Segment last = before.last();
        return last.snapshot().equals(now.snapshot()) ? new Segment(List.of(), last.snapshot(), last.until()) : now;
    }

    private TableSnapshot readByKey(RowCopy rows, KeyOrder order, Optional<TableSnapshot> before)
            throws CaptureException, SQLException, InterruptedException {
        try (var statement = connection.createStatement()) {
            statement.execute(BY_INDEX);
        }
        return rows.byKey(order, before, bounds, segments.getAsInt());
    }

    /** Whether the key is the one that the table was read by so far, and its values still are values. */
    private boolean isSame(KeyOrder order, TableSnapshot before) throws SQLException {
        if (!order.columns().equals(before.key())) {
            return false;
        }
        List<String> last = before.last().upTo();
        Savepoint savepoint = connection.setSavepoint();
        try (var statement = connection.createStatement()) {
            statement.execute("SELECT " + order.isBeyond(last, last));
            return true;
        } catch (SQLException e) {
            if (!Faults.isNotUnderstood(e)) {
                throw e;
            }
            connection.rollback(savepoint);
            return false;
        }
    }

    /** For a SELECT. */
    static String columns(Relation relation) {
        return relation.columns().stream()
                .map(Column::name)
                .map(SqlText::identifier)
                .collect(Collectors.joining(", "));
    }

    /** Roughly what a row costs in memory beside its values, on a 64-bit JVM. */
    public static final int ROW_OVERHEAD_BYTES = 160;

    /** Roughly what an array object and its reference cost. */
    public static final int VALUE_OVERHEAD_BYTES = 24;
}
