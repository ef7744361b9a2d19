package io.paillette.broker.api;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/**
 * What the handlers take from the broker's configuration.
 *
 * @param defaultPartitions {@code num.partitions}
 * @param autoCreateTopics  {@code auto.create.topics.enable}
 * @param fetchMaxBytes     {@code fetch.max.bytes}: the most one Fetch answers, except for a single larger batch
 * @param fetchSessions     {@code max.incremental.fetch.session.cache.slots}
 * @param topicDefaults     what a topic has that sets nothing; its overridden names were set in the broker's file
 * @param brokerConfigs     what DescribeConfigs tells of the broker itself
 */
public record ApiSettings(
        int defaultPartitions,
        boolean autoCreateTopics,
        int fetchMaxBytes,
        int fetchSessions,
        LogConfig topicDefaults,
        List<BrokerConfigEntry> brokerConfigs) {

    /** Kafka's defaults. */
    public static ApiSettings defaults() {
        return new ApiSettings(1, true, 55 << 20, 1000, new LogConfig(Map.of()), List.of());
    }

    /**
     * One key of the broker.
     *
     * @param value     null when unset, and for a secret
     * @param isDefault the file does not set it
     */
    public record BrokerConfigEntry(
            String name,
            @Nullable String value,
            ConfigDef.Type type,
            boolean isDefault,
            boolean secret,
            String documentation) {}
}
