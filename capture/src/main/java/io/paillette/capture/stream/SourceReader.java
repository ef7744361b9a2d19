package io.paillette.capture.stream;

import io.paillette.capture.Backfill;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.ReadingState;
import io.paillette.capture.Signal;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.pgoutput.PgOutputDecoder;
import io.paillette.capture.snapshot.KeyComparison;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.capture.snapshot.TableReader;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reader thread's work: rows that were there before, then the WAL, into the queue. */
final class SourceReader implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceReader.class);

    /** The network may be gone without a word; but COPY of a bloated table may be long at its first row. */
    static final int LONGEST_ANSWER_MILLIS = 3_600_000;

    /** Inside a transaction events are handed over in batches, at its end always. */
    private static final long BATCH_BYTES = 64 << 10;

    /** So much WAL that holds nothing for us becomes a position of its own at once. */
    private static final long PROGRESS_BYTES = 1 << 20;

    /**
     * Less waits so long. Where what stores the position writes to the same server it makes WAL itself, so there is always a
     * little; but on a server that has become quiet it may be the little that stands between the slot and all that a long
     * transaction held.
     */
    private static final long PROGRESS_NANOS = Duration.ofSeconds(10).toNanos();

    private final PreparedSource prepared;
    private final Outlet outlet;
    private final DueTables due;

    /** For {@link #abort}; set by the reader thread. */
    private volatile @Nullable Connection catalogConnection;

    private volatile @Nullable ReplicationConnection replication;
    private volatile @Nullable ReplicationConnection earlierStream;
    private volatile boolean closing;

    /** Written by the reader thread alone. */
    private volatile Lsn done;

    private final ReadingProgress reading = new ReadingProgress();

    private final TableSnapshots snapshots;
    private final TableReading tables;
    private final Backfills backfills;
    private final Signals signals;
    private final Reread reread;

    /** Of the reader thread: where our slot is read from. */
    private Position from;

    /** Of the reader thread. */
    private long lastProgressNanos = System.nanoTime();

    SourceReader(PreparedSource prepared, Outlet outlet, Joins joins, SegmentBounds bounds) {
        this.prepared = prepared;
        this.outlet = outlet;
        this.due = new DueTables(prepared, joins);
        this.from = prepared.from();
        this.done = from.end();
        this.snapshots = new TableSnapshots(prepared.from().snapshot(), prepared.joining());
        this.backfills = new Backfills(prepared, snapshots, outlet, bounds.chunkRows());
        this.tables =
                new TableReading(prepared, outlet, this::whileFull, snapshots, reading, backfills.overtaken(), bounds);
        this.reread = new Reread(prepared);
        this.signals = new Signals(prepared.name(), prepared.source().settings().signals(), snapshots);
    }

    /** From another thread: the reader ends within a millisecond or two unless it waits for the server. */
    void stop() {
        closing = true;
    }

    /** From another thread: makes whatever the reader waits for fail. */
    void abort() {
        try {
            Connection catalog = catalogConnection;
            if (catalog != null) {
                catalog.abort(Runnable::run);
            }
            tables.abort();
            reread.abort();
            for (ReplicationConnection stream : new ReplicationConnection[] {earlierStream, replication}) {
                if (stream != null) {
                    stream.abort();
                }
            }
        } catch (SQLException e) {
            LOG.warn("Source {}: a connection did not close", prepared.name(), e);
        }
    }

    /** From any thread: all below is stored, or was nothing for us. */
    Lsn done() {
        return done;
    }

    /** From any thread. */
    ReadingState reading() {
        return reading.state();
    }

    /** From any thread. */
    void backfill(List<Backfill> asked) {
        backfills.ask(asked);
    }

    /** From any thread. */
    void signal(Optional<Signal> signal, long next) throws InterruptedException {
        signals.send(signal, next);
    }

    @Override
    public void run() {
        try (reread;
                Connection catalog = prepared.source().connect()) {
            catalogConnection = catalog;
            catalog.setNetworkTimeout(Runnable::run, LONGEST_ANSWER_MILLIS);
            TableReader reader = tables.reader(catalog);
            reading.planned(catalog, tables.due());
            var stretch = new Stretch(outlet, reread, () -> closing, stream -> earlierStream = stream);
            from = new EarlierWal(prepared, outlet, stretch).read(catalog);
            earlierStream = null;
            tables.first(catalog, reader, from);
            stream(catalog, reader);
            outlet.end(new CaptureException("The capture of source " + prepared.name() + " was closed.", true, null));
        } catch (CaptureException e) {
            outlet.end(e);
        } catch (SQLException e) {
            outlet.end(Faults.of("The capture of source " + prepared.name() + " lost its database", e));
        } catch (InterruptedException e) {
            outlet.end(new CaptureException("The capture of source " + prepared.name() + " was closed.", true, e));
        } catch (RuntimeException e) {
            outlet.end(new CaptureException(
                    "The capture of source " + prepared.name() + " met what it does not understand: " + e.getMessage(),
                    false,
                    e));
        } catch (Error e) {
            outlet.end(new CaptureException("The capture of source " + prepared.name() + " broke: " + e, false, e));
            throw e;
        } finally {
            backfills.close();
        }
    }

    private Position at(Lsn end) {
        return from.moved(end, snapshots.progress());
    }

    private void stream(Connection catalog, TableReader reader)
            throws CaptureException, SQLException, InterruptedException {
        if (closing) {
            return;
        }
        Position begin = snapshots.progress().equals(from.snapshot()) ? from : at(from.end());
        var lookup = new RelationLookup(catalog, prepared);
        var batch = new EventBatch(new KeyComparison(catalog));
        var assembler = new TransactionAssembler(
                lookup,
                snapshots,
                backfills.overtaken(),
                signals,
                batch,
                prepared.source().settings(),
                begin);
        var decoder = new PgOutputDecoder(SeenValues.around(assembler, lookup, prepared));
        try (var stream = new SlotTakeover(prepared.stream(), () -> closing).open(begin.end())) {
            replication = stream;
            prepared.arrears().kept().ifPresent(stream::keeps);
            LOG.info("Source {}: streaming from {}", prepared.name(), begin.end());
            while (!closing) {
                ByteBuffer message = stream.read();
                if (message != null) {
                    assembler.at(stream.lastReceived());
                    decoder.decode(message);
                }
                handOver(assembler, message == null);
                if (!assembler.insideTransaction() && batch.isEmpty()) {
                    passOver(assembler, stream);
                    readDue(catalog, reader, lookup, assembler);
                    takeSignals(assembler, lookup);
                    backfill(assembler, stream, message == null);
                } else if (message == null) {
                    stream.confirm(outlet.confirmable());
                }
            }
            stream.confirm(outlet.confirmable());
            stream.sendStatus();
        }
    }

    /** Rows in doubt wait a moment for others, as long as those come without a pause. */
    private void handOver(TransactionAssembler assembler, boolean pause) throws CaptureException, InterruptedException {
        CaptureException fault = assembler.fault();
        if (fault != null) {
            throw fault;
        }
        EventBatch batch = assembler.batch();
        boolean due =
                batch.bytes() >= BATCH_BYTES || (!assembler.insideTransaction() && (pause || !batch.waitsForMore()));
        if (due && !batch.isEmpty()) {
            long bytes = batch.bytes();
            reread.handOn(assembler.takeEvents(), bytes, outlet, this::whileFull);
        }
    }

    /** Between transactions: tables that joined, and those whose turn it is to be read. */
    private void readDue(Connection catalog, TableReader reader, RelationLookup lookup, TransactionAssembler assembler)
            throws CaptureException, SQLException, InterruptedException {
        DueTable next = due.next(catalog, lookup, snapshots);
        if (next != null) {
            lookup.awaitVisible(snapshots.toContain(next.oid()));
            reading.planned(catalog, Set.of(next.oid()));
            tables.read(reader, next, from, assembler.boundary().end());
            assembler.progressed();
        }
    }

    private void takeSignals(TransactionAssembler assembler, RelationLookup lookup)
            throws CaptureException, InterruptedException {
        if (signals.takeSent(assembler.boundary().end(), lookup::captured)) {
            assembler.progressed();
            outlet.put(
                    List.of(new CaptureEvent.SnapshotStep(assembler.boundary())),
                    TableReader.ROW_OVERHEAD_BYTES,
                    this::whileFull);
        }
    }

    private void backfill(TransactionAssembler assembler, ReplicationConnection stream, boolean pause)
            throws CaptureException, SQLException, InterruptedException {
        Lsn delivered = assembler.boundary().end();
        Lsn received = stream.lastReceived();
        Lsn reached = received.compareTo(delivered) > 0 ? received : delivered;
        if (backfills.turn(new StreamPlace(assembler.boundary(), reached, stream.backendPid(), this::whileFull))) {
            assembler.progressed();
        }
        Optional<Long> urgentSince = pause ? backfills.urgentSinceNanos() : Optional.empty();
        if (urgentSince.isPresent()) {
            stream.askForPlace(urgentSince.get());
        }
    }

    /**
     * With nothing outstanding all that the server has read of the WAL is behind us, the neighbours' part included. That
     * becomes a position, and only when it is stored the slot hears of it: a slot that has let go of more than the stored
     * position says was advanced by somebody else.
     */
    private void passOver(TransactionAssembler assembler, ReplicationConnection stream)
            throws CaptureException, InterruptedException {
        Lsn stored = outlet.stored().end();
        stream.confirm(outlet.confirmable());
        if (!outlet.allStored()) {
            done = stored;
            return;
        }
        Lsn reached = stream.lastReceived();
        done = reached.compareTo(stored) > 0 ? reached : stored;
        long passed = reached.value() - assembler.boundary().end().value();
        if (passed >= PROGRESS_BYTES || (passed > 0 && System.nanoTime() - lastProgressNanos >= PROGRESS_NANOS)) {
            lastProgressNanos = System.nanoTime();
            assembler.passed(reached);
            outlet.put(
                    List.of(new CaptureEvent.Progress(assembler.boundary())),
                    TableReader.ROW_OVERHEAD_BYTES,
                    this::whileFull);
        }
    }

    /** Called again and again while there is no room or a table is read; false when the capture is to end. */
    private boolean whileFull() throws CaptureException {
        ReplicationConnection stream = replication;
        if (stream != null) {
            try {
                stream.confirm(outlet.confirmable());
                stream.heartbeat();
            } catch (SQLException e) {
                throw Faults.of("The capture of source " + prepared.name() + " lost its database", e);
            }
        }
        return !closing;
    }
}
