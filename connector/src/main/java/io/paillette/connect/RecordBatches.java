package io.paillette.connect;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.Position;
import io.paillette.capture.Tuple;
import io.paillette.capture.snapshot.RowPlace;
import io.paillette.capture.snapshot.TableReader;
import io.paillette.struct.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches of records that end where a source transaction, or the reading of a table, ends, so that one Kafka
 * transaction per batch never shows half of a source transaction. A transaction that is too large or too slow for that is
 * split; the offset then says how far inside it the batch goes. Used by one thread.
 *
 * <pre>
 *   r1 r2 commit | r3 r4 r5 commit | r6 ...      events
 *   [r1 r2 r3 r4 r5@commit] boundary             first batch: small transactions share one
 *   [r6 ...                                      kept back until its commit is seen
 * </pre>
 *
 * The last record before a commit carries the position after the commit: it is kept back until the next event is known. So
 * is the last row that was read, which mostly carries the position after its table: or a restart would read on there.
 *
 * <p>Rows that are read end a transaction of their own: not each batch of them, since nobody waits for them so eagerly, but
 * before anything else begins, and when no more come.
 */
final class RecordBatches {

    /** A table of that size has well below {@link Limits#RECORDS} rows. */
    static final long LARGEST_TABLE_BYTES = TableReader.SMALL_TABLE_BYTES;

    /** Of rows of such a table: it may be compressed on disk. */
    private static final long MOST_HELD_BYTES = 16 * LARGEST_TABLE_BYTES;

    /** Where a transaction is split when its end does not come. */
    record Limits(int records, Duration open) {

        private static final int RECORDS = 100_000;
        private static final Duration LONGEST_OPEN = Duration.ofSeconds(20);

        /** Well below the time after which Kafka aborts a transaction, its {@code transaction.timeout.ms}. */
        static Limits within(Duration transactionTimeout) {
            Duration third = transactionTimeout.dividedBy(3);
            return new Limits(RECORDS, third.compareTo(LONGEST_OPEN) < 0 ? third : LONGEST_OPEN);
        }
    }

    /**
     * What poll returns.
     *
     * @param position        reached when all records up to here are stored; null before the first event
     * @param endsTransaction whether a Kafka transaction should end after these records
     */
    record Batch(List<CapturedRecord> records, @Nullable Position position, boolean endsTransaction) {}

    /** Kafka's commit takes some milliseconds, whatever it commits. */
    private static final long READING_NANOS = Duration.ofMillis(200).toNanos();

    private final Map<String, String> partition;
    private final Function<CaptureEvent, List<Change>> changes;
    private final Limits limits;
    private final LongSupplier nanoTime;

    private List<CapturedRecord> pending = new ArrayList<>();
    /** How many pending records are complete transactions. */
    private int complete;

    /** Of everything added, and of everything taken. */
    private @Nullable Position added;

    private @Nullable Position taken;
    private long sequence;

    /** Records taken since the last transaction's end, and since when. */
    private long open;

    private long openSince;

    /** What was taken last ends where nothing is left half done, with a row that was read. */
    private boolean endsInRows;

    private boolean completeEndsInRows;

    /** The last of the pending is a row that was read, and what comes next is not known. */
    private boolean keepsRowBack;

    /** How many of the pending, the last ones, are of a table without a key that is to be handed on whole. */
    private int held;

    private long heldBytes;

    /** That table cannot be handed on whole: what is read by its place goes on as what is read by key does. */
    private boolean isTooLarge;

    /**
     * @param partition Connect's source partition
     * @param changes   the records an event means; none for events that only move the position
     */
    RecordBatches(
            Map<String, String> partition,
            Function<CaptureEvent, List<Change>> changes,
            Limits limits,
            LongSupplier nanoTime) {
        this.partition = partition;
        this.changes = changes;
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /** Where none came, none is waited for. */
    void add(List<CaptureEvent> events) {
        if (events.isEmpty()) {
            releaseRow();
        }
        events.forEach(this::add);
    }

    /**
     * The capture begins again at what is durable: what it reads once more then must not be here already, and must not be passed
     * over as if it had been handed on.
     */
    void captureBroke() {
        if (held > 0) {
            pending = new ArrayList<>(pending.subList(0, pending.size() - held));
            added = pending.isEmpty() ? taken : pending.get(pending.size() - 1).position();
        }
        hold(0, 0);
        isTooLarge = false;
    }

    private void hold(int records, long bytes) {
        held = records;
        heldBytes = bytes;
    }

    private static long bytes(CaptureEvent.Row read) {
        Tuple tuple = read.after();
        long bytes = 0;
        for (int i = 0; tuple != null && i < tuple.size(); i++) {
            byte[] value = tuple.value(i);
            bytes += value == null ? 0 : value.length;
        }
        return bytes;
    }

    private void releaseRow() {
        if (keepsRowBack) {
            keepsRowBack = false;
            complete = pending.size();
            completeEndsInRows = true;
        }
    }

    @SuppressWarnings("ReferenceEquality") // that of the event itself
    private void add(CaptureEvent event) {
        releaseRow();
        List<Change> changed = changes.apply(event);
        for (int i = 0; i < changed.size(); i++) {
            // Only the last record of an event says that the event is done.
            Position reached = i == changed.size() - 1 ? event.position() : before(event);
            pending.add(new CapturedRecord(partition, changed.get(i), reached, ++sequence));
        }
        Reading reading = Reading.of(event);
        hold(reading, changed.size(), event);
        Position now = event.position();
        added = now;
        if (reading == Reading.ON || (reading == Reading.BY_PLACE && isTooLarge) || isBetweenTransactions(event)) {
            int last = pending.size() - 1;
            if (last >= 0 && pending.get(last).position() != now) {
                pending.set(last, pending.get(last).at(now));
            }
            keepsRowBack = event instanceof CaptureEvent.Row && last >= 0;
            complete = keepsRowBack ? last : pending.size();
            completeEndsInRows = keepsRowBack;
        }
    }

    /** Rows of a table without a key wait for its end, as long as they fit into one Kafka transaction. */
    private void hold(Reading reading, int records, CaptureEvent event) {
        boolean isHeld = reading == Reading.IN_ONE_GO || (reading == Reading.BY_PLACE && !isTooLarge);
        if (!isHeld) {
            hold(0, 0);
            isTooLarge = isTooLarge && reading == Reading.BY_PLACE;
            return;
        }
        hold(held + records, heldBytes + bytes((CaptureEvent.Row) event));
        isTooLarge = isTooLarge || held >= limits.records() || heldBytes > MOST_HELD_BYTES;
        if (isTooLarge && reading == Reading.BY_PLACE) {
            hold(0, 0);
        }
    }

    /** What a capture that breaks at this event does with the table. */
    private enum Reading {
        /** None, it is of the stream. */
        NONE,
        /** Goes on after this row, which is of no transaction: a table with a key, or one that is read once more. */
        ON,
        /** Goes on after this row too, but leaves out rows that were changed meanwhile: a small table is read anew instead. */
        BY_PLACE,
        /** Reads it from its beginning. */
        IN_ONE_GO;

        static Reading of(CaptureEvent event) {
            if (!(event instanceof CaptureEvent.Row row && row.kind().isRead())) {
                return NONE;
            }
            if (row.kind() == CaptureEvent.Kind.READ_AGAIN) {
                return ON;
            }
            return row.position()
                    .snapshot()
                    .reading(row.relation().oid())
                    .map(table -> RowPlace.isOrder(table.key()) ? BY_PLACE : ON)
                    .orElse(IN_ONE_GO);
        }
    }

    private static boolean isBetweenTransactions(CaptureEvent event) {
        return event instanceof CaptureEvent.Commit
                || event instanceof CaptureEvent.SnapshotStep
                || event instanceof CaptureEvent.Progress
                || (event instanceof CaptureEvent.LogicalMessage message && !message.transactional());
    }

    private Position before(CaptureEvent event) {
        if (added != null) {
            return added;
        }
        if (event instanceof CaptureEvent.Row row && row.kind().isRead()) {
            return row.transaction().start();
        }
        Position now = event.position();
        return now.ordinal() > 0 ? now.inside(now.commit(), now.ordinal() - 1) : now;
    }

    /** Whole transactions if there are any; else what there is of one, but for the last record. */
    Batch take() {
        boolean whole = complete > 0;
        int count = whole ? complete : partial();
        if (open > 0 && endsInRows && !whole) {
            open = 0;
            return new Batch(List.of(), taken, true);
        }
        List<CapturedRecord> records = List.copyOf(pending.subList(0, count));
        pending = new ArrayList<>(pending.subList(count, pending.size()));
        complete = 0;
        held = Math.min(held, pending.size());
        if (pending.isEmpty()) {
            taken = added;
        } else if (count > 0) {
            taken = records.get(count - 1).position();
        }
        return new Batch(records, taken, endsTransaction(count, whole));
    }

    private int partial() {
        return held > 0 && !isTooLarge ? pending.size() - held : Math.max(0, pending.size() - 1);
    }

    private boolean endsTransaction(int count, boolean whole) {
        long now = nanoTime.getAsLong();
        if (open == 0) {
            openSince = now;
        }
        open += count;
        endsInRows = whole && completeEndsInRows;
        boolean ends = open > 0
                && ((whole && !endsInRows)
                        || (endsInRows && now - openSince >= READING_NANOS)
                        || open >= limits.records()
                        || now - openSince >= limits.open().toNanos());
        if (ends) {
            open = 0;
        }
        return ends;
    }
}
