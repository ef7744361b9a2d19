package io.paillette.broker.topic;

import java.util.Map;

/**
 * A topic to be made.
 *
 * @param partitions already resolved, never -1
 * @param sequence   fed from tables: by the source that its name belongs to
 */
public record NewTopic(String name, int partitions, boolean sequence, Map<String, String> configs) {

    public NewTopic {
        configs = Map.copyOf(configs);
    }
}
