package io.paillette.broker.feed;

import io.paillette.broker.log.RecordBatches;
import io.paillette.broker.topic.Topic;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.Relation;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.DebeziumJson;
import io.paillette.capture.envelope.KeyLink;
import io.paillette.capture.envelope.MessageJson;
import io.paillette.capture.envelope.TransactionJson;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * The {@code debezium} envelope as JSON without schemas. A record's timestamp is its transaction's commit time, so that
 * offsets can be found by when a change happened. For one thread.
 */
final class DebeziumRecords implements EventRecords {

    private static final Header[] NO_HEADERS = {};

    private final DebeziumJson json;
    private final MessageJson messages;
    private final TransactionJson transactions = new TransactionJson();
    private final SequenceTopics sequences;
    private final Map<Integer, Route> routes = new HashMap<>();

    DebeziumRecords(DebeziumJson json, MessageJson messages, SequenceTopics sequences) {
        this.json = json;
        this.messages = messages;
        this.sequences = sequences;
    }

    @Override
    public void encode(CaptureEvent event, RecordBatches into) {
        if (event instanceof CaptureEvent.Row row) {
            add(ChangeRecords.of(row), into);
        } else if (event instanceof CaptureEvent.Truncate truncate) {
            add(ChangeRecords.of(truncate), into);
        } else if (event instanceof CaptureEvent.LogicalMessage message) {
            byte[] key = messages.key(message);
            add(sequences.messages(), message.transaction(), key, messages.value(message), into);
        } else if (event instanceof CaptureEvent.Begin begin) {
            byte[] key = transactions.key(begin.transaction());
            add(sequences.transactions(), begin.transaction(), key, transactions.begin(begin), into);
        } else if (event instanceof CaptureEvent.Commit commit
                && !commit.counts().isEmpty()) {
            byte[] key = transactions.key(commit.transaction());
            add(sequences.transactions(), commit.transaction(), key, transactions.end(commit), into);
        }
        // All else only moves the position.
    }

    private void add(List<ChangeRecord> changes, RecordBatches into) {
        for (ChangeRecord change : changes) {
            byte[] key = json.key(change);
            into.add(
                    SequenceTopics.partitionOf(sequences.topic(name(change.relation())), key),
                    change.transaction().committed().toEpochMilli(),
                    key,
                    json.value(change),
                    headers(change, change.link()));
        }
    }

    private static void add(Topic topic, TransactionInfo of, byte[] key, byte[] value, RecordBatches into) {
        into.add(SequenceTopics.partitionOf(topic, key), of.committed().toEpochMilli(), key, value, NO_HEADERS);
    }

    private Header[] headers(ChangeRecord change, @Nullable KeyLink link) {
        return link == null ? NO_HEADERS : new Header[] {new RecordHeader(link.header(), json.link(change, link))};
    }

    @SuppressWarnings("ReferenceEquality") // A new shape, and with it perhaps a new name, is a new instance.
    private String name(Relation relation) {
        Route route = routes.get(relation.oid());
        if (route == null || route.relation() != relation) {
            route = new Route(relation, sequences.nameOf(relation.name()));
            routes.put(relation.oid(), route);
        }
        return route.topic();
    }

    private record Route(Relation relation, String topic) {}
}
