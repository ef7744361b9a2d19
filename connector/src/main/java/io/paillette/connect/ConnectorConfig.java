package io.paillette.connect;

import io.paillette.capture.CaptureOption;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Position;
import io.paillette.capture.SourceProblem;
import io.paillette.capture.column.ColumnOption;
import io.paillette.connect.signal.SignalSettings;
import io.paillette.struct.ChangeEnvelope;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.NameAdjustment;
import io.paillette.struct.RowEnvelope;
import io.paillette.struct.ValueEnvelope;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** A configuration of the connector, read and checked as far as that is possible without the database. */
final class ConnectorConfig {

    private static final String COLUMN_OPTIONS = "column.";

    private final DebeziumConfig debezium;
    private final AbstractConfig values;

    /** @throws ConfigException naming the key and what is expected of it */
    ConnectorConfig(Map<String, String> properties) {
        this.debezium = DebeziumConfig.of(properties);
        debezium.refused().forEach((key, why) -> {
            throw new ConfigException(refusal(key, why));
        });
        this.values = new AbstractConfig(ConnectorOption.definition(), debezium.properties(), false);
    }

    /** In the form of every {@link ConfigException}; without the value, which may be a secret. */
    static String refusal(String key, String why) {
        return "Invalid value for configuration " + key + ": it is Debezium's, and not possible here: " + why;
    }

    /** What became of properties that are Debezium's, a sentence each. */
    List<String> notes() {
        return debezium.notes();
    }

    String topicPrefix() {
        return text(ConnectorOption.TOPIC_PREFIX);
    }

    /** Connect's source partition, under which the offset is stored; Debezium's is the same. */
    Map<String, String> partition() {
        return Map.of("server", topicPrefix());
    }

    /** Name of the database, for {@code source.db}. */
    String database() {
        Properties parsed = Driver.parseURL(captureSettings().server().jdbcUrl(), new Properties());
        String name = parsed == null ? null : PGProperty.PG_DBNAME.getOrDefault(parsed);
        if (name == null) {
            throw new ConfigException(
                    ConnectorOption.URL.key(), text(ConnectorOption.URL), "is not a JDBC URL of a Postgres database");
        }
        return name;
    }

    /** The keys at which a problem is told: those that are to be changed. */
    List<String> placesOf(SourceProblem.Where where) {
        boolean hasUrl = !text(ConnectorOption.URL).isEmpty();
        return switch (where) {
            case SERVER -> List.of((hasUrl ? ConnectorOption.URL : ConnectorOption.HOSTNAME).key());
            case DATABASE -> List.of((hasUrl ? ConnectorOption.URL : ConnectorOption.DBNAME).key());
            case USER -> List.of(ConnectorOption.USER.key());
            // Postgres does not say which of the two is wrong.
            case PASSWORD -> List.of(ConnectorOption.PASSWORD.key(), ConnectorOption.USER.key());
            case STANDBY -> List.of(CaptureOption.STANDBY_URL.key());
            case SLOT -> List.of(CaptureOption.SLOT_NAME.key());
            case PUBLICATION -> List.of(CaptureOption.PUBLICATION_NAME.key());
            case TABLES ->
                List.of((text(CaptureOption.TABLE_INCLUDE_LIST).isEmpty()
                                ? CaptureOption.TABLES
                                : CaptureOption.TABLE_INCLUDE_LIST)
                        .key());
            case MESSAGES -> List.of(CaptureOption.MESSAGE_PREFIX_INCLUDE_LIST.key());
        };
    }

    /** Whether rows that were there before are read first. */
    boolean readsExistingRows() {
        return captureSettings().snapshot().mode() == CaptureSettings.SnapshotMode.INITIAL;
    }

    /**
     * From what Debezium stored.
     *
     * @throws IllegalArgumentException when it is not clear what that goes on with
     */
    Position takenOver(Map<String, Object> offset) {
        String publication = text(ConnectorOption.TAKEOVER_PUBLICATION);
        String own = text(CaptureOption.PUBLICATION_NAME);
        if (publication.isEmpty() && !own.isEmpty()) {
            throw new IllegalArgumentException(
                    "the stored offset is Debezium's: give " + ConnectorOption.TAKEOVER_PUBLICATION.key()
                            + " the name of its publication. It stays Debezium's: "
                            + CaptureOption.PUBLICATION_NAME.key() + "=" + own
                            + " is to be another one, or left out");
        }
        String slot = text(ConnectorOption.TAKEOVER_SLOT);
        String same = text(CaptureOption.SLOT_NAME).isEmpty() ? "debezium" : text(CaptureOption.SLOT_NAME);
        return DebeziumOffset.position(
                offset, slot.isEmpty() ? same : slot, publication.isEmpty() ? "dbz_publication" : publication);
    }

    /**
     * Reads all there is: what ConfigDef cannot check by itself.
     *
     * @throws ConfigException naming the key and what is expected of it
     */
    void requireValid() {
        var unused = List.of(captureSettings(), signals(), notifications());
        requireTombstonesOfRows();
    }

    /** They are all that a topic of rows has of one that is gone. */
    private void requireTombstonesOfRows() {
        if (tellsRowsAlone() && !hasTombstones()) {
            throw new ConfigException(
                    ConnectorOption.TOMBSTONES.key(),
                    false,
                    "must be true with envelope=row, whose deletes are tombstones; to leave deletes out set"
                            + " skipped.operations=d");
        }
    }

    /** @throws ConfigException naming the key and what is expected of it */
    CaptureSettings captureSettings() {
        var options = new EnumMap<CaptureOption, String>(CaptureOption.class);
        for (CaptureOption option : CaptureOption.values()) {
            options.put(option, text(option));
        }
        requireKnownColumnOptions();
        try {
            CaptureSettings settings = CaptureSettings.of(topicPrefix(), options, values.originalsStrings());
            return new SignalConfig(values).table().map(settings::signalledBy).orElse(settings);
        } catch (IllegalArgumentException e) {
            throw inOurWords(String.valueOf(e.getMessage()));
        }
    }

    /** @throws ConfigException naming the key and what is expected of it */
    SignalSettings signals() {
        return new SignalConfig(values).settings();
    }

    /** @throws ConfigException naming the key and what is expected of it */
    Notifications.Channels notifications() {
        List<String> channels = ConnectorOption.channels(values, ConnectorOption.NOTIFICATION_CHANNELS, "sink", "log");
        String topic = text(ConnectorOption.NOTIFICATION_TOPIC);
        if (!channels.contains("sink")) {
            return new Notifications.Channels(Optional.empty(), channels.contains("log"));
        }
        if (!TopicNames.isLegal(topic)) {
            throw new ConfigException(
                    ConnectorOption.NOTIFICATION_TOPIC.key(),
                    topic,
                    "must name a topic, as notification.enabled.channels has sink");
        }
        return new Notifications.Channels(Optional.of(topic), channels.contains("log"));
    }

    /** The envelope of changes; {@code debezium} where it is that. */
    ValueEnvelope envelope(DebeziumEnvelope debezium) {
        return switch (text(ConnectorOption.ENVELOPE).toLowerCase(Locale.ROOT)) {
            case "change" -> new ChangeEnvelope(topicPrefix(), database(), naming().topics()::of);
            case "row" -> new RowEnvelope();
            default -> debezium;
        };
    }

    /** {@code envelope=row}. */
    boolean tellsRowsAlone() {
        return text(ConnectorOption.ENVELOPE).equalsIgnoreCase("row");
    }

    Naming naming() {
        var topics = new TopicNames(
                topicPrefix(), text(ConnectorOption.TOPIC_DELIMITER), text(ConnectorOption.TOPIC_TRANSACTION));
        return new Naming(topics, adjustment(ConnectorOption.SCHEMA_NAMES), adjustment(ConnectorOption.FIELD_NAMES));
    }

    /** Whether a delete is followed by a record without a value. */
    boolean hasTombstones() {
        return values.getBoolean(ConnectorOption.TOMBSTONES.key());
    }

    private NameAdjustment adjustment(ConnectorOption option) {
        return NameAdjustment.valueOf(text(option).toUpperCase(Locale.ROOT));
    }

    /** Connect lets keys pass that a connector does not know; a mask that is misspelt would mask nothing. */
    private void requireKnownColumnOptions() {
        for (String key : values.originals().keySet()) {
            if (key.startsWith(COLUMN_OPTIONS) && !values.values().containsKey(key) && !ColumnOption.isKey(key)) {
                throw new ConfigException(
                        key,
                        values.originals().get(key),
                        "is no option; those of columns are column.include.list, column.exclude.list, "
                                + Arrays.stream(ColumnOption.values())
                                        .map(ColumnOption::form)
                                        .collect(Collectors.joining(", ")));
            }
        }
    }

    /** Capture's sentence begins with its own name of the option. */
    private ConfigException inOurWords(String sentence) {
        for (String key : values.originals().keySet()) {
            if (ColumnOption.isKey(key) && sentence.startsWith(key + ": ")) {
                return new ConfigException(key, values.originals().get(key), sentence.substring(key.length() + 2));
            }
        }
        for (CaptureOption option : CaptureOption.values()) {
            String prefix = option.key() + ": ";
            if (sentence.startsWith(prefix)) {
                String key = ConnectorOption.ownName(option)
                        .map(ConnectorOption::key)
                        .orElse(option.key());
                Object value =
                        switch (option) {
                            case PASSWORD -> "[hidden]";
                            case URL -> place();
                            default -> text(option);
                        };
                return new ConfigException(key, value, sentence.substring(prefix.length()));
            }
        }
        return new ConfigException(sentence);
    }

    private String text(CaptureOption option) {
        return switch (option) {
            case URL -> url();
            case USER -> text(ConnectorOption.USER);
            case PASSWORD -> values.getPassword(ConnectorOption.PASSWORD.key()).value();
            default ->
                values.values().get(option.key()) instanceof List<?> list
                        ? String.join(",", list.stream().map(String::valueOf).toList())
                        : String.valueOf(values.values().get(option.key()));
        };
    }

    private String url() {
        String url = place();
        String parameters = debezium.parameters().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return parameters.isEmpty() ? url : url + (url.contains("?") ? "&" : "?") + parameters;
    }

    private String place() {
        String url = text(ConnectorOption.URL);
        if (!url.isEmpty()) {
            return url;
        }
        require(ConnectorOption.HOSTNAME);
        require(ConnectorOption.DBNAME);
        String host = text(ConnectorOption.HOSTNAME);
        boolean bareIpv6 = host.indexOf(':') >= 0 && !host.startsWith("[");
        return "jdbc:postgresql://" + (bareIpv6 ? "[" + host + "]" : host) + ":"
                + values.getInt(ConnectorOption.PORT.key()) + "/"
                + URLEncoder.encode(text(ConnectorOption.DBNAME), StandardCharsets.UTF_8);
    }

    private void require(ConnectorOption option) {
        if (text(option).isEmpty()) {
            throw new ConfigException(option.key(), "", "is missing: give it, or the whole database.url");
        }
    }

    private String text(ConnectorOption option) {
        return values.getString(option.key()).strip();
    }
}
