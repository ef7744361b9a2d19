package io.paillette.broker.log;

import io.paillette.broker.topic.Topic;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * What Kafka makes of a topic's configs: one object for all topics that are configured alike, since it is large, slow to make,
 * and asked for again whenever leadership is looked at.
 */
final class LogConfigs {

    private static final int MOST_KEPT = 1000;

    private final Map<String, String> defaults;
    private final Map<Map<String, String>, LogConfig> made = new ConcurrentHashMap<>();

    LogConfigs(Map<String, String> defaults) {
        this.defaults = defaults;
    }

    LogConfig of(Topic topic) {
        if (made.size() >= MOST_KEPT) {
            made.clear();
        }
        return made.computeIfAbsent(topic.configs(), this::make);
    }

    private LogConfig make(Map<String, String> configs) {
        var own = new Properties();
        own.putAll(configs);
        return LogConfig.fromProps(defaults, own);
    }
}
