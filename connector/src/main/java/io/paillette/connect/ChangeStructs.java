package io.paillette.connect;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.Relation;
import io.paillette.capture.TableName;
import io.paillette.capture.Tuple;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.KeyLink;
import io.paillette.capture.envelope.Op;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ValueHandling;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.jspecify.annotations.Nullable;

/** The Connect records that an event means. For one thread: what is known of each table's latest shape is kept. */
final class ChangeStructs {

    private final Naming naming;
    private final ValueHandling handling;
    private final ValueEnvelope envelope;
    private final boolean tombstones;
    private final MessageStructs messages;
    private final TransactionStructs transactions;
    private final Map<Integer, Known> tables = new HashMap<>();
    private final Map<String, TableName> owners = new HashMap<>(); // by topic

    /** A relation as the stream announced it, the shape that its rows so far need, and the values that have it. */
    private record Known(Relation relation, TableShape shape, ValueEnvelope.OfTable values) {}

    /**
     * @param envelope of what happens to rows and tables
     * @param debezium that of messages, whatever that is
     * @param tombstones whether a delete is followed by a record without a value
     */
    ChangeStructs(
            Naming naming,
            ValueHandling handling,
            ValueEnvelope envelope,
            DebeziumEnvelope debezium,
            boolean tombstones) {
        this.tombstones = tombstones;
        this.naming = naming;
        this.handling = handling;
        this.envelope = envelope;
        this.transactions = new TransactionStructs(naming.topics());
        this.messages = new MessageStructs(naming.topics(), handling.binaries(), debezium);
    }

    /** @throws BadValueException naming table and column of a value that cannot be converted */
    List<Change> of(CaptureEvent event) {
        if (event instanceof CaptureEvent.Row row) {
            Tuple whole = row.after() != null ? row.after() : row.beforeIsKeyOnly() ? null : row.before();
            Known known = known(row.relation(), whole);
            return ChangeRecords.of(row).stream()
                    .filter(change -> envelope.envelope().tells(change.op()))
                    .filter(change -> tombstones || change.op() != Op.TOMBSTONE)
                    .map(change -> change(change, known))
                    .toList();
        }
        if (event instanceof CaptureEvent.Truncate truncate) {
            return ChangeRecords.of(truncate).stream()
                    .map(change -> change(change, known(change.relation(), null)))
                    .toList();
        }
        if (event instanceof CaptureEvent.LogicalMessage message) {
            return List.of(messages.of(message));
        }
        if (event instanceof CaptureEvent.Begin begin) {
            return List.of(transactions.of(begin));
        }
        if (event instanceof CaptureEvent.Commit commit && !commit.counts().isEmpty()) {
            return List.of(transactions.of(commit));
        }
        return List.of();
    }

    private Change change(ChangeRecord change, Known known) {
        envelope.envelope().requireForm(change);
        TableShape shape = known.shape();
        var headers = new ConnectHeaders();
        KeyLink link = change.link();
        if (link != null) {
            headers.add(link.header(), new SchemaAndValue(shape.key(), shape.key(link.key())));
        }
        Object key = shape.key(change.key());
        Schema keySchema = key == null ? null : shape.key();
        return change.op() == Op.TOMBSTONE
                ? new Change(shape.topic(), keySchema, key, null, null, headers)
                : new Change(
                        shape.topic(),
                        keySchema,
                        key,
                        known.values().schema(),
                        known.values().value(change),
                        headers);
    }

    private Known known(Relation relation, @Nullable Tuple whole) {
        Known known = tables.get(relation.oid());
        TableShape shape;
        if (known != null
                && (isSame(known.relation(), relation) || known.shape().isOf(relation))) {
            shape = known.shape();
        } else {
            shape = TableShape.of(relation, naming, handling);
            requireOwnTopic(shape.topic(), relation.name());
        }
        if (whole != null && !shape.admits(whole)) {
            shape = shape.admitting(whole);
        }
        if (known == null || !isSame(known.relation(), relation) || !isSame(known.shape(), shape)) {
            ValueEnvelope.OfTable values =
                    known != null && isSame(known.shape(), shape) ? known.values() : envelope.of(shape);
            known = new Known(relation, shape, values);
            tables.put(relation.oid(), known);
        }
        return known;
    }

    /** A delimiter that names have too makes one name of two. */
    private void requireOwnTopic(String topic, TableName table) {
        TableName other = owners.putIfAbsent(topic, table);
        boolean chosen = !naming.topics().delimiter().equals(ConnectorOption.TOPIC_DELIMITER.standard());
        if (chosen && other != null && !other.equals(table)) {
            throw new BadValueException("tables " + other + " and " + table + " would both go to topic " + topic
                    + ": choose another topic.delimiter, or leave one of them out");
        }
    }

    /** A new shape is a new instance, and comparing columns for each row would cost. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(Object known, Object now) {
        return known == now;
    }
}
