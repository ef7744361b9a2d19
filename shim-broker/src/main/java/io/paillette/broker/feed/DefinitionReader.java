package io.paillette.broker.feed;

import io.paillette.broker.feed.SequenceNames.Named;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What definitions mean, by the keys and rules of the properties file. */
public interface DefinitionReader {

    /** Those of the properties file. */
    List<SequenceDefinition> written();

    /**
     * Looks at a definition, as the start looks at those of the file.
     *
     * @param beside others that were made, with which it has to get on
     * @return with its source and topic
     * @throws RefusedException with everything that is wrong with it
     */
    SequenceDefinition read(String name, Map<String, String> properties, List<SequenceDefinition> beside)
            throws RefusedException;

    /** What is written of it, for a broker elsewhere: what a file of this machine has is in there itself. */
    Map<String, String> portable(SequenceDefinition definition);

    /** As lines of a properties file. */
    String text(String name, Map<String, String> properties);

    /** The property that says how many partitions a topic is made with. */
    String partitions();

    /** Its dead letter topic. */
    Optional<String> deadLetters(SequenceDefinition definition);

    /** Whether a property is a config that a topic is made with. */
    boolean isTopicConfig(String property);

    /** What this broker goes by, with those of its file and these. */
    Reading all(List<SequenceDefinition> made);

    /**
     * @param rules   by source
     * @param refused sources that cannot be fed as they are defined, with the reason
     * @param topics  by name
     */
    record Reading(Map<String, FeedRules> rules, Map<String, String> refused, Map<String, Named> topics) {

        public Reading {
            rules = Map.copyOf(rules);
            refused = Map.copyOf(refused);
            topics = Map.copyOf(topics);
        }
    }
}
