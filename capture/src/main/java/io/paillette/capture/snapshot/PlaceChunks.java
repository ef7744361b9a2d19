package io.paillette.capture.snapshot;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import io.paillette.capture.snapshot.TableParts.Part;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a table without a key by the place of its rows, some blocks at a time, and a partitioned one partition after partition.
 * A row that nobody changes meanwhile comes once, but where its table was written anew: that is read from its beginning.
 */
final class PlaceChunks implements ChunkSource {

    private static final Logger LOG = LoggerFactory.getLogger(PlaceChunks.class);
    private static final String WINDOW = SqlText.load("placed_window");
    private static final String WINDOW_LISTED = SqlText.load("placed_window_listed");
    private static final String BOUND = SqlText.load("placed_bound");
    private static final String COPY = SqlText.load("copy_placed");

    /** Of rows, where nobody has counted them. */
    private static final double ASSUMED_IN_BLOCK = 64;

    /** Counts are old, and a window of blocks that hold more than is thought is looked at several times. */
    private static final double LEAST_IN_BLOCK = 8;

    /** Where all their places are listed. */
    private static final long MOST_LISTED_BLOCKS = 64;

    private final Connection connection;
    private final boolean ranges;
    private final Held table;
    private final String condition;
    private final TableParts parts;

    /** @param condition as an expression */
    PlaceChunks(Connection connection, ServerFacts server, Held table, String condition) {
        this.connection = connection;
        this.ranges = server.readsRangesOfPlaces();
        this.table = table;
        this.condition = condition;
        this.parts = new TableParts(connection, table.relation(), table.expression());
    }

    @Override
    public List<KeyColumn> order() {
        return RowPlace.ORDER;
    }

    @Override
    public void require(Backfill asked) throws CaptureException, SQLException {
        parts.requirePlaces(asked);
    }

    @Override
    public List<String> expressions() throws SQLException {
        Set<String> all = new LinkedHashSet<>(List.of(table.expression()));
        parts.from(0).map(Part::expression).ifPresent(all::add);
        return List.copyOf(all);
    }

    @Override
    public Chunk read(BackfillProgress progress, int mostRows)
            throws CaptureException, SQLException, InterruptedException {
        Optional<RowPlace> last = progress.upTo().isEmpty() ? Optional.empty() : Optional.of(RowPlace.of(progress));
        Optional<Part> part = parts.from(last.map(RowPlace::table).orElse(0L));
        while (part.isPresent()) {
            RowPlace after = goingOn(part.get(), last, progress.asked());
            if (after.block() < after.blocks()) {
                return read(part.get(), after, mostRows);
            }
            part = parts.from(part.get().oid() + 1);
        }
        return chunk(List.of(), List.of(), false);
    }

    private static RowPlace goingOn(Part part, Optional<RowPlace> last, Backfill asked) {
        Optional<RowPlace> inIt = last.filter(place -> place.table() == part.oid());
        Optional<RowPlace> still = inIt.filter(place -> place.file() == part.file());
        if (inIt.isPresent() && still.isEmpty()) {
            LOG.warn(
                    "Table {} was written anew, and its rows are elsewhere: backfill {} reads it from its beginning once more",
                    part.name(),
                    asked.id());
        }
        return still.orElse(part.beginning());
    }

    private Chunk read(Part part, RowPlace after, int mostRows)
            throws CaptureException, SQLException, InterruptedException {
        RowPlace end = after.before(Math.min(after.blocks(), after.block() + blocks(part, mostRows)));
        String window = window(part, after, end);
        RowPlace bound = bound(part, window, after, mostRows).orElse(end);
        Relation relation = table.relation();
        String columns = TableReader.columns(relation);
        String sql = SqlText.fill(
                COPY,
                Map.of(
                        "columns",
                        columns.isEmpty() ? "ctid" : "ctid, " + columns,
                        "table",
                        part.expression(),
                        "window",
                        window,
                        "up_to",
                        SqlText.literal(bound.tid()),
                        "condition",
                        condition));
        var rows = new ChunkRows(
                relation.columns().size() + 1,
                (line, bytes) ->
                        new KeyedRow(withoutFirst(line), after.at(tid(line)).text(), bytes));
        boolean all = new CopyLines(connection).copy(sql, rows);
        if (!all) {
            return chunk(rows.taken(), rows.lastKey(), true);
        }
        boolean ends =
                bound.block() >= bound.blocks() && parts.from(part.oid() + 1).isEmpty();
        return chunk(rows.taken(), ends ? List.of() : bound.text(), false);
    }

    private Chunk chunk(List<KeyedRow> rows, List<String> upTo, boolean large) {
        return new Chunk(table.relation(), table.seen(), table.until(), rows, upTo, large);
    }

    /** Empty when no more rows follow in the window. */
    private Optional<RowPlace> bound(Part part, String window, RowPlace after, int mostRows)
            throws CaptureException, SQLException, InterruptedException {
        var places = new ChunkRows(1, (line, bytes) -> new KeyedRow(line, List.of(), bytes));
        String sql = SqlText.fill(
                BOUND, Map.of("table", part.expression(), "window", window, "rows", String.valueOf(mostRows)));
        new CopyLines(connection).copy(sql, places);
        return places.taken().stream().findFirst().map(last -> after.at(tid(last.row())));
    }

    private String window(Part part, RowPlace after, RowPlace end) {
        return SqlText.fill(
                ranges ? WINDOW : WINDOW_LISTED,
                Map.of(
                        "after", SqlText.literal(after.tid()),
                        "before", SqlText.literal(end.tid()),
                        "from_block", String.valueOf(after.block()),
                        "to_block", String.valueOf(end.block()),
                        "most_in_block", String.valueOf(part.mostInBlock())));
    }

    private long blocks(Part part, int mostRows) {
        double rows = Math.max(LEAST_IN_BLOCK, part.inBlock().orElse(ASSUMED_IN_BLOCK));
        long blocks = (long) Math.ceil(mostRows / rows);
        return ranges ? blocks : Math.min(MOST_LISTED_BLOCKS, blocks);
    }

    private static String tid(Tuple line) {
        return new String(Objects.requireNonNull(line.value(0)), StandardCharsets.US_ASCII);
    }

    private static Tuple withoutFirst(Tuple line) {
        byte[][] values = new byte[line.size() - 1][];
        for (int i = 0; i < values.length; i++) {
            values[i] = line.value(i + 1);
        }
        return new Tuple(values);
    }
}
