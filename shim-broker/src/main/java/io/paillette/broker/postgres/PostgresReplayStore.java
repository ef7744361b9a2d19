package io.paillette.broker.postgres;

import io.paillette.broker.feed.RefusedException;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.job.Wish;
import io.paillette.broker.replay.ConditionException;
import io.paillette.broker.replay.ReplayStore;
import io.paillette.broker.replay.ReplayedRecord;
import io.paillette.broker.replay.Share;
import io.paillette.broker.replay.StoredRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Tables replay and replay_partition, and the way into the inbox. */
final class PostgresReplayStore implements ReplayStore {

    private final NamedQueries queries = NamedQueries.load("replays.sql");
    private final Connections general;
    private final Refusing refusing;

    PostgresReplayStore(Connections general) {
        this.general = general;
        this.refusing = new Refusing(general, queries);
    }

    @Override
    public long ask(Wanted wanted) throws RefusedException {
        try {
            condition(wanted.condition()).check();
        } catch (ConditionException e) {
            throw new RefusedException(Why.INVALID, String.valueOf(e.getMessage()));
        }
        return refusing.call("asking for a replay", "ask", statement -> {
            statement.setString(1, wanted.topic());
            statement.setString(2, wanted.condition());
            statement.setString(3, wanted.to());
            statement.setString(4, wanted.from());
            statement.setObject(5, wanted.partition(), Types.INTEGER);
            statement.setString(6, wanted.headersJson());
        });
    }

    @Override
    public void wish(long id, Wish wish) throws RefusedException {
        refusing.call("changing replay " + id, "wish", statement -> {
            statement.setLong(1, id);
            statement.setString(2, wish.name().toLowerCase(Locale.ROOT));
        });
    }

    private ReplayCondition condition(String condition) {
        return ReplayCondition.of(general, queries, condition);
    }

    @Override
    public List<Integer> matching(String condition, TopicPartition partition, List<StoredRecord> records)
            throws ConditionException {
        return condition.isBlank() || records.isEmpty()
                ? IntStream.range(0, records.size()).boxed().toList()
                : condition(condition).matching(partition, records);
    }

    @Override
    public List<KnownReplay> newest(int limit) {
        return general.call("reading replays", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("newest"))) {
                statement.setInt(1, limit);
                return PostgresLogStore.rows(statement, PostgresReplayStore::known);
            }
        });
    }

    @Override
    public Optional<KnownReplay> find(long id) {
        return general.call("reading a replay", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("find"))) {
                statement.setLong(1, id);
                return PostgresLogStore.rows(statement, PostgresReplayStore::known).stream()
                        .findFirst();
            }
        });
    }

    private static KnownReplay known(ResultSet row) throws SQLException {
        return new KnownReplay(
                row.getLong(1),
                new Wanted(
                        row.getString(2), row.getString(3), row.getString(4), row.getString(5), null, row.getString(6)),
                row.getString(7).toUpperCase(Locale.ROOT),
                row.getString(8),
                new Progress(row.getLong(9), row.getLong(10), row.getLong(11), row.getLong(12), row.getLong(13)),
                JobRows.times(row, 14));
    }

    @Override
    public List<KnownShare> shares(long id) {
        return general.call("reading a replay", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("partitions"))) {
                statement.setLong(1, id);
                return PostgresLogStore.rows(
                        statement,
                        row -> new KnownShare(
                                row.getInt(1),
                                row.getLong(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                row.getLong(7)));
            }
        });
    }

    @Override
    public List<Share> underWay(int brokerId) {
        return general.call("looking for replays", connection -> {
            Map<Long, ReplayUnderWay> replays = new HashMap<>();
            try (PreparedStatement statement = connection.prepareStatement(queries.get("underWay"))) {
                PostgresLogStore.rows(statement, ReplayUnderWay::of).forEach(one -> replays.put(one.id(), one));
            }
            if (replays.isEmpty()) {
                return List.of();
            }
            try (PreparedStatement statement = connection.prepareStatement(queries.get("ledUnderWay"))) {
                statement.setInt(1, brokerId);
                // One that was asked for between the two is found the next time.
                return PostgresLogStore.rows(statement, row -> share(replays.get(row.getLong(1)), row)).stream()
                        .flatMap(Optional::stream)
                        .toList();
            }
        });
    }

    private static Optional<Share> share(@Nullable ReplayUnderWay replay, ResultSet row) throws SQLException {
        return replay == null ? Optional.empty() : Optional.of(replay.share(row));
    }

    @Override
    public long settle() {
        return general.call("settling replays", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("settle"))) {
                return PostgresLogStore.rows(statement, row -> row.getLong(1)).get(0);
            }
        });
    }

    @Override
    public void begin(long id) {
        general.call("beginning a replay", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("begin"))) {
                statement.setLong(1, id);
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public void locate(Share share, long offset) {
        general.call("beginning a replay", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("locate"))) {
                statement.setLong(1, offset);
                statement.setLong(2, offset);
                statement.setLong(3, share.replay());
                statement.setInt(4, share.partition().partition());
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public boolean isMoved(Share share) {
        return general.call("looking for what a replay published", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("isEmpty"))) {
                statement.setLong(1, share.replay());
                statement.setInt(2, share.partition().partition());
                return PostgresLogStore.rows(statement, row -> row.getBoolean(1))
                        .get(0);
            }
        });
    }

    @Override
    public boolean advance(Share share, Step step) {
        return general.transaction("publishing what a replay found", connection -> {
            if (!hold(connection, share) || !move(connection, share, step)) {
                return false;
            }
            if (!step.published().isEmpty()) {
                long newest = newestInInbox(connection);
                publish(connection, step.published());
                mark(connection, share, newest);
                call(connection, step.published());
            }
            return true;
        });
    }

    private boolean hold(Connection connection, Share share) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("hold"))) {
            statement.setLong(1, share.replay());
            List<Boolean> running = PostgresLogStore.rows(statement, row -> row.getBoolean(1));
            return running.contains(true);
        }
    }

    private boolean move(Connection connection, Share share, Step step) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("advance"))) {
            statement.setLong(1, step.next());
            statement.setLong(2, step.looked());
            statement.setLong(3, step.published().size());
            statement.setLong(4, step.gone());
            statement.setLong(5, share.replay());
            statement.setInt(6, share.partition().partition());
            statement.setLong(7, step.from());
            return statement.executeUpdate() == 1;
        }
    }

    private long newestInInbox(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("newestInInbox"))) {
            return PostgresLogStore.rows(statement, row -> row.getLong(1)).get(0);
        }
    }

    private void publish(Connection connection, List<ReplayedRecord> published) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("publish"))) {
            for (ReplayedRecord replayed : published) {
                StoredRecord record = replayed.record();
                List<Header> headers = record.headers();
                statement.setLong(1, replayed.partitionId());
                statement.setLong(2, record.timestamp());
                statement.setLong(3, replayed.bytes());
                statement.setBytes(4, record.key());
                statement.setBytes(5, record.value());
                statement.setArray(
                        6,
                        connection.createArrayOf(
                                "text", headers.stream().map(Header::key).toArray()));
                statement.setArray(
                        7,
                        connection.createArrayOf(
                                "bytea", headers.stream().map(Header::value).toArray(byte[][]::new)));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private void mark(Connection connection, Share share, long newest) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("mark"))) {
            statement.setLong(1, newest);
            statement.setLong(2, share.replay());
            statement.setInt(3, share.partition().partition());
            statement.executeUpdate();
        }
    }

    private void call(Connection connection, List<ReplayedRecord> published) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("call"))) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "int8",
                            published.stream()
                                    .map(ReplayedRecord::partitionId)
                                    .distinct()
                                    .toArray()));
            statement.execute();
        }
    }

    @Override
    public void fail(long id, String fault) {
        general.call("telling why a replay failed", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("fail"))) {
                statement.setString(1, fault.replace("\0", "\\0"));
                statement.setLong(2, id);
                return statement.executeUpdate();
            }
        });
    }
}
