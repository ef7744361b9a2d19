package io.paillette.connect;

import io.paillette.capture.CaptureOption;
import java.util.Optional;
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
                    + "dbz_publication, where publication.name is not given.");

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

    /** All options of the connector: these, and capture's own but for the three that are named differently here. */
    static ConfigDef definition() {
        var definition = new ConfigDef();
        int order = 0;
        for (ConnectorOption option : values()) {
            definition.define(
                    option.key,
                    option.type,
                    option.defaultValue == null ? ConfigDef.NO_DEFAULT_VALUE : option.defaultValue,
                    option == TOPIC_PREFIX ? (name, value) -> checkPrefix(name, value) : null,
                    option == TOPIC_PREFIX || option == HOSTNAME || option == DBNAME
                            ? Importance.HIGH
                            : Importance.MEDIUM,
                    option.doc,
                    option == TAKEOVER_SLOT || option == TAKEOVER_PUBLICATION ? "Take-over" : "Database",
                    ++order,
                    Width.MEDIUM,
                    option.key);
        }
        order = 0;
        for (CaptureOption option : CaptureOption.values()) {
            if (ownName(option).isEmpty()) {
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
                        "Capture",
                        ++order,
                        Width.MEDIUM,
                        option.key());
            }
        }
        return definition;
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

    private static void checkPrefix(String name, Object value) {
        if (!TopicNames.isLegal((String) value)) {
            throw new ConfigException(
                    name, value, "must be letters, digits, '.', '_' and '-', as the topics begin with it");
        }
    }
}
