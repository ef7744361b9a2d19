package io.paillette.capture;

import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A database that knows nothing of the source but the events of its capture. Tables go by OID, so that a table that was
 * dropped and made again is another one. An event that comes again after a restart is known by its place and left out.
 */
final class Replica implements AutoCloseable {

    private static final Lsn LAST = new Lsn(-1);

    private final Connection connection;
    private final Map<Integer, ReplicaTable> tables = new HashMap<>();
    private final Map<Integer, Place> applied = new HashMap<>();

    /** Where the rows that were read of each table come from: those of another reading replace them. */
    private final Map<Integer, Reading> readings = new HashMap<>();

    /**
     * Rows that were read after others of their table, which may have another shape: the shapes of the stream are those of
     * the rows read first, until it has come to where these were read.
     */
    private final Map<Integer, List<CaptureEvent.Row>> readLater = new HashMap<>();

    /** Tables without a key of which the reading was gone on with after some had been changed that were not read yet. */
    private final Set<Integer> readOn = new HashSet<>();

    /** Those of them that were changed by a transaction that was in progress when the reading began. */
    private final Set<Integer> overlapping = new HashSet<>();

    private final Map<Integer, AssertionError> faults = new HashMap<>();
    private final Map<Integer, TableSnapshot> snapshots = new HashMap<>();

    /** {@code until}: of its first segment. */
    private record Reading(Object name, Lsn until) {

        static Reading of(CaptureEvent.Row row) {
            return row.position()
                    .snapshot()
                    .reading(row.relation().oid())
                    .map(table ->
                            new Reading(table.first().snapshot(), table.first().until()))
                    .orElseGet(() ->
                            new Reading(row.transaction(), row.transaction().commit()));
        }
    }

    private record Place(Lsn commit, long ordinal) {
        boolean isBefore(Place other) {
            int order = commit.compareTo(other.commit);
            return order < 0 || (order == 0 && ordinal < other.ordinal);
        }
    }

    Replica(Database database) throws SQLException {
        connection = DriverManager.getConnection(database.url() + "&stringtype=unspecified");
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            for (String setting : RandomWorkload.TEXT_SETTINGS) {
                statement.execute(setting);
            }
        }
    }

    Optional<ReplicaTable> table(int oid) {
        return Optional.ofNullable(tables.get(oid));
    }

    /** What could not be applied to the table, and left it as it is from then on. */
    Optional<AssertionError> fault(int oid) {
        return Optional.ofNullable(faults.get(oid));
    }

    void apply(CaptureEvent event) throws SQLException {
        if (event instanceof CaptureEvent.Row row) {
            guarded(row.relation().oid(), event, () -> apply(row));
        } else if (event instanceof CaptureEvent.Truncate truncate) {
            for (Relation relation : truncate.relations()) {
                guarded(relation.oid(), event, () -> apply(truncate, relation));
            }
        } else if (event instanceof CaptureEvent.SnapshotStep step) {
            for (TableSnapshot table : step.position().snapshot().tables()) {
                finishReading(table);
            }
        }
    }

    /** A table that was dropped before its rows could be read has changes that meet none: no fault if it stays away. */
    private void guarded(int oid, CaptureEvent event, Change change) throws SQLException {
        if (event instanceof CaptureEvent.Row row && isOfNewReading(row)) {
            faults.remove(oid);
        }
        if (faults.containsKey(oid)) {
            return;
        }
        Savepoint before = connection.setSavepoint();
        try {
            change.apply();
            connection.releaseSavepoint(before);
        } catch (AssertionError | SQLException | RuntimeException e) {
            connection.rollback(before);
            faults.put(oid, new AssertionError(describe(event), e));
        }
    }

    private static String describe(CaptureEvent event) {
        return event instanceof CaptureEvent.Row row
                ? row + " with the new row "
                        + (row.after() == null ? null : RunningCapture.values(given(row.after()))) + " and the old row "
                        + (row.before() == null ? null : RunningCapture.values(given(row.before())))
                : event.toString();
    }

    @FunctionalInterface
    private interface Change {
        void apply() throws SQLException;
    }

    void commit() throws SQLException {
        connection.commit();
    }

    /** A capture begins in the middle of the table, and reads on by the place of its rows. */
    void readOn(int oid) {
        readOn.add(oid);
    }

    private void apply(CaptureEvent.Row row) throws SQLException {
        int oid = row.relation().oid();
        if (row.kind() == CaptureEvent.Kind.READ) {
            Reading reading = Reading.of(row);
            if (isOfNewReading(row)) {
                readings.put(oid, reading);
                tables.put(oid, new ReplicaTable(connection, row.relation()));
                applied.remove(oid);
                readLater.remove(oid);
                readOn.remove(oid);
                overlapping.remove(oid);
            }
            if (row.transaction().commit().equals(reading.until())) {
                shaped(row.relation()).insert(given(row.after()));
            } else {
                readLater.computeIfAbsent(oid, first -> new ArrayList<>()).add(row);
            }
        } else if (isNew(oid, row.transaction(), row.ordinal())) {
            takeIn(oid, row.transaction().commit());
            try {
                change(row);
            } catch (AssertionError e) {
                // A commit that was seen late may be of one of the rows read later.
                if (readLater.containsKey(oid)) {
                    takeIn(oid, LAST);
                    changeOnceMore(row);
                } else {
                    changeOfUnread(row, e);
                }
            }
            if (isOverlapping(row)) {
                overlapping.add(oid);
                keepOneOfEach(oid);
            }
        }
    }

    private void changeOnceMore(CaptureEvent.Row row) throws SQLException {
        try {
            change(row);
        } catch (AssertionError e) {
            changeOfUnread(row, e);
        }
    }

    /** What a savepoint of a transaction wrote that was in progress when the reading began may come as read and as changed. */
    private void keepOneOfEach(int oid) throws SQLException {
        ReplicaTable table = tables.get(oid);
        if (table != null) {
            table.dropTheOneThatIsThereTwice();
        }
    }

    /** By a transaction that was in progress when the first rows of a table were read of which the reading was gone on with. */
    private boolean isOverlapping(CaptureEvent.Row row) {
        Reading reading = readings.get(row.relation().oid());
        return reading != null
                && readOn.contains(row.relation().oid())
                && Arrays.stream(String.valueOf(reading.name())
                                .replaceFirst(".*:", "")
                                .split(",", -1))
                        .filter(xid -> !xid.isEmpty())
                        .anyMatch(xid -> (int) Long.parseLong(xid)
                                == (int) row.transaction().xid());
    }

    /** Of a row that was changed before its place was read only the change is told: it has the whole old row. */
    private void changeOfUnread(CaptureEvent.Row row, AssertionError notThere) throws SQLException {
        Tuple before = row.before();
        if (!readOn.contains(row.relation().oid()) || before == null || row.beforeIsKeyOnly()) {
            throw notThere;
        }
        if (row.after() != null) {
            shaped(row.relation()).insert(row.after().filledFrom(before));
        }
    }

    private void change(CaptureEvent.Row row) throws SQLException {
        ReplicaTable table = shaped(row.relation());
        switch (row.kind()) {
            case INSERT -> table.insert(given(row.after()));
            case UPDATE -> table.update(row.before(), row.beforeIsKeyOnly(), given(row.after()));
            default -> table.delete(given(row.before()), row.beforeIsKeyOnly());
        }
    }

    /** Nothing comes any more. */
    void takeInAll() throws SQLException {
        for (int oid : List.copyOf(readLater.keySet())) {
            if (!faults.containsKey(oid)) {
                takeIn(oid, LAST);
            }
        }
        connection.commit();
    }

    /** Rows of the table that were read before {@code commit}. */
    private void takeIn(int oid, Lsn commit) throws SQLException {
        List<CaptureEvent.Row> rows = readLater.getOrDefault(oid, new ArrayList<>());
        while (!rows.isEmpty() && rows.get(0).transaction().commit().compareTo(commit) <= 0) {
            CaptureEvent.Row row = rows.remove(0);
            shaped(row.relation()).insert(given(row.after()));
            if (overlapping.contains(oid)) {
                keepOneOfEach(oid);
            }
        }
        if (rows.isEmpty()) {
            readLater.remove(oid);
        }
    }

    private void apply(CaptureEvent.Truncate truncate, Relation relation) throws SQLException {
        if (isNew(relation.oid(), truncate.transaction(), truncate.ordinal())) {
            readLater.remove(relation.oid());
            shaped(relation).clear();
        }
    }

    private boolean isOfNewReading(CaptureEvent.Row row) {
        return row.kind() == CaptureEvent.Kind.READ
                && !Reading.of(row).equals(readings.get(row.relation().oid()));
    }

    /** A table that had no rows when it was read shows so by the step alone. */
    private void finishReading(TableSnapshot table) throws SQLException {
        if (table.equals(snapshots.put(table.oid(), table))) {
            return;
        }
        Reading reading = readings.get(table.oid());
        if (reading == null || !reading.until().equals(table.first().until())) {
            tables.remove(table.oid());
            faults.remove(table.oid());
            applied.remove(table.oid());
            readLater.remove(table.oid());
            readOn.remove(table.oid());
        }
    }

    private boolean isNew(int oid, TransactionInfo transaction, long ordinal) {
        var place = new Place(transaction.commit(), ordinal);
        Place last = applied.get(oid);
        if (last != null && !last.isBefore(place)) {
            return false;
        }
        applied.put(oid, place);
        return true;
    }

    private ReplicaTable shaped(Relation relation) throws SQLException {
        ReplicaTable table = tables.get(relation.oid());
        if (table == null) {
            table = new ReplicaTable(connection, relation);
            tables.put(relation.oid(), table);
        }
        table.follow(relation);
        return table;
    }

    private static Tuple given(@Nullable Tuple tuple) {
        return Objects.requireNonNull(tuple, "the event lacks its row");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
