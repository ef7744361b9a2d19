package io.paillette.broker.postgres;

import io.paillette.broker.group.GroupStore;
import io.paillette.broker.group.ShardCommit;
import io.paillette.broker.group.ShardPosition;
import io.paillette.broker.group.ShardState;
import io.paillette.broker.group.StateRecord;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The coordinator's shards in {@code paillette.coordinator_*}. */
final class GroupTables implements GroupStore {

    private final Connections connections;
    private final NamedQueries sql = NamedQueries.load("groups.sql");

    GroupTables(Connections connections) {
        this.connections = connections;
    }

    @Override
    public int shards(int wanted) {
        return connections.transaction("counting the coordinator's shards", connection -> {
            int present = count(connection);
            return present > 0 ? present : create(connection, wanted);
        });
    }

    private int create(Connection connection, int wanted) throws SQLException {
        try (var lock = connection.prepareStatement(sql.get("lock_shards"));
                var create = connection.prepareStatement(sql.get("create_shards"))) {
            lock.execute();
            create.setInt(1, wanted);
            create.executeUpdate();
        }
        return count(connection);
    }

    private int count(Connection connection) throws SQLException {
        try (var statement = connection.prepareStatement(sql.get("count_shards"));
                var rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    @Override
    public List<ShardPosition> claim(int brokerId, Map<Integer, Integer> expectedEpochs) {
        return connections.call("claiming coordinator shards", connection -> {
            try (var statement = connection.prepareStatement(sql.get("claim_shards"))) {
                statement.setInt(1, brokerId);
                bind(statement, 2, expectedEpochs);
                return positions(statement);
            }
        });
    }

    @Override
    public void release(Map<Integer, Integer> epochs) {
        connections.call("releasing coordinator shards", connection -> {
            try (var statement = connection.prepareStatement(sql.get("release_shards"))) {
                bind(statement, 1, epochs);
                return statement.executeUpdate();
            }
        });
    }

    private static void bind(PreparedStatement statement, int first, Map<Integer, Integer> epochs) throws SQLException {
        var shards = new ArrayList<>(epochs.keySet());
        Connection connection = statement.getConnection();
        statement.setArray(first, connection.createArrayOf("int4", shards.toArray()));
        statement.setArray(
                first + 1,
                connection.createArrayOf(
                        "int4", shards.stream().map(epochs::get).toArray()));
    }

    @Override
    public Optional<ShardPosition> reclaim(ShardPosition ours) {
        return connections.call("claiming a coordinator shard again", connection -> {
            try (var statement = connection.prepareStatement(sql.get("reclaim_shard"))) {
                statement.setInt(1, ours.shard());
                statement.setInt(2, ours.leaderEpoch());
                return positions(statement).stream().findFirst();
            }
        });
    }

    @Override
    public Map<Integer, ShardPosition> positions(Collection<Integer> shards) {
        return connections.call("reading the coordinator's positions", connection -> {
            try (var statement = connection.prepareStatement(sql.get("positions"))) {
                statement.setArray(1, connection.createArrayOf("int4", shards.toArray()));
                return positions(statement).stream()
                        .collect(Collectors.toMap(ShardPosition::shard, Function.identity()));
            }
        });
    }

    private static List<ShardPosition> positions(PreparedStatement statement) throws SQLException {
        var positions = new ArrayList<ShardPosition>();
        try (var rows = statement.executeQuery()) {
            while (rows.next()) {
                positions.add(new ShardPosition(rows.getInt(1), rows.getInt(2), rows.getLong(3)));
            }
        }
        positions.sort(Comparator.comparingInt(ShardPosition::shard));
        return positions;
    }

    @Override
    public ShardState load(int shard) {
        return connections.transaction("loading coordinator shard " + shard, connection -> {
            try (var statement = connection.createStatement()) {
                // Not the driver's method: that changes the session, which may be another one after the commit.
                statement.execute(sql.get("one_snapshot"));
            }
            return read(connection, shard);
        });
    }

    private ShardState read(Connection connection, int shard) throws SQLException {
        try (var at = connection.prepareStatement(sql.get("positions"));
                var load = connection.prepareStatement(sql.get("load_state"))) {
            at.setArray(1, connection.createArrayOf("int4", new Integer[] {shard}));
            load.setInt(1, shard);
            load.setInt(2, shard);
            load.setFetchSize(connections.fetchSize(5_000));
            ShardPosition position = positions(at).get(0);
            var records = new ArrayList<StateRecord>();
            try (var rows = load.executeQuery()) {
                while (rows.next()) {
                    records.add(record(rows));
                }
            }
            return new ShardState(position, records);
        }
    }

    private static StateRecord record(ResultSet row) throws SQLException {
        return new StateRecord(
                row.getLong(3),
                row.getLong(4),
                row.getShort(5),
                ByteBuffer.wrap(row.getBytes(1)),
                ByteBuffer.wrap(row.getBytes(2)));
    }

    @Override
    public Set<Integer> commit(List<ShardCommit> commits) {
        return connections.call("committing consumer groups", connection -> {
            try (var statement = connection.prepareStatement(sql.get("commit"))) {
                new GroupCommitArrays(connection, commits).bind(statement);
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    return new HashSet<>(List.of((Integer[]) rows.getArray(1).getArray()));
                }
            }
        });
    }
}
