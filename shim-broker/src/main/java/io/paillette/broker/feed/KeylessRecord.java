package io.paillette.broker.feed;

import io.paillette.broker.topic.Topic;
import io.paillette.capture.CaptureException;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.Op;

/** What to say of a record without a key that is to go to a compacted topic. */
final class KeylessRecord {

    private KeylessRecord() {}

    /** As Kafka lets no producer write a record without a key to a compacted topic: compaction would drop it. */
    static CaptureException untellable(Route route, Topic topic, ChangeRecord change) {
        if (change.op() != Op.TRUNCATE && choosesKey(route)) {
            return ChangeFailure.of(
                    "sequence." + route.rule().orElseThrow().name() + ".route.key",
                    change,
                    "it is NULL, and the compacted topic " + topic.name() + " keeps nothing without a key",
                    null);
        }
        boolean truncate = change.op() == Op.TRUNCATE;
        String sequence = route.rule().map(rule -> "sequence." + rule.name()).orElse("");
        return new CaptureException(
                "table " + change.relation().name() + (truncate ? " was truncated" : " has no key")
                        + ", which the compacted topic " + topic.name() + " cannot tell: "
                        + (truncate
                                ? "who reads it would keep rows that are gone. To go on without telling it "
                                        + (sequence.isEmpty()
                                                ? "set skipped.operations=t of its source"
                                                : "set " + sequence + ".operations=read, insert, update, delete")
                                        + ", delete what the topic has (kafka-delete-records.sh), and start again"
                                : "it keeps nothing without one. Give the table a primary key, or the topic"
                                        + " cleanup.policy=delete, and start again"),
                false,
                null);
    }

    private static boolean choosesKey(Route route) {
        return route.rule()
                .filter(rule -> rule.processing().choice().key().isPresent())
                .isPresent();
    }
}
