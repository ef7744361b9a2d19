package io.paillette.broker.api;

import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * The repartition and changelog topics that streams groups miss (KIP-1071): made while the heartbeat that missed them is
 * answered. What failed is told, and not tried again, until {@code patience} is over, since every member of the group asks for it
 * at each of its heartbeats.
 */
final class InternalTopics {

    /** As many as Kafka remembers. */
    private static final int MOST_FAILURES = 1_000;

    private final AskedTopics asked;
    private final Topics topics;
    private final Duration patience;
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();
    private final Map<String, Failure> failures = new LinkedHashMap<>(); // by topic, the oldest first; guarded by this

    /** @param patience Kafka's is two heartbeats */
    InternalTopics(AskedTopics asked, Topics topics, Duration patience) {
        this.asked = asked;
        this.topics = topics;
        this.patience = patience;
    }

    private record Failure(String text, long nanos) {}

    /** Returns at once. */
    void create(Collection<CreatableTopic> missing) {
        for (CreatableTopic topic : missing) {
            String name = topic.name();
            // One that is there is only news to the coordinator.
            if (topics.find(name).isEmpty() && failure(name).isEmpty() && underWay.add(name)) {
                var unused = Futures.attempt(() -> topics.create(ordinary(asked.read(topic))))
                        .whenComplete((made, failure) -> done(name, failure));
            }
        }
    }

    /** Nobody but its source may write a sequence. */
    private NewTopic ordinary(NewTopic topic) {
        Optional<String> source = topics.sourceOf(topic.name());
        if (source.isPresent()) {
            throw new PolicyViolationException("its name makes it a sequence of source " + source.get()
                    + ", which nobody else may write; choose another application.id");
        }
        return topic;
    }

    private void done(String name, @Nullable Throwable failure) {
        if (failure != null && !(Futures.cause(failure) instanceof TopicExistsException)) {
            String text = Unexpected.message(Unexpected.told(ApiKeys.STREAMS_GROUP_HEARTBEAT, failure), failure);
            synchronized (this) {
                failures.remove(name); // it goes to the end
                failures.put(name, new Failure(text, System.nanoTime()));
                var oldest = failures.values().iterator();
                if (failures.size() > MOST_FAILURES && oldest.next() != null) {
                    oldest.remove();
                }
            }
        }
        underWay.remove(name);
    }

    /** What hindered the making of a topic, if it failed a short while ago. */
    synchronized Optional<String> failure(String topic) {
        var oldest = failures.values().iterator(); // it ends first
        while (oldest.hasNext() && System.nanoTime() - oldest.next().nanos() > patience.toNanos()) {
            oldest.remove();
        }
        return Optional.ofNullable(failures.get(topic)).map(Failure::text);
    }
}
