package io.paillette.broker.feed;

import io.paillette.broker.feed.Addressed.Refusal;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.broker.feed.RefusedException.Why;
import io.paillette.broker.feed.SequenceNames.Named;
import io.paillette.broker.smt.Plugins;
import io.paillette.broker.topic.NewTopic;
import io.paillette.broker.topic.Topic;
import io.paillette.broker.topic.Topics;
import io.paillette.capture.CaptureException;
import io.paillette.capture.envelope.Envelope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.ApiException;

/** Looks at a definition before it is stored: what the start of a source would say of it, and whether its topic is free. */
record SequenceCheck(DefinitionReader reader, Topics topics, Plugins plugins) {

    /**
     * @param made what there is, by others and by earlier definitions of its own
     * @return with its source and topic
     * @throws RefusedException saying everything that is wrong
     */
    SequenceDefinition check(String name, Map<String, String> properties, List<SequenceDefinition> made)
            throws RefusedException {
        List<SequenceDefinition> beside = made.stream()
                .filter(other -> other.isActive() && !other.name().equals(name))
                .toList();
        SequenceDefinition wanted = reader.read(name, properties, beside);
        Optional<SequenceDefinition> before =
                made.stream().filter(one -> one.name().equals(name)).findFirst();
        if (before.isPresent() && !before.get().source().equals(wanted.source())) {
            throw new RefusedException(
                    Why.CONFLICT,
                    "sequence " + name + " is fed from source " + before.get().source() + ": give one from source "
                            + wanted.source() + " another name, or remove this one first");
        }
        requireFree(wanted, wanted.topic(), made);
        Optional<String> letters = reader.deadLetters(wanted);
        if (letters.isPresent()) {
            requireFree(wanted, letters.get(), made);
        }
        var all = new ArrayList<>(beside);
        all.add(wanted);
        DefinitionReader.Reading reading = reader.all(all);
        SequenceRule rule = ask(wanted, reading);
        Optional<Topic> topic = topics.find(wanted.topic());
        if (topic.isPresent()) {
            requireAsDefined(wanted, before, topic.get(), rule);
        } else {
            requireMakeable(wanted, wanted.topic(), reading);
        }
        if (letters.isPresent() && topics.find(letters.get()).isEmpty()) {
            requireMakeable(wanted, letters.get(), reading);
        }
        return wanted;
    }

    private void requireMakeable(SequenceDefinition wanted, String topic, DefinitionReader.Reading reading)
            throws RefusedException {
        Named named = Objects.requireNonNull(reading.topics().get(topic), topic);
        try {
            topics.validate(
                    new NewTopic(topic, named.partitions().orElse(1), Optional.of(wanted.source()), named.configs()));
        } catch (ApiException e) {
            throw new RefusedException(
                    Why.INVALID,
                    "topic " + topic + " of sequence " + wanted.name() + " cannot be made: " + e.getMessage(),
                    e);
        }
    }

    private void requireFree(SequenceDefinition wanted, String topic, List<SequenceDefinition> made)
            throws RefusedException {
        for (SequenceDefinition other : made) {
            boolean same = other.name().equals(wanted.name());
            if (!other.isActive()
                    && (same || (other.deletesTopic() && other.topic().equals(topic)))) {
                throw new RefusedException(
                        Why.CONFLICT,
                        (same
                                        ? "sequence " + wanted.name() + " is being removed"
                                        : "topic " + topic + " is being deleted with sequence " + other.name())
                                + "; ask again in a moment");
            }
        }
        Optional<Topic> there = topics.find(topic);
        if (there.isPresent() && !there.get().source().equals(Optional.of(wanted.source()))) {
            throw new RefusedException(
                    Why.CONFLICT,
                    "topic " + topic + " is "
                            + there.get()
                                    .source()
                                    .map(other -> "fed by source " + other)
                                    .orElse("written by producers")
                            + ": delete it, or give sequence " + wanted.name() + " another topic");
        }
    }

    /** Everything that the source's Postgres and the functions' compiler can say before there is a change. */
    private SequenceRule ask(SequenceDefinition wanted, DefinitionReader.Reading reading) throws RefusedException {
        FeedRules rules = reading.rules().get(wanted.source());
        if (rules == null) {
            throw new RefusedException(
                    Why.CONFLICT, reading.refused().getOrDefault(wanted.source(), "no source " + wanted.source()));
        }
        SequenceRule rule = rules.sequences().stream()
                .filter(one -> one.name().equals(wanted.name()))
                .findFirst()
                .orElseThrow();
        FeedRules about = rules.about(rule);
        var unbegun = Stragglers.ofUnbegun(about);
        try (var functions = new SequenceFunctions(about);
                var chains = new SequenceChains(about, plugins);
                var addressing = new Addressing(about, new Routes(about), unbegun)) {
            unbegun.stop(of(rule, functions.compile()));
            unbegun.stop(of(rule, chains.make()));
            unbegun.stop(of(rule, addressing.check()));
        } catch (CaptureException e) {
            throw new RefusedException(
                    e.isTransient() ? Why.UNAVAILABLE : Why.INVALID, String.valueOf(e.getMessage()), e);
        }
        return rule;
    }

    /** What others are refused for is said of them. */
    private static List<Refusal> of(SequenceRule rule, List<Refusal> all) {
        return all.stream().filter(one -> one.rule().name().equals(rule.name())).toList();
    }

    /** A topic is made once; what it is made with is changed on the topic itself. */
    private void requireAsDefined(
            SequenceDefinition wanted, Optional<SequenceDefinition> before, Topic topic, SequenceRule rule)
            throws RefusedException {
        if (rule.shape().envelope() == Envelope.ROW && !topics.isCompacted(topic)) {
            String config = TopicConfig.CLEANUP_POLICY_CONFIG + "=" + TopicConfig.CLEANUP_POLICY_COMPACT;
            throw new RefusedException(
                    Why.CONFLICT,
                    "topic " + topic.name() + " is not compacted, and its newest rows would be deleted: give it "
                            + config + " (kafka-configs.sh --alter --add-config " + config
                            + "), or the sequence another topic");
        }
        var changed = new HashSet<>(wanted.properties().entrySet());
        before.filter(one -> one.topic().equals(wanted.topic()))
                .ifPresent(one -> changed.removeAll(one.properties().entrySet()));
        for (Map.Entry<String, String> property : changed) {
            boolean partitions = property.getKey().equals(reader.partitions());
            String now = partitions
                    ? String.valueOf(topic.partitions())
                    : topic.configs().getOrDefault(property.getKey(), "");
            if ((partitions || reader.isTopicConfig(property.getKey())) && !now.equals(property.getValue())) {
                throw new RefusedException(
                        Why.CONFLICT,
                        "topic " + topic.name() + " is there already, with " + property.getKey() + "="
                                + (now.isEmpty() ? "(the default)" : now) + ": change it there first ("
                                + (partitions
                                        ? "./paillette topic alter or kafka-topics.sh --alter"
                                        : "./paillette topic alter or kafka-configs.sh --alter")
                                + "), leave that property out, or give the sequence another topic");
            }
        }
    }
}
