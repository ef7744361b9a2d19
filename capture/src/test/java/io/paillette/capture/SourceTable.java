package io.paillette.capture;

import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A table of the source as a transaction that holds a lock on it sees it.
 *
 * @param identified UPDATE and DELETE reach the capture
 * @param full       they come with the whole old row
 */
record SourceTable(long oid, String name, boolean partitioned, boolean identified, boolean full, List<Column> columns) {

    private static final String TABLES =
            """
            select c.oid, c.relname, c.relkind = 'p' as partitioned,
                   case c.relreplident
                       when 'f' then true
                       when 'd' then exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
                       when 'i' then exists (select from pg_index i where i.indrelid = c.oid and i.indisreplident)
                       else false
                   end as identified,
                   c.relreplident = 'f' as full
            from pg_class c
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
              and c.relname <> 'sentinel'
            """;
    private static final String COLUMNS =
            """
            select a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull,
                   exists (select from pg_index i
                           where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)) as in_key
            from pg_attribute a
            where a.attrelid = ? and a.attnum > 0 and not a.attisdropped
            order by a.attnum
            """;

    /** @param unique NOT NULL, which the workload gives to columns that never hold a value twice, and to no others */
    record Column(String name, String type, boolean unique, boolean inKey) {

        String quoted() {
            return SqlText.identifier(name);
        }
    }

    /** Every table but partitions, without a lock and without columns. */
    static List<SourceTable> all(Connection connection) throws SQLException {
        return read(connection, TABLES + " order by c.oid");
    }

    /** The table with its columns, locked; empty when it was dropped or became a partition. */
    Optional<SourceTable> locked(Connection connection, String mode) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("lock table " + quoted() + " in " + mode + " mode");
        }
        return now(connection);
    }

    /** The table with its columns as the catalog has it at the moment. */
    Optional<SourceTable> now(Connection connection) throws SQLException {
        for (SourceTable table : read(connection, TABLES + " and c.oid = " + oid)) {
            return Optional.of(new SourceTable(
                    oid, table.name, table.partitioned, table.identified, table.full, readColumns(connection)));
        }
        return Optional.empty();
    }

    String quoted() {
        return "public." + SqlText.identifier(name);
    }

    List<Column> uniques() {
        return columns.stream().filter(Column::unique).toList();
    }

    List<Column> ordinary() {
        return columns.stream().filter(column -> !column.unique()).toList();
    }

    boolean hasKey() {
        return columns.stream().anyMatch(Column::inKey);
    }

    static String list(List<Column> columns) {
        return columns.stream().map(Column::quoted).collect(Collectors.joining(", "));
    }

    /** As Postgres writes them, sorted. */
    List<String> rows(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("select row(" + list(columns) + ")::text from " + quoted())) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                rows.add(row.getString(1));
            }
            return rows.stream().sorted().toList();
        }
    }

    private static List<SourceTable> read(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            List<SourceTable> tables = new ArrayList<>();
            while (row.next()) {
                tables.add(new SourceTable(
                        row.getLong(1),
                        row.getString(2),
                        row.getBoolean(3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        List.of()));
            }
            return tables;
        }
    }

    private List<Column> readColumns(Connection connection) throws SQLException {
        try (var query = connection.prepareStatement(COLUMNS)) {
            query.setLong(1, oid);
            try (var row = query.executeQuery()) {
                List<Column> found = new ArrayList<>();
                while (row.next()) {
                    found.add(new Column(row.getString(1), row.getString(2), row.getBoolean(3), row.getBoolean(4)));
                }
                return found;
            }
        }
    }
}
