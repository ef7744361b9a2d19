package io.paillette.capture.stream;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Which table's rows are to be read next, between transactions of the stream: one to be read again, or one that joined. */
final class DueTables {

    private static final long BETWEEN_LOOKS_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Joins joins;
    private final EarlierWriters earlierWriters = new EarlierWriters();
    private long lastLookNanos = System.nanoTime();

    DueTables(Joins joins) {
        this.joins = joins;
    }

    /** Null when there is none, or the one whose turn it is has to wait. */
    @Nullable
    Integer next(Connection catalog, TableSnapshots snapshots) throws SQLException {
        Integer joined = joins.joined().poll();
        if (joined != null) {
            snapshots.joined(joined);
        }
        List<Integer> again = snapshots.progress().again();
        return again.isEmpty() ? nextReady(catalog, snapshots) : onceWritersAreDone(catalog, again.get(0));
    }

    /** Leaves out those whose turn came in another way since they were handed over. */
    private @Nullable Integer nextReady(Connection catalog, TableSnapshots snapshots) throws SQLException {
        CapturedTable next = joins.ready().peek();
        while (next != null && snapshots.progress().tables().stream().anyMatch(next::isReadBy)) {
            joins.ready().remove();
            next = joins.ready().peek();
        }
        if (next == null) {
            return null;
        }
        snapshots.expect(next.oid());
        Integer ready = onceWritersAreDone(catalog, next.oid());
        if (ready != null) {
            joins.ready().remove();
        }
        return ready;
    }

    /**
     * Null as long as one runs that does now: its changes may have come already, without being visible yet, or have been
     * withheld before a restart, and its id is not known here. Those that come from now on are known.
     */
    private @Nullable Integer onceWritersAreDone(Connection catalog, int oid) throws SQLException {
        if (System.nanoTime() - lastLookNanos < BETWEEN_LOOKS_NANOS) {
            return null;
        }
        lastLookNanos = System.nanoTime();
        if (!earlierWriters.areDone(catalog, oid, 0)) {
            return null;
        }
        earlierWriters.forgetAllBut(Set.of());
        return oid;
    }
}
