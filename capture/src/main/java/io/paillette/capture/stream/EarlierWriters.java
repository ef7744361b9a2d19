package io.paillette.capture.stream;

import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Transactions that may have written a table before it was first asked about; what they did must be among its rows when these
 * are read. They hold their locks until others see what they did, also while a synchronous standby is waited for. For one
 * thread.
 */
final class EarlierWriters {

    private static final String WRITERS = SqlText.load("writers_of");

    private final Map<Integer, Asked> first = new HashMap<>();

    private record Asked(long since, Set<String> writers) {}

    /**
     * Whether none of those still runs that did when this was asked of the table for the first time.
     *
     * @param since the transaction that marked it as one whose rows are to be read; another one is another first time
     */
    boolean areDone(Connection connection, int oid, long since) throws SQLException {
        Set<String> now = writers(connection, oid);
        Asked earlier = first.get(oid);
        if (earlier == null || earlier.since() != since) {
            earlier = new Asked(since, Set.copyOf(now));
            first.put(oid, earlier);
        }
        return earlier.writers().stream().noneMatch(now::contains);
    }

    void forget(int oid) {
        first.remove(oid);
    }

    private static Set<String> writers(Connection connection, int oid) throws SQLException {
        try (var query = connection.prepareStatement(WRITERS)) {
            query.setLong(1, Integer.toUnsignedLong(oid));
            try (var row = query.executeQuery()) {
                Set<String> writers = new HashSet<>();
                while (row.next()) {
                    writers.add(row.getString(1));
                }
                return writers;
            }
        }
    }
}
