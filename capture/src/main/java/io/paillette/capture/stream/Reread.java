package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.UnavailableValues.Handling;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.snapshot.CurrentRows;
import io.paillette.capture.snapshot.Visibility;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the source for the values that changes leave out, on a connection of its own, and hands the changes on. A value is
 * that of the row when it is asked for, never of before its change; where the row is gone, has another key or no value any
 * more, the change stays without. What is locked, or not visible yet, is waited for. For one thread.
 */
final class Reread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Reread.class);

    private static final int FIRST_ROWS = 16;
    private static final int MOST_ROWS = 256;

    /** So much ends a part, one row more at most: what comes is held in memory until it is handed on. */
    private static final long ENOUGH_BYTES = 4 << 20;

    /** Then the replication stream wants a sign of life. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final PreparedSource prepared;
    private final boolean asked;
    private final WatchConnection connection;

    /** By table: values are as large as they are, and so is what is asked for at once the next time. */
    private final Map<Integer, Integer> rowsAtOnce = new HashMap<>();

    Reread(PreparedSource prepared) {
        this.prepared = prepared;
        this.asked = prepared.source().settings().told().unavailable().handling() == Handling.REREAD;
        this.connection = new WatchConnection(prepared.source());
    }

    /** In parts where values are asked for; {@code bytes} is what all take without these. */
    void handOn(List<CaptureEvent> events, long bytes, Outlet outlet, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        if (!asked || events.stream().allMatch(event -> Lacking.of(event) == null)) {
            if (!events.isEmpty()) {
                outlet.put(events, bytes, waiting);
            }
            return;
        }
        int from = 0;
        long left = bytes;
        while (from < events.size()) {
            List<CaptureEvent> rest = events.subList(from, events.size());
            List<CaptureEvent> filled = filled(rest.subList(0, endOfPart(rest)), waiting);
            if (!filled.isEmpty()) {
                long share = left * filled.size() / rest.size();
                left -= share;
                long added = bytes(filled) - bytes(rest.subList(0, filled.size()));
                outlet.put(filled, share + added, waiting);
                from += filled.size();
            }
        }
    }

    private int endOfPart(List<CaptureEvent> events) {
        Map<Integer, Integer> lacking = new HashMap<>();
        int to = 0;
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Row row && Lacking.of(row) != null) {
                int oid = row.relation().oid();
                if (lacking.merge(oid, 1, Integer::sum) > rowsAtOnce.getOrDefault(oid, FIRST_ROWS)) {
                    return to;
                }
            }
            to++;
        }
        return to;
    }

    /**
     * The first of them, up to one of which the answer was too long to say anything: empty where that is the very first. The
     * table of that one is asked for fewer rows then, and a single one is always answered.
     */
    private List<CaptureEvent> filled(List<CaptureEvent> events, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        IdentityHashMap<Relation, Lacking> lacking = new IdentityHashMap<>();
        List<Lacking> inOrder = new ArrayList<>();
        Set<Long> xids = new HashSet<>();
        for (CaptureEvent event : events) {
            Tuple without = Lacking.of(event);
            if (without != null && event instanceof CaptureEvent.Row row) {
                xids.add(row.transaction().xid());
                lacking.computeIfAbsent(row.relation(), relation -> {
                            var first = new Lacking(relation);
                            inOrder.add(first);
                            return first;
                        })
                        .add(without);
            }
        }
        if (!inOrder.isEmpty()) {
            ask(inOrder, xids, waiting);
        }
        List<CaptureEvent> filled = new ArrayList<>(events.size());
        for (CaptureEvent event : events) {
            CaptureEvent next = filled(event, lacking);
            if (next == null) {
                return filled;
            }
            filled.add(next);
        }
        return filled;
    }

    /** Null while it is not known whether there is anything. */
    private static @Nullable CaptureEvent filled(CaptureEvent event, IdentityHashMap<Relation, Lacking> lacking) {
        Tuple without = Lacking.of(event);
        if (without == null || !(event instanceof CaptureEvent.Row row)) {
            return event;
        }
        Lacking of = lacking.get(row.relation());
        return of == null ? event : of.filled(row, without);
    }

    /** Until there is an answer or an end: stopping would only be starting over. */
    private void ask(List<Lacking> lacking, Set<Long> xids, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        boolean told = false;
        while (true) {
            if (!waiting.goOn()) {
                throw new InterruptedException("closing");
            }
            boolean wasOpen = connection.isOpen();
            String obstacle;
            try {
                if (isAnswered(lacking, xids, waiting)) {
                    return;
                }
                obstacle = "transactions that committed are not visible yet; is a synchronous standby away?";
            } catch (CaptureException e) {
                if (isOf(e, Faults::isLocked)) {
                    obstacle = String.valueOf(e.getMessage());
                } else if (wasOpen && isOf(e, Faults::isLost)) {
                    // Servers and what is between end connections that are idle; a new one tells whether it is more.
                    LOG.debug("source {}: the connection for values is made anew", prepared.name(), e);
                    dropConnection();
                    continue;
                } else {
                    throw e;
                }
            }
            if (!told) {
                told = true;
                LOG.warn("Source {}: waits for values that the WAL leaves out: {}", prepared.name(), obstacle);
            }
        }
    }

    private static boolean isOf(CaptureException fault, Predicate<SQLException> kind) {
        return fault.getCause() instanceof SQLException cause && kind.test(cause);
    }

    /** False when the changes are not visible yet. */
    private boolean isAnswered(List<Lacking> lacking, Set<Long> xids, Outlet.Waiting waiting)
            throws CaptureException, InterruptedException {
        try {
            Connection own = connection.get();
            if (!new Visibility(own, prepared.server()).isReached(xids, LOOK)) {
                return false;
            }
            var rows = new CurrentRows(own);
            long room = ENOUGH_BYTES;
            for (Lacking of : lacking) {
                if (room > 0 && !of.isAnswered()) {
                    if (!waiting.goOn()) {
                        throw new InterruptedException("closing");
                    }
                    of.ask(rows, room);
                    learn(of);
                }
                room -= of.found().bytes();
            }
            return true;
        } catch (SQLException e) {
            throw Faults.of("Values that the WAL leaves out cannot be read", e);
        }
    }

    private void learn(Lacking of) {
        CurrentRows.Found found = of.found();
        if (found.count() > 0) {
            long fit = ENOUGH_BYTES * found.count() / Math.max(1, found.bytes());
            rowsAtOnce.put(of.oid(), (int) Math.max(1, Math.min(MOST_ROWS, fit)));
        }
    }

    private static long bytes(List<CaptureEvent> events) {
        long bytes = 0;
        for (CaptureEvent event : events) {
            Tuple after = event instanceof CaptureEvent.Row row ? row.after() : null;
            bytes += after == null ? 0 : after.bytes();
        }
        return bytes;
    }

    private void dropConnection() throws CaptureException {
        try {
            connection.drop();
        } catch (SQLException e) {
            throw Faults.of("The connection for values that the WAL leaves out did not close", e);
        }
    }

    /** From another thread: makes whatever is waited for fail. */
    void abort() throws SQLException {
        connection.abort();
    }

    /** The connection is a new one the next time. */
    @Override
    public void close() throws SQLException {
        connection.drop();
    }
}
