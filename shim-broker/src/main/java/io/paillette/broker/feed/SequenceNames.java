package io.paillette.broker.feed;

import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.SequenceDefinitions;
import io.paillette.capture.TableName;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.kafka.common.internals.Topic;

/**
 * Names of sequences: {@code <source>.<schema>.<table>}, {@code <source>.message} for logical messages and {@code
 * <source>.transaction} for begin and end of transactions. A character that Kafka does not allow in a topic's name becomes
 * {@code _}, as in Debezium.
 */
public final class SequenceNames implements SequenceDefinitions {

    private final Set<String> sources;
    private volatile Map<String, Named> topics;

    /**
     * A sequence that is not called after a table, or whose topic is not as others are.
     *
     * @param partitions empty: as many as whoever makes it says
     * @param configs    which its topic is made with, by Kafka's names
     */
    public record Named(String source, OptionalInt partitions, Map<String, String> configs) {

        public Named {
            configs = Map.copyOf(configs);
        }
    }

    /** @param topics by name */
    public SequenceNames(Set<String> sources, Map<String, Named> topics) {
        this.sources = Set.copyOf(sources);
        this.topics = Map.copyOf(topics);
    }

    /** Sequences have been made, changed or removed. */
    void know(Map<String, Named> now) {
        topics = Map.copyOf(now);
    }

    /**
     * The source of which some table goes to {@code topic} (or would go, once it exists). Such a topic is a sequence from the
     * start, also when a client makes it before the first row arrives.
     */
    @Override
    public Optional<String> sourceOf(String topic) {
        int first = topic.indexOf('.');
        boolean hasThreeParts = first > 0 && topic.indexOf('.', first + 1) > first + 1;
        return Optional.ofNullable(topics.get(topic)).map(Named::source).or(() -> Optional.of(topic)
                .filter(name -> hasThreeParts)
                .map(name -> name.substring(0, first))
                .filter(sources::contains));
    }

    @Override
    public NewTopic defined(NewTopic topic) {
        Named named = topics.get(topic.name());
        if (named == null) {
            return topic;
        }
        Map<String, String> configs = new HashMap<>(topic.configs());
        configs.putAll(named.configs());
        return new NewTopic(topic.name(), named.partitions().orElse(topic.partitions()), topic.source(), configs);
    }

    public static String messagesOf(String source) {
        return source + ".message";
    }

    public static String transactionsOf(String source) {
        return source + ".transaction";
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
