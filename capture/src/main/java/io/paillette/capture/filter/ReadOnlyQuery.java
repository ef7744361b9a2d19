package io.paillette.capture.filter;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.IntStream;

/**
 * A query of ours with SQL of others in it, in a transaction of its own that is read-only and rolled back: it can change nothing,
 * not even a setting of the session, by which the next one could. Begin, query and end go to the server together, unless the driver
 * waits for one: of a prepared statement it has had described, because of a parameter without a type, with rows of any size.
 */
final class ReadOnlyQuery implements AutoCloseable {

    private static final String BEGIN = "BEGIN READ ONLY;";
    private static final String END = ";ROLLBACK";

    private final Connection connection;
    private final PreparedStatement statement;

    ReadOnlyQuery(Connection connection, String query) throws SQLException {
        this.connection = connection;
        this.statement = connection.prepareStatement(BEGIN + query + END);
    }

    /** How much longer the driver makes a statement: each parameter gets its number. */
    static int numbers(int parameters) {
        return IntStream.rangeClosed(1, parameters)
                .map(number -> String.valueOf(number).length())
                .sum();
    }

    interface Rows {
        void take(ResultSet rows) throws SQLException;
    }

    Connection connection() {
        return connection;
    }

    /** To set its parameters. */
    PreparedStatement statement() {
        return statement;
    }

    void run(Rows rows) throws SQLException {
        try {
            boolean found = statement.execute();
            while (!found) {
                if (statement.getUpdateCount() < 0) {
                    throw new IllegalStateException("a query without rows");
                }
                found = statement.getMoreResults();
            }
            try (ResultSet result = statement.getResultSet()) {
                rows.take(result);
            }
        } catch (SQLException e) {
            end(e);
            throw e;
        }
    }

    /** The server has not come to the end of the transaction. */
    private void end(SQLException failure) {
        try (var rollback = connection.createStatement()) {
            rollback.execute("ROLLBACK");
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public void close() throws SQLException {
        statement.close();
    }
}
