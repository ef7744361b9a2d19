package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.Segment;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.snapshot.TableParts.Part;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of a table without a key, in the order of their places, partition after partition. One that was interrupted goes on
 * with the next place, under another snapshot, and still tells what the first one saw: rows that have come since are left out,
 * and rows that have gone are not there any more. The stream tells both.
 */
final class PlaceCopy {

    private static final Logger LOG = LoggerFactory.getLogger(PlaceCopy.class);
    private static final String ROWS = SqlText.load("copy_from_place");
    private static final String BY_PLACE = SqlText.load("read_by_place");
    private static final String ATTACHED = SqlText.load("parts_attached");

    private final Connection connection;
    private final Relation relation;
    private final TableParts parts;

    /** What the first transaction saw, and where it came to; empty in the first. */
    private final Optional<Before> before;

    /**
     * @param first the snapshot that decides which rows are told
     * @param until where the WAL is now: what this transaction passes over is told up to there
     */
    private record Before(TableSnapshot table, RowPlace last, MvccSnapshot first, MvccSnapshot now, Lsn until) {

        static Before of(TableSnapshot table, RowPlace last, Segment now) {
            return new Before(
                    table,
                    last,
                    MvccSnapshot.parse(table.first().snapshot()),
                    MvccSnapshot.parse(now.snapshot()),
                    now.until());
        }

        boolean isLater(long xmin) {
            return first.isLater(xmin, now);
        }

        /** The whole table: as the first transaction saw it, on a server that has all that this one sees. */
        TableSnapshot whole(Relation relation) {
            Segment seen = table.first();
            var rest = new Segment(List.of(), seen.snapshot(), until);
            return new TableSnapshot(
                    relation.oid(), relation.name(), RowPlace.ORDER, List.of(seen), rest, table.mark());
        }
    }

    private PlaceCopy(Connection connection, Relation relation, TableParts parts, Optional<Before> before) {
        this.connection = connection;
        this.relation = relation;
        this.parts = parts;
        this.before = before;
    }

    /** From the beginning. */
    static PlaceCopy whole(Connection connection, Relation relation, String expression) {
        return new PlaceCopy(connection, relation, new TableParts(connection, relation, expression), Optional.empty());
    }

    /**
     * From where {@code table} came to.
     *
     * @param now what this transaction sees
     * @return empty when the places mean nothing any more, or it cannot be known which rows were there
     */
    static Optional<PlaceCopy> rest(
            Connection connection, Relation relation, String expression, TableSnapshot table, Segment now)
            throws SQLException {
        var parts = new TableParts(connection, relation, expression);
        Optional<RowPlace> last = RowPlace.parse(table.last().upTo());
        if (last.isEmpty()) {
            return Optional.empty();
        }
        Before before = Before.of(table, last.get(), now);
        Optional<Part> part = parts.from(last.get().table());
        boolean isThere = part.isPresent()
                && part.get().oid() == last.get().table()
                && part.get().file() == last.get().file();
        return isThere && before.first().isNear(before.now()) && !isAttachedTo(connection, relation.oid(), before)
                ? Optional.of(new PlaceCopy(connection, relation, parts, Optional.of(before)))
                : Optional.empty();
    }

    /** Rows of a partition that came meanwhile are told by nobody, whatever their age. */
    private static boolean isAttachedTo(Connection connection, int oid, Before before) throws SQLException {
        try (var query = connection.prepareStatement(ATTACHED)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                while (row.next()) {
                    if (before.isLater(row.getLong(1))) {
                        return true;
                    }
                }
                return false;
            }
        }
    }

    /** @return the table, as what the first transaction saw */
    TableSnapshot to(RowCopy rows) throws CaptureException, SQLException, InterruptedException {
        try (var statement = connection.createStatement()) {
            statement.execute(BY_PLACE);
        }
        TableSnapshot whole = before.isPresent() ? before.get().whole(relation) : rows.whole();
        Optional<RowPlace> last = before.map(Before::last);
        Optional<Part> part = parts.from(last.map(RowPlace::table).orElse(0L));
        while (part.isPresent()) {
            long oid = part.get().oid();
            var lines = new PartRows(rows, whole, part.get(), last.filter(place -> place.table() == oid));
            lines.copy();
            part = parts.from(oid + 1);
        }
        if (before.isPresent()) {
            LOG.info("Table {} was read on from where its reading had been interrupted", relation.name());
        }
        return whole;
    }

    /** One partition, or the table. */
    private final class PartRows implements CopyLines.Taker {

        private final RowCopy rows;
        private final TableSnapshot whole;
        private final SnapshotProgress others;
        private final Part part;
        private final RowPlace after;
        private final String inFile;
        private long lastOrder;

        /** Columns before those of the table. */
        private final int leading = before.isPresent() ? 2 : 1;

        PartRows(RowCopy rows, TableSnapshot whole, Part part, Optional<RowPlace> after) {
            this.rows = rows;
            this.whole = whole;
            this.part = part;
            this.after = after.orElse(part.beginning());
            this.inFile = this.after.inFile();
            this.lastOrder = this.after.order();
            this.others = rows.at().snapshot().without(relation.oid());
        }

        void copy() throws CaptureException, SQLException, InterruptedException {
            String columns = TableReader.columns(relation);
            String leadingColumns = leading == 2 ? "ctid, xmin" : "ctid";
            String sql = SqlText.fill(
                    ROWS,
                    Map.of(
                            "columns",
                            columns.isEmpty() ? leadingColumns : leadingColumns + ", " + columns,
                            "table",
                            part.expression(),
                            "after",
                            lastOrder > 0
                                    ? "ctid OPERATOR(pg_catalog.>) " + SqlText.literal(after.tid()) + "::pg_catalog.tid"
                                    : "true"));
            new CopyLines(connection).copy(sql, this);
        }

        @Override
        public boolean line(byte[] line) throws CaptureException, InterruptedException {
            int width = relation.columns().size();
            Tuple all = CopyText.parse(line, width + leading);
            byte[] tid = Objects.requireNonNull(all.value(0));
            long order = RowPlace.order(tid);
            if (order <= lastOrder) {
                throw new IllegalStateException("Postgres has sent the rows of " + part.name()
                        + " in another order than that of their places: " + ascii(tid));
            }
            lastOrder = order;
            if (before.isEmpty()
                    || !before.get().isLater(Long.parseLong(ascii(Objects.requireNonNull(all.value(1)))))) {
                byte[][] values = new byte[width][];
                for (int i = 0; i < width; i++) {
                    values[i] = all.value(leading + i);
                }
                rows.send(
                        new Tuple(values),
                        line.length,
                        rows.at().moved(rows.at().end(), others.during(soFar(inFile + ascii(tid)))));
            }
            return true;
        }

        private TableSnapshot soFar(String place) {
            return new TableSnapshot(
                    whole.oid(),
                    whole.name(),
                    RowPlace.ORDER,
                    whole.earlier(),
                    new Segment(List.of(place), whole.last().snapshot(), whole.until()),
                    whole.mark());
        }

        private static String ascii(byte[] text) {
            return new String(text, StandardCharsets.US_ASCII);
        }
    }
}
