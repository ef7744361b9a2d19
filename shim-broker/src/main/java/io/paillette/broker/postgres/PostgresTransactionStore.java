package io.paillette.broker.postgres;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.txn.Producer;
import io.paillette.broker.txn.ProducerIdentity;
import io.paillette.broker.txn.Transaction;
import io.paillette.broker.txn.TransactionState;
import io.paillette.broker.txn.TransactionStore;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Transactions in the tables of V005, on connections of their own. */
final class PostgresTransactionStore implements TransactionStore {

    private static final long NOT_STARTED = -1;

    private final NamedQueries queries = NamedQueries.load("transactions.sql");
    private final Connections connections;

    PostgresTransactionStore(Connections connections) {
        this.connections = connections;
    }

    @Override
    public Optional<Stored> load(String transactionalId) {
        return connections.call("reading a transaction", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("load"))) {
                statement.setBytes(1, bytes(transactionalId));
                return PostgresLogStore.rows(statement, PostgresTransactionStore::stored).stream()
                        .findFirst();
            }
        });
    }

    private static Stored stored(ResultSet row) throws SQLException {
        var identity = new ProducerIdentity(
                new Producer(row.getLong(2), row.getShort(3)), row.getShort(4), row.getLong(5), row.getLong(6));
        long startedMs = row.getLong(10);
        if (row.wasNull()) {
            startedMs = NOT_STARTED;
        }
        var transaction = new Transaction(
                identity, TransactionState.ofStored(row.getString(9)), row.getShort(7), row.getInt(8), startedMs);
        return new Stored(transaction, Participants.read(row, 11), row.getLong(1));
    }

    @Override
    public boolean save(String transactionalId, long version, Transaction to, Set<Duty> added) {
        return connections.call("changing a transaction", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("save"))) {
                int next = 1;
                statement.setBytes(next++, bytes(transactionalId));
                statement.setLong(next++, version);
                statement.setLong(next++, to.producer().id());
                statement.setShort(next++, to.producer().epoch());
                statement.setShort(next++, to.identity().lastEpoch());
                statement.setLong(next++, to.identity().previousId());
                statement.setLong(next++, to.identity().nextId());
                statement.setShort(next++, to.clientVersion());
                statement.setInt(next++, to.timeoutMs());
                statement.setString(next++, to.state().stored());
                statement.setLong(next++, to.startedMs());
                statement.setArray(next++, Participants.topicIds(connection, added));
                statement.setArray(next++, Participants.indexes(connection, added));
                statement.setArray(next, Participants.shards(connection, added));
                return PostgresLogStore.rows(statement, row -> row.getBoolean(1))
                        .get(0);
            }
        });
    }

    @Override
    public List<Ending> endings(int brokerId) {
        return connections.call("looking for transactions that end", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("endings"))) {
                statement.setInt(1, brokerId);
                statement.setInt(2, brokerId);
                statement.setInt(3, brokerId);
                return PostgresLogStore.rows(
                        statement,
                        row -> new Ending(
                                new Producer(row.getLong(1), row.getShort(2)),
                                row.getBoolean(3),
                                row.getShort(4),
                                Participants.read(row, 5)));
            }
        });
    }

    @Override
    public Optional<String> finish(Producer producer, Collection<Duty> participants) {
        return connections.call("finishing a transaction", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("finish"))) {
                statement.setLong(1, producer.id());
                statement.setShort(2, producer.epoch());
                statement.setArray(3, Participants.topicIds(connection, participants));
                statement.setArray(4, Participants.indexes(connection, participants));
                statement.setArray(5, Participants.shards(connection, participants));
                return PostgresLogStore.rows(statement, row -> Optional.ofNullable(row.getBytes(1))
                                .map(PostgresTransactionStore::text))
                        .get(0);
            }
        });
    }

    @Override
    public List<String> timedOut() {
        return connections.call("looking for transactions that timed out", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("timedOut"))) {
                return PostgresLogStore.rows(statement, row -> text(row.getBytes(1)));
            }
        });
    }

    @Override
    public List<Listed> list() {
        return connections.call("listing transactions", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("list"))) {
                return PostgresLogStore.rows(statement, PostgresTransactionStore::listed);
            }
        });
    }

    private static Listed listed(ResultSet row) throws SQLException {
        long openMs = row.getLong(4);
        OptionalLong open = row.wasNull() ? OptionalLong.empty() : OptionalLong.of(openMs);
        return new Listed(text(row.getBytes(1)), row.getLong(2), TransactionState.ofStored(row.getString(3)), open);
    }

    @Override
    public int expire(Duration unused) {
        return connections.call("forgetting transactional ids", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("expire"))) {
                statement.setLong(1, unused.toMillis());
                return statement.executeUpdate();
            }
        });
    }

    private static byte[] bytes(String transactionalId) {
        return transactionalId.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] transactionalId) {
        return new String(transactionalId, StandardCharsets.UTF_8);
    }
}
