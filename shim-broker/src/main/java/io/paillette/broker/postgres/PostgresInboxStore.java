package io.paillette.broker.postgres;

import io.paillette.broker.inbox.InboxRecord;
import io.paillette.broker.inbox.InboxStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.postgresql.PGConnection;

/**
 * Table inbox. Who sleeps holds an advisory lock and listens: both are a session's, so through a pooler nobody sleeps, and
 * the inbox is looked into all the time.
 */
final class PostgresInboxStore implements InboxStore {

    private final NamedQueries queries = NamedQueries.load("inbox.sql");
    private final Connections general;
    private final Connections listener;

    /** @param listener one connection, for the sleeper alone */
    PostgresInboxStore(Connections general, Connections listener) {
        this.general = general;
        this.listener = listener;
    }

    @Override
    public Look look(int brokerId, long fromId, Collection<Long> setAside, int maxRecords, long maxBytes) {
        return general.call("looking into the inbox", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("read"))) {
                statement.setInt(1, brokerId);
                statement.setLong(2, fromId);
                statement.setArray(3, connection.createArrayOf("int8", setAside.toArray()));
                statement.setInt(4, maxRecords);
                statement.setLong(5, maxBytes);
                try (ResultSet row = statement.executeQuery()) {
                    return look(row, maxRecords);
                }
            }
        });
    }

    private static Look look(ResultSet row, int maxRecords) throws SQLException {
        var records = new ArrayList<InboxRecord>();
        long newestId = 0;
        long settled = 0;
        long found = 0;
        while (row.next()) {
            newestId = row.getLong(1);
            settled = row.getLong(2);
            found = row.getLong(12);
            if (found > 0) {
                records.add(record(row));
            }
        }
        return new Look(records, records.size() == found && found < maxRecords, newestId, settled);
    }

    private static InboxRecord record(ResultSet row) throws SQLException {
        String[] names = (String[]) row.getArray(10).getArray();
        byte[][] values = (byte[][]) row.getArray(11).getArray();
        var headers = new ArrayList<Header>();
        for (int i = 0; i < names.length; i++) {
            headers.add(new RecordHeader(names[i], values[i]));
        }
        return new InboxRecord(
                row.getLong(3),
                row.getLong(4),
                new TopicPartition(row.getString(5), row.getInt(6)),
                row.getLong(7),
                row.getBytes(8),
                row.getBytes(9),
                headers);
    }

    @Override
    public long transactionId() {
        return general.call("taking a transaction id", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("transactionId"))) {
                return PostgresLogStore.rows(statement, row -> row.getLong(1)).get(0);
            }
        });
    }

    @Override
    public void call(int brokerId) {
        general.call("calling the inbox", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("call"))) {
                statement.setInt(1, brokerId);
                return statement.execute();
            }
        });
    }

    @Override
    public int sweep() {
        return general.call("sweeping the inbox", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("sweep"))) {
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public Optional<Rest> lieDown(int brokerId) {
        if (!listener.keepSessions()) {
            return Optional.empty();
        }
        Connection connection = listener.borrow("lying down");
        boolean lying = false;
        try {
            try (var listen = connection.createStatement()) {
                listen.execute("LISTEN paillette_inbox_" + brokerId);
            }
            lying = lock(connection, brokerId);
            return lying ? Optional.of(new Session(connection)) : Optional.empty();
        } catch (SQLException e) {
            throw Faults.connecting("lying down", e);
        } finally {
            if (!lying) {
                giveBack(connection);
            }
        }
    }

    private boolean lock(Connection connection, int brokerId) throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(queries.get("fallAsleep"))) {
            lock.setInt(1, brokerId);
            return PostgresLogStore.rows(lock, row -> row.getBoolean(1)).get(0);
        }
    }

    private static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            throw Faults.connecting("waking up", e);
        }
    }

    /** A borrowed connection that holds the lock and listens. */
    private final class Session implements Rest {

        private static final int LOOK_UP_MS = 1_000;

        private final Connection connection;

        Session(Connection connection) {
            this.connection = connection;
        }

        @Override
        public boolean sleep(Duration limit, BooleanSupplier enough) {
            long deadline = System.nanoTime() + limit.toNanos();
            try {
                PGConnection postgres = connection.unwrap(PGConnection.class);
                while (!enough.getAsBoolean()) {
                    if (System.nanoTime() - deadline >= 0) {
                        return false;
                    }
                    if (postgres.getNotifications(LOOK_UP_MS).length > 0) {
                        return true;
                    }
                }
                return true;
            } catch (SQLException e) {
                throw Faults.connecting("waiting for records published by SQL", e);
            }
        }

        @Override
        public void close() {
            try (Connection given = connection;
                    PreparedStatement unlock = given.prepareStatement(queries.get("wakeUp"))) {
                unlock.execute();
            } catch (SQLException e) {
                throw Faults.connecting("waking up", e);
            }
        }
    }
}
