package io.paillette.broker.feed;

import io.paillette.capture.TableName;
import java.util.Set;
import org.apache.kafka.common.internals.Topic;

/**
 * Names of sequences: {@code <source>.<schema>.<table>}. A character that Kafka does not allow in a topic's name becomes
 * {@code _}, as in Debezium.
 */
public final class SequenceNames {

    private final Set<String> sources;
    private final Set<String> topics;

    /** @param topics names of sequences that are called otherwise */
    public SequenceNames(Set<String> sources, Set<String> topics) {
        this.sources = Set.copyOf(sources);
        this.topics = Set.copyOf(topics);
    }

    /**
     * Whether {@code topic} is where some table of a source goes (or would go, once it exists). Such a topic is a sequence
     * from the start, also when a client makes it before the first row arrives.
     */
    public boolean isSequence(String topic) {
        int first = topic.indexOf('.');
        return topics.contains(topic)
                || (first > 0
                        && topic.indexOf('.', first + 1) > first + 1
                        && sources.contains(topic.substring(0, first)));
    }

    static String topicOf(String source, TableName table) {
        String wanted = source + "." + table.schema() + "." + table.table();
        if (Topic.isValid(wanted)) {
            return wanted;
        }
        var name = new StringBuilder(wanted.length());
        wanted.codePoints().forEach(c -> name.appendCodePoint(isAllowed(c) ? c : '_'));
        return name.toString();
    }

    private static boolean isAllowed(int c) {
        return Topic.isValid("a" + Character.toString(c));
    }
}
