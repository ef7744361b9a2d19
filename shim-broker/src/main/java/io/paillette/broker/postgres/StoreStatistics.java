package io.paillette.broker.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * How the store's tables fare, as Postgres tells it.
 *
 * @param single         values of the database as a whole, by their column
 * @param deadRows       by table
 * @param hotUpdateRatio by table; tables that were never updated are missing
 * @param retainedWal    bytes, by replication slot of this database
 */
public record StoreStatistics(
        Map<String, Double> single,
        Map<String, Double> deadRows,
        Map<String, Double> hotUpdateRatio,
        Map<String, Double> retainedWal) {

    static final StoreStatistics NONE = new StoreStatistics(Map.of(), Map.of(), Map.of(), Map.of());

    public StoreStatistics {
        single = Map.copyOf(single);
        deadRows = Map.copyOf(deadRows);
        hotUpdateRatio = Map.copyOf(hotUpdateRatio);
        retainedWal = Map.copyOf(retainedWal);
    }

    /** NaN before the first look. */
    public double value(String column) {
        return single.getOrDefault(column, Double.NaN);
    }

    static StoreStatistics read(Connection connection, NamedQueries queries) throws SQLException {
        return new StoreStatistics(
                rows(connection, queries.get("database")),
                rows(connection, queries.get("deadRows")),
                rows(connection, queries.get("hotUpdateRatio")),
                rows(connection, queries.get("retainedWal")));
    }

    private static Map<String, Double> rows(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            var values = new HashMap<String, Double>();
            while (rows.next()) {
                values.put(rows.getString(1), rows.getDouble(2));
            }
            return values;
        }
    }
}
