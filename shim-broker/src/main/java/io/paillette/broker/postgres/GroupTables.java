package io.paillette.broker.postgres;

import io.paillette.broker.group.GroupStore;
import io.paillette.broker.group.GroupStoreException;
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
import javax.sql.DataSource;

/** The coordinator's shards in {@code paillette.coordinator_*}. */
public final class GroupTables implements GroupStore {

    /** Cardinality, data, integrity, program limits: the records are at fault, not the server (Postgres docs, appendix A). */
    private static final Set<String> RECORDS_AT_FAULT = Set.of("21", "22", "23", "54");

    private final DataSource database;
    private final NamedQueries sql = NamedQueries.load("groups.sql");

    /** @param database where migrations are done; connections come in auto-commit mode */
    public GroupTables(DataSource database) {
        this.database = database;
    }

    @Override
    public int shards(int wanted) {
        return with("counting the coordinator's shards", connection -> {
            int present = count(connection);
            return present > 0 ? present : inTransaction(connection, () -> create(connection, wanted));
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
    public List<ShardPosition> claim() {
        return with("claiming the coordinator's shards", connection -> {
            try (var statement = connection.prepareStatement(sql.get("claim_shards"))) {
                return positions(statement);
            }
        });
    }

    @Override
    public Optional<ShardPosition> reclaim(ShardPosition ours) {
        return with("claiming a coordinator shard again", connection -> {
            try (var statement = connection.prepareStatement(sql.get("reclaim_shard"))) {
                statement.setInt(1, ours.shard());
                statement.setInt(2, ours.leaderEpoch());
                return positions(statement).stream().findFirst();
            }
        });
    }

    @Override
    public Map<Integer, ShardPosition> positions(Collection<Integer> shards) {
        return with("reading the coordinator's positions", connection -> {
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
        return with("loading coordinator shard " + shard, connection -> {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try {
                return inTransaction(connection, () -> read(connection, shard));
            } finally {
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
        });
    }

    private ShardState read(Connection connection, int shard) throws SQLException {
        try (var at = connection.prepareStatement(sql.get("positions"));
                var load = connection.prepareStatement(sql.get("load_state"))) {
            at.setArray(1, connection.createArrayOf("int4", new Integer[] {shard}));
            load.setInt(1, shard);
            load.setInt(2, shard);
            load.setFetchSize(5_000);
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
        return with("committing consumer groups", connection -> {
            try (var statement = connection.prepareStatement(sql.get("commit"))) {
                new GroupCommitArrays(connection, commits).bind(statement);
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    return new HashSet<>(List.of((Integer[]) rows.getArray(1).getArray()));
                }
            }
        });
    }

    private <T> T with(String what, Work<T> work) {
        try (var connection = database.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            // The first line says what happened; the rest is the server's stack.
            String message = what + " failed: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
            String state = e.getSQLState();
            throw state != null && RECORDS_AT_FAULT.contains(state.substring(0, 2))
                    ? GroupStoreException.refused(message, e)
                    : GroupStoreException.unreachable(message, e);
        }
    }

    private static <T> T inTransaction(Connection connection, Statements<T> statements) throws SQLException {
        connection.setAutoCommit(false);
        try {
            T result = statements.run();
            connection.commit();
            return result;
        } catch (SQLException e) {
            rollback(connection, e);
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static void rollback(Connection connection, SQLException cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    @FunctionalInterface
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    @FunctionalInterface
    private interface Statements<T> {
        T run() throws SQLException;
    }
}
