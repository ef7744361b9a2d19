package io.paillette.capture;

import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A database that knows nothing of the source but the events of its capture. Tables go by OID, so that a table that was
 * dropped and made again is another one. An event that comes again after a restart is known by its place and left out.
 */
final class Replica implements AutoCloseable {

    private final Connection connection;
    private final Map<Integer, ReplicaTable> tables = new HashMap<>();
    private final Map<Integer, Place> applied = new HashMap<>();

    /** Where the rows that were read of each table come from: those of another reading replace them. */
    private final Map<Integer, TransactionInfo> readings = new HashMap<>();

    private final Map<Integer, AssertionError> faults = new HashMap<>();
    private final Map<Integer, TableSnapshot> snapshots = new HashMap<>();

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

    private void apply(CaptureEvent.Row row) throws SQLException {
        int oid = row.relation().oid();
        if (row.kind() == CaptureEvent.Kind.READ) {
            if (isOfNewReading(row)) {
                readings.put(oid, row.transaction());
                tables.put(oid, new ReplicaTable(connection, row.relation()));
                applied.remove(oid);
            }
            shaped(row.relation()).insert(given(row.after()));
        } else if (isNew(oid, row.transaction(), row.ordinal())) {
            ReplicaTable table = shaped(row.relation());
            switch (row.kind()) {
                case INSERT -> table.insert(given(row.after()));
                case UPDATE -> table.update(row.before(), row.beforeIsKeyOnly(), given(row.after()));
                default -> table.delete(given(row.before()), row.beforeIsKeyOnly());
            }
        }
    }

    private void apply(CaptureEvent.Truncate truncate, Relation relation) throws SQLException {
        if (isNew(relation.oid(), truncate.transaction(), truncate.ordinal())) {
            shaped(relation).clear();
        }
    }

    private boolean isOfNewReading(CaptureEvent.Row row) {
        return row.kind() == CaptureEvent.Kind.READ
                && !row.transaction().equals(readings.get(row.relation().oid()));
    }

    /** A table that had no rows when it was read shows so by the step alone. */
    private void finishReading(TableSnapshot table) throws SQLException {
        if (table.equals(snapshots.put(table.oid(), table))) {
            return;
        }
        TransactionInfo reading = readings.get(table.oid());
        if (reading == null || !reading.commit().equals(table.until())) {
            tables.remove(table.oid());
            faults.remove(table.oid());
            applied.remove(table.oid());
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
