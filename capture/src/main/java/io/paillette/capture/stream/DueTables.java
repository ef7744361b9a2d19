package io.paillette.capture.stream;

import io.paillette.capture.CaptureException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which table's rows are to be read next, between transactions of the stream: one to be read again, or one that joined. Each
 * waits for those who wrote it before: what they did before it was published is not in the stream, and what came already may
 * not be visible yet, or was withheld before a restart and its transaction is not known here.
 */
final class DueTables {

    private static final Logger LOG = LoggerFactory.getLogger(DueTables.class);
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PreparedSource prepared;
    private final Joins joins;
    private final EarlierWriters earlierWriters = new EarlierWriters();
    private final Set<Integer> joining = new LinkedHashSet<>();
    private final Map<Integer, Long> firstLooksNanos = new HashMap<>();
    private long lastLookNanos = System.nanoTime();
    private long pauseNanos = SHORTEST_PAUSE_NANOS;

    DueTables(PreparedSource prepared, Joins joins) {
        this.prepared = prepared;
        this.joins = joins;
    }

    /** Null when there is none, or all have to wait. */
    @Nullable
    DueTable next(Connection catalog, RelationLookup lookup, TableSnapshots snapshots)
            throws CaptureException, SQLException {
        takeIn(snapshots);
        List<Integer> again = snapshots.progress().again();
        if ((joining.isEmpty() && again.isEmpty()) || System.nanoTime() - lastLookNanos < pauseNanos) {
            return null;
        }
        lastLookNanos = System.nanoTime();
        Set<Integer> all = new LinkedHashSet<>(again);
        all.addAll(joining);
        for (int oid : all) {
            Optional<Long> mark = prepared.publications().joiningSince(catalog, oid);
            if (!again.contains(oid) && !isToBeRead(oid, mark, snapshots)) {
                snapshots.expectNoMore(oid);
                forget(oid);
            } else if (earlierWriters.areDone(catalog, oid, mark.orElse(0L))) {
                forget(oid);
                return new DueTable(oid, mark.orElse(0L));
            } else {
                lookup.forgetVisible(snapshots.toContain(oid));
                tellOfLongWait(oid);
            }
        }
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
        return null;
    }

    private void takeIn(TableSnapshots snapshots) {
        for (Integer joined = joins.joined().poll();
                joined != null;
                joined = joins.joined().poll()) {
            snapshots.joined(joined);
        }
        for (Integer ready = joins.ready().poll();
                ready != null;
                ready = joins.ready().poll()) {
            joining.add(ready);
            snapshots.expect(ready);
            pauseNanos = SHORTEST_PAUSE_NANOS;
        }
    }

    /** It may have been read since it was handed over, or not be captured any more. */
    private static boolean isToBeRead(int oid, Optional<Long> mark, TableSnapshots snapshots) {
        return mark.isPresent()
                && snapshots.progress().tables().stream()
                        .noneMatch(table -> table.oid() == oid && table.mark() == mark.get());
    }

    private void forget(int oid) {
        joining.remove(oid);
        earlierWriters.forget(oid);
        firstLooksNanos.remove(oid);
        pauseNanos = SHORTEST_PAUSE_NANOS;
    }

    private void tellOfLongWait(int oid) {
        Long first = firstLooksNanos.putIfAbsent(oid, System.nanoTime());
        if (first != null && first != 0 && System.nanoTime() - first > PATIENCE_NANOS) {
            firstLooksNanos.put(oid, 0L);
            LOG.warn(
                    "Source {}: the rows of table {} are read once the transactions that write it have ended; see pg_locks"
                            + " for relation {}",
                    prepared.name(),
                    Integer.toUnsignedString(oid),
                    Integer.toUnsignedString(oid));
        }
    }
}
