package io.paillette.broker.postgres;

import static io.paillette.broker.postgres.PostgresLogStore.javaUuid;
import static io.paillette.broker.postgres.PostgresLogStore.kafkaUuid;

import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.TopicStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.Uuid;

/** Topics, their partitions and configs in the tables of V001. */
final class PostgresTopicStore implements TopicStore {

    private final NamedQueries queries = NamedQueries.load("topics.sql");
    private final Connections general;

    PostgresTopicStore(Connections general) {
        this.general = general;
    }

    @Override
    public List<Topic> all() {
        return general.transaction("loading topics", connection -> {
            Map<UUID, Map<String, String>> configs = configs(connection);
            var topics = new ArrayList<Topic>();
            try (PreparedStatement statement = connection.prepareStatement(queries.get("topics"));
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    UUID id = rows.getObject(1, UUID.class);
                    topics.add(new Topic(
                            rows.getString(2),
                            kafkaUuid(id),
                            rows.getInt(4),
                            Optional.ofNullable(rows.getString(3)),
                            configs.getOrDefault(id, Map.of())));
                }
            }
            return topics;
        });
    }

    @Override
    public long revision() {
        return general.call("asking whether topics have changed", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(queries.get("revision"));
                    ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        });
    }

    private Map<UUID, Map<String, String>> configs(Connection connection) throws SQLException {
        var configs = new HashMap<UUID, Map<String, String>>();
        try (PreparedStatement statement = connection.prepareStatement(queries.get("configs"));
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                configs.computeIfAbsent(rows.getObject(1, UUID.class), id -> new HashMap<>())
                        .put(rows.getString(2), rows.getString(3));
            }
        }
        return configs;
    }

    @Override
    public boolean create(Topic topic) {
        return general.transaction("creating topic " + topic.name(), connection -> {
            nextRevision(connection);
            try (PreparedStatement statement = connection.prepareStatement(queries.get("insertTopic"))) {
                statement.setObject(1, javaUuid(topic.id()));
                statement.setString(2, topic.name());
                statement.setString(3, topic.source().orElse(null));
                if (statement.executeUpdate() == 0) {
                    return false;
                }
            }
            insertPartitions(connection, topic.id(), 0, topic.partitions());
            for (Map.Entry<String, String> config : topic.configs().entrySet()) {
                setConfig(connection, topic.id(), config.getKey(), config.getValue());
            }
            return true;
        });
    }

    @Override
    public void delete(Uuid topicId) {
        general.transaction("deleting topic " + topicId, connection -> {
            nextRevision(connection);
            int changed = 0;
            for (String name : List.of("markDropped", "deleteTopic")) {
                try (PreparedStatement statement = connection.prepareStatement(queries.get(name))) {
                    statement.setObject(1, javaUuid(topicId));
                    changed += statement.executeUpdate();
                }
            }
            return changed;
        });
    }

    @Override
    public void addPartitions(Uuid topicId, int total) {
        general.transaction("adding partitions to topic " + topicId, connection -> {
            nextRevision(connection);
            try (PreparedStatement statement = connection.prepareStatement(queries.get("lockTopic"))) {
                statement.setObject(1, javaUuid(topicId));
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? insertPartitions(connection, topicId, rows.getInt(1), total) : 0;
                }
            }
        });
    }

    private int insertPartitions(Connection connection, Uuid topicId, int from, int total) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("insertPartitions"))) {
            statement.setInt(1, from);
            statement.setInt(2, total - 1);
            statement.setObject(3, javaUuid(topicId));
            return statement.executeUpdate();
        }
    }

    @Override
    public void alterConfigs(Uuid topicId, Map<String, Optional<String>> changes) {
        general.transaction("changing configs of topic " + topicId, connection -> {
            nextRevision(connection);
            for (Map.Entry<String, Optional<String>> change : changes.entrySet()) {
                if (change.getValue().isPresent()) {
                    setConfig(
                            connection,
                            topicId,
                            change.getKey(),
                            change.getValue().get());
                } else {
                    resetConfig(connection, topicId, change.getKey());
                }
            }
            return changes.size();
        });
    }

    /** First in each change, see next_revision_v1. */
    private void nextRevision(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("nextRevision"))) {
            statement.execute();
        }
    }

    private void setConfig(Connection connection, Uuid topicId, String name, String value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("setConfig"))) {
            statement.setObject(1, javaUuid(topicId));
            statement.setString(2, name);
            statement.setString(3, value);
            statement.executeUpdate();
        }
    }

    private void resetConfig(Connection connection, Uuid topicId, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("resetConfig"))) {
            statement.setObject(1, javaUuid(topicId));
            statement.setString(2, name);
            statement.executeUpdate();
        }
    }
}
