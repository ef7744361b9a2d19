package io.paillette.broker.postgres;

import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.group.SqlOffsets.SqlOffset;
import java.sql.PreparedStatement;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Table sql_offset. */
final class PostgresSqlOffsets implements SqlOffsets.Store {

    private final NamedQueries queries = NamedQueries.load("groups.sql");
    private final Connections connections;

    PostgresSqlOffsets(Connections connections) {
        this.connections = connections;
    }

    @Override
    public List<SqlOffset> offsets(String group) {
        if (group.indexOf(0) >= 0) {
            return List.of(); // no text of Postgres has a zero
        }
        return connections.call("reading offsets committed by SQL", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("sql_offsets"))) {
                statement.setString(1, group);
                return PostgresLogStore.rows(
                        statement,
                        row -> new SqlOffset(
                                PostgresLogStore.kafkaUuid(row.getObject(1, UUID.class)),
                                row.getString(2),
                                row.getInt(3),
                                row.getLong(4),
                                row.getString(5)));
            }
        });
    }

    @Override
    public boolean forget(String group) {
        if (group.indexOf(0) >= 0) {
            return false;
        }
        return connections.call("forgetting offsets committed by SQL", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("forget_sql_offsets"))) {
                statement.setString(1, group);
                statement.setString(2, group);
                return statement.executeUpdate() > 0;
            }
        });
    }

    @Override
    public void forget(String group, Uuid topicId, Collection<Integer> partitions) {
        if (group.indexOf(0) >= 0) {
            return;
        }
        connections.call("forgetting offsets committed by SQL", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("forget_sql_offset"))) {
                statement.setString(1, group);
                statement.setString(2, group);
                statement.setObject(3, PostgresLogStore.javaUuid(topicId));
                statement.setArray(4, connection.createArrayOf("int4", partitions.toArray()));
                return statement.executeUpdate();
            }
        });
    }
}
