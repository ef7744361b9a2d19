package io.paillette.capture.stream;

import io.paillette.capture.BackfillProgress;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.snapshot.Chunk;
import io.paillette.capture.snapshot.Chunk.KeyedRow;
import io.paillette.capture.snapshot.TableReader;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Hands over rows of backfills, each with the position that says so; and the progress alone where there is no row. */
final class BackfillOutlet {

    private static final long BATCH_BYTES = 64 << 10;

    private final TableSnapshots snapshots;
    private final Outlet outlet;

    BackfillOutlet(TableSnapshots snapshots, Outlet outlet) {
        this.snapshots = snapshots;
        this.outlet = outlet;
    }

    List<BackfillProgress> progress() {
        return snapshots.progress().backfills();
    }

    /** Whether other rows of the table come first. */
    boolean isAwaited(int oid) {
        return snapshots.isAwaited(oid);
    }

    /** Whether all rows up to there are. */
    boolean isStored(BackfillProgress now) {
        return outlet.stored().snapshot().backfills().contains(now);
    }

    void put(BackfillProgress now, StreamPlace place) throws CaptureException, InterruptedException {
        put(snapshots.progress().backfilled(now).backfills(), place);
    }

    void put(List<BackfillProgress> all, StreamPlace place) throws CaptureException, InterruptedException {
        snapshots.backfilling(all);
        var end = place.boundary().end();
        outlet.put(
                List.of(new CaptureEvent.SnapshotStep(place.boundary().moved(end, snapshots.progress()))),
                TableReader.ROW_OVERHEAD_BYTES,
                place.waiting());
    }

    /**
     * @param rows      some of the chunk's
     * @param later     rows that it overtakes are left out
     * @return the progress after them, which is still to be put
     */
    BackfillProgress putRows(
            BackfillProgress before, Chunk chunk, List<KeyedRow> rows, LaterChanges later, StreamPlace place)
            throws CaptureException, InterruptedException {
        Instant read = Instant.now().truncatedTo(ChronoUnit.MICROS);
        var transaction = new TransactionInfo(0, chunk.until(), read, place.boundary());
        var end = place.boundary().end();
        BackfillProgress now = before;
        List<CaptureEvent> events = new ArrayList<>();
        long bytes = 0;
        for (KeyedRow row : rows) {
            if (later.overtake(chunk.relation(), row)) {
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
                    place.boundary().moved(end, snapshots.progress().backfilled(now)),
                    List.of(),
                    Optional.of(before.asked())));
            bytes += row.bytes() + TableReader.ROW_OVERHEAD_BYTES;
            if (bytes >= BATCH_BYTES) {
                outlet.put(events, bytes, place.waiting());
                events = new ArrayList<>();
                bytes = 0;
            }
        }
        if (!events.isEmpty()) {
            outlet.put(events, bytes, place.waiting());
        }
        return now;
    }
}
