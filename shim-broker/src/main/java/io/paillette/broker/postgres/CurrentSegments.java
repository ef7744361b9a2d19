package io.paillette.broker.postgres;

import io.paillette.broker.log.SegmentClass;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which table each class is appended to. What is remembered here may be behind: an older table takes appends as well, until it
 * is dropped, and then the append fails and asks again.
 */
final class CurrentSegments {

    private final NamedQueries queries = NamedQueries.load("segments.sql");
    private final NamedQueries logQueries;
    private final Connections general;
    private final Map<SegmentClass, SegmentTable> byClass = new ConcurrentHashMap<>();

    CurrentSegments(Connections general, NamedQueries logQueries) {
        this.general = general;
        this.logQueries = logQueries;
    }

    SegmentTable of(SegmentClass segmentClass) {
        SegmentTable known = byClass.get(segmentClass);
        return known != null ? known : after(segmentClass, 0);
    }

    /** The newest table; a new one when there is none newer than {@code old}. */
    SegmentTable after(SegmentClass segmentClass, long old) {
        long id = general.call("making a segment table", connection -> after(connection, segmentClass, old));
        return remember(segmentClass, id);
    }

    SegmentTable remember(SegmentClass segmentClass, long id) {
        SegmentTable table = SegmentTable.of(id, logQueries);
        byClass.put(segmentClass, table);
        return table;
    }

    void forget() {
        byClass.clear();
    }

    private long after(Connection connection, SegmentClass segmentClass, long old) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(queries.get("segmentAfter"))) {
            statement.setString(1, segmentClass.name());
            statement.setLong(2, old);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /** A table, and the statements that append to it. */
    record SegmentTable(long id, String append, String copy) {

        static SegmentTable of(long id, NamedQueries queries) {
            return new SegmentTable(id, into(id, queries.get("append")), into(id, queries.get("copyBatches")));
        }

        private static String into(long id, String sql) {
            return sql.replace("paillette.batch (", "paillette.batch_" + id + " (");
        }
    }
}
