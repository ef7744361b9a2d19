package io.paillette.broker.feed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.paillette.broker.feed.Addressed.Destination;
import io.paillette.broker.feed.FeedRules.Operation;
import io.paillette.broker.log.RecordBatches;
import io.paillette.broker.topic.Topic;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.DebeziumJson;
import io.paillette.capture.envelope.KeyLink;
import io.paillette.capture.envelope.MessageJson;
import io.paillette.capture.envelope.TransactionJson;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * The {@code debezium} envelope as JSON without schemas. A record's timestamp is its transaction's commit time, so that
 * offsets can be found by when a change happened. For one thread.
 */
final class DebeziumRecords implements EventRecords {

    /** Of a record whose sequence has a condition that reads what the WAL does not carry. */
    private static final Header UNKNOWN = new RecordHeader("paillette.where", "unknown".getBytes(US_ASCII));

    private static final Header[] NO_HEADERS = {};
    private static final Header[] ONLY_UNKNOWN = {UNKNOWN};

    private final Supplier<DebeziumJson> encoders;
    private final Map<String, DebeziumJson> json = new HashMap<>(); // by name of the shape
    private final MessageJson messages;
    private final TransactionJson transactions = new TransactionJson();
    private final Routes routes;
    private final SequenceTopics sequences;

    DebeziumRecords(Supplier<DebeziumJson> encoders, MessageJson messages, Routes routes, SequenceTopics sequences) {
        this.encoders = encoders;
        this.messages = messages;
        this.routes = routes;
        this.sequences = sequences;
    }

    @Override
    public void encode(Addressed addressed, RecordBatches into) throws CaptureException {
        CaptureEvent event = addressed.event();
        if (event instanceof CaptureEvent.Row row) {
            for (Destination to : addressed.to()) {
                for (ChangeRecord change : ChangeRecords.of(row.of(to.route().told()))) {
                    add(to.route(), change, to.unknown(), into);
                }
            }
        } else if (event instanceof CaptureEvent.Truncate truncate) {
            for (ChangeRecord change : ChangeRecords.of(truncate)) {
                truncated(change, into);
            }
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

    private void truncated(ChangeRecord change, RecordBatches into) throws CaptureException {
        for (Route route : routes.of(change.relation())) {
            if (route.takes(Operation.TRUNCATE)) {
                add(route, change, false, into);
            }
        }
    }

    private void add(Route route, ChangeRecord change, boolean unknown, RecordBatches into) {
        DebeziumJson encoder = json.computeIfAbsent(route.shapeName(), name -> encoders.get());
        byte[] key = encoder.key(change);
        into.add(
                SequenceTopics.partitionOf(sequences.topic(route), key),
                change.transaction().committed().toEpochMilli(),
                key,
                encoder.value(change),
                headers(encoder, change, unknown));
    }

    private static void add(Topic topic, TransactionInfo of, byte[] key, byte[] value, RecordBatches into) {
        into.add(SequenceTopics.partitionOf(topic, key), of.committed().toEpochMilli(), key, value, NO_HEADERS);
    }

    private static Header[] headers(DebeziumJson encoder, ChangeRecord change, boolean unknown) {
        KeyLink link = change.link();
        if (link == null) {
            return unknown ? ONLY_UNKNOWN : NO_HEADERS;
        }
        Header linked = new RecordHeader(link.header(), encoder.link(change, link));
        return unknown ? new Header[] {linked, UNKNOWN} : new Header[] {linked};
    }
}
