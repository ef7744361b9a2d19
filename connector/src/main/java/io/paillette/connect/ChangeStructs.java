package io.paillette.connect;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.TableName;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.Envelope;
import io.paillette.capture.envelope.Op;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ValueHandling;
import io.paillette.struct.Change;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.StructNames;
import io.paillette.struct.TableStructs;
import io.paillette.struct.ValueEnvelope;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The Connect records that an event means. For one thread: what is known of each table's latest shape is kept. */
final class ChangeStructs {

    private final Naming naming;
    private final Envelope envelope;
    private final boolean tombstones;
    private final MessageStructs messages;
    private final TransactionStructs transactions;
    private final TableStructs tables;
    private final Map<String, TableName> owners = new HashMap<>(); // by topic

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
        this.envelope = envelope.envelope();
        this.tables = new TableStructs(
                new StructNames(this::ownTopic, naming.schemas(), naming.fields()), handling, envelope);
        this.transactions = new TransactionStructs(naming.topics());
        this.messages = new MessageStructs(naming.topics(), handling.binaries(), debezium);
    }

    /** @throws BadValueException naming table and column of a value that cannot be converted */
    List<Change> of(CaptureEvent event) {
        if (event instanceof CaptureEvent.Row row) {
            return ChangeRecords.of(row).stream()
                    .filter(change -> envelope.tells(change.op()))
                    .filter(change -> tombstones || change.op() != Op.TOMBSTONE)
                    .map(tables::of)
                    .toList();
        }
        if (event instanceof CaptureEvent.Truncate truncate) {
            return ChangeRecords.of(truncate).stream().map(tables::of).toList();
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

    /** Asked once for each shape of a table. */
    private String ownTopic(TableName table) {
        String topic = naming.topics().of(table);
        requireOwnTopic(topic, table);
        return topic;
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
}
