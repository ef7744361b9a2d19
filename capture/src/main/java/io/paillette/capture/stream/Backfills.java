package io.paillette.capture.stream;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.snapshot.Chunk;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import io.paillette.capture.snapshot.TableReader;
import io.paillette.capture.stream.BackfillReader.Beginning;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backfills of a source, one after the other, in chunks between the transactions of its stream:
 *
 * <pre>
 *   Begins -> Approaches -> Reads -> Waits -> (rows to the queue) -> Reads ...
 * </pre>
 *
 * <p>A chunk is read while the stream goes on, and is handed over where the stream has passed all that the chunk contains.
 * Rows that a later change has overtaken by then are left out. So nothing of the stream waits or is withheld, and no row comes
 * after a later state of it. Owned by the reader thread, but for {@link #ask}.
 */
final class Backfills implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Backfills.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final long SOON_NANOS = Duration.ofMillis(200).toNanos();

    /** As many as a chunk reads in some milliseconds. */
    private static final int CHUNK_ROWS = 2_000;

    private static final long BATCH_BYTES = 64 << 10;

    private final String source;
    private final BackfillReader reader;
    private final TableSnapshots snapshots;
    private final Outlet outlet;
    private final OvertakenRows overtaken = new OvertakenRows();
    private final PassedPlaces passed;

    /** Null: as the position has it. */
    private volatile @Nullable List<Backfill> asked;

    private @Nullable List<Backfill> taken;
    private Step step = new Step.Idle();
    private long stepNanos;

    /** What troubled it last, to be said once. */
    private String trouble = "";

    /** What is done for the backfill that is due. */
    private sealed interface Step {

        default boolean isFor(Backfill due) {
            return false;
        }

        record Idle() implements Step {}

        sealed interface At extends Step {

            Backfill of();

            @Override
            default boolean isFor(Backfill due) {
                return of().isSameAs(due);
            }
        }

        record Begins(Backfill of, CompletableFuture<Beginning> beginning) implements At {}

        /** What is before {@code here} is delivered first, or the changes since would fill the memory. */
        record Approaches(Backfill of, Lsn here) implements At {}

        record Reads(Backfill of, CompletableFuture<Chunk> chunk) implements At {}

        record Waits(Backfill of, Chunk chunk) implements At {}

        /** Something was in the way. */
        record Rests(Backfill of, long untilNanos) implements At {}
    }

    Backfills(PreparedSource prepared, TableSnapshots snapshots, Outlet outlet, int chunkRows) {
        this.source = prepared.name();
        this.reader = new BackfillReader(prepared, Math.min(chunkRows, CHUNK_ROWS));
        this.passed = new PassedPlaces(reader::flushed);
        this.snapshots = snapshots;
        this.outlet = outlet;
    }

    /** From any thread: these instead of those that were asked for before. */
    void ask(List<Backfill> wanted) {
        asked = List.copyOf(wanted);
    }

    /** Told of what is delivered. */
    OvertakenRows overtaken() {
        return overtaken;
    }

    /** Whether something is to be done in a moment; where a chunk takes long, a little later is soon enough. */
    boolean isUrgent() {
        return step instanceof Step.Approaches
                || step instanceof Step.Waits
                || (!(step instanceof Step.Idle)
                        && !(step instanceof Step.Rests)
                        && System.nanoTime() - stepNanos < SOON_NANOS);
    }

    /**
     * Between transactions, when nothing waits to be handed over.
     *
     * @param reached all before is delivered, or was nothing for us
     * @return whether the progress is another one now
     */
    boolean turn(Position boundary, Lsn reached, Outlet.Waiting waiting) throws CaptureException, InterruptedException {
        boolean changed = takeIn(boundary, waiting);
        do {
            Optional<BackfillProgress> due = due();
            if (due.isEmpty()) {
                if (!(step instanceof Step.Idle)) {
                    leave();
                }
                return changed;
            }
            if (!step.isFor(due.get().asked())) {
                leave();
                enter(new Step.Begins(due.get().asked(), reader.begin(due.get())));
            }
            changed |= advance(due.get(), boundary, reached, waiting);
        } while (step instanceof Step.Idle);
        return changed;
    }

    private Optional<BackfillProgress> due() {
        List<BackfillProgress> all = snapshots.progress().backfills();
        return all.isEmpty()
                ? Optional.empty()
                : all.stream()
                        .filter(one -> !one.hasEnded() && !one.asked().paused())
                        .findFirst();
    }

    /** The one that is worked at may be another one now, or none: what is on its way for it goes nowhere. */
    private void leave() {
        if (step instanceof Step.Begins || step instanceof Step.Reads) {
            reader.abort();
        }
        reader.rest();
        overtaken.close();
        passed.forget();
        enter(new Step.Idle());
    }

    private boolean takeIn(Position boundary, Outlet.Waiting waiting) throws CaptureException, InterruptedException {
        List<Backfill> wanted = asked;
        if (wanted == null || wanted.equals(taken)) {
            return false;
        }
        taken = wanted;
        List<BackfillProgress> before = snapshots.progress().backfills();
        List<BackfillProgress> now = wanted.stream()
                .map(one -> before.stream()
                        .filter(known -> known.asked().isSameAs(one))
                        .findFirst()
                        .map(known -> known.asked(one))
                        .orElseGet(() -> BackfillProgress.of(one)))
                .toList();
        if (now.equals(before)) {
            return false;
        }
        put(now, boundary, waiting);
        return true;
    }

    private boolean advance(BackfillProgress due, Position boundary, Lsn reached, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        try {
            return advanceUnlessFailed(due, boundary, reached, waiting);
        } catch (ExecutionException e) {
            overtaken.close();
            if (!(e.getCause() instanceof CaptureException fault)) {
                throw new IllegalStateException("a backfill met what it does not understand", e.getCause());
            }
            return failed(due, fault, boundary, waiting);
        }
    }

    private boolean advanceUnlessFailed(BackfillProgress due, Position boundary, Lsn reached, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException, ExecutionException {
        if (step instanceof Step.Begins begins && begins.beginning().isDone()) {
            Beginning beginning = begins.beginning().get();
            enter(new Step.Approaches(due.asked(), beginning.of().here()));
            if (due.key().isEmpty()) {
                LOG.info(
                        "Source {}: backfill {} of {} begins",
                        source,
                        due.asked().id(),
                        due.asked().table());
                put(
                        due.begun(
                                beginning.oid(),
                                beginning.of().key(),
                                beginning.of().expectedRows()),
                        boundary,
                        waiting);
                return true;
            }
        } else if (step instanceof Step.Approaches approaches && passed.contains(approaches.here(), reached)) {
            read(due);
        } else if (step instanceof Step.Reads reads && reads.chunk().isDone()) {
            enter(new Step.Waits(due.asked(), reads.chunk().get()));
        } else if (step instanceof Step.Waits waits
                && passed.contains(waits.chunk().until(), reached)) {
            return deliver(due, waits.chunk(), boundary, waiting);
        } else if (step instanceof Step.Rests rests && System.nanoTime() - rests.untilNanos() >= 0) {
            enter(new Step.Begins(due.asked(), reader.begin(due)));
        }
        return false;
    }

    private void read(BackfillProgress due) {
        if (snapshots.isAwaited(due.oid())) {
            rest(due);
            return;
        }
        overtaken.open(due.oid(), due.key());
        enter(new Step.Reads(due.asked(), reader.read(due, overtaken.delivered())));
    }

    private boolean deliver(BackfillProgress due, Chunk chunk, Position boundary, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        Optional<Set<List<String>>> later = overtaken.since(chunk.seen());
        overtaken.close();
        trouble = "";
        if (later.isEmpty() || snapshots.isAwaited(due.oid())) {
            LOG.debug(
                    "Source {}: a chunk of backfill {} is read once more",
                    source,
                    due.asked().id());
            enter(new Step.Approaches(due.asked(), chunk.until()));
            return false;
        }
        BackfillProgress now = putRows(due, chunk, later.get(), boundary, waiting);
        if (chunk.upTo().isEmpty()) {
            put(now.done(), boundary, waiting);
            LOG.info(
                    "Source {}: backfill {} is done, {} rows",
                    source,
                    due.asked().id(),
                    now.rows());
            enter(new Step.Idle());
        } else {
            BackfillProgress next = now.upTo(chunk.upTo(), 0, 0);
            put(next, boundary, waiting);
            read(next);
        }
        return true;
    }

    private BackfillProgress putRows(
            BackfillProgress due, Chunk chunk, Set<List<String>> later, Position boundary, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        Instant read = Instant.now().truncatedTo(ChronoUnit.MICROS);
        var transaction = new TransactionInfo(0, chunk.until(), read, boundary);
        BackfillProgress now = due;
        List<CaptureEvent> events = new ArrayList<>();
        long bytes = 0;
        for (KeyedRow row : chunk.rows()) {
            if (later.contains(row.key())) {
                continue;
            }
            now = now.upTo(row.key(), 1, row.bytes());
            events.add(new CaptureEvent.Row(
                    CaptureEvent.Kind.READ_AGAIN,
                    chunk.relation(),
                    null,
                    false,
                    row.row(),
                    transaction,
                    chunk.until(),
                    0,
                    boundary.moved(boundary.end(), snapshots.progress().backfilled(now))));
            bytes += row.bytes() + TableReader.ROW_OVERHEAD_BYTES;
            if (bytes >= BATCH_BYTES) {
                outlet.put(events, bytes, waiting);
                events = new ArrayList<>();
                bytes = 0;
            }
        }
        if (!events.isEmpty()) {
            outlet.put(events, bytes, waiting);
        }
        return now;
    }

    private boolean failed(BackfillProgress due, CaptureException fault, Position boundary, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        String reason = String.valueOf(fault.getMessage());
        if (fault.isTransient()) {
            if (!reason.equals(trouble)) {
                LOG.warn("Source {}: backfill {} waits: {}", source, due.asked().id(), reason);
                trouble = reason;
            }
            rest(due);
            return false;
        }
        LOG.error("Source {}: backfill {} failed: {}", source, due.asked().id(), reason);
        put(due.failed(reason), boundary, waiting);
        enter(new Step.Idle());
        return true;
    }

    private void enter(Step next) {
        step = next;
        stepNanos = System.nanoTime();
    }

    private void rest(BackfillProgress due) {
        overtaken.close();
        passed.forget();
        enter(new Step.Rests(due.asked(), System.nanoTime() + PAUSE.toNanos()));
    }

    private void put(BackfillProgress now, Position boundary, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        put(snapshots.progress().backfilled(now).backfills(), boundary, waiting);
    }

    private void put(List<BackfillProgress> now, Position boundary, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        snapshots.backfilling(now);
        outlet.put(
                List.of(new CaptureEvent.SnapshotStep(boundary.moved(boundary.end(), snapshots.progress()))),
                TableReader.ROW_OVERHEAD_BYTES,
                waiting);
    }

    @Override
    public void close() {
        reader.close();
    }
}
