package io.paillette.broker.topic;

import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * A topic as it is now.
 *
 * @param id         never reused, also not by a topic of the same name
 * @param partitions how many, numbered from 0
 * @param source     what feeds it when it is a sequence: ordinary producers may not write it
 * @param configs    what was set on the topic itself, by Kafka's names; defaults are not in here
 */
public record Topic(String name, Uuid id, int partitions, Optional<String> source, Map<String, String> configs) {

    public Topic {
        configs = Map.copyOf(configs);
    }

    public boolean sequence() {
        return source.isPresent();
    }

    Topic withPartitions(int total) {
        return new Topic(name, id, total, source, configs);
    }

    Topic withConfigs(Map<String, String> newConfigs) {
        return new Topic(name, id, partitions, source, newConfigs);
    }
}
