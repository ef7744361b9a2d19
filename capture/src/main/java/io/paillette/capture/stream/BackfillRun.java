package io.paillette.capture.stream;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.snapshot.Chunk;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import io.paillette.capture.stream.BackfillReader.Beginning;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * One backfill, as long as it is worked at:
 *
 * <pre>
 *   Begins -> Approaches -> Reads -> Waits -> (rows to the queue) -> Reads ... -> Ended
 *                 ^--------- a chunk that is of no use -----'
 * </pre>
 *
 * <p>A chunk is read while the stream goes on, and is handed over where the stream has passed all that the chunk contains.
 * Rows that a later change has overtaken by then are left out. So nothing of the stream waits or is withheld, and no row comes
 * after a later state of it. Owned by the reader thread.
 */
final class BackfillRun {

    /** As many as are read in some milliseconds, where a condition costs nothing. */
    private static final int MOST_ROWS = 2_000;

    private static final int FIRST_ROWS = 128;
    private static final long LONG_READ_NANOS = Duration.ofMillis(500).toNanos();

    /** What comes of the stream waits behind rows that were handed over until these are stored. */
    private static final int ROWS_BESIDE_CHANGES = 250;

    /** Who stores positions seldom (Connect) is not waited for. */
    private static final long LONGEST_STORING_NANOS = Duration.ofMillis(20).toNanos();

    /** A row that is changed all the time is never read as it is; then it is taken for the one that was changed. */
    private static final int MOST_READ_IN_DOUBT = 5;

    private static final long SOON_NANOS = Duration.ofMillis(200).toNanos();

    private final Backfill of;
    private final BackfillReader reader;
    private final BackfillOutlet outlet;
    private final OvertakenRows overtaken;
    private final PassedPlaces passed;
    private final int mostRows;
    private int chunkRows;
    private Step step;
    private long stepNanos;

    /** How many times in a row the rows of one place were read for nothing, as some looked as a changed one did. */
    private int readInDoubt;

    private boolean readAgain; // the rows after the last one that was told, and smaller each time

    /** When the rows that were handed over last were stored; 0 before. */
    private long storedNanos;

    /** Of the stream, when rows were handed over last. */
    private long transactions;

    private sealed interface Step {

        record Begins(CompletableFuture<Beginning> beginning) implements Step {}

        /** What is before {@code here} is delivered first, or the changes since would fill the memory. */
        record Approaches(Lsn here) implements Step {}

        record Reads(CompletableFuture<Optional<Chunk>> chunk) implements Step {}

        /** Rows before {@code next} are handed over. */
        record Waits(Chunk chunk, int next) implements Step {}

        record Ended() implements Step {}
    }

    BackfillRun(
            BackfillProgress progress,
            BackfillReader reader,
            BackfillOutlet outlet,
            OvertakenRows overtaken,
            int mostRows,
            StreamPlace place,
            long attempt) {
        this.of = progress.asked();
        this.reader = reader;
        this.outlet = outlet;
        this.overtaken = overtaken;
        this.passed = new PassedPlaces(() -> reader.flushed(place.senderPid()));
        this.mostRows = Math.min(mostRows, MOST_ROWS);
        this.chunkRows = Math.min(FIRST_ROWS, this.mostRows);
        overtaken.remember();
        this.step = new Step.Begins(reader.begin(progress, attempt));
        this.stepNanos = System.nanoTime();
    }

    boolean isFor(Backfill due) {
        return of.isSameAs(due);
    }

    String id() {
        return of.id();
    }

    boolean hasEnded() {
        return step instanceof Step.Ended;
    }

    /** Whether something is to be done in a moment; where a chunk takes long, a little later is soon enough. */
    boolean isUrgent() {
        return step instanceof Step.Approaches
                || step instanceof Step.Waits
                || System.nanoTime() - stepNanos < SOON_NANOS;
    }

    /** {@link System#nanoTime} since when it waits for what it waits for. */
    long sinceNanos() {
        return stepNanos;
    }

    /**
     * Does what can be done without waiting.
     *
     * @return whether the progress is another one now
     * @throws ExecutionException with what the server was asked for and did not do
     */
    boolean advance(BackfillProgress due, StreamPlace place)
            throws CaptureException, InterruptedException, ExecutionException {
        if (step instanceof Step.Begins begins && begins.beginning().isDone()) {
            return begin(due, begins.beginning().get(), place);
        } else if (step instanceof Step.Approaches approaches && passed.contains(approaches.here(), place.reached())) {
            read(due);
        } else if (step instanceof Step.Reads reads && reads.chunk().isDone()) {
            take(due, reads.chunk().get());
        } else if (step instanceof Step.Waits waits
                && passed.contains(waits.chunk().until(), place.reached())
                && (waits.next() == 0 || hasYielded(due))) {
            return deliver(due, waits, place);
        }
        return false;
    }

    /** Nothing that is on its way for it is wanted any more. */
    void leave() {
        reader.abort();
        overtaken.close();
    }

    private boolean begin(BackfillProgress due, Beginning beginning, StreamPlace place)
            throws CaptureException, InterruptedException {
        overtaken.settle(beginning.of().seen());
        enter(new Step.Approaches(beginning.of().here()));
        if (!due.key().isEmpty()) {
            return false;
        }
        outlet.put(
                due.begun(beginning.oid(), beginning.of().key(), beginning.of().expectedRows()), place);
        return true;
    }

    private void read(BackfillProgress due) {
        overtaken.open(due.oid(), due.key());
        enter(new Step.Reads(reader.read(due, chunkRows, overtaken.delivered())));
    }

    private void take(BackfillProgress due, Optional<Chunk> read) {
        if (read.isEmpty()) {
            chunkRows = Math.max(1, chunkRows / 8);
            read(due);
            return;
        }
        Chunk chunk = read.get();
        overtaken.read(chunk.seen());
        if (chunk.large()) {
            chunkRows = Math.max(1, chunk.rows().size());
        } else if (System.nanoTime() - stepNanos > LONG_READ_NANOS) {
            chunkRows = Math.max(1, chunkRows / 2);
        } else if (!readAgain) {
            chunkRows = Math.min(mostRows, 2 * chunkRows);
        }
        enter(new Step.Waits(chunk, 0));
    }

    private boolean deliver(BackfillProgress due, Step.Waits waits, StreamPlace place)
            throws CaptureException, InterruptedException {
        Chunk chunk = waits.chunk();
        List<KeyedRow> rest = chunk.rows().subList(waits.next(), chunk.rows().size());
        Optional<LaterChanges> later = overtaken.later();
        if (later.isEmpty() || (readInDoubt < MOST_READ_IN_DOUBT && later.get().leaveDoubt(rest))) {
            readInDoubt += later.isPresent() ? 1 : 0;
            overtaken.close();
            readAgain = true;
            chunkRows = Math.max(1, chunkRows / 2);
            enter(new Step.Approaches(chunk.until()));
            return false;
        }
        int left = rest.size();
        int count = overtaken.transactions() == transactions ? left : Math.min(left, ROWS_BESIDE_CHANGES);
        transactions = overtaken.transactions();
        int end = waits.next() + count;
        BackfillProgress now = outlet.putRows(due, chunk, rest.subList(0, count), later.get(), place);
        if (count < left) {
            outlet.put(now.upTo(chunk.rows().get(end - 1).key(), 0, 0), place);
            readInDoubt = 0; // what is read in doubt from now on is another place
            storedNanos = 0;
            enter(new Step.Waits(chunk, end));
            return true;
        }
        overtaken.close();
        readInDoubt = 0;
        readAgain = false;
        if (chunk.upTo().isEmpty()) {
            outlet.put(now.done(), place);
            enter(new Step.Ended());
        } else {
            BackfillProgress next = now.upTo(chunk.upTo(), 0, 0);
            outlet.put(next, place);
            read(next);
        }
        return true;
    }

    /** As long as it took to store the last rows, the machine is left to the changes. */
    private boolean hasYielded(BackfillProgress due) {
        long now = System.nanoTime();
        if (storedNanos == 0 && (outlet.isStored(due) || now - stepNanos >= LONGEST_STORING_NANOS)) {
            storedNanos = now;
        }
        return storedNanos != 0 && now - storedNanos >= storedNanos - stepNanos;
    }

    private void enter(Step next) {
        step = next;
        stepNanos = System.nanoTime();
    }
}
