package io.paillette.broker.feed;

import io.paillette.broker.log.Logs;
import io.paillette.broker.log.Logs.FeedPosition;
import io.paillette.broker.log.OwnEnding;
import io.paillette.broker.log.OwnRecords;
import io.paillette.broker.log.RecordBatches;
import io.paillette.broker.log.TransactionMarker;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.PositionText;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.CompressionType;

/**
 * Makes appends of a source's changes, so that what one of its transactions did becomes visible at once. Whole transactions
 * share an append, which is one SQL transaction. One that is too large for that spreads over several: it is a Kafka
 * transaction (KIP-98) then, whose markers are in the append that has its last change, and consumers that read committed
 * records see nothing of it until then. For one thread.
 */
final class ChangeAppends {

    /** An append of this size is large enough to fill a commit; the next one is encoded while it is under way. */
    private static final long APPEND_BYTES = 1 << 20;

    /** What is known of a transaction waits for its end up to here. */
    private static final long WHOLE_BYTES = 4 << 20;

    private final String source;
    private final EventRecords encoder;
    private final SequenceTopics sequences;
    private final Stragglers stragglers;
    private final Logs logs;
    private final Consumer<Shipped> committed;
    private final RecordBatches batches = new RecordBatches(this::shape);
    private final PendingAppends pending = new PendingAppends();
    private final UnshippedPosition unshipped = new UnshippedPosition();
    private final Set<TopicPartition> ready = new HashSet<>();
    private Optional<Spread> spread;
    private Optional<OwnEnding> ending = Optional.empty();
    private boolean inside;

    /**
     * @param from      where the last append left the source
     * @param committed called on the store's thread, in order
     */
    ChangeAppends(
            String source,
            Optional<Bookmark> from,
            EventRecords encoder,
            SequenceTopics sequences,
            Stragglers stragglers,
            Logs logs,
            Consumer<Shipped> committed) {
        this.source = source;
        this.encoder = encoder;
        this.sequences = sequences;
        this.stragglers = stragglers;
        this.logs = logs;
        this.committed = committed;
        Optional<Bookmark> open = from.filter(bookmark -> bookmark.producerId().isPresent());
        this.spread = open.map(bookmark -> new Spread(bookmark.producerId().getAsLong(), bookmark.position()));
        if (!open.map(Bookmark::isInside).orElse(true)) {
            end(spread.orElseThrow(), false);
        }
    }

    /** Nothing waits to be appended or committed. */
    boolean isQuiet() {
        return pending.isEmpty() && batches.isEmpty() && !unshipped.isSet();
    }

    /** @throws java.util.concurrent.CompletionException with the cause, when an append has failed */
    void throwFailure() throws InterruptedException {
        pending.throwFailure();
    }

    /** Encodes events and appends what is whole of them. Waits where too much is under way. */
    void take(List<Addressed> events) throws CaptureException, InterruptedException {
        int whole = wholeTransactions(events);
        for (int i = 0; i < events.size(); i++) {
            if (i == whole) {
                shipWhole(); // rather than to wait for the rest of the next
            }
            add(events.get(i), i >= whole);
        }
        shipWhole();
    }

    /** Of a transaction that has not ended nothing is appended now; from where its last append left it, it is read again. */
    void finish() throws InterruptedException {
        if (!inside && unshipped.isSet()) {
            ship();
        }
        pending.drain();
    }

    /** What has been told last is no end of a transaction: of that nothing may be stored yet, and it would be read from its start. */
    boolean isInside() {
        return inside;
    }

    /** A transaction of the source is spread over appends, and not at its end. */
    boolean isInTransaction() {
        return spread.isPresent();
    }

    /** How many of these events are followed by the end of their transaction, or are in none. */
    private static int wholeTransactions(List<Addressed> events) {
        int whole = events.size();
        while (whole > 0 && !isBoundary(events.get(whole - 1).event())) {
            whole--;
        }
        return whole;
    }

    private static boolean isBoundary(CaptureEvent event) {
        return event instanceof CaptureEvent.Commit || event.transactionLsn().equals(Lsn.NONE);
    }

    /** @param large its transaction does not end among the events at hand, and nothing of another is gathered */
    private void add(Addressed addressed, boolean large) throws CaptureException, InterruptedException {
        CaptureEvent event = addressed.event();
        if (spread.isPresent()
                && !event.transactionLsn().equals(spread.get().begun().commit())) {
            requireBeyond(spread.get().begun(), event);
            end(spread.get(), false);
        }
        stragglers.arrived(event.position());
        encoder.encode(addressed, stragglers, batches);
        stragglers.passed(event.position());
        unshipped.set(event.position());
        inside = !isBoundary(event);
        if (inside && stragglers.areCatchingUp()) {
            if (batches.bytes() >= APPEND_BYTES) {
                ship(); // one producer is all that is remembered, and it may be open where the source stands
            }
        } else if (inside && batches.bytes() >= (spread.isPresent() ? APPEND_BYTES : WHOLE_BYTES)) {
            if (large || spread.isPresent()) {
                shipPart(event.position());
            }
        } else if (!inside && spread.isPresent()) {
            shipLast(spread.get());
        } else if (!inside && batches.bytes() >= APPEND_BYTES) {
            ship();
        }
    }

    /** The rest of the transaction cannot come any more: the slot was made anew, perhaps on another server. */
    private void requireBeyond(Position begun, CaptureEvent event) {
        Position now = event.position();
        boolean read = event instanceof CaptureEvent.Row row && row.kind().isRead();
        if (!read && now.server().equals(begun.server()) && now.end().compareTo(begun.commit()) < 0) {
            throw new IllegalStateException("position " + PositionText.write(now.withoutKeys())
                    + " came in the middle of the transaction that commits at " + begun.commit());
        }
    }

    private void shipWhole() throws InterruptedException {
        if (!inside && (!batches.isEmpty() || unshipped.isDue())) {
            ship();
        }
    }

    private void ship() throws InterruptedException {
        append(RecordBatches::drain, OptionalLong.empty());
    }

    private void shipPart(Position position) throws InterruptedException {
        Spread begun = spread.orElseGet(() -> new Spread(logs.producerIds().await(), position));
        spread = Optional.of(begun);
        append(gathered -> inTransaction(begun, gathered), OptionalLong.of(begun.producerId()));
    }

    private void shipLast(Spread ended) throws InterruptedException {
        end(ended, true);
        append(gathered -> inTransaction(ended, gathered), OptionalLong.empty());
    }

    /** JSON shrinks to a fraction, and what is not written to Postgres costs nothing. */
    private RecordBatches.Shape shape(TopicPartition partition) {
        return logs.find(partition)
                .map(led -> led.shape(CompressionType.LZ4))
                .orElse(RecordBatches.PLAIN); // its append will be refused
    }

    /** With the next append. */
    private void end(Spread ended, boolean commit) {
        ending = Optional.of(
                new OwnEnding(TransactionMarker.own(ended.producerId(), commit), sequences.allPartitions()));
        spread = Optional.empty();
    }

    private List<OwnRecords> inTransaction(Spread open, RecordBatches gathered) {
        List<OwnRecords> drained = gathered.drainInTransaction(open.producerId());
        for (OwnRecords records : drained) {
            if (ready.add(records.partition())) {
                logs.readyForTransaction(records.partition()).join();
            }
        }
        return drained;
    }

    /** @param open the producer whose transaction goes on */
    private void append(Function<RecordBatches, List<OwnRecords>> drain, OptionalLong open)
            throws InterruptedException {
        Position delivered = unshipped.take();
        Bookmark bookmark = stragglers.bookmark(delivered, open);
        long bytes = batches.bytes();
        long records = batches.records();
        pending.reserve(bytes);
        String text = bookmark.text();
        CompletableFuture<Void> append = logs.append(drain.apply(batches), new FeedPosition(source, text), ending);
        ending = Optional.empty();
        pending.track(append.thenRun(() -> committed.accept(new Shipped(bookmark, delivered, records))), bytes);
    }

    /**
     * A transaction of the source that spreads over several appends.
     *
     * @param begun a position inside
     */
    private record Spread(long producerId, Position begun) {}

    /** @param delivered the last of what it holds, or does not hold because it was for nobody */
    record Shipped(Bookmark bookmark, Position delivered, long records) {}
}
