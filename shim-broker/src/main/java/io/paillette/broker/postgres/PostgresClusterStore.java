package io.paillette.broker.postgres;

import static io.paillette.broker.postgres.PostgresLogStore.kafkaUuid;

import io.paillette.broker.cluster.ClusterStore;
import io.paillette.broker.cluster.Duty;
import io.paillette.broker.cluster.Leader;
import io.paillette.broker.cluster.Member;
import io.paillette.broker.cluster.Member.Address;
import io.paillette.broker.cluster.Registration;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Table broker and the leaders in the tables of what they lead. */
final class PostgresClusterStore implements ClusterStore {

    private final NamedQueries queries = NamedQueries.load("cluster.sql");
    private final Connections heartbeats;

    /** @param heartbeats one connection that nothing else waits for */
    PostgresClusterStore(Connections heartbeats) {
        this.heartbeats = heartbeats;
    }

    @Override
    public Registered register(Registration self) {
        return heartbeats.call("registering broker " + self.id(), connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("register"))) {
                List<Address> addresses = self.addresses();
                statement.setInt(1, self.id());
                statement.setArray(2, text(connection, addresses.stream().map(Address::listener)));
                statement.setArray(3, text(connection, addresses.stream().map(Address::host)));
                statement.setArray(
                        4,
                        connection.createArrayOf(
                                "int4", addresses.stream().map(Address::port).toArray()));
                statement.setString(5, self.rack().orElse(null));
                statement.setArray(6, text(connection, self.sources().stream().sorted()));
                statement.setInt(7, Math.toIntExact(self.sessionTimeout().toMillis()));
                statement.setInt(8, Math.toIntExact(self.quietBeforeGone().toMillis()));
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    long incarnation = row.getLong(1);
                    return row.wasNull()
                            ? new Registered.Refused(row.getString(2), row.getString(3))
                            : new Registered.As(incarnation);
                }
            }
        });
    }

    private static Array text(Connection connection, java.util.stream.Stream<String> values) throws SQLException {
        return connection.createArrayOf("text", values.toArray());
    }

    @Override
    public Beat heartbeat(int brokerId, long incarnation) {
        return heartbeats.call("heartbeat of broker " + brokerId, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("heartbeat"))) {
                statement.setInt(1, brokerId);
                statement.setLong(2, incarnation);
                try (ResultSet rows = statement.executeQuery()) {
                    return beat(rows);
                }
            }
        });
    }

    private static Beat beat(ResultSet rows) throws SQLException {
        long revision = 0;
        long topicsRevision = 0;
        var live = new ArrayList<Member>();
        while (rows.next()) {
            revision = rows.getLong(1);
            topicsRevision = rows.getLong(2);
            if (rows.getObject(3) != null) {
                live.add(member(rows));
            }
        }
        return new Beat(revision, topicsRevision, live);
    }

    private static Member member(ResultSet row) throws SQLException {
        String[] listeners = (String[]) row.getArray(6).getArray();
        String[] hosts = (String[]) row.getArray(7).getArray();
        Integer[] ports = (Integer[]) row.getArray(8).getArray();
        var addresses = new ArrayList<Address>();
        for (int i = 0; i < listeners.length; i++) {
            addresses.add(new Address(listeners[i], hosts[i], ports[i]));
        }
        return new Member(
                row.getInt(3),
                row.getLong(4),
                Member.State.valueOf(row.getString(5).toUpperCase(Locale.ROOT)),
                addresses,
                Optional.ofNullable(row.getString(9)),
                Set.of((String[]) row.getArray(10).getArray()));
    }

    @Override
    public void setState(int brokerId, long incarnation, Member.State state) {
        heartbeats.call("telling that broker " + brokerId + " is " + state, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("setState"))) {
                statement.setString(1, state.name().toLowerCase(Locale.ROOT));
                statement.setInt(2, brokerId);
                statement.setLong(3, incarnation);
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public void leave(int brokerId, long incarnation) {
        heartbeats.call("telling that broker " + brokerId + " has left", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("leave"))) {
                statement.setInt(1, brokerId);
                statement.setLong(2, incarnation);
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public Map<Duty, Leader> leadersSince(long revision) {
        return heartbeats.call("reading who leads what", connection -> {
            var leaders = new HashMap<Duty, Leader>();
            read(
                    connection,
                    "partitionLeaders",
                    revision,
                    row -> leaders.put(
                            new Duty.Partition(kafkaUuid(row.getObject(1, UUID.class)), row.getInt(2)),
                            leader(row, 3)));
            read(
                    connection,
                    "shardLeaders",
                    revision,
                    row -> leaders.put(new Duty.Shard(row.getInt(1)), leader(row, 2)));
            read(
                    connection,
                    "sourceLeaders",
                    revision,
                    row -> leaders.put(new Duty.Source(row.getString(1)), leader(row, 2)));
            return leaders;
        });
    }

    private void read(Connection connection, String query, long since, RowVisitor visitor) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get(query))) {
            statement.setLong(1, since);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    visitor.visit(rows);
                }
            }
        }
    }

    private static Leader leader(ResultSet row, int column) throws SQLException {
        int broker = row.getInt(column);
        return new Leader(row.wasNull() ? Leader.NOBODY : broker, Math.toIntExact(row.getLong(column + 1)));
    }

    @Override
    public void endStalled() {
        heartbeats.call("ending sessions of brokers that are frozen", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("endStalled"))) {
                return statement.execute();
            }
        });
    }

    @FunctionalInterface
    private interface RowVisitor {
        void visit(ResultSet row) throws SQLException;
    }
}
