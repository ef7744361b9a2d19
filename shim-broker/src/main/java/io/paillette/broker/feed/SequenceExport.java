package io.paillette.broker.feed;

import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.SequenceDefinitions;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A sequence as a broker elsewhere would have to be told of it: as it is defined, without a file of this machine, and with its
 * topic as that is now, whatever it was made with.
 *
 * @param partitions of a topic that does not say how many
 */
record SequenceExport(DefinitionReader reader, SequenceDefinitions names, Topics topics, int partitions) {

    /** As lines of a properties file. */
    String text(SequenceDefinition sequence) {
        return reader.text(sequence.name(), properties(sequence));
    }

    private Map<String, String> properties(SequenceDefinition sequence) {
        var properties = new LinkedHashMap<>(reader.portable(sequence));
        topics.find(sequence.topic())
                .filter(topic -> topic.source().equals(Optional.of(sequence.source())))
                .ifPresent(topic -> asItIs(topic, properties));
        return properties;
    }

    /** What it would be made with anyway is not said, but where the definition says it. */
    private void asItIs(Topic topic, Map<String, String> properties) {
        NewTopic made = names.defined(new NewTopic(topic.name(), partitions, topic.source(), Map.of()));
        if (made.partitions() != topic.partitions()) {
            properties.put(reader.partitions(), String.valueOf(topic.partitions()));
        }
        var configs = new HashSet<>(made.configs().keySet());
        configs.addAll(topic.configs().keySet());
        for (String config : configs) {
            String now = topic.configs().get(config);
            if (now == null) {
                properties.remove(config);
            } else if (!now.equals(made.configs().get(config))) {
                properties.put(config, now);
            }
        }
    }
}
