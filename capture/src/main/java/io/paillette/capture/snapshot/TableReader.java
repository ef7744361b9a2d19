package io.paillette.capture.snapshot;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.Column;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.Tuple;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.ServerFacts;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/**
 * Reads one table at a time, each in a REPEATABLE READ transaction of its own, so that no transaction lasts longer than
 * reading one table and a restart repeats one table at most.
 */
public final class TableReader {

    private static final String LOCK = SqlText.load("lock_table");
    private static final String COPY = SqlText.load("copy_table");

    /** No table, or no schema, of that name. */
    private static final Set<String> RENAMED = Set.of("42P01", "3F000");

    private final Connection connection;
    private final Catalog catalog;
    private final String place;

    public TableReader(Connection connection, ServerFacts server) {
        this.connection = connection;
        this.catalog = new Catalog(connection);
        this.place = Visibility.place(server);
    }

    /**
     * Sends every row of a table to {@code sink} as {@link CaptureEvent.Kind#READ}.
     *
     * @param position of every row: a restart in the middle begins this table anew
     * @return the snapshot the rows were read under; empty when the table was dropped meanwhile
     */
    public Optional<TableSnapshot> read(int oid, Position position, RowSink sink)
            throws CaptureException, InterruptedException {
        try {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            try {
                return readInTransaction(oid, position, sink);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw Faults.of("The rows of table " + oid + " could not be read", e);
        }
    }

    private Optional<TableSnapshot> readInTransaction(int oid, Position position, RowSink sink)
            throws CaptureException, SQLException, InterruptedException {
        Optional<String> from = lock(oid);
        if (from.isEmpty()) {
            return Optional.empty();
        }
        TableSnapshot snapshot;
        Relation relation;
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(place)) {
            row.next();
            Optional<Relation> found = catalog.relationNow(oid);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            relation = found.get();
            snapshot = new TableSnapshot(oid, relation.name(), row.getString(1), Lsn.parse(row.getString(2)));
        }
        copy(relation, from.get(), snapshot, position, sink);
        return Optional.of(snapshot);
    }

    /**
     * Locks the table by its name, and looks again where another session has renamed it until then.
     *
     * @return the table as a FROM clause names it; empty when it was dropped
     */
    private Optional<String> lock(int oid) throws SQLException {
        Optional<String> name = tableExpression(oid);
        while (name.isPresent() && !isLocked(oid, name.get())) {
            connection.rollback();
            name = tableExpression(oid);
        }
        return name;
    }

    /** Ends the snapshot of its query: the next is taken under the lock and sees the table in the very shape that COPY reads. */
    private Optional<String> tableExpression(int oid) throws SQLException {
        Optional<String> name = catalog.tableExpression(oid);
        connection.rollback();
        return name;
    }

    private boolean isLocked(int oid, String name) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(SqlText.fill(LOCK, Map.of("table", name)));
        } catch (SQLException e) {
            if (RENAMED.contains(Faults.state(e))) {
                return false;
            }
            throw e;
        }
        // The name may be another table's by now.
        return catalog.tableExpression(oid).equals(Optional.of(name));
    }

    private void copy(Relation relation, String from, TableSnapshot snapshot, Position position, RowSink sink)
            throws CaptureException, SQLException, InterruptedException {
        String columns = relation.columns().stream()
                .map(Column::name)
                .map(SqlText::identifier)
                .collect(Collectors.joining(", "));
        var transaction =
                new TransactionInfo(0, snapshot.until(), Instant.now().truncatedTo(ChronoUnit.MICROS), position);
        int width = relation.columns().size();
        CopyOut copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyOut(SqlText.fill(COPY, Map.of("columns", columns, "table", from)));
        try {
            for (byte[] line = copy.readFromCopy(); line != null; line = copy.readFromCopy()) {
                Tuple after = CopyText.parse(line, width);
                sink.row(
                        new CaptureEvent.Row(
                                CaptureEvent.Kind.READ,
                                relation,
                                null,
                                false,
                                after,
                                transaction,
                                snapshot.until(),
                                0,
                                position),
                        line.length + ROW_OVERHEAD_BYTES + (long) width * VALUE_OVERHEAD_BYTES);
            }
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** Roughly what a row costs in memory beside its values, on a 64-bit JVM. */
    public static final int ROW_OVERHEAD_BYTES = 160;

    /** Roughly what an array object and its reference cost. */
    public static final int VALUE_OVERHEAD_BYTES = 24;
}
