package io.paillette.broker.postgres;

import io.paillette.broker.log.AppendGroup;
import io.paillette.broker.log.AppendGroup.Advance;
import io.paillette.broker.log.AppendGroup.FeedMove;
import io.paillette.broker.log.AppendGroup.Refused;
import io.paillette.broker.log.SegmentClass;
import io.paillette.broker.log.StoredBatch;
import io.paillette.broker.postgres.CurrentSegments.SegmentTable;
import io.paillette.broker.store.StoreException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.postgresql.PGConnection;

/**
 * Appends a group: one statement when it is small and goes into one table, else advance and COPY in a transaction. A table
 * that is gone was full and dropped behind our back: nothing is written then, and the newer one takes it.
 */
final class AppendBatches {

    /** Where COPY's extra round trips begin to cost less than a bytea[] parameter. */
    private static final int SMALL_GROUP_BYTES = 256 * 1024;

    private final Connections writer;
    private final CurrentSegments segments;
    private final String advance;
    private final SideTables sideTables;

    AppendBatches(Connections writer, CurrentSegments segments, NamedQueries queries) {
        this.writer = writer;
        this.segments = segments;
        this.advance = queries.get("advance");
        this.sideTables = new SideTables(queries);
    }

    Refused append(AppendGroup group) {
        try {
            return attempt(group);
        } catch (StoreException e) {
            if (!Faults.isTableGone(e)) {
                throw e;
            }
            segments.forget();
            return attempt(group);
        }
    }

    private Refused attempt(AppendGroup group) {
        String doing = "appending to " + group.partitions().size() + " partitions";
        Map<SegmentClass, SegmentTable> tables = new EnumMap<>(SegmentClass.class);
        group.partitions().forEach(part -> tables.computeIfAbsent(part.segmentClass(), segments::of));
        if (tables.isEmpty()) {
            return writer.call(doing, connection -> advance(connection, group, tables));
        }
        boolean small = tables.size() == 1 && group.sizeBytes() <= SMALL_GROUP_BYTES;
        if (small && !sideTables.needTransaction(group)) {
            return writer.call(doing, refusable(connection -> inOneStatement(connection, group, tables)));
        }
        Connections.Work<Refused> append =
                small ? connection -> inOneStatement(connection, group, tables) : copy(group, tables);
        return writer.transaction(doing, refusable(connection -> {
            Refused refused = append.on(connection);
            if (refused.nobody()) {
                sideTables.insertAborted(connection, group);
            }
            return refused;
        }));
    }

    /** Published records that are gone undo the append as a whole; whose they were is refused, as who is out of step. */
    private static Connections.Work<Refused> refusable(Connections.Work<Refused> append) {
        return connection -> {
            try {
                return append.on(connection);
            } catch (SQLException e) {
                List<Long> gone = SideTables.takenAlready(e);
                if (gone.isEmpty()) {
                    throw e;
                }
                if (!connection.getAutoCommit()) {
                    connection.rollback();
                }
                return new Refused(gone, List.of());
            }
        };
    }

    private Connections.Work<Refused> copy(AppendGroup group, Map<SegmentClass, SegmentTable> tables) {
        Map<SegmentTable, byte[]> rows = new HashMap<>();
        tables.forEach((some, table) -> rows.put(
                table,
                CopyRows.encode(group.partitions().stream()
                        .filter(part -> part.segmentClass() == some)
                        .toList())));
        return connection -> {
            Refused refused = advance(connection, group, tables);
            if (refused.nobody()) {
                sideTables.take(connection, group);
                for (Map.Entry<SegmentTable, byte[]> some : rows.entrySet()) {
                    var in = connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn(some.getKey().copy());
                    in.writeToCopy(some.getValue(), 0, some.getValue().length);
                    in.endCopy();
                }
            }
            return refused;
        };
    }

    private Refused inOneStatement(Connection connection, AppendGroup group, Map<SegmentClass, SegmentTable> tables)
            throws SQLException {
        String append = tables.values().iterator().next().append();
        try (PreparedStatement statement = connection.prepareStatement(append)) {
            var rows = new ArrayList<Row<StoredBatch>>();
            for (Advance partition : group.partitions()) {
                partition.batches().forEach(batch -> rows.add(new Row<>(partition.partitionId(), batch)));
            }
            int next = bindAdvance(statement, group, tables);
            statement.setArray(next++, int8(connection, rows, Row::partitionId));
            statement.setArray(
                    next++, int8(connection, rows, row -> row.of().header().baseOffset()));
            statement.setArray(
                    next++, int8(connection, rows, row -> row.of().header().lastOffset()));
            statement.setArray(
                    next++, int8(connection, rows, row -> row.of().header().maxTimestamp()));
            statement.setArray(
                    next++, int8(connection, rows, row -> row.of().header().producerId()));
            statement.setArray(
                    next++, int4(connection, rows, row -> row.of().header().leaderEpoch()));
            statement.setArray(
                    next++, int4(connection, rows, row -> row.of().header().baseSequence()));
            statement.setArray(
                    next++, int2(connection, rows, row -> row.of().header().producerEpoch()));
            statement.setArray(
                    next++, int2(connection, rows, row -> row.of().header().attributes()));
            byte[][] bodies = rows.stream().map(row -> row.of().body()).toArray(byte[][]::new);
            statement.setArray(next++, connection.unwrap(PGConnection.class).createArrayOf("bytea", bodies));
            SideTables.bindPublished(statement, next, group);
            return refused(statement);
        }
    }

    private Refused advance(Connection connection, AppendGroup group, Map<SegmentClass, SegmentTable> tables)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(advance)) {
            bindAdvance(statement, group, tables);
            return refused(statement);
        }
    }

    /** Binds the parameters that both statements begin with; answers the number of the next one. */
    private static int bindAdvance(
            PreparedStatement statement, AppendGroup group, Map<SegmentClass, SegmentTable> tables)
            throws SQLException {
        Connection connection = statement.getConnection();
        List<Advance> partitions = group.partitions();
        List<FeedMove> feeds = group.feeds();
        int next = 1;
        statement.setArray(next++, int8(connection, partitions, Advance::partitionId));
        statement.setArray(next++, int4(connection, partitions, Advance::leaderEpoch));
        statement.setArray(next++, int8(connection, partitions, Advance::expectedOffset));
        statement.setArray(next++, int8(connection, partitions, Advance::nextOffset));
        statement.setArray(
                next++, int8(connection, partitions, part -> Objects.requireNonNull(tables.get(part.segmentClass()))
                        .id()));
        statement.setArray(next++, text(connection, feeds, FeedMove::source));
        statement.setArray(next++, int8(connection, feeds, FeedMove::ownerEpoch));
        statement.setArray(next++, text(connection, feeds, FeedMove::position));
        return next;
    }

    private static Refused refused(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            return new Refused(List.of((Long[]) rows.getArray(1).getArray()), List.of((String[])
                    rows.getArray(2).getArray()));
        }
    }

    private static <T> Array int8(Connection connection, List<T> rows, Function<T, Long> value) throws SQLException {
        return connection.createArrayOf("int8", rows.stream().map(value).toArray(Long[]::new));
    }

    private static <T> Array int4(Connection connection, List<T> rows, Function<T, Integer> value) throws SQLException {
        return connection.createArrayOf("int4", rows.stream().map(value).toArray(Integer[]::new));
    }

    private static <T> Array int2(Connection connection, List<T> rows, Function<T, Short> value) throws SQLException {
        return connection.createArrayOf("int2", rows.stream().map(value).toArray(Short[]::new));
    }

    private static <T> Array text(Connection connection, List<T> rows, Function<T, String> value) throws SQLException {
        return connection.createArrayOf("text", rows.stream().map(value).toArray(String[]::new));
    }

    private record Row<T>(long partitionId, T of) {}
}
