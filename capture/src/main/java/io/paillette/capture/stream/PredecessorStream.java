package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureSettings;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Predecessor;
import io.paillette.capture.Relation;
import io.paillette.capture.TableSelection;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.snapshot.KeyComparison;
import io.paillette.capture.snapshot.TableReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the slot of a predecessor up to where ours takes over. Nothing is confirmed to it. Its publication may tell more than
 * what is captured.
 */
final class PredecessorStream {

    private static final Logger LOG = LoggerFactory.getLogger(PredecessorStream.class);

    private final PreparedSource prepared;
    private final Predecessor predecessor;
    private final Outlet outlet;
    private final Stretch stretch;
    private final TableSelection captured;
    private long rowsThere;

    PredecessorStream(PreparedSource prepared, Predecessor predecessor, Outlet outlet, Stretch stretch) {
        this.prepared = prepared;
        this.predecessor = predecessor;
        this.outlet = outlet;
        this.stretch = stretch;
        this.captured = prepared.source().settings().tables();
    }

    /**
     * Returns when all is handed over that our own slot does not have, or the capture is to end.
     *
     * @return where our own slot goes on
     */
    Position read(Connection catalog) throws CaptureException, SQLException, InterruptedException {
        CaptureSettings settings = prepared.source().settings();
        Position from = prepared.from();
        LOG.info(
                "Source {}: slot {} is read from {} to {}, where slot {} takes over",
                prepared.name(),
                predecessor.slot(),
                from.end(),
                predecessor.until(),
                prepared.slot());
        var snapshots = TableSnapshots.passing(from.snapshot(), Set.of());
        var assembler = new TransactionAssembler(
                RelationLookup.ofPredecessor(catalog, prepared),
                snapshots,
                new OvertakenRows(),
                Signals.none(snapshots),
                new EventBatch(new KeyComparison(catalog)),
                settings,
                from);
        var wanted = new SlotStream(
                prepared.source(),
                prepared.server(),
                predecessor.slot(),
                SqlText.identifier(predecessor.publication()));
        stretch.read(wanted, from.end(), predecessor.until(), assembler, assembler, this::selected);
        Position taken = from.takenOver(predecessor);
        if (!stretch.isClosing()) {
            tellRead();
            outlet.put(
                    List.of(new CaptureEvent.Progress(taken)),
                    TableReader.ROW_OVERHEAD_BYTES,
                    () -> !stretch.isClosing());
        }
        return taken;
    }

    private void tellRead() {
        if (predecessor.slot().equals(prepared.slot())) {
            LOG.info("Source {}: slot {} is read to there, and goes on as ours", prepared.name(), predecessor.slot());
        } else {
            LOG.info(
                    "Source {}: slot {} is read; drop it once there is no way back: SELECT pg_drop_replication_slot({})",
                    prepared.name(),
                    predecessor.slot(),
                    SqlText.literal(predecessor.slot()));
        }
    }

    private List<CaptureEvent> selected(List<CaptureEvent> all) {
        List<CaptureEvent> selected = new ArrayList<>(all.size());
        for (CaptureEvent event : all) {
            if (event instanceof CaptureEvent.Truncate truncate) {
                truncated(truncate, selected);
            } else if (event instanceof CaptureEvent.LogicalMessage message) {
                if (!wasPassed(message.transaction(), message.lsn())) {
                    selected.add(message);
                }
            } else if (!(event instanceof CaptureEvent.Row row) || isToTell(row)) {
                selected.add(event);
            }
        }
        return selected;
    }

    private void truncated(CaptureEvent.Truncate truncate, List<CaptureEvent> events) {
        List<Relation> told = truncate.relations().stream()
                .filter(relation -> captured.contains(relation.name()))
                .toList();
        if (!told.isEmpty() && !wasPassed(truncate.transaction(), truncate.lsn())) {
            events.add(truncate.of(told));
        }
    }

    private boolean isToTell(CaptureEvent.Row row) {
        boolean toTell = captured.contains(row.relation().name()) && !wasDelivered(row);
        if (toTell
                && prepared.source()
                        .settings()
                        .signals()
                        .filter(row.relation().name()::equals)
                        .isPresent()) {
            LOG.warn(
                    "Source {}: a signal at {} is of before the take-over and is not carried out: send it again",
                    prepared.name(),
                    row.lsn());
        }
        return toTell;
    }

    private boolean wasDelivered(CaptureEvent.Row row) {
        return wasPassed(row.transaction(), row.lsn())
                || (isOfDelivered(row.transaction())
                        && prepared.from().ordinal() == 0
                        && row.lsn().equals(predecessor.delivered().lsn())
                        && rowsThere++ < predecessor.delivered().rows());
    }

    /** What stands before the last row that was delivered was delivered, or left out on purpose. */
    private boolean wasPassed(TransactionInfo transaction, Lsn lsn) {
        return isOfDelivered(transaction)
                && lsn.compareTo(predecessor.delivered().lsn()) < 0;
    }

    /** Of rows at the very place a position of ours behind one of them says by its ordinal how many there were. */
    private boolean isOfDelivered(TransactionInfo transaction) {
        long xid = predecessor.delivered().xid();
        return xid != 0 && xid == transaction.xid();
    }
}
