package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Lsn;
import io.paillette.capture.pgoutput.PgOutputDecoder;
import io.paillette.capture.pgoutput.WalSink;
import java.nio.ByteBuffer;
import java.sql.SQLException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Reads a slot from some place up to an LSN, before our own stream goes on from there. Nothing is confirmed to it. */
final class Stretch {

    private static final long BATCH_BYTES = 64 << 10;

    private final Outlet outlet;
    private final Reread reread;
    private final BooleanSupplier closing;
    private final Consumer<ReplicationConnection> opened;

    /** @param opened is given each stream, for another thread to abort */
    Stretch(Outlet outlet, Reread reread, BooleanSupplier closing, Consumer<ReplicationConnection> opened) {
        this.outlet = outlet;
        this.reread = reread;
        this.closing = closing;
        this.opened = opened;
    }

    boolean isClosing() {
        return closing.getAsBoolean();
    }

    /**
     * Returns when all that commits before {@code until} is handed over, or the capture is to end.
     *
     * @param into     the assembler, or what stands before it
     * @param selected which of the events are handed over
     */
    void read(
            SlotStream wanted,
            Lsn from,
            Lsn until,
            TransactionAssembler assembler,
            WalSink into,
            UnaryOperator<List<CaptureEvent>> selected)
            throws CaptureException, SQLException, InterruptedException {
        var sink = new UntilSink(into, until);
        var decoder = new PgOutputDecoder(sink);
        try (var stream = new SlotTakeover(wanted, closing).open(from)) {
            opened.accept(stream);
            boolean atEnd = false;
            while (!atEnd && !sink.isReached() && !isClosing()) {
                ByteBuffer message = stream.read();
                if (message != null) {
                    assembler.at(stream.lastReceived());
                    decoder.decode(message);
                } else {
                    stream.heartbeat(); // answered with how far a quiet server has read
                }
                boolean between = !assembler.insideTransaction();
                handOver(assembler, between, selected, () -> isAlive(stream, wanted));
                atEnd = message == null && between && stream.lastReceived().compareTo(until) >= 0;
            }
        }
    }

    private void handOver(
            TransactionAssembler assembler,
            boolean between,
            UnaryOperator<List<CaptureEvent>> selected,
            Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        CaptureException fault = assembler.fault();
        if (fault != null) {
            throw fault;
        }
        EventBatch batch = assembler.batch();
        if (batch.isEmpty() || (!between && batch.bytes() < BATCH_BYTES)) {
            return;
        }
        long bytes = batch.bytes();
        reread.handOn(selected.apply(assembler.takeEvents()), bytes, outlet, waiting);
    }

    private boolean isAlive(ReplicationConnection stream, SlotStream wanted) throws CaptureException {
        try {
            stream.heartbeat();
        } catch (SQLException e) {
            throw new CaptureException("The stream of slot " + wanted.slot() + " ended.", true, e);
        }
        return !isClosing();
    }
}
