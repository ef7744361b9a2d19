package io.paillette.broker.feed;

import io.paillette.broker.feed.Addressed.Destination;
import io.paillette.broker.feed.Addressed.Refusal;
import io.paillette.broker.feed.Addressed.Verdict;
import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.broker.feed.Placing.Chooser;
import io.paillette.broker.feed.Placing.Wanted;
import io.paillette.broker.log.RecordBatches;
import io.paillette.broker.topic.Topic;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecord.Joined;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.MessageJson;
import io.paillette.capture.envelope.TransactionJson;
import io.paillette.capture.envelope.ValueJson;
import io.paillette.capture.filter.Enrichment;
import io.paillette.capture.filter.Operation;
import io.paillette.capture.filter.RowKey;
import io.paillette.capture.type.BadValueException;
import io.paillette.function.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.header.Header;

/**
 * Each sequence's envelope as JSON without schemas. A record's timestamp is its transaction's commit time, so that
 * offsets can be found by when a change happened. For one thread.
 */
final class SequenceRecords implements EventRecords {

    private static final Header[] NO_HEADERS = {};

    private final Function<Route, ValueJson> writers;
    private final Map<String, ValueJson> json = new HashMap<>(); // by name
    private final EventBuffer buffer = new EventBuffer();
    private final SequenceFunctions functions;
    private final SequenceChains chains;
    private final SequenceCounts counts;
    private final DeadLetters deadLetters;
    private final Placing placing;
    private final MessageJson messages;
    private final TransactionJson transactions = new TransactionJson();
    private final Routes routes;
    private final SequenceTopics sequences;

    SequenceRecords(
            Function<Route, ValueJson> writers,
            SequenceFunctions functions,
            SequenceChains chains,
            SequenceCounts counts,
            MessageJson messages,
            Routes routes,
            SequenceTopics sequences) {
        this.writers = writers;
        this.functions = functions;
        this.chains = chains;
        this.counts = counts;
        this.deadLetters = new DeadLetters(sequences, counts);
        this.placing = new Placing(sequences);
        this.messages = messages;
        this.routes = routes;
        this.sequences = sequences;
    }

    @Override
    public void encode(Addressed addressed, Stragglers stragglers, RecordBatches into) throws CaptureException {
        buffer.clear();
        CaptureEvent event = addressed.event();
        deadLetters.at(event.position(), stragglers);
        if (event instanceof CaptureEvent.Row row) {
            refuse(addressed.refused(), event, stragglers);
            for (Destination to : addressed.to()) {
                tell(
                        to.route(),
                        event,
                        stragglers,
                        buffer,
                        () -> row(to, row.of(to.route().told()), buffer));
            }
        } else if (event instanceof CaptureEvent.Truncate truncate) {
            for (ChangeRecord change : ChangeRecords.of(truncate)) {
                truncated(change, truncate, stragglers, buffer);
            }
        } else if (stragglers.tells(Optional.empty(), event.position())) {
            tellOwn(event, buffer);
        }
        buffer.drainTo(into);
    }

    private interface Telling {
        void run() throws CaptureException;
    }

    /** Another sequence is told what this one cannot. */
    private static void tell(
            Route route, CaptureEvent event, Stragglers stragglers, EventBuffer buffer, Telling telling)
            throws CaptureException {
        if (!stragglers.tells(route.rule(), event.position())) {
            return;
        }
        String sequence = route.rule().map(SequenceRule::name).orElse("");
        buffer.of(sequence);
        try {
            telling.run();
        } catch (CaptureException e) {
            stop(route, event, stragglers, e);
            buffer.forget(sequence);
        } catch (BadValueException | InvalidTopicException e) {
            stop(route, event, stragglers, new CaptureException(String.valueOf(e.getMessage()), false, e));
            buffer.forget(sequence);
        }
    }

    private static void stop(Route route, CaptureEvent event, Stragglers stragglers, CaptureException cause)
            throws CaptureException {
        if (route.rule().isEmpty()) {
            throw cause;
        }
        stragglers.stop(route.rule().get(), event.position(), cause);
    }

    private void refuse(List<Refusal> refused, CaptureEvent event, Stragglers stragglers) throws CaptureException {
        for (Refusal refusal : refused) {
            if (stragglers.tells(Optional.of(refusal.rule()), event.position())) {
                stragglers.stop(refusal.rule(), event.position(), refusal.cause());
                buffer.forget(refusal.rule().name()); // of a TRUNCATE that it could tell in part
            }
        }
    }

    private void tellOwn(CaptureEvent event, EventBuffer into) {
        into.of("");
        if (event instanceof CaptureEvent.LogicalMessage message) {
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

    private void row(Destination to, CaptureEvent.Row row, EventBuffer into) throws CaptureException {
        List<ChangeRecord> changes = ChangeRecords.of(to.verdict() == Verdict.GONE ? gone(row) : row);
        for (ChangeRecord change : changes) {
            if (to.failure().isPresent()) {
                if (!deadLetters.take(to.route(), to.failure().get())) {
                    throw to.failure().get();
                }
                bury(to.route(), change, Chosen.NOTHING, to.failure().get(), into);
            } else {
                add(to.route(), joined(to, change), ChangeHeaders.beside(to, change), into);
            }
        }
    }

    private static ChangeRecord joined(Destination to, ChangeRecord change) {
        if (to.enriched().isEmpty() || to.route().enrichment().orElseThrow().form() != Enrichment.Form.JSON) {
            return change;
        }
        return change.with(new Joined(to.enriched().get().json(RowKey.of(change.relation(), change.key()))));
    }

    /** One that is told no longer: that with its old key, where it had another. Under the new one it was never told. */
    private static CaptureEvent.Row gone(CaptureEvent.Row row) {
        Tuple before = row.before();
        Tuple after = row.after();
        if (after == null) {
            return row;
        }
        if (before == null) {
            return row.as(CaptureEvent.Kind.DELETE, after, null);
        }
        boolean moved = ChangeRecords.changesKey(row.kind(), row.relation(), before, row.beforeIsKeyOnly(), after);
        return row.as(CaptureEvent.Kind.DELETE, moved ? before : after.filledFrom(before), null);
    }

    private void truncated(ChangeRecord change, CaptureEvent event, Stragglers stragglers, EventBuffer into)
            throws CaptureException {
        Routes.Known known = routes.of(change.relation());
        refuse(known.refused(), event, stragglers);
        for (Route route : known.routes()) {
            if (route.takes(Operation.TRUNCATE)) {
                tell(route, event, stragglers, into, () -> add(route, change, Chosen.NOTHING, into));
            }
        }
    }

    private void add(Route route, ChangeRecord change, Chosen beside, EventBuffer into) throws CaptureException {
        if (!route.envelope().tells(change.op())) {
            return;
        }
        ValueJson writer = writer(route);
        if (route.callsFunctions() || route.hasChain() || beside.isPlace()) {
            addProcessed(route, writer, change, beside, into);
        } else {
            addPlain(route, writer, change, beside, into);
        }
    }

    private void addPlain(Route route, ValueJson writer, ChangeRecord change, Chosen beside, EventBuffer into)
            throws CaptureException {
        byte[] key = beside.key().isPresent() ? beside.key().get().bytes() : writer.key(change);
        into.add(
                placing.of(route, change, Wanted.of(beside), key),
                change.transaction().committed().toEpochMilli(),
                key,
                writer.value(change),
                ChangeHeaders.all(writer, change, beside));
    }

    private ValueJson writer(Route route) {
        return json.computeIfAbsent(route.writer(), name -> writers.apply(route));
    }

    private void addProcessed(Route route, ValueJson writer, ChangeRecord change, Chosen beside, EventBuffer into)
            throws CaptureException {
        try {
            if (route.hasChain()) {
                addChained(route, change, beside, into);
            } else if (route.callsFunctions()) {
                addCalled(route, writer, change, beside, into);
            } else {
                addPlain(route, writer, change, beside, into);
            }
        } catch (CaptureException e) {
            if (!deadLetters.take(route, e)) {
                throw e;
            }
            bury(route, change, beside, e, into);
        }
    }

    private void bury(Route route, ChangeRecord change, Chosen beside, CaptureException failure, EventBuffer into)
            throws CaptureException {
        if (route.envelope().tells(change.op())) {
            ValueJson writer = writer(route);
            deadLetters.put(route, change, writer, ChangeHeaders.all(writer, change, beside), failure, into);
        }
    }

    private void addChained(Route route, ChangeRecord change, Chosen beside, EventBuffer into) throws CaptureException {
        SequenceRule rule = route.rule().orElseThrow();
        Optional<ProducerRecord<byte[], byte[]>> made = chains.call(rule, change, beside.headers());
        if (made.isEmpty()) {
            counts.dropped(rule.name());
            return;
        }
        ProducerRecord<byte[], byte[]> told = made.get();
        OptionalInt partition = told.partition() == null ? OptionalInt.empty() : OptionalInt.of(told.partition());
        into.add(
                placing.of(route, change, new Wanted(Chooser.CHAIN, Optional.of(told.topic()), partition), told.key()),
                told.timestamp(),
                told.key(),
                told.value(),
                told.headers().toArray());
    }

    /** A link to a changed key is of the table's own key, so it goes with that alone. */
    private void addCalled(Route route, ValueJson writer, ChangeRecord change, Chosen beside, EventBuffer into)
            throws CaptureException {
        SequenceRule rule = route.rule().orElseThrow();
        byte[] value = Objects.requireNonNull(writer.value(change), "a change without a value");
        if (!(functions.call(rule, change, value) instanceof Outcome.Kept kept)) {
            counts.dropped(rule.name());
        } else {
            Outcome.Routing routing = kept.routing();
            boolean keyed = routing.key().isPresent();
            byte[] key = keyed ? routing.key().get().bytes() : writer.key(change);
            List<Header> headers =
                    new ArrayList<>(keyed ? beside.headers() : List.of(ChangeHeaders.all(writer, change, beside)));
            for (Outcome.Header header : routing.headers()) {
                headers.add(ChangeHeaders.header(header.name(), header.value()));
            }
            into.add(
                    placing.of(route, change, new Wanted(Chooser.FUNCTIONS, routing.topic(), routing.partition()), key),
                    change.transaction().committed().toEpochMilli(),
                    key,
                    kept.value(),
                    headers.toArray(NO_HEADERS));
        }
    }

    private static void add(Topic topic, TransactionInfo of, byte[] key, byte[] value, EventBuffer into) {
        into.add(SequenceTopics.partitionOf(topic, key), of.committed().toEpochMilli(), key, value, NO_HEADERS);
    }
}
