package io.paillette.broker.topic;

import java.util.Map;
import java.util.Optional;

/**
 * A topic to be made.
 *
 * @param partitions already resolved, never -1
 * @param source     that feeds it; one that its name belongs to goes before it
 */
public record NewTopic(String name, int partitions, Optional<String> source, Map<String, String> configs) {

    public NewTopic {
        configs = Map.copyOf(configs);
    }
}
