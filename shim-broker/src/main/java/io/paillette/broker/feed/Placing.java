package io.paillette.broker.feed;

import io.paillette.broker.topic.Topic;
import io.paillette.capture.CaptureException;
import io.paillette.capture.envelope.ChangeRecord;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.jspecify.annotations.Nullable;

/** Finds the partition that a record goes to, as whoever chose among them wants it. For one thread. */
final class Placing {

    private final SequenceTopics sequences;

    Placing(SequenceTopics sequences) {
        this.sequences = sequences;
    }

    /** Who chooses where the records of a sequence go, if not it and their keys. */
    enum Chooser {
        EXPRESSIONS(""),
        FUNCTIONS("give it one by route, or leave it out by filter"),
        CHAIN("give it one by a transformation, or drop it");

        private final String keyless;

        Chooser(String keyless) {
            this.keyless = keyless;
        }

        /** @param part of a record, as the options for expressions call it */
        private String option(String part) {
            return switch (this) {
                case EXPRESSIONS -> "route." + part;
                case FUNCTIONS -> "functions";
                case CHAIN -> "transforms";
            };
        }

        private CaptureException refusal(Route route, ChangeRecord change, String part, String what) {
            return ChangeFailure.of(
                    "sequence." + route.rule().orElseThrow().name() + "." + option(part), change, what, null);
        }
    }

    /**
     * @param topic     empty: the sequence's
     * @param partition empty: as the key says
     */
    record Wanted(Chooser by, Optional<String> topic, OptionalInt partition) {

        static Wanted of(Chosen chosen) {
            return new Wanted(Chooser.EXPRESSIONS, chosen.topic(), chosen.partition());
        }
    }

    /**
     * @param key null: a record without one
     * @throws CaptureException naming who wants what cannot be
     */
    TopicPartition of(Route route, ChangeRecord change, Wanted wanted, byte @Nullable [] key) throws CaptureException {
        Topic topic = topic(route, change, wanted);
        if (key == null && sequences.isCompacted(topic)) {
            throw wanted.by() == Chooser.EXPRESSIONS
                    ? KeylessRecord.untellable(route, topic, change)
                    : wanted.by()
                            .refusal(
                                    route,
                                    change,
                                    "key",
                                    "its record has no key, without which the compacted topic " + topic.name()
                                            + " does not keep it; " + wanted.by().keyless);
        }
        if (wanted.partition().isEmpty()) {
            return SequenceTopics.partitionOf(topic, key);
        }
        int partition = wanted.partition().getAsInt();
        if (partition >= topic.partitions()) {
            throw wanted.by()
                    .refusal(
                            route,
                            change,
                            "partition",
                            "its record has partition " + partition + ", and topic " + topic.name() + " has "
                                    + topic.partitions() + ", from 0");
        }
        return new TopicPartition(topic.name(), partition);
    }

    private Topic topic(Route route, ChangeRecord change, Wanted wanted) throws CaptureException {
        String name = wanted.topic().orElse(route.topic());
        if (name.equals(route.topic())) {
            return sequences.topic(route);
        }
        // An expression may have made it of a value that is not to be told; whoever else chooses is not told such.
        boolean shown = wanted.by() != Chooser.EXPRESSIONS || change.relation().tellsAll();
        try {
            return sequences.chosen(name).orElseThrow(() -> wanted.by()
                    .refusal(
                            route,
                            change,
                            "topic",
                            "its record has " + (shown ? "topic \"" + name + "\"" : "a topic")
                                    + ", which is none of its source: choose the topic of a sequence of the source,"
                                    + " or a name of three parts that begins with the source's, as in "
                                    + sequences.example()));
        } catch (InvalidTopicException e) {
            throw wanted.by()
                    .refusal(
                            route,
                            change,
                            "topic",
                            shown ? String.valueOf(e.getMessage()) : "its record has a topic that it cannot go to");
        }
    }
}
