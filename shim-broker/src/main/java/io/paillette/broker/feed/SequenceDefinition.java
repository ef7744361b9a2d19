package io.paillette.broker.feed;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A sequence as somebody has defined it.
 *
 * @param properties what is written of it, by key without its name
 * @param made       empty: it stands in the properties file
 */
public record SequenceDefinition(
        String name, String source, String topic, Map<String, String> properties, Optional<Made> made) {

    public SequenceDefinition {
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    /**
     * Of one that was made on a running broker.
     *
     * @param version grows with each change of any of them
     * @param removal what becomes of its topic, while its feed has not let go of it
     * @param held    since when its feed goes by which version; empty: no feed has yet
     */
    public record Made(long version, Instant at, String by, Optional<Removal> removal, Optional<Held> held) {

        /** Whether what comes from now on is of this version. */
        public boolean isHeld() {
            return held.filter(since -> since.version() == version).isPresent();
        }
    }

    /** What becomes of the topic of a sequence that is removed. */
    public enum Removal {
        KEEP_TOPIC,
        DELETE_TOPIC
    }

    /**
     * Since when a version holds.
     *
     * @param offsets by partition, the offset from which records are its own; one that is not there: from its first
     */
    public record Held(long version, Instant since, Map<Integer, Long> offsets) {

        public Held {
            offsets = Map.copyOf(offsets);
        }
    }

    /** Whether it is not about to be gone. */
    public boolean isActive() {
        return made.flatMap(Made::removal).isEmpty();
    }

    boolean deletesTopic() {
        return made.flatMap(Made::removal)
                .filter(removal -> removal == Removal.DELETE_TOPIC)
                .isPresent();
    }
}
