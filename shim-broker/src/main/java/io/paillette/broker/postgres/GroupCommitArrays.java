package io.paillette.broker.postgres;

import io.paillette.broker.group.ShardCommit;
import io.paillette.broker.group.ShardCommit.Marker;
import io.paillette.broker.group.StateRecord;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/** One group commit as the parallel arrays that {@code commit_coordinator_shards_v1} takes, in the order of its parameters. */
final class GroupCommitArrays {

    private record Of<T>(int shard, T item) {}

    private final Connection connection;
    private final List<ShardCommit> commits;
    private final List<Of<StateRecord>> puts = new ArrayList<>();
    private final List<Of<StateRecord>> drops = new ArrayList<>();
    private final List<Of<StateRecord>> pending = new ArrayList<>();
    private final List<Of<Marker>> markers = new ArrayList<>();

    GroupCommitArrays(Connection connection, List<ShardCommit> commits) {
        this.connection = connection;
        this.commits = commits;
        for (ShardCommit commit : commits) {
            int shard = commit.from().shard();
            commit.plain().forEach(record -> (record.value() == null ? drops : puts).add(new Of<>(shard, record)));
            commit.pending().forEach(record -> pending.add(new Of<>(shard, record)));
            commit.markers().forEach(marker -> markers.add(new Of<>(shard, marker)));
        }
    }

    void bind(PreparedStatement statement) throws SQLException {
        var arrays = new Binder(statement);
        arrays.add("int4", commits.stream().map(commit -> commit.from().shard()));
        arrays.add("int4", commits.stream().map(commit -> commit.from().leaderEpoch()));
        arrays.add("int8", commits.stream().map(commit -> commit.from().nextOffset()));
        arrays.add("int8", commits.stream().map(ShardCommit::end));
        arrays.add("int4", shards(puts));
        arrays.add("int8", column(puts, StateRecord::offset));
        arrays.addBytes(column(puts, StateRecord::key));
        arrays.addBytes(column(puts, GroupCommitArrays::value));
        arrays.add("int4", shards(drops));
        arrays.addBytes(column(drops, StateRecord::key));
        arrays.add("int4", shards(pending));
        arrays.add("int8", column(pending, StateRecord::producerId));
        arrays.add("int4", column(pending, record -> (int) record.producerEpoch()));
        arrays.add("int8", column(pending, StateRecord::offset));
        arrays.addBytes(column(pending, StateRecord::key));
        arrays.addBytes(column(pending, GroupCommitArrays::value));
        arrays.add("int4", shards(markers));
        arrays.add("int8", column(markers, Marker::producerId));
        arrays.add("bool", column(markers, Marker::commit));
    }

    private static Stream<Integer> shards(List<? extends Of<?>> items) {
        return items.stream().map(Of::shard);
    }

    private static <T, C> Stream<C> column(List<Of<T>> items, Function<T, C> column) {
        return items.stream().map(Of::item).map(column);
    }

    private static ByteBuffer value(StateRecord record) {
        return Objects.requireNonNull(record.value());
    }

    private final class Binder {
        private final PreparedStatement statement;
        private int parameter = 1;

        Binder(PreparedStatement statement) {
            this.statement = statement;
        }

        void add(String type, Stream<?> values) throws SQLException {
            statement.setArray(parameter++, connection.createArrayOf(type, values.toArray()));
        }

        void addBytes(Stream<ByteBuffer> values) throws SQLException {
            byte[][] bytes = values.map(ByteBuffer::array).toArray(byte[][]::new);
            statement.setArray(parameter++, connection.createArrayOf("bytea", bytes));
        }
    }
}
