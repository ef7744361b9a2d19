package io.paillette.broker.postgres;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.log.AbortedTransaction;
import io.paillette.broker.log.AppendGroup;
import io.paillette.broker.log.AppendGroup.Position;
import io.paillette.broker.log.AppendGroup.Positions;
import io.paillette.broker.log.AppendGroup.Refused;
import io.paillette.broker.log.BatchHeader;
import io.paillette.broker.log.LogStore;
import io.paillette.broker.log.SegmentStore;
import io.paillette.broker.store.StoreException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * The log in the tables of V001 and V004: appends on the writer's connection, reads of bodies on the cold pool, the rest on
 * the general one.
 */
final class PostgresLogStore implements LogStore {

    private final NamedQueries queries = NamedQueries.load("log.sql");
    private final Connections writer;
    private final Connections general;
    private final Connections cold;
    private final AppendBatches appendBatches;
    private final PostgresSegmentStore segments;

    PostgresLogStore(Connections writer, Connections general, Connections cold) {
        this.writer = writer;
        this.general = general;
        this.cold = cold;
        var current = new CurrentSegments(general, queries);
        this.appendBatches = new AppendBatches(writer, current, queries);
        this.segments = new PostgresSegmentStore(general, current);
    }

    @Override
    public List<Claim> claim(int brokerId, Collection<ClaimRequest> requests) {
        return general.call("claiming partitions", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("claim"))) {
                statement.setInt(1, brokerId);
                statement.setArray(
                        2,
                        connection.createArrayOf(
                                "uuid",
                                requests.stream()
                                        .map(r -> javaUuid(r.topicId()))
                                        .toArray()));
                statement.setArray(
                        3,
                        connection.createArrayOf(
                                "int4",
                                requests.stream().map(ClaimRequest::index).toArray()));
                statement.setArray(
                        4,
                        connection.createArrayOf(
                                "int4",
                                requests.stream()
                                        .map(ClaimRequest::expectedEpoch)
                                        .toArray()));
                return rows(statement, PostgresLogStore::claim);
            }
        });
    }

    @Override
    public List<Claim> look(Uuid topicId) {
        return general.call("looking at partitions", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("look"))) {
                statement.setObject(1, javaUuid(topicId));
                return rows(statement, PostgresLogStore::claim);
            }
        });
    }

    @Override
    public void release(Collection<Held> partitions) {
        general.call("releasing partitions", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("release"))) {
                statement.setArray(
                        1,
                        connection.createArrayOf(
                                "int8",
                                partitions.stream().map(Held::partitionId).toArray()));
                statement.setArray(
                        2,
                        connection.createArrayOf(
                                "int4",
                                partitions.stream().map(Held::leaderEpoch).toArray()));
                return statement.execute();
            }
        });
    }

    private static Claim claim(ResultSet row) throws SQLException {
        return new Claim(
                row.getLong(1),
                kafkaUuid(row.getObject(2, UUID.class)),
                row.getInt(3),
                row.getInt(4),
                row.getLong(5),
                row.getLong(6));
    }

    @Override
    public Refused append(AppendGroup group) {
        return appendBatches.append(group);
    }

    @Override
    public Positions positions(Collection<Long> partitionIds) {
        return writer.call("asking where partitions stand", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("positions"))) {
                statement.setArray(1, connection.createArrayOf("int8", partitionIds.toArray()));
                var found = new HashMap<Long, Position>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.put(rows.getLong(1), new Position(rows.getInt(2), rows.getLong(3)));
                    }
                }
                return new Positions(found);
            }
        });
    }

    @Override
    public MemoryRecords read(OffsetRange range, int maxBytes, boolean atLeastOne) {
        return reading(cold, "reading batches", connection -> {
            try (PreparedStatement statement = bind(connection, "read", range)) {
                statement.setInt(4, maxBytes);
                statement.setBoolean(5, atLeastOne);
                return together(rows(statement, row -> row.getBytes(1)));
            }
        });
    }

    @Override
    public Optional<byte[]> firstAtOrAfter(OffsetRange range, long timestamp) {
        return reading(cold, "looking up an offset by time", connection -> {
            try (PreparedStatement statement = bind(connection, "firstAtOrAfter", range)) {
                statement.setLong(4, timestamp);
                return body(statement);
            }
        });
    }

    @Override
    public Optional<byte[]> latestByTimestamp(OffsetRange range) {
        return reading(cold, "looking up the largest timestamp", connection -> {
            try (PreparedStatement statement = bind(connection, "latestByTimestamp", range)) {
                return body(statement);
            }
        });
    }

    @Override
    public EpochEnd endOfEpoch(long partitionId, int epoch) {
        return general.call("looking up a leader epoch", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("endOfEpoch"))) {
                statement.setInt(1, epoch);
                statement.setInt(2, epoch);
                statement.setLong(3, partitionId);
                return rows(statement, PostgresLogStore::epochEnd).get(0);
            }
        });
    }

    private static EpochEnd epochEnd(ResultSet row) throws SQLException {
        int known = row.getInt(1);
        if (row.wasNull()) {
            known = -1;
        }
        long end = row.getLong(2);
        return new EpochEnd(known, row.wasNull() ? OptionalLong.empty() : OptionalLong.of(end));
    }

    @Override
    public Optional<ProducerSnapshot> producerSnapshot(long partitionId) {
        return general.call("loading producer state", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("producerSnapshot"))) {
                statement.setLong(1, partitionId);
                return rows(statement, row -> new ProducerSnapshot(row.getLong(1), row.getBytes(2))).stream()
                        .findFirst();
            }
        });
    }

    @Override
    public List<BatchHeader> producerBatches(OffsetRange range) {
        return reading(general, "loading producer state", connection -> {
            try (PreparedStatement statement = bind(connection, "producerBatches", range)) {
                return rows(
                        statement,
                        row -> new BatchHeader(
                                row.getLong(1),
                                row.getLong(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getInt(5),
                                row.getInt(6),
                                row.getShort(7),
                                row.getShort(8)));
            }
        });
    }

    @Override
    public List<AbortedTransaction> aborted(OffsetRange range) {
        return cold.call("looking up aborted transactions", connection -> {
            try (PreparedStatement statement = bind(connection, "aborted", range)) {
                return rows(
                        statement,
                        row -> new AbortedTransaction(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4)));
            }
        });
    }

    @Override
    public Set<Duty.Partition> openPartitions(Collection<Duty.Partition> partitions) {
        return general.call("looking for open transactions", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("openPartitions"))) {
                statement.setArray(1, Participants.topicIds(connection, partitions));
                statement.setArray(2, Participants.indexes(connection, partitions));
                return Set.copyOf(rows(
                        statement, row -> new Duty.Partition(kafkaUuid(row.getObject(1, UUID.class)), row.getInt(2))));
            }
        });
    }

    @Override
    public void saveProducerSnapshot(long partitionId, int leaderEpoch, ProducerSnapshot snapshot) {
        general.call("saving producer state", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("saveProducerSnapshot"))) {
                statement.setLong(1, snapshot.uptoOffset());
                statement.setBytes(2, snapshot.state());
                statement.setLong(3, partitionId);
                statement.setInt(4, leaderEpoch);
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public long nextProducerIdBlock() {
        return general.call("taking a block of producer ids", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("nextProducerIdBlock"))) {
                return rows(statement, row -> row.getLong(1)).get(0);
            }
        });
    }

    @Override
    public SegmentStore segments() {
        return segments;
    }

    /** A table may be dropped between the look at the map and the look into the table: then the map has changed too. */
    static <T> T reading(Connections pool, String doing, Connections.Work<T> work) {
        try {
            return pool.call(doing, work);
        } catch (StoreException e) {
            if (!Faults.isTableGone(e)) {
                throw e;
            }
            return pool.call(doing, work);
        }
    }

    private static MemoryRecords together(List<byte[]> bodies) {
        if (bodies.size() == 1) {
            return MemoryRecords.readableRecords(ByteBuffer.wrap(bodies.get(0)));
        }
        var all = ByteBuffer.allocate(
                bodies.stream().mapToInt(body -> body.length).sum());
        bodies.forEach(all::put);
        all.flip();
        return MemoryRecords.readableRecords(all);
    }

    private static Optional<byte[]> body(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.ofNullable(rows.getBytes(1)) : Optional.empty();
        }
    }

    private PreparedStatement bind(Connection connection, String name, OffsetRange range) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(queries.get(name));
        statement.setLong(1, range.partitionId());
        statement.setLong(2, range.from());
        statement.setLong(3, range.below());
        return statement;
    }

    static <T> List<T> rows(PreparedStatement statement, RowReader<T> reader) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            var read = new ArrayList<T>();
            while (rows.next()) {
                read.add(reader.read(rows));
            }
            return read;
        }
    }

    static UUID javaUuid(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    static Uuid kafkaUuid(UUID id) {
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    @FunctionalInterface
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }
}
