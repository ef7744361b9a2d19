package io.paillette.broker.topic;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.storage.internals.log.LogConfig;

/** What Kafka allows a topic to be: its name, its number of partitions, its configs. */
record TopicRules(Map<String, String> topicDefaults) {

    /** The store's rows and the clients' metadata both grow with it. */
    private static final int MOST_PARTITIONS = 100_000;

    TopicRules {
        topicDefaults = Map.copyOf(topicDefaults);
    }

    /** What counts for a topic; empty where nobody has said anything and Kafka's own default counts. */
    String config(Topic topic, String name) {
        return topic.configs().getOrDefault(name, topicDefaults.getOrDefault(name, ""));
    }

    void check(NewTopic topic, Picture existing) {
        checkName(topic.name(), existing);
        checkPartitions(topic.partitions());
        checkConfigs(Map.of(), topic.configs());
    }

    void checkPartitions(int partitions) {
        if (partitions < 1 || partitions > MOST_PARTITIONS) {
            throw new InvalidPartitionsException(
                    "Number of partitions must be from 1 to " + MOST_PARTITIONS + ", not " + partitions);
        }
    }

    /** Also that nothing is asked of tiered storage, which there is none of. */
    void checkConfigs(Map<String, String> before, Map<String, String> configs) {
        try {
            var merged = new HashMap<String, Object>(topicDefaults);
            // Kafka looks at what tiered storage needs only where the broker has defaults of its own: give it one.
            merged.putIfAbsent(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
            LogConfig.validate(before, configs, merged, false);
        } catch (ConfigException e) {
            throw new InvalidConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Metrics write '.' as '_', so two names that differ only in these would be one (KAFKA-2337). */
    private static void checkName(String name, Picture existing) {
        org.apache.kafka.common.internals.Topic.validate(name);
        if (org.apache.kafka.common.internals.Topic.hasCollisionChars(name)) {
            existing.collidingWith(name).ifPresent(other -> {
                throw new InvalidTopicException(
                        "Topic '" + name + "' collides with existing topic '" + other.name() + "'");
            });
        }
    }
}
