package io.paillette.capture.snapshot;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Reads a table in the order of its key. */
final class KeyChunks implements ChunkSource {

    private static final String BOUND = SqlText.load("chunk_bound");
    private static final String COPY = SqlText.load("copy_chunk");

    private final Connection connection;
    private final Held table;
    private final KeyOrder order;
    private final String condition;

    /** @param condition as an expression */
    KeyChunks(Connection connection, Held table, KeyOrder order, String condition) {
        this.connection = connection;
        this.table = table;
        this.order = order;
        this.condition = condition;
    }

    @Override
    public List<KeyColumn> order() {
        return order.columns();
    }

    /** Who has made an order has looked. */
    @Override
    public void require(Backfill asked) {}

    @Override
    public List<String> expressions() {
        return List.of(table.expression());
    }

    @Override
    public Chunk read(BackfillProgress progress, int mostRows)
            throws CaptureException, SQLException, InterruptedException {
        Relation relation = table.relation();
        List<String> bound = bound(progress.upTo(), mostRows);
        String sql = SqlText.fill(
                COPY,
                Map.of(
                        "columns", TableReader.columns(relation),
                        "table", table.expression(),
                        "beyond", beyond(progress.upTo()),
                        "up_to", bound.isEmpty() ? "true" : order.upTo(bound),
                        "key", order.list(),
                        "condition", condition));
        ChunkRows rows = rows(
                relation.columns().size(),
                KeyOrder.indexes(order.columns(), relation).orElseThrow());
        boolean all = new CopyLines(connection).copy(sql, rows);
        return new Chunk(relation, table.seen(), table.until(), rows.taken(), all ? bound : rows.lastKey(), !all);
    }

    /** Empty when no more rows follow than fit. */
    private List<String> bound(List<String> upTo, int mostRows)
            throws CaptureException, SQLException, InterruptedException {
        int columns = order.columns().size();
        ChunkRows keys = rows(columns, IntStream.range(0, columns).toArray());
        String sql = SqlText.fill(
                BOUND,
                Map.of(
                        "key", order.list(),
                        "table", table.expression(),
                        "beyond", beyond(upTo),
                        "rows", String.valueOf(mostRows)));
        new CopyLines(connection).copy(sql, keys);
        return keys.taken().isEmpty() ? List.of() : keys.lastKey();
    }

    private String beyond(List<String> upTo) {
        return upTo.isEmpty() ? "true" : order.beyond(upTo);
    }

    private static ChunkRows rows(int columns, int[] key) {
        return new ChunkRows(columns, (Tuple line, int bytes) -> new KeyedRow(line, KeyOrder.key(line, key), bytes));
    }
}
