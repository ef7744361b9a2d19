package io.paillette.broker.topic;

import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * A topic as it is now.
 *
 * @param id         never reused, also not by a topic of the same name
 * @param partitions how many, numbered from 0
 * @param sequence   fed from tables: ordinary producers may not write it
 * @param configs    what was set on the topic itself, by Kafka's names; defaults are not in here
 */
public record Topic(String name, Uuid id, int partitions, boolean sequence, Map<String, String> configs) {

    public Topic {
        configs = Map.copyOf(configs);
    }
}
