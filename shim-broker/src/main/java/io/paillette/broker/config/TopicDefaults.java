package io.paillette.broker.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/** The broker's defaults of topic configs: {@code log.retention.hours=1} is {@code retention.ms=3600000}. */
final class TopicDefaults {

    private TopicDefaults() {}

    /** Every topic-level config by name, as text. */
    static Map<String, String> from(AbstractConfig kafka) {
        var defaults = new HashMap<String, String>();
        LogConfig.configDefCopy().configKeys().forEach((name, key) -> {
            String value = fromBroker(kafka, name);
            if (value == null) {
                value = ConfigDef.convertToString(key.defaultValue, key.type);
            }
            if (value != null) {
                defaults.put(name, value);
            }
        });
        return defaults;
    }

    /** The first synonym that has a value counts, as in Kafka: milliseconds before minutes before hours. */
    private static @Nullable String fromBroker(AbstractConfig kafka, String topicConfig) {
        for (ConfigSynonym synonym :
                ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(topicConfig, List.of())) {
            // The log cleaner's and tiered storage's keys are not ours: then the topic-level default counts.
            Object value = kafka.values().get(synonym.name());
            if (value != null) {
                String text = value instanceof List<?> list
                        ? String.join(",", list.stream().map(String::valueOf).toList())
                        : String.valueOf(value);
                return synonym.converter().apply(text);
            }
        }
        return null;
    }
}
