package io.paillette.connect.signal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * From where signals come.
 *
 * @param source   name of the source: the key of those records that are for it
 * @param interval between two looks at the file
 */
public record SignalSettings(String source, Optional<Topic> topic, Optional<Path> file, Duration interval) {

    /** @param consumer settings of the Kafka consumer, {@code bootstrap.servers} among them */
    public record Topic(String name, Map<String, Object> consumer) {

        public Topic {
            consumer = Map.copyOf(consumer);
        }
    }

    public boolean isEmpty() {
        return topic.isEmpty() && file.isEmpty();
    }
}
