package io.paillette.broker.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.broker.feed.SequenceDefinition;
import io.paillette.broker.feed.SequenceDefinition.Held;
import io.paillette.broker.feed.SequenceDefinition.Made;
import io.paillette.broker.feed.SequenceDefinition.Removal;
import io.paillette.broker.feed.SequenceStore;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Table sequence. */
final class PostgresSequenceStore implements SequenceStore {

    private static final TypeReference<Map<String, String>> PROPERTIES = new TypeReference<>() {};
    private static final TypeReference<Map<Integer, Long>> OFFSETS = new TypeReference<>() {};

    private final NamedQueries queries = NamedQueries.load("sequences.sql");
    private final ObjectMapper json = new ObjectMapper();
    private final Connections general;

    private record Version(String name, long number) {}

    PostgresSequenceStore(Connections general) {
        this.general = general;
    }

    @Override
    public Map<String, Long> versions() {
        return general.call("looking for sequences", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("versions"))) {
                return PostgresLogStore.rows(statement, row -> new Version(row.getString(1), row.getLong(2))).stream()
                        .collect(Collectors.toMap(Version::name, Version::number));
            }
        });
    }

    @Override
    public List<SequenceDefinition> all() {
        return general.call("reading sequences", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("all"))) {
                return PostgresLogStore.rows(statement, this::definition);
            }
        });
    }

    private SequenceDefinition definition(ResultSet row) throws SQLException {
        Optional<Removal> removal =
                Optional.ofNullable(row.getString(8)).map(text -> Removal.valueOf(text.toUpperCase(Locale.ROOT)));
        long heldVersion = row.getLong(9);
        Optional<Held> held = row.wasNull()
                ? Optional.empty()
                : Optional.of(new Held(heldVersion, instant(row, 10), read(row.getString(11), OFFSETS)));
        return new SequenceDefinition(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                read(row.getString(4), PROPERTIES),
                Optional.of(new Made(row.getLong(5), instant(row, 6), row.getString(7), removal, held)));
    }

    static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    @Override
    public boolean save(SequenceDefinition definition, String who, Map<String, Long> known) {
        return general.call("storing sequence " + definition.name(), connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("save"))) {
                statement.setString(1, definition.name());
                statement.setString(2, definition.source());
                statement.setString(3, definition.topic());
                statement.setString(4, write(definition.properties()));
                statement.setString(5, who);
                statement.setString(6, write(known));
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getObject(1) != null;
                }
            }
        });
    }

    @Override
    public Removed remove(String name, Removal removal, String who, Map<String, Long> known) {
        return general.call("removing sequence " + name, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("remove"))) {
                statement.setString(1, name);
                statement.setBoolean(2, removal == Removal.DELETE_TOPIC);
                statement.setString(3, who);
                statement.setString(4, write(known));
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return switch (rows.getString(1)) {
                        case "gone" -> Removed.GONE;
                        case "marked" -> Removed.MARKED;
                        default -> Removed.OTHERS_CHANGED;
                    };
                }
            }
        });
    }

    @Override
    public boolean hold(String source, Map<String, Long> versions) {
        return general.call("beginning with the sequences of source " + source, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("hold"))) {
                statement.setString(1, source);
                statement.setString(2, write(versions));
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getBoolean(1);
                }
            }
        });
    }

    @Override
    public void forget(SequenceDefinition removed) {
        general.call("forgetting sequence " + removed.name(), connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("forget"))) {
                statement.setString(1, removed.name());
                statement.setLong(2, removed.made().orElseThrow().version());
                return statement.executeUpdate();
            }
        });
    }

    private <T> T read(String text, TypeReference<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("table paillette.sequence has what no broker wrote: " + text, e);
        }
    }

    private String write(Map<String, ?> object) {
        try {
            return json.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }
}
