package io.paillette.broker.postgres;

import static io.paillette.broker.postgres.PostgresLogStore.rows;

import io.paillette.broker.log.BatchHeader;
import io.paillette.broker.log.LogRange;
import io.paillette.broker.log.LogStore.OffsetRange;
import io.paillette.broker.log.SegmentClass;
import io.paillette.broker.log.SegmentStore;
import io.paillette.broker.log.StoredBatch;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.postgresql.PGConnection;

/** Segment tables and their map in the tables of V004. */
final class PostgresSegmentStore implements SegmentStore {

    private static final int ROWS_AT_ONCE = 500;
    private static final int BATCHES_MOVED_AT_ONCE = 50;

    private final NamedQueries queries = NamedQueries.load("segments.sql");
    private final Connections general;
    private final CurrentSegments current;

    PostgresSegmentStore(Connections general, CurrentSegments current) {
        this.general = general;
        this.current = current;
    }

    @Override
    public int roll(long maxBytes) {
        int begun = 0;
        for (Newest newest : newest()) {
            if (newest.segmentClass().isFull(newest.ageMs(), newest.bytes(), maxBytes)) {
                current.after(newest.segmentClass(), newest.id());
                begun++;
            } else {
                current.remember(newest.segmentClass(), newest.id());
            }
        }
        return begun;
    }

    private List<Newest> newest() {
        return query(
                "looking at segments",
                "newest",
                statement -> {},
                row -> new Newest(
                        SegmentClass.valueOf(row.getString(1)), row.getLong(2), row.getLong(3), row.getLong(4)));
    }

    @Override
    public boolean measureNext() {
        List<Long> next = query(
                "looking for an unmeasured segment",
                "unmeasured",
                statement -> statement.setString(1, SegmentClass.COMPACTED.name()),
                row -> row.getLong(1));
        next.forEach(id ->
                query("measuring a segment", "measureSegment", statement -> statement.setLong(1, id), row -> true));
        return !next.isEmpty();
    }

    @Override
    public int dropDead() {
        int dropped = 0;
        List<Newest> newest = newest();
        for (long id : query("looking for dead segments", "dead", statement -> {}, row -> row.getLong(1))) {
            Optional<Newest> inUse =
                    newest.stream().filter(some -> some.id() == id).findFirst();
            if (inUse.isPresent()) {
                if (inUse.get().segmentClass() == SegmentClass.COMPACTED
                        || inUse.get().bytes() == 0) {
                    continue;
                }
                current.after(inUse.get().segmentClass(), id);
            }
            boolean gone = query(
                            "dropping a segment",
                            "drop",
                            statement -> statement.setLong(1, id),
                            row -> row.getBoolean(1))
                    .contains(true);
            dropped += gone ? 1 : 0;
        }
        return dropped;
    }

    @Override
    public List<LogRange> ranges(Collection<Long> partitionIds) {
        return query(
                "reading ranges",
                "ranges",
                statement ->
                        statement.setArray(1, statement.getConnection().createArrayOf("int8", partitionIds.toArray())),
                PostgresSegmentStore::range);
    }

    private static LogRange range(ResultSet row) throws SQLException {
        boolean last = row.getBoolean(4);
        long maxTimestamp = row.getLong(6);
        OptionalLong time = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(maxTimestamp);
        return new LogRange(
                row.getLong(1),
                row.getLong(2),
                last ? row.getLong(8) : row.getLong(3),
                last,
                row.getBoolean(5),
                time,
                row.getLong(7));
    }

    @Override
    public void measure(long partitionId, long firstOffset) {
        query(
                "measuring a range",
                "measure",
                statement -> {
                    statement.setLong(1, partitionId);
                    statement.setLong(2, firstOffset);
                },
                row -> true);
    }

    @Override
    public OptionalLong offsetKeeping(long partitionId, long logStartOffset, long bytes) {
        return query(
                        "measuring a partition",
                        "offsetKeeping",
                        statement -> {
                            statement.setLong(1, partitionId);
                            statement.setLong(2, logStartOffset);
                            statement.setLong(3, bytes);
                        },
                        PostgresSegmentStore::optional)
                .get(0);
    }

    @Override
    public OptionalLong moveLogStart(long partitionId, int leaderEpoch, long offset) {
        return query(
                        "moving a log start",
                        "moveLogStart",
                        statement -> {
                            statement.setLong(1, offset);
                            statement.setLong(2, partitionId);
                            statement.setInt(3, leaderEpoch);
                            statement.setLong(4, offset);
                        },
                        PostgresSegmentStore::optional)
                .stream()
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    private static OptionalLong optional(ResultSet row) throws SQLException {
        long value = row.getLong(1);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
    }

    @Override
    public boolean deleteSome(long partitionId, long below) {
        return query(
                                "deleting rows",
                                "deleteRows",
                                statement -> bindDeletion(statement, partitionId, below),
                                row -> row.getInt(1))
                        .get(0)
                > 0;
    }

    @Override
    public boolean deleteSomeDropped() {
        return general.transaction("deleting dropped partitions", connection -> {
            List<Long> ids = dropped(connection);
            for (long id : ids) {
                if (deleteSome(connection, id)) {
                    return true;
                }
            }
            return !ids.isEmpty() && forget(connection, ids) > 0;
        });
    }

    private List<Long> dropped(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("dropped"));
                ResultSet rows = statement.executeQuery()) {
            var ids = new ArrayList<Long>();
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
            return ids;
        }
    }

    private boolean deleteSome(Connection connection, long partitionId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("deleteRows"))) {
            bindDeletion(statement, partitionId, Long.MAX_VALUE);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1) > 0;
            }
        }
    }

    private static void bindDeletion(PreparedStatement statement, long partitionId, long below) throws SQLException {
        statement.setLong(1, partitionId);
        statement.setLong(2, below);
        statement.setString(3, SegmentClass.COMPACTED.name());
        statement.setInt(4, ROWS_AT_ONCE);
    }

    private int forget(Connection connection, List<Long> ids) throws SQLException {
        int forgotten = 0;
        for (String name : List.of(
                "forgetEpochs",
                "forgetProducers",
                "forgetAborted",
                "forgetCompaction",
                "forgetRanges",
                "forgetDropped")) {
            try (PreparedStatement statement = connection.prepareStatement(queries.get(name))) {
                statement.setArray(1, connection.createArrayOf("int8", ids.toArray()));
                if (name.equals("forgetRanges")) {
                    statement.setString(2, SegmentClass.COMPACTED.name());
                }
                forgotten += statement.executeUpdate();
            }
        }
        return forgotten;
    }

    @Override
    public List<RangeStart> stragglers(Collection<Long> partitionIds) {
        return query(
                "looking for ranges that hold up a table",
                "stragglers",
                statement -> {
                    statement.setString(1, SegmentClass.COMPACTED.name());
                    statement.setArray(2, statement.getConnection().createArrayOf("int8", partitionIds.toArray()));
                },
                row -> new RangeStart(row.getLong(1), row.getLong(2)));
    }

    @Override
    public OptionalLong moveSome(RangeStart range, int leaderEpoch, SegmentClass segmentClass) {
        long target = current.of(segmentClass).id();
        return query(
                        "moving batches",
                        "move",
                        statement -> {
                            statement.setLong(1, range.partitionId());
                            statement.setInt(2, leaderEpoch);
                            statement.setLong(3, range.firstOffset());
                            statement.setLong(4, target);
                            statement.setInt(5, BATCHES_MOVED_AT_ONCE);
                        },
                        PostgresSegmentStore::optional)
                .get(0);
    }

    @Override
    public Optional<Compacted> compacted(long partitionId) {
        return query(
                        "reading how far compaction got",
                        "compacted",
                        statement -> statement.setLong(1, partitionId),
                        row -> new Compacted(row.getLong(1), row.getLong(2)))
                .stream()
                .findFirst();
    }

    @Override
    public Dirt dirt(OffsetRange range) {
        return query(
                        "looking for dirt",
                        "dirt",
                        statement -> {
                            statement.setLong(1, range.partitionId());
                            statement.setLong(2, range.from());
                            statement.setLong(3, range.below());
                        },
                        row -> {
                            long bytes = row.getLong(1);
                            long first = row.getLong(2);
                            return new Dirt(bytes, row.wasNull() ? OptionalLong.empty() : OptionalLong.of(first));
                        })
                .get(0);
    }

    @Override
    public boolean replace(long partitionId, int leaderEpoch, List<Long> gone, List<StoredBatch> changed) {
        return general.transaction("compacting", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("replace"))) {
                statement.setLong(1, partitionId);
                statement.setInt(2, leaderEpoch);
                statement.setArray(3, connection.createArrayOf("int8", gone.toArray()));
                statement.setArray(4, headers(connection, "int8", changed, BatchHeader::lastOffset));
                statement.setArray(5, headers(connection, "int8", changed, BatchHeader::maxTimestamp));
                statement.setArray(6, headers(connection, "int2", changed, BatchHeader::attributes));
                byte[][] bodies = changed.stream().map(StoredBatch::body).toArray(byte[][]::new);
                statement.setArray(7, connection.unwrap(PGConnection.class).createArrayOf("bytea", bodies));
                boolean leads = rows(statement, row -> row.getBoolean(1)).get(0);
                if (!leads) {
                    connection.rollback();
                }
                return leads;
            }
        });
    }

    private static Array headers(
            Connection connection, String type, List<StoredBatch> batches, Function<BatchHeader, Object> field)
            throws SQLException {
        return connection.createArrayOf(
                type, batches.stream().map(StoredBatch::header).map(field).toArray());
    }

    @Override
    public void saveCompacted(long partitionId, int leaderEpoch, Compacted compacted) {
        general.call("noting how far compaction got", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("saveCompacted"))) {
                statement.setLong(1, partitionId);
                statement.setInt(2, leaderEpoch);
                statement.setLong(3, compacted.upto());
                statement.setLong(4, compacted.bytes());
                statement.setLong(5, partitionId);
                statement.setInt(6, leaderEpoch);
                return statement.executeUpdate();
            }
        });
    }

    private <T> List<T> query(String doing, String name, Binder binder, PostgresLogStore.RowReader<T> reader) {
        return PostgresLogStore.reading(general, doing, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get(name))) {
                binder.bind(statement);
                return rows(statement, reader);
            }
        });
    }

    @FunctionalInterface
    private interface Binder {
        void bind(PreparedStatement statement) throws SQLException;
    }

    private record Newest(SegmentClass segmentClass, long id, long ageMs, long bytes) {}
}
