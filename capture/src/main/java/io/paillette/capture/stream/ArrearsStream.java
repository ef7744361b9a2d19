package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Position;
import io.paillette.capture.pgoutput.WalSink;
import io.paillette.capture.snapshot.KeyComparison;
import io.paillette.capture.snapshot.TableReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads our own slot once more from where something was left behind up to the position, which stands still meanwhile. */
record ArrearsStream(PreparedSource prepared, Outlet outlet, Stretch stretch) {

    private static final Logger LOG = LoggerFactory.getLogger(ArrearsStream.class);

    /** Returns when all is handed over that is in arrears, or the capture is to end. */
    void read(Connection catalog, Position arrears) throws CaptureException, SQLException, InterruptedException {
        Position until = prepared.from();
        LOG.info("Source {}: read once more from {} to {}", prepared.name(), arrears.end(), until.end());
        // How far tables are read is as the position says, for whoever asks: nothing of that moves here.
        var begin = new Position(
                arrears.end(), arrears.commit(), arrears.ordinal(), until.snapshot(), until.server(), Optional.empty());
        var snapshots = TableSnapshots.passing(until.snapshot(), prepared.joining());
        var lookup = new RelationLookup(catalog, prepared);
        var assembler = new TransactionAssembler(
                lookup,
                snapshots,
                new OvertakenRows(),
                Signals.none(snapshots),
                new EventBatch(new KeyComparison(catalog)),
                prepared.source().settings(),
                begin);
        WalSink into = SeenValues.around(assembler, lookup, prepared);
        stretch.read(prepared.stream(), begin.end(), until.end(), assembler, into, UnaryOperator.identity());
        if (!stretch.isClosing()) {
            outlet.put(
                    List.of(new CaptureEvent.Progress(until)),
                    TableReader.ROW_OVERHEAD_BYTES,
                    () -> !stretch.isClosing());
        }
    }
}
