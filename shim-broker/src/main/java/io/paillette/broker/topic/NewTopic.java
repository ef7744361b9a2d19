package io.paillette.broker.topic;

import java.util.Map;

/** A topic to be made; {@code partitions} is already resolved (never -1). */
public record NewTopic(String name, int partitions, boolean sequence, Map<String, String> configs) {

    public NewTopic {
        configs = Map.copyOf(configs);
    }
}
