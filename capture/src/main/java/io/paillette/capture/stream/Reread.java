package io.paillette.capture.stream;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import io.paillette.capture.UnavailableValues.Handling;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.snapshot.CurrentRows;
import io.paillette.capture.snapshot.Visibility;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Asks the source for the values that changes leave out, on a connection of its own, and hands the changes on. A value is
 * that of the row when it is asked for, never of before its change; where the row is gone, has another key or no value any
 * more, the change stays without. For one thread.
 */
final class Reread implements AutoCloseable {

    private static final int MOST_ROWS = 256;

    /** Values are as large as they are, and so is what is asked for at once the next time. */
    private static final long ENOUGH_BYTES = 4 << 20;

    private final PreparedSource prepared;
    private final boolean asked;
    private final WatchConnection connection;
    private int rowsAtOnce = 16;

    /** Where changes go. */
    @FunctionalInterface
    interface Next {
        void put(List<CaptureEvent> events, long bytes) throws CaptureException, InterruptedException;
    }

    Reread(PreparedSource prepared) {
        this.prepared = prepared;
        this.asked = prepared.source().settings().told().unavailable().handling() == Handling.REREAD;
        this.connection = new WatchConnection(prepared.source());
    }

    /** In parts where values are asked for; {@code bytes} is what all take without these. */
    void handOn(List<CaptureEvent> events, long bytes, Next next) throws CaptureException, InterruptedException {
        int from = 0;
        long left = bytes;
        while (from < events.size()) {
            int to = asked ? endOfPart(events, from) : events.size();
            List<CaptureEvent> part = to - from == events.size() ? events : List.copyOf(events.subList(from, to));
            long share = left * (to - from) / (events.size() - from);
            left -= share;
            from = to;
            if (asked && part.stream().anyMatch(Reread::isLacking)) {
                List<CaptureEvent> filled = filled(part);
                long added = bytes(filled) - bytes(part);
                rowsAtOnce = added > ENOUGH_BYTES ? Math.max(1, rowsAtOnce / 2) : Math.min(MOST_ROWS, rowsAtOnce * 2);
                next.put(filled, share + added);
            } else {
                next.put(part, share);
            }
        }
    }

    private int endOfPart(List<CaptureEvent> events, int from) {
        int lacking = 0;
        int to = from;
        while (to < events.size() && lacking < rowsAtOnce) {
            lacking += isLacking(events.get(to++)) ? 1 : 0;
        }
        return to;
    }

    private static boolean isLacking(CaptureEvent event) {
        return event instanceof CaptureEvent.Row row && lacking(row) != null;
    }

    /** The new row of a change that leaves out values, which the old row does not have either. */
    private static @Nullable Tuple lacking(CaptureEvent.Row row) {
        Tuple after = row.after();
        if (after == null || !after.hasUnchanged()) {
            return null;
        }
        Tuple before = row.before();
        Tuple whole = before == null ? after : after.filledFrom(before);
        return whole.hasUnchanged() ? whole : null;
    }

    private List<CaptureEvent> filled(List<CaptureEvent> events) throws CaptureException {
        IdentityHashMap<Relation, Wanted> wanted = new IdentityHashMap<>();
        Set<Long> xids = new HashSet<>();
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Row row) {
                Tuple lacking = lacking(row);
                if (lacking != null) {
                    xids.add(row.transaction().xid());
                    wanted.computeIfAbsent(row.relation(), Wanted::new).add(lacking);
                }
            }
        }
        IdentityHashMap<Relation, Map<List<String>, Tuple>> found = read(wanted, xids);
        List<CaptureEvent> filled = new ArrayList<>(events.size());
        for (CaptureEvent event : events) {
            filled.add(event instanceof CaptureEvent.Row row ? filled(row, found.get(row.relation())) : event);
        }
        return filled;
    }

    private static CaptureEvent filled(CaptureEvent.Row row, @Nullable Map<List<String>, Tuple> found) {
        Tuple lacking = lacking(row);
        if (lacking == null || found == null) {
            return row;
        }
        Optional<Tuple> now =
                CurrentRows.keyOf(row.relation().ownKey(), lacking).map(found::get);
        return now.isEmpty() ? row : row.as(row.kind(), row.before(), lacking.filledFrom(now.get()));
    }

    private IdentityHashMap<Relation, Map<List<String>, Tuple>> read(
            IdentityHashMap<Relation, Wanted> wanted, Set<Long> xids) throws CaptureException {
        IdentityHashMap<Relation, Map<List<String>, Tuple>> found = new IdentityHashMap<>();
        try {
            Connection own = connection.get();
            new Visibility(own, prepared.server()).await(xids);
            var rows = new CurrentRows(own);
            for (Wanted of : wanted.values()) {
                if (!of.keys.isEmpty() && !of.columns.isEmpty()) {
                    found.put(
                            of.relation,
                            rows.rows(of.relation, of.relation.ownKey(), List.copyOf(of.columns), of.keys));
                }
            }
            return found;
        } catch (SQLException e) {
            throw Faults.of("Values that the WAL leaves out cannot be read", e);
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

    /** The connection is a new one the next time. */
    @Override
    public void close() throws SQLException {
        connection.drop();
    }

    /** What of one shape of one table is asked for. */
    private static final class Wanted {

        private final Relation relation;
        private final Set<List<String>> keys = new HashSet<>();
        private final Set<Integer> columns = new TreeSet<>();

        Wanted(Relation relation) {
            this.relation = relation;
        }

        void add(Tuple lacking) {
            CurrentRows.keyOf(relation.ownKey(), lacking).ifPresent(keys::add);
            for (int i = 0; i < lacking.size(); i++) {
                Column column = relation.columns().get(i);
                if (lacking.isUnchanged(i)
                        && (column.exposure().inRow() || relation.key().contains(i))) {
                    columns.add(i);
                }
            }
        }
    }
}
