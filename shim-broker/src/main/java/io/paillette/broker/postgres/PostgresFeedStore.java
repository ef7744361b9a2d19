package io.paillette.broker.postgres;

import io.paillette.broker.log.FeedStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Optional;

/** Positions of feeds; they move only inside appends. */
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
    public FeedClaim claim(String source) {
        return general.call("taking over source " + source, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("claim"))) {
                statement.setString(1, source);
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return new FeedClaim(Optional.ofNullable(rows.getString(1)), rows.getLong(2));
                }
            }
        });
    }
}
