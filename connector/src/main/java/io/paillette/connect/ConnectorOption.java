package io.paillette.connect;

import io.paillette.capture.CaptureOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The connector's own options: how to reach the database in Debezium's words, and the name in front of the topics. */
enum ConnectorOption {
    TOPIC_PREFIX(
            "topic.prefix",
            ConfigDef.Type.STRING,
            null,
            """
            Name of this source: topics are called <topic.prefix>.<schema>.<table>. Slot and publication are named after it \
            unless they are given. Never change it on a running connector: its offsets are stored under this name."""),
    URL(
            "database.url",
            ConfigDef.Type.STRING,
            "",
            """
            JDBC URL of the database: jdbc:postgresql://host:port/database?option=value. Instead of database.hostname, \
            database.port and database.dbname."""),
    HOSTNAME("database.hostname", ConfigDef.Type.STRING, "", "Host of the database server."),
    PORT("database.port", ConfigDef.Type.INT, "5432", "Port of the database server."),
    DBNAME("database.dbname", ConfigDef.Type.STRING, "", "Name of the database."),
    USER(
            "database.user",
            ConfigDef.Type.STRING,
            CaptureOption.USER.defaultValue().orElse(""),
            CaptureOption.USER.doc()),
    PASSWORD("database.password", ConfigDef.Type.PASSWORD, "", CaptureOption.PASSWORD.doc()),
    TAKEOVER_SLOT(
            "takeover.slot.name",
            ConfigDef.Type.STRING,
            "",
            """
            Where this connector finds offsets that Debezium stored under its name and topic.prefix, it goes on where Debezium \
            stopped: the slot that Debezium read, which is read to where slot.name takes over. Empty: slot.name, which Debezium \
            had, or debezium where that is not given."""),
    TAKEOVER_PUBLICATION(
            "takeover.publication.name",
            ConfigDef.Type.STRING,
            "",
            "The publication with which Debezium read its slot. It stays as it is; publication.name is another one. Empty: "
                    + "dbz_publication, where publication.name is not given."),
    ENVELOPE(
            "envelope",
            ConfigDef.Type.STRING,
            "debezium",
            """
            The shape of a record's value. debezium: before, after, source, op. change: record, changes (the old values of what an \
            update changed, with REPLICA IDENTITY FULL), action, metadata; no tombstones. row: the row alone, and a tombstone for \
            one that is gone; the table must have a key, and a truncate stops the connector unless skipped.operations has t. \
            Messages and transactions are told as Debezium does in each."""),
    TOPIC_DELIMITER(
            "topic.delimiter",
            ConfigDef.Type.STRING,
            ".",
            "What stands between the parts of a topic's name, and so in names of schemas: letters, digits, '.', '_' or '-'."),
    TOPIC_TRANSACTION(
            "topic.transaction",
            ConfigDef.Type.STRING,
            "transaction",
            "What the topic of transactions (provide.transaction.metadata) is called behind topic.prefix and topic.delimiter."),
    TOMBSTONES(
            "tombstones.on.delete",
            ConfigDef.Type.BOOLEAN,
            "true",
            "Let a delete be followed by a record with its key and no value, without which a compacted topic keeps the key for "
                    + "ever."),
    SCHEMA_NAMES(
            "schema.name.adjustment.mode",
            ConfigDef.Type.STRING,
            "none",
            """
            How names of schemas become such as Avro allows: none, they stay; avro, what is not allowed becomes an underscore; \
            avro_unicode, it becomes _u and its code, as does an underscore."""),
    FIELD_NAMES(
            "field.name.adjustment.mode",
            ConfigDef.Type.STRING,
            "none",
            "The same for fields, which are called as their columns."),
    SIGNAL_TABLE(
            "signal.data.collection",
            ConfigDef.Type.STRING,
            "",
            """
            A table, schema.table, with columns id, type and data, whose new rows are signals: execute-snapshot reads tables once \
            more beside their changes, stop-snapshot, pause-snapshot and resume-snapshot say how that goes on, log writes a line. \
            It is captured like any other. Empty: none."""),
    SIGNAL_CHANNELS(
            "signal.enabled.channels",
            ConfigDef.Type.STRING,
            "source",
            "From where signals come, comma-separated: source (signal.data.collection), kafka (signal.kafka.topic), file "
                    + "(signal.file)."),
    SIGNAL_TOPIC(
            "signal.kafka.topic",
            ConfigDef.Type.STRING,
            "",
            """
            Topic of signals, of which partition 0 is read: records whose key is topic.prefix and whose value is a JSON object \
            with id, type and data. Empty: <topic.prefix>-signal."""),
    SIGNAL_BOOTSTRAP(
            "signal.kafka.bootstrap.servers",
            ConfigDef.Type.STRING,
            "",
            "Kafka that has the topic of signals; signal.consumer.* are further settings of its consumer."),
    SIGNAL_FILE(
            "signal.file",
            ConfigDef.Type.STRING,
            "file-signals.txt",
            """
            File of the worker with a JSON object on each line, as in the topic. It is taken away with what it has: that is not \
            carried out when the worker dies, or the database goes away, before it is stored."""),
    SIGNAL_POLL_INTERVAL(
            "signal.poll.interval.ms",
            ConfigDef.Type.LONG,
            "5000",
            "How often the file of signals is looked at, in milliseconds."),
    NOTIFICATION_CHANNELS(
            "notification.enabled.channels",
            ConfigDef.Type.STRING,
            "",
            "Where the reading of rows is told of (started, paused, a table done, completed ...), comma-separated: sink "
                    + "(notification.sink.topic.name), log. Empty: nowhere."),
    NOTIFICATION_TOPIC(
            "notification.sink.topic.name",
            ConfigDef.Type.STRING,
            "",
            "Topic of notifications: records as Debezium writes them.");

    /** What database.url stands for. */
    private static final List<String> PARTS_OF_URL = List.of("database.hostname", "database.port", "database.dbname");

    private static final List<String> BOOLEANS = List.of("true", "false");

    private final String key;
    private final ConfigDef.Type type;

    /** As text; null when the user must give a value. */
    private final @Nullable String defaultValue;

    private final String doc;

    ConnectorOption(String key, ConfigDef.Type type, @Nullable String defaultValue, String doc) {
        this.key = key;
        this.type = type;
        this.defaultValue = defaultValue;
        this.doc = doc;
    }

    String key() {
        return key;
    }

    /** The default of one that has one. */
    String standard() {
        if (defaultValue == null) {
            throw new IllegalStateException(key + " has no default");
        }
        return defaultValue;
    }

    /** All options of the connector: these, and capture's own but for the three that are named differently here. */
    static ConfigDef definition() {
        var definition = new ConfigDef();
        int order = 0;
        for (ConnectorOption option : values()) {
            definition.define(
                    option.key,
                    option.type,
                    option.defaultValue == null ? ConfigDef.NO_DEFAULT_VALUE : option.defaultValue,
                    option.validator(),
                    option == TOPIC_PREFIX || option == HOSTNAME || option == DBNAME
                            ? Importance.HIGH
                            : Importance.MEDIUM,
                    option.doc,
                    option.group(),
                    ++order,
                    option == URL
                            ? Width.LONG
                            : width(option.type, option.choices().isEmpty()),
                    displayName(option.key),
                    option == URL ? PARTS_OF_URL : List.of(),
                    PARTS_OF_URL.contains(option.key)
                            ? Recommendation.WITHOUT_URL
                            : Recommendation.of(option.choices()));
        }
        for (CaptureOption option : CaptureOption.values()) {
            if (ownName(option).isEmpty()) {
                List<String> choices = option.type() == CaptureOption.Type.BOOLEAN ? BOOLEANS : option.choices();
                definition.define(
                        option.key(),
                        typeOf(option),
                        option.defaultValue().<Object>map(value -> value).orElse(ConfigDef.NO_DEFAULT_VALUE),
                        option.type() == CaptureOption.Type.CHOICE
                                ? ConfigDef.CaseInsensitiveValidString.in(
                                        option.choices().toArray(String[]::new))
                                : null,
                        option == CaptureOption.TABLES ? Importance.HIGH : Importance.MEDIUM,
                        option.doc(),
                        groupOf(option),
                        ++order,
                        width(typeOf(option), choices.isEmpty()),
                        displayName(option.key()),
                        List.of(),
                        Recommendation.of(choices));
            }
        }
        return definition;
    }

    private static Width width(ConfigDef.Type type, boolean isFree) {
        return switch (type) {
            case LIST -> Width.LONG;
            case STRING -> isFree ? Width.MEDIUM : Width.SHORT;
            case PASSWORD -> Width.MEDIUM;
            default -> Width.SHORT;
        };
    }

    /** For forms: words instead of dots. */
    private static String displayName(String key) {
        String words = key.replace('.', ' ');
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    /**
     * The channels that an option lists.
     *
     * @throws ConfigException when one is none of these
     */
    static List<String> channels(AbstractConfig values, ConnectorOption option, String... known) {
        List<String> channels = Arrays.stream(values.getString(option.key).split(",", -1))
                .map(String::strip)
                .filter(channel -> !channel.isEmpty())
                .toList();
        for (String channel : channels) {
            if (!List.of(known).contains(channel)) {
                throw new ConfigException(option.key, channel, "is none of " + String.join(", ", known));
            }
        }
        return channels;
    }

    private ConfigDef.@Nullable Validator validator() {
        return switch (this) {
            case TOPIC_PREFIX, TOPIC_DELIMITER, TOPIC_TRANSACTION -> ConnectorOption::checkPartOfTopic;
            case SCHEMA_NAMES, FIELD_NAMES, ENVELOPE ->
                ConfigDef.CaseInsensitiveValidString.in(choices().toArray(String[]::new));
            default -> null;
        };
    }

    /** The values that a form offers; none where they are not counted. */
    private List<String> choices() {
        return switch (this) {
            case SCHEMA_NAMES, FIELD_NAMES -> List.of("none", "avro", "avro_unicode");
            case ENVELOPE -> List.of("debezium", "change", "row");
            case SIGNAL_CHANNELS -> List.of("source", "kafka", "file");
            case NOTIFICATION_CHANNELS -> List.of("sink", "log");
            default -> type == ConfigDef.Type.BOOLEAN ? BOOLEANS : List.of();
        };
    }

    private static String groupOf(CaptureOption option) {
        return switch (option) {
            case STANDBY_URL, UNIX_SOCKET_DIRECTORY, MAX_QUEUE_BYTES -> "Reading";
            case SLOT_NAME, ON_SLOT_LOSS, SLOT_FAILOVER, SLOT_RETAINED_WAL_WARN_BYTES -> "Slot";
            case PUBLICATION_NAME, DDL_TRIGGER -> "Publication";
            case TABLES, TABLE_INCLUDE_LIST, TABLE_EXCLUDE_LIST, SNAPSHOT_MODE -> "Tables";
            case COLUMN_INCLUDE_LIST, COLUMN_EXCLUDE_LIST, MESSAGE_KEY_COLUMNS -> "Columns";
            case MESSAGE_PREFIX_INCLUDE_LIST, MESSAGE_PREFIX_EXCLUDE_LIST -> "Messages";
            case UNAVAILABLE_VALUE_HANDLING,
                    UNAVAILABLE_VALUE_MEMORY_BYTES,
                    DECIMAL_HANDLING_MODE,
                    TIME_PRECISION_MODE,
                    INTERVAL_HANDLING_MODE,
                    HSTORE_HANDLING_MODE,
                    BINARY_HANDLING_MODE -> "Values";
            default -> "Records";
        };
    }

    private String group() {
        return switch (this) {
            case TOPIC_DELIMITER, TOPIC_TRANSACTION, SCHEMA_NAMES, FIELD_NAMES -> "Names";
            case TOMBSTONES, ENVELOPE -> "Records";
            case TAKEOVER_SLOT, TAKEOVER_PUBLICATION -> "Take-over";
            case SIGNAL_TABLE, SIGNAL_CHANNELS, SIGNAL_TOPIC, SIGNAL_BOOTSTRAP, SIGNAL_FILE, SIGNAL_POLL_INTERVAL ->
                "Signals";
            case NOTIFICATION_CHANNELS, NOTIFICATION_TOPIC -> "Notifications";
            default -> "Database";
        };
    }

    /** What Debezium's users know it as, where that is not capture's name. */
    static Optional<ConnectorOption> ownName(CaptureOption option) {
        return switch (option) {
            case URL -> Optional.of(URL);
            case USER -> Optional.of(USER);
            case PASSWORD -> Optional.of(PASSWORD);
            default -> Optional.empty();
        };
    }

    private static ConfigDef.Type typeOf(CaptureOption option) {
        return switch (option.type()) {
            case STRING, CHOICE -> ConfigDef.Type.STRING;
            case PASSWORD -> ConfigDef.Type.PASSWORD;
            case LIST -> ConfigDef.Type.LIST;
            case BOOLEAN -> ConfigDef.Type.BOOLEAN;
            case LONG -> ConfigDef.Type.LONG;
        };
    }

    private static void checkPartOfTopic(String name, Object value) {
        if (!TopicNames.isLegal((String) value)) {
            throw new ConfigException(
                    name, value, "must be letters, digits, '.', '_' and '-', as the names of topics have it");
        }
    }
}
