package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.SnapshotProgress.Segment;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The rows of a table, as one transaction sees them, on their way to a sink. */
final class RowCopy {

    private static final String ALL = SqlText.load("copy_table");
    private static final String BY_KEY = SqlText.load("copy_rows_by_key");

    /** The clock is looked at once in so many rows. */
    private static final int ROWS_BETWEEN_LOOKS = 256;

    private static final long FOREVER_NANOS = Long.MAX_VALUE / 2;

    private final Connection connection;
    private final Relation relation;
    private final String from;
    private final Segment whole;
    private final Position at;
    private final long mark;
    private final RowSink sink;
    private final TransactionInfo transaction;

    /**
     * @param from  the table as a FROM clause names it
     * @param whole what the transaction sees
     * @param at    the position before the first row
     * @param mark  see {@link TableSnapshot#mark}
     */
    RowCopy(
            Connection connection,
            Relation relation,
            String from,
            Segment whole,
            Position at,
            long mark,
            RowSink sink) {
        this.connection = connection;
        this.relation = relation;
        this.from = from;
        this.whole = whole;
        this.at = at;
        this.mark = mark;
        this.sink = sink;
        this.transaction = new TransactionInfo(0, whole.until(), Instant.now().truncatedTo(ChronoUnit.MICROS), at);
    }

    /** Every row, in any order. A restart in the middle begins anew. */
    TableSnapshot all() throws CaptureException, SQLException, InterruptedException {
        var lines = new Lines(
                SqlText.fill(ALL, Map.of("columns", TableReader.columns(relation), "table", from)),
                row -> at,
                System.nanoTime() + FOREVER_NANOS);
        lines.copy();
        return whole();
    }

    /** The position before the first row. */
    Position at() {
        return at;
    }

    /** The whole table, as this transaction sees it. */
    TableSnapshot whole() {
        return new TableSnapshot(
                relation.oid(),
                relation.name(),
                List.of(),
                List.of(),
                new Segment(List.of(), whole.snapshot(), whole.until()),
                mark);
    }

    /**
     * Rows in the order of their key, after those of {@code before}, until there are no more or it has taken long enough.
     *
     * @param segments of all tables, where the position before does not say so
     * @return the table so far; read to its end when its last segment goes up to no key
     */
    TableSnapshot byKey(KeyOrder order, Optional<TableSnapshot> before, SegmentBounds bounds, int segments)
            throws CaptureException, SQLException, InterruptedException {
        var segment = new KeySegment(order, before);
        long nanos = bounds.nanos(Math.max(segments, at.snapshot().segments()));
        long endNanos = System.nanoTime() + nanos;
        while (true) {
            String rows = SqlText.fill(
                    BY_KEY,
                    Map.of(
                            "columns",
                            TableReader.columns(relation),
                            "table",
                            from,
                            "beyond",
                            segment.last.isEmpty() ? "true" : order.beyond(segment.last),
                            "key",
                            order.list(),
                            "rows",
                            String.valueOf(bounds.chunkRows())));
            var lines = new Lines(rows, segment::position, endNanos + nanos);
            boolean cut = !lines.copy();
            if (!cut && lines.count < bounds.chunkRows()) {
                return segment.toTheEnd();
            }
            if (cut || System.nanoTime() - endNanos >= 0) {
                return segment.soFar(segment.last);
            }
        }
    }

    /** What this transaction reads of a table that is read by key. */
    private final class KeySegment {

        private final List<KeyColumn> key;
        private final int[] indexes;
        private final List<Segment> earlier;
        private final SnapshotProgress others;
        private List<String> last;

        KeySegment(KeyOrder order, Optional<TableSnapshot> before) {
            this.key = order.columns();
            this.indexes = KeyOrder.indexes(key, relation).orElseThrow();
            this.earlier = before.map(this::segmentsBefore).orElse(List.of());
            this.last = before.map(table -> table.last().upTo()).orElse(List.of());
            this.others = at.snapshot().without(relation.oid());
        }

        private List<Segment> segmentsBefore(TableSnapshot table) {
            if (table.last().snapshot().equals(whole.snapshot())) {
                return table.earlier();
            }
            List<Segment> all = new ArrayList<>(table.earlier());
            all.add(table.last());
            return List.copyOf(all);
        }

        Position position(Tuple row) {
            last = KeyOrder.key(row, indexes);
            return at.moved(at.end(), others.during(soFar(last)));
        }

        TableSnapshot soFar(List<String> upTo) {
            return new TableSnapshot(
                    relation.oid(),
                    relation.name(),
                    key,
                    earlier,
                    new Segment(upTo, whole.snapshot(), whole.until()),
                    mark);
        }

        TableSnapshot toTheEnd() {
            return earlier.isEmpty() ? RowCopy.this.whole() : soFar(List.of());
        }
    }

    /** Waits for room as long as it takes. */
    void send(Tuple row, int bytes, Position position) throws CaptureException, InterruptedException {
        send(row, bytes, position, System.nanoTime() + FOREVER_NANOS);
    }

    /** @param bytes as Postgres writes it */
    private boolean send(Tuple after, int bytes, Position position, long deadlineNanos)
            throws CaptureException, InterruptedException {
        var row = new CaptureEvent.Row(
                CaptureEvent.Kind.READ, relation, null, false, after, transaction, whole.until(), 0, position);
        return sink.row(
                row,
                bytes + TableReader.ROW_OVERHEAD_BYTES + (long) after.size() * TableReader.VALUE_OVERHEAD_BYTES,
                deadlineNanos);
    }

    @FunctionalInterface
    private interface Positions {
        Position of(Tuple row);
    }

    /** One COPY. */
    private final class Lines {

        private final String sql;
        private final Positions positions;
        private final long deadlineNanos;
        private int count;

        Lines(String sql, Positions positions, long deadlineNanos) {
            this.sql = sql;
            this.positions = positions;
            this.deadlineNanos = deadlineNanos;
        }

        /** False when it took too long: what was sent to the sink until then counts. */
        boolean copy() throws CaptureException, SQLException, InterruptedException {
            return new CopyLines(connection).copy(sql, line -> send(line) && !isLate());
        }

        private boolean send(byte[] line) throws CaptureException, InterruptedException {
            Tuple after = CopyText.parse(line, relation.columns().size());
            count++;
            return RowCopy.this.send(after, line.length, positions.of(after), deadlineNanos);
        }

        private boolean isLate() {
            return count % ROWS_BETWEEN_LOOKS == 0 && System.nanoTime() - deadlineNanos >= 0;
        }
    }
}
