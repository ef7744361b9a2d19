package io.paillette.broker.postgres;

import io.paillette.broker.log.FeedStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Optional;

/** Positions of feeds, which move only inside appends, and who leads them. */
final class PostgresFeedStore implements FeedStore {

    private final NamedQueries queries = NamedQueries.load("feeds.sql");
    private final Connections general;

    PostgresFeedStore(Connections general) {
        this.general = general;
    }

    @Override
    public Optional<String> load(String source) {
        return general.call("loading the position of source " + source, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("load"))) {
                statement.setString(1, source);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
                }
            }
        });
    }

    @Override
    public Optional<Integer> lead(String source, int brokerId, int expectedEpoch) {
        return general.call("taking over source " + source, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("lead"))) {
                statement.setString(1, source);
                statement.setInt(2, brokerId);
                statement.setLong(3, expectedEpoch);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? Optional.of(Math.toIntExact(rows.getLong(1))) : Optional.empty();
                }
            }
        });
    }

    @Override
    public void release(String source, int ownerEpoch) {
        general.call("releasing source " + source, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("release"))) {
                statement.setString(1, source);
                statement.setLong(2, ownerEpoch);
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public Optional<FeedClaim> claim(String source, int brokerId) {
        return general.call("beginning to feed source " + source, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("claim"))) {
                statement.setString(1, source);
                statement.setInt(2, brokerId);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next()
                            ? Optional.of(new FeedClaim(Optional.ofNullable(rows.getString(1)), rows.getLong(2)))
                            : Optional.empty();
                }
            }
        });
    }

    @Override
    public boolean isAborted(long producerId) {
        return general.call("looking for aborted transactions", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("isAborted"))) {
                statement.setLong(1, producerId);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() && rows.getBoolean(1);
                }
            }
        });
    }
}
