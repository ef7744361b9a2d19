package io.paillette.broker.postgres;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.group.SqlOffsets;
import io.paillette.broker.group.SqlOffsets.SqlOffset;
import io.paillette.broker.group.SqlOffsets.Told;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    public Told offsets(String group, Optional<List<Duty.Partition>> wanted) {
        if (group.indexOf(0) >= 0) {
            return new Told(List.of(), Set.of()); // no text of Postgres has a zero
        }
        return connections.call("reading offsets committed by SQL", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("sql_offsets"))) {
                statement.setString(1, group);
                List<Duty.Partition> asked = wanted.orElse(List.of());
                statement.setArray(2, Participants.topicIds(connection, asked));
                statement.setArray(3, Participants.indexes(connection, asked));
                var offsets = new ArrayList<SqlOffset>();
                var unstable = new HashSet<Duty.Partition>();
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        Uuid topicId = PostgresLogStore.kafkaUuid(row.getObject(1, UUID.class));
                        var partition = new Duty.Partition(topicId, row.getInt(3));
                        if (row.getBoolean(6)) {
                            unstable.add(partition);
                        } else if (!unstable.contains(partition)) { // these come first
                            offsets.add(new SqlOffset(
                                    topicId, row.getString(2), row.getInt(3), row.getLong(4), row.getString(5)));
                        }
                    }
                }
                return new Told(offsets, unstable);
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
