package io.paillette.broker.feed;

import io.paillette.broker.feed.FeedRules.DeadLetterRule;
import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which topic, and which of its partitions, a row of a table goes to. A topic that does not exist yet is made when its
 * first row arrives. For one thread.
 */
final class SequenceTopics {

    private static final Logger log = LoggerFactory.getLogger(SequenceTopics.class);

    private final FeedRules rules;
    private final Topics topics;
    private final Optional<String> source;

    SequenceTopics(FeedRules rules, Topics topics) {
        this.rules = rules;
        this.topics = topics;
        this.source = Optional.of(rules.capture().name());
    }

    /** Where the source's logical messages go. */
    Topic messages() {
        return ofItsOwn(
                SequenceNames.messagesOf(rules.capture().name()),
                "set source." + rules.capture().name() + ".message.prefix.exclude.list=.*");
    }

    /** Where begin and end of its transactions go: in one partition, so that they stay in commit order. */
    Topic transactions() {
        String name = SequenceNames.transactionsOf(rules.capture().name());
        return ofItsOwn(name, "set source." + rules.capture().name() + ".provide.transaction.metadata=false");
    }

    /** Where changes of tables go, as it is now; made when it is not there. Blocks while it is made. */
    Topic topic(Route route) {
        Topic topic = ofItsOwn(route.topic(), "give its sequence another topic");
        if (route.tellsNewestRows() && !isCompacted(topic)) {
            String config = TopicConfig.CLEANUP_POLICY_CONFIG + "=" + TopicConfig.CLEANUP_POLICY_COMPACT;
            throw new InvalidTopicException(
                    "topic " + route.topic() + " was made before it was one of newest rows, and is not"
                            + " compacted: its rows would be deleted. Give it " + config
                            + " (kafka-configs.sh --alter --add-config " + config + "), or its sequence another topic;"
                            + " then resume the sequence (./paillette sequence resume)");
        }
        return topic;
    }

    /** Where changes go for which something of their sequence fails; made when it is not there. */
    Topic deadLetters(DeadLetterRule rule) {
        return ofItsOwn(rule.topic(), "name another in errors.deadletterqueue.topic.name");
    }

    /**
     * A topic that transformations have chosen: empty where it is none of this source, whose records alone are found again
     * after a kill. One that is called as a table's is made when it is not there.
     */
    Optional<Topic> chosen(String name) {
        boolean ours = topics.sourceOf(name).equals(source) && org.apache.kafka.common.internals.Topic.isValid(name);
        return ours ? Optional.of(ofItsOwn(name, "have it called otherwise")) : Optional.empty();
    }

    /** A name that a topic of this source may have. */
    String example() {
        return source.orElseThrow() + ".shop.orders";
    }

    /** A record without a key would not be kept. */
    boolean isCompacted(Topic topic) {
        return topics.isCompacted(topic);
    }

    /**
     * A topic may have been there before it was a sequence, or be one of a source that is called otherwise now. Its partitions
     * may be led elsewhere, and nobody would look for this source's transactions in it.
     *
     * @param otherwise what to do to keep it
     */
    private Topic ofItsOwn(String name, String otherwise) {
        Optional<Topic> existing = topics.find(name);
        Topic topic = existing.isPresent() ? existing.get() : create(name);
        if (!topic.source().equals(source)) {
            throw new InvalidTopicException("topic " + name + " is "
                    + topic.source().map(other -> "fed by source " + other).orElse("written by producers")
                    + ", so what source " + source.orElseThrow() + " has for it finds no place: delete it, or "
                    + otherwise
                    + "; then resume the sequence (./paillette sequence resume), or restart the broker");
        }
        return topic;
    }

    /** Makes one that is not there yet. Blocks. */
    void makeMissing(String name) {
        if (topics.find(name).isEmpty()) {
            try {
                create(name);
            } catch (InvalidTopicException e) {
                log.warn("topic {} is not made; its sequence stops with its first row", name, e);
            }
        }
    }

    /** The partitions of every sequence of this source. */
    Set<TopicPartition> allPartitions() {
        return topics.all().stream()
                .filter(topic -> topic.source().equals(source))
                .flatMap(topic -> IntStream.range(0, topic.partitions())
                        .mapToObj(partition -> new TopicPartition(topic.name(), partition)))
                .collect(Collectors.toSet());
    }

    /**
     * As Kafka's default partitioner: murmur2 of the key. Rows of a table without a key have no per-key order to keep, so
     * they stay in partition 0 and keep commit order instead.
     */
    static TopicPartition partitionOf(Topic topic, byte @Nullable [] key) {
        int partition =
                key == null || topic.partitions() == 1 ? 0 : Utils.toPositive(Utils.murmur2(key)) % topic.partitions();
        return new TopicPartition(topic.name(), partition);
    }

    private Topic create(String name) {
        try {
            return topics.create(new NewTopic(name, rules.partitions(), source, Map.of()))
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return topics.find(name).orElseThrow(() -> e);
            }
            // What stands against the topic stands against its sequence alone.
            if (e.getCause() instanceof InvalidTopicException
                    || e.getCause() instanceof InvalidPartitionsException
                    || e.getCause() instanceof InvalidConfigurationException) {
                throw new InvalidTopicException(e.getCause().getMessage(), e.getCause());
            }
            throw e;
        }
    }
}
