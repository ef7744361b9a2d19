package io.paillette.broker.feed;

import io.paillette.broker.feed.FeedRules.Operation;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.Relation;
import java.util.Optional;

/**
 * The way of one table's changes to one sequence.
 *
 * @param rule empty for the table's own topic
 * @param told the table's shape as this sequence tells it
 */
record Route(String topic, Optional<SequenceRule> rule, Relation told) {

    boolean takes(Kind kind) {
        return takes(
                switch (kind) {
                    case READ, READ_AGAIN -> Operation.READ;
                    case INSERT -> Operation.INSERT;
                    case UPDATE -> Operation.UPDATE;
                    case DELETE -> Operation.DELETE;
                });
    }

    boolean takes(Operation operation) {
        return rule.isEmpty() || rule.get().operations().contains(operation);
    }

    boolean asks() {
        return rule.isPresent() && !rule.get().where().text().isEmpty();
    }

    /** Names whose values it tells in its own way, so that nothing that is kept of a table's shape is shared. */
    String shapeName() {
        return rule.filter(one -> !one.shape().equals(SequenceShape.WHOLE))
                .map(SequenceRule::name)
                .orElse("");
    }
}
