package io.paillette.capture;

import io.paillette.capture.SourceTable.Column;
import io.paillette.capture.catalog.SqlText;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Changes of a table's shape, each in the hands of a transaction that holds the table's strongest lock. */
final class RandomDdl {

    private static final int MOST_TABLES = 10;
    private static final int PARTITIONS = 3;
    private static final int FEWEST_COLUMNS = 4;
    private static final int MOST_COLUMNS = 10;

    private final Connection connection;
    private final Random random;
    private final RandomValues values;

    RandomDdl(Connection connection, Random random, RandomValues values) {
        this.connection = connection;
        this.random = random;
        this.values = values;
    }

    void change(SourceTable table, int tables) throws SQLException {
        switch (random.nextInt(table.partitioned() ? 8 : 14)) {
            case 0, 1 -> addColumn(table);
            case 2 -> dropColumn(table);
            case 3 -> renameColumn(table);
            case 4 -> retypeColumn(table);
            case 5 -> execute("alter table " + table.quoted() + " rename to " + SqlText.identifier(values.name()));
            case 6, 7 -> truncateOrMovePartition(table);
            case 8, 9 -> changeKey(table);
            case 10, 11 -> changeIdentity(table);
            case 12 -> makeAgain(table);
            default -> make(table, tables);
        }
    }

    /** A table with two columns that never hold a value twice, and some others. */
    void create(String name) throws SQLException {
        var columns = new ArrayList<String>();
        for (int i = 0; i < 2; i++) {
            columns.add(SqlText.identifier(values.name()) + " " + values.uniqueType() + " not null"
                    + (i == 0 && random.nextInt(4) > 0 ? " primary key" : ""));
        }
        for (int i = random.nextInt(5); i >= 0; i--) {
            columns.add(SqlText.identifier(values.name()) + " " + values.type());
        }
        Collections.shuffle(columns, random);
        execute("create table public." + SqlText.identifier(name) + " (" + String.join(", ", columns) + ")");
    }

    /** Rows move from one partition to another when the column changes. */
    void createPartitioned() throws SQLException {
        String root = "public." + SqlText.identifier(values.name());
        execute("create table " + root + " (id int primary key, other text not null, v text, n numeric)"
                + " partition by hash (id)");
        for (int remainder = 0; remainder < PARTITIONS; remainder++) {
            execute("create table public." + SqlText.identifier(values.name()) + " partition of " + root
                    + " for values with (modulus " + PARTITIONS + ", remainder " + remainder + ")");
        }
    }

    /** With a default for the rows that are there only where an update tells of them, and whose old rows lack it. */
    private void addColumn(SourceTable table) throws SQLException {
        if (table.columns().size() >= MOST_COLUMNS) {
            return;
        }
        String type = values.type();
        boolean withDefault = table.identified() && !table.full() && random.nextBoolean();
        execute("alter table " + table.quoted() + " add column " + SqlText.identifier(values.name()) + " " + type
                + (withDefault ? " default " + values.small(type) : ""));
        if (withDefault) {
            String unique = table.uniques().get(0).quoted();
            execute("update " + table.quoted() + " set " + unique + " = " + unique);
        }
        insertRow(table);
    }

    private void dropColumn(SourceTable table) throws SQLException {
        if (table.columns().size() > FEWEST_COLUMNS && !table.ordinary().isEmpty()) {
            execute("alter table " + table.quoted() + " drop column "
                    + values.pick(table.ordinary()).quoted());
            insertRow(table);
        }
    }

    private void renameColumn(SourceTable table) throws SQLException {
        execute("alter table " + table.quoted() + " rename column "
                + values.pick(table.columns()).quoted() + " to " + SqlText.identifier(values.name()));
        insertRow(table);
    }

    private void retypeColumn(SourceTable table) throws SQLException {
        Column column = values.pick(table.columns());
        if (table.partitioned() && column.unique()) {
            return;
        }
        String type = RandomValues.wider(column.type());
        execute("alter table " + table.quoted() + " alter column " + column.quoted() + " type " + type + " using "
                + column.quoted() + "::" + type);
    }

    private void truncateOrMovePartition(SourceTable table) throws SQLException {
        if (table.partitioned()) {
            movePartition(table);
        } else {
            SourceTable other = values.pick(SourceTable.all(connection));
            boolean both = other.oid() != table.oid() && random.nextBoolean();
            execute("truncate " + table.quoted() + (both ? ", " + other.quoted() : ""));
        }
    }

    /** Attached and detached without rows: Postgres does not tell of those that come or leave with a partition. */
    private void movePartition(SourceTable table) throws SQLException {
        String leaf = one("select inhrelid::regclass::text from pg_inherits where inhparent = " + table.oid()
                        + " order by md5(inhrelid::text || " + random.nextInt() + ") limit 1")
                .orElseThrow();
        String bound = one("select pg_get_expr(relpartbound, oid) from pg_class where oid = '" + leaf.replace("'", "''")
                        + "'::regclass")
                .orElseThrow();
        execute("delete from " + leaf);
        execute("alter table " + table.quoted() + " detach partition " + leaf);
        if (random.nextBoolean()) {
            execute("drop table " + leaf);
        }
        String fresh = "public." + SqlText.identifier(values.name());
        execute("create table " + fresh + " (like " + table.quoted() + " including all)");
        execute("alter table " + table.quoted() + " attach partition " + fresh + " " + bound);
        insertRow(table);
    }

    private void changeKey(SourceTable table) throws SQLException {
        if (table.hasKey()) {
            String constraint = one("select conname from pg_constraint where contype = 'p' and conrelid = "
                            + table.oid())
                    .orElseThrow();
            execute("alter table " + table.quoted() + " drop constraint " + SqlText.identifier(constraint));
        }
        if (!table.hasKey() || random.nextBoolean()) {
            execute("alter table " + table.quoted() + " add primary key (" + SourceTable.list(someUniques(table))
                    + ")");
        }
    }

    private void changeIdentity(SourceTable table) throws SQLException {
        String identity =
                switch (random.nextInt(5)) {
                    case 0 -> "default";
                    case 1 -> "nothing";
                    case 2, 3 -> "full";
                    default -> {
                        String index = SqlText.identifier(values.name());
                        execute("create unique index " + index + " on " + table.quoted() + " ("
                                + SourceTable.list(someUniques(table)) + ")");
                        yield "using index " + index;
                    }
                };
        execute("alter table " + table.quoted() + " replica identity " + identity);
    }

    private void makeAgain(SourceTable table) throws SQLException {
        execute("drop table " + table.quoted());
        create(table.name());
    }

    private void make(SourceTable table, int tables) throws SQLException {
        if (tables >= MOST_TABLES) {
            return;
        }
        String name = values.name();
        if (random.nextBoolean()) {
            create(name);
            return;
        }
        String quoted = "public." + SqlText.identifier(name);
        execute("create table " + quoted + " as select * from " + table.quoted());
        execute("alter table " + quoted + " "
                + table.uniques().stream()
                        .map(column -> "alter column " + column.quoted() + " set not null")
                        .collect(Collectors.joining(", ")));
    }

    /** Tells of a shape, or the replica could take the next two, a drop and an add, for a new name. */
    private void insertRow(SourceTable table) throws SQLException {
        Optional<SourceTable> now = table.now(connection);
        if (now.isPresent()) {
            execute(RandomSession.insert(now.get(), values, 1));
        }
    }

    private List<Column> someUniques(SourceTable table) {
        List<Column> uniques = table.uniques();
        int which = 1 + random.nextInt((1 << uniques.size()) - 1);
        return IntStream.range(0, uniques.size())
                .filter(i -> (which & 1 << i) != 0)
                .mapToObj(uniques::get)
                .toList();
    }

    private Optional<String> one(String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    private void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
