package io.paillette.connect;

import io.paillette.capture.TableName;
import io.paillette.connect.signal.SignalSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigException;

/** The part of a configuration that says from where signals come. */
final class SignalConfig {

    private static final String CONSUMER = "signal.consumer.";

    private final AbstractConfig values;
    private final List<String> channels;

    /** @throws ConfigException when a channel is none of ours */
    SignalConfig(AbstractConfig values) {
        this.values = values;
        this.channels = ConnectorOption.channels(values, ConnectorOption.SIGNAL_CHANNELS, "source", "kafka", "file");
    }

    /** The table whose rows are signals. */
    Optional<TableName> table() {
        String name = text(ConnectorOption.SIGNAL_TABLE);
        if (name.isEmpty() || !channels.contains("source")) {
            return Optional.empty();
        }
        int dot = name.indexOf('.');
        if (dot <= 0 || dot == name.length() - 1 || dot != name.lastIndexOf('.') || name.matches(".*[*\"].*")) {
            throw new ConfigException(
                    ConnectorOption.SIGNAL_TABLE.key(),
                    name,
                    "must be schema.table without quotes, as in public.debezium_signal");
        }
        return Optional.of(new TableName(name.substring(0, dot), name.substring(dot + 1)));
    }

    SignalSettings settings() {
        String source = text(ConnectorOption.TOPIC_PREFIX);
        return new SignalSettings(
                source,
                channels.contains("kafka") ? Optional.of(topic(source)) : Optional.empty(),
                channels.contains("file") ? Optional.of(Path.of(text(ConnectorOption.SIGNAL_FILE))) : Optional.empty(),
                Duration.ofMillis(Math.max(1, values.getLong(ConnectorOption.SIGNAL_POLL_INTERVAL.key()))));
    }

    private SignalSettings.Topic topic(String source) {
        Map<String, Object> consumer = new HashMap<>(values.originalsWithPrefix(CONSUMER));
        String bootstrap = text(ConnectorOption.SIGNAL_BOOTSTRAP);
        if (!bootstrap.isEmpty()) {
            consumer.putIfAbsent(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        }
        if (!consumer.containsKey(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG)) {
            throw new ConfigException(
                    ConnectorOption.SIGNAL_BOOTSTRAP.key(), "", "is missing: signal.enabled.channels has kafka");
        }
        String name = text(ConnectorOption.SIGNAL_TOPIC);
        return new SignalSettings.Topic(name.isEmpty() ? source + "-signal" : name, consumer);
    }

    private String text(ConnectorOption option) {
        return values.getString(option.key()).strip();
    }
}
