package io.paillette.broker.feed;

import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.Relation;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.filter.Enrichment;
import io.paillette.capture.filter.Operation;
import java.util.Optional;

/**
 * The way of one table's changes to one sequence.
 *
 * @param rule empty for the table's own topic
 * @param told the table's shape as this sequence tells it
 */
record Route(String topic, Optional<SequenceRule> rule, Relation told) {

    boolean takes(Kind kind) {
        return takes(Operation.of(kind));
    }

    boolean takes(Operation operation) {
        return rule.isEmpty() || rule.get().operations().contains(operation);
    }

    /** Whether a condition decides. A row that is gone is gone from a topic of newest rows, whatever it was. */
    boolean asks(Kind kind) {
        return asks() && !(tellsNewestRows() && kind == Kind.DELETE);
    }

    boolean asks() {
        return rule.isPresent() && !rule.get().where().text().isEmpty();
    }

    /** What is left of each key is the rows that meet the condition: one that no longer does has to go. */
    boolean tellsNewestRows() {
        return envelope() == Envelope.ROW;
    }

    /** Expressions choose keys, partitions or headers of its records. */
    boolean chooses() {
        return rule.isPresent() && !rule.get().question().results().isEmpty();
    }

    /** What else is told of its rows. */
    Optional<Enrichment> enrichment() {
        return rule.flatMap(one -> one.processing().enrichment());
    }

    boolean callsFunctions() {
        return rule.isPresent() && rule.get().processing().functions().isPresent();
    }

    /** Its records go through transformations or converters of Kafka Connect. */
    boolean hasChain() {
        return rule.isPresent() && rule.get().processing().chain().isPresent();
    }

    boolean hasDeadLetters() {
        return rule.isPresent() && rule.get().processing().deadLetters().isPresent();
    }

    Envelope envelope() {
        return rule.map(one -> one.shape().envelope()).orElse(Envelope.DEBEZIUM);
    }

    /** Of whoever writes its records: those that tell all in the same way share one. */
    String writer() {
        return rule.filter(one -> !one.shape().equals(SequenceShape.WHOLE))
                .map(SequenceRule::name)
                .orElse("");
    }
}
