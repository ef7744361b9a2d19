package io.paillette.broker.postgres;

import io.paillette.broker.cluster.Duty;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Partitions and coordinator shards as SQL arrays: topic ids, indexes beside them, shards. */
final class Participants {

    private Participants() {}

    static Array topicIds(Connection connection, Collection<? extends Duty> participants) throws SQLException {
        return array(
                connection,
                "uuid",
                participants,
                Duty.Partition.class,
                partition -> PostgresLogStore.javaUuid(partition.topicId()));
    }

    static Array indexes(Connection connection, Collection<? extends Duty> participants) throws SQLException {
        return array(connection, "int4", participants, Duty.Partition.class, Duty.Partition::index);
    }

    static Array shards(Connection connection, Collection<? extends Duty> participants) throws SQLException {
        return array(connection, "int4", participants, Duty.Shard.class, Duty.Shard::number);
    }

    /** Of those of one kind. */
    private static <D extends Duty> Array array(
            Connection connection,
            String type,
            Collection<? extends Duty> participants,
            Class<D> kind,
            Function<D, Object> value)
            throws SQLException {
        return connection.createArrayOf(
                type,
                participants.stream()
                        .filter(kind::isInstance)
                        .map(kind::cast)
                        .map(value)
                        .toArray());
    }

    /** From three columns beginning with {@code first}, each an array or null. */
    static Set<Duty> read(ResultSet row, int first) throws SQLException {
        var participants = new HashSet<Duty>();
        UUID[] topicIds = array(row.getArray(first), new UUID[0]);
        Integer[] indexes = array(row.getArray(first + 1), new Integer[0]);
        for (int i = 0; i < topicIds.length; i++) {
            participants.add(new Duty.Partition(PostgresLogStore.kafkaUuid(topicIds[i]), indexes[i]));
        }
        for (Integer shard : array(row.getArray(first + 2), new Integer[0])) {
            participants.add(new Duty.Shard(shard));
        }
        return participants;
    }

    @SuppressWarnings("unchecked")
    private static <T> T[] array(@Nullable Array array, T[] none) throws SQLException {
        return array == null ? none : (T[]) array.getArray();
    }
}
