package io.paillette.capture.snapshot;

import io.paillette.capture.catalog.Faults;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.catalog.TableIdentity;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Holds a table in its shape until the end of a transaction, in which nothing was asked yet. */
final class TableLock {

    private static final String LOCK = SqlText.load("lock_table");

    /** No table, or no schema, of that name. */
    private static final Set<String> RENAMED = Set.of("42P01", "3F000");

    private final Connection connection;

    TableLock(Connection connection) {
        this.connection = connection;
    }

    /**
     * Locks the table by its name, and looks again where another session has renamed it until then.
     *
     * @return the table as a FROM clause names it; empty when it was dropped
     */
    Optional<String> take(int oid) throws SQLException {
        Optional<String> name = tableExpressionFreshly(oid);
        while (name.isPresent() && !isLocked(oid, name.get())) {
            connection.rollback();
            name = tableExpressionFreshly(oid);
        }
        return name;
    }

    /** Ends the snapshot of its query: the next is taken under the lock and sees the table in the very shape that COPY reads. */
    private Optional<String> tableExpressionFreshly(int oid) throws SQLException {
        Optional<String> name = tableExpression(oid);
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
        return tableExpression(oid).equals(Optional.of(name));
    }

    private Optional<String> tableExpression(int oid) throws SQLException {
        return TableIdentity.find(connection, oid).map(TableIdentity::expression);
    }
}
