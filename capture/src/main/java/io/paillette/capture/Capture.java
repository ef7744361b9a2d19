package io.paillette.capture;

import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.capture.stream.CapturedRelations;
import io.paillette.capture.stream.PositionCheck;
import io.paillette.capture.stream.SourceCapture;
import io.paillette.capture.stream.SourceCheck;
import io.paillette.capture.stream.UnkeyedTables;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * A running capture of one source. One thread of its own reads the WAL into a queue bounded in bytes; one thread of the
 * caller polls, stores, and says what is stored. When the queue is full the reader stops reading but keeps answering the
 * server's keepalives.
 *
 * <pre>
 *   WAL -> reader thread -> queue (bytes) -> poll() -> caller stores events and position -> stored(position) -> slot confirm
 * </pre>
 */
public final class Capture implements AutoCloseable {

    private final SourceCapture source;

    private Capture(SourceCapture source) {
        this.source = source;
    }

    /**
     * Prepares publication and slot, reads the snapshot where one is due, then streams. Creating the slot waits for
     * transactions that run at that time; the snapshot does not hold up the return.
     *
     * @param from the stored position of this source, or empty when it was never captured
     * @throws CaptureException when the source cannot be captured as asked, or what changed since {@code from} is lost and
     *     the settings do not say to read the tables again
     */
    public static Capture start(CaptureSettings settings, Optional<Position> from) throws CaptureException {
        return start(settings, from, Arrears.NONE);
    }

    /**
     * The same, with what the caller lacks from before its position. Where the slot cannot give that any more, it is as if the
     * slot could not go on from the position.
     */
    public static Capture start(CaptureSettings settings, Optional<Position> from, Arrears arrears)
            throws CaptureException {
        return new Capture(SourceCapture.start(settings, from, arrears, SegmentBounds.STANDARD));
    }

    /** The same, with tables read in other segments than usual. */
    static Capture start(CaptureSettings settings, Optional<Position> from, SegmentBounds bounds)
            throws CaptureException {
        return new Capture(SourceCapture.start(settings, from, Arrears.NONE, bounds));
    }

    /**
     * Captured tables larger than {@code bytes} whose rows, when their reading is interrupted, are read from the beginning once
     * more: those without a primary key that their changes tell, unless they go on by the place of their rows.
     *
     * @throws CaptureException when the source cannot be asked
     */
    public static List<TableName> unkeyedTables(CaptureSettings settings, long bytes) throws CaptureException {
        return UnkeyedTables.largerThan(bytes, settings);
    }

    /**
     * The tables as they are now, of those that are captured or would be.
     *
     * @throws CaptureException when the source cannot be asked
     */
    public static List<Relation> relations(CaptureSettings settings, Predicate<TableName> wanted)
            throws CaptureException {
        return CapturedRelations.of(settings, wanted);
    }

    /**
     * What would keep {@link #start} from capturing a source as its settings ask, as far as that can be told without changing
     * anything; empty when nothing would. A server that does not answer is given up: a connection after ten seconds, a question
     * after twenty.
     */
    public static List<SourceProblem> problems(CaptureSettings settings) {
        return SourceCheck.problems(settings);
    }

    /**
     * What would keep {@link #start} from going on at a position, as a sentence without its end; empty when nothing would, or
     * when the settings say to read the tables again then. Changes nothing.
     *
     * @throws CaptureException when the source cannot be asked, or the position's predecessor is not to be read as the settings
     *     are
     */
    public static Optional<String> obstacle(CaptureSettings settings, Position from) throws CaptureException {
        return PositionCheck.obstacle(settings, from);
    }

    /**
     * The next events in order, possibly many; empty when none came within {@code wait}. Returns as soon as there is one:
     * batching comes from back-pressure, never from waiting.
     *
     * @throws CaptureException when the reader stopped; what was queued before was delivered first. Transient: start
     *     again from the last stored position.
     */
    public List<CaptureEvent> poll(Duration wait) throws CaptureException, InterruptedException {
        return source.poll(wait);
    }

    /** From any thread: the poll that waits, or else the next one, returns at once. */
    public void wake() {
        source.wake();
    }

    /**
     * Everything up to and including {@code position}, which an event of this capture had, is durably stored, so the slot
     * may let go of it. Never blocks.
     */
    public void stored(Position position) {
        source.stored(position);
    }

    /**
     * From any thread: the slot does not let go of WAL from {@code lsn} on, whatever is stored, until this is called again.
     * What it has let go of before stays gone.
     */
    public void keep(Optional<Lsn> lsn) {
        source.keep(lsn);
    }

    /** Whether the slot was made anew, so that no stored position means anything any more and all tables are read again. */
    public boolean beganAnew() {
        return source.beganAnew();
    }

    /**
     * WAL that the source has written and that is neither stored nor known to hold nothing for us. A second or two old as long
     * as it is asked for, older at the first call after a while; empty before it is known.
     */
    public OptionalLong lagBytes() {
        return source.lagBytes();
    }

    /** What the slot holds back, some seconds old; empty before it is known. */
    public Optional<SlotState> slot() {
        return source.slot();
    }

    /** What waits for {@link #poll}, in bytes of memory, about. */
    public long queuedBytes() {
        return source.queuedBytes();
    }

    /** The captured tables, a second or so old; none before they are known. */
    public List<TableName> tables() {
        return source.tables();
    }

    /** How far reading the rows that were there before is. */
    public ReadingState reading() {
        return source.reading();
    }

    /**
     * Asks for these backfills, in this order, instead of those asked for before: one that is not among them is given up, one
     * that is goes on where it is. Without this call those of the position go on. Never blocks; from any thread. They begin
     * once the tables that were there before are read.
     *
     * @throws IllegalArgumentException when two have the same id
     */
    public void backfill(List<Backfill> asked) {
        source.backfill(asked);
    }

    /**
     * Hands over a signal from elsewhere than the source's own signal table. From any thread; waits while a hundred others do.
     *
     * @param signal empty where what was sent is none, and only the next one matters
     * @param next   from where the sender goes on: {@code nextSignal} of every position from then on
     */
    public void signal(Optional<Signal> signal, long next) throws InterruptedException {
        source.signal(signal, next);
    }

    /** How far backfills are, as far as that is stored; those that have ended stay until they are not asked for any more. */
    public List<BackfillProgress> backfills() {
        return source.backfills();
    }

    /** Stops reading; the slot stays. What is queued and not polled comes again after the next start. */
    @Override
    public void close() {
        source.close();
    }
}
