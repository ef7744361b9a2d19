package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.pgoutput.PgOutputDecoder;
import io.paillette.capture.snapshot.TableReader;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reader thread's work: rows that were there before, then the WAL, into the queue. */
final class SourceReader implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(SourceReader.class);

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
    private final Joins joins;

    /** For {@link #abort}; set by the reader thread. */
    private volatile @Nullable Connection catalogConnection;

    private volatile @Nullable ReplicationConnection replication;
    private volatile boolean closing;

    /** Written by the reader thread alone. */
    private volatile Lsn done;

    /** Of the reader thread. */
    private long lastProgressNanos = System.nanoTime();

    SourceReader(PreparedSource prepared, Outlet outlet, Joins joins) {
        this.prepared = prepared;
        this.outlet = outlet;
        this.joins = joins;
        this.done = prepared.from().end();
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
            ReplicationConnection stream = replication;
            if (stream != null) {
                stream.abort();
            }
        } catch (SQLException e) {
            LOG.warn("Source {}: a connection did not close", prepared.name(), e);
        }
    }

    /** From any thread: all below is stored, or was nothing for us. */
    Lsn done() {
        return done;
    }

    @Override
    public void run() {
        try (Connection catalog = prepared.source().connect()) {
            catalogConnection = catalog;
            var snapshots = new TableSnapshots(prepared.from().snapshot(), prepared.joining());
            if (!prepared.from().snapshot().complete()) {
                readInitially(catalog, snapshots);
            }
            stream(catalog, snapshots);
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
        }
    }

    private void readInitially(Connection catalog, TableSnapshots snapshots)
            throws CaptureException, InterruptedException {
        Lsn end = prepared.from().end();
        var reader = new TableReader(catalog, prepared.server());
        for (CapturedTable table : prepared.tables()) {
            if (closing) {
                return;
            }
            if (isReadFirst(table) && !snapshots.wasRead(table.oid())) {
                readTable(reader, table.oid(), snapshots, at(end, snapshots), false);
            }
        }
        snapshots.complete();
        outlet.put(
                List.of(new CaptureEvent.SnapshotStep(at(end, snapshots))),
                TableReader.ROW_OVERHEAD_BYTES,
                this::whileFull);
    }

    /** Others join once the stream is on, among them one created after the publications were filled; that reads them. */
    private static boolean isReadFirst(CapturedTable table) {
        return table.fullyTold() && !table.joining();
    }

    private void readTable(TableReader reader, int oid, TableSnapshots snapshots, Position position, boolean late)
            throws CaptureException, InterruptedException {
        LOG.info("Source {}: reading the rows of table {}", prepared.name(), Integer.toUnsignedString(oid));
        var batch = new RowBatch(outlet, this::whileFull);
        var read = reader.read(oid, position, batch);
        batch.flush();
        if (read.isPresent()) {
            snapshots.add(read.get(), late);
            outlet.put(
                    List.of(new CaptureEvent.SnapshotStep(at(position.end(), snapshots))),
                    TableReader.ROW_OVERHEAD_BYTES,
                    this::whileFull);
        }
    }

    private Position at(Lsn end, TableSnapshots snapshots) {
        return prepared.from().moved(end, snapshots.progress());
    }

    private void stream(Connection catalog, TableSnapshots snapshots)
            throws CaptureException, SQLException, InterruptedException {
        if (closing) {
            return;
        }
        Position from = snapshots.progress().equals(prepared.from().snapshot())
                ? prepared.from()
                : at(prepared.from().end(), snapshots);
        var lookup = new RelationLookup(catalog, prepared);
        var assembler =
                new TransactionAssembler(lookup, snapshots, prepared.source().settings(), from);
        var decoder = new PgOutputDecoder(assembler);
        try (var stream = new SlotTakeover(prepared, () -> closing).open(catalog, from.end())) {
            replication = stream;
            LOG.info("Source {}: streaming from {}", prepared.name(), from.end());
            while (!closing) {
                ByteBuffer message = stream.read();
                if (message != null) {
                    assembler.at(stream.lastReceived());
                    decoder.decode(message);
                    handOver(assembler);
                }
                if (!assembler.insideTransaction()) {
                    betweenTransactions(catalog, lookup, snapshots, assembler, stream);
                } else if (message == null) {
                    stream.confirm(outlet.stored().end());
                }
            }
            stream.confirm(outlet.stored().end());
            stream.sendStatus();
        }
    }

    private void handOver(TransactionAssembler assembler) throws CaptureException, InterruptedException {
        CaptureException fault = assembler.fault();
        if (fault != null) {
            throw fault;
        }
        boolean due = !assembler.insideTransaction() || assembler.eventBytes() >= BATCH_BYTES;
        if (due && assembler.hasEvents()) {
            long bytes = assembler.eventBytes();
            outlet.put(assembler.takeEvents(), bytes, this::whileFull);
        }
    }

    private void betweenTransactions(
            Connection catalog,
            RelationLookup lookup,
            TableSnapshots snapshots,
            TransactionAssembler assembler,
            ReplicationConnection stream)
            throws CaptureException, InterruptedException {
        passOver(assembler, stream);
        if (joins.isEmpty()) {
            return;
        }
        Integer joined = joins.joined().poll();
        if (joined != null) {
            snapshots.joined(joined);
        }
        Integer ready = joins.ready().poll();
        if (ready != null) {
            lookup.awaitVisible(snapshots.withheld(ready));
            var reader = new TableReader(catalog, prepared.server());
            readTable(reader, ready, snapshots, assembler.boundary(), true);
            assembler.progressed();
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
        stream.confirm(stored);
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
                stream.confirm(outlet.stored().end());
                stream.heartbeat();
            } catch (SQLException e) {
                throw Faults.of("The capture of source " + prepared.name() + " lost its database", e);
            }
        }
        return !closing;
    }
}
