package io.paillette.capture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One application that writes at random: transactions of a few steps each, some of them taken back. Now and then it vacuums and
 * analyzes, as Postgres does by itself in a minute: what the catalog says of a table before is not safe from that.
 */
final class RandomSession implements Callable<Void> {

    /** Deadlock, a row that moved to another partition, lock timeout, a table that was dropped between look and lock. */
    private static final Set<String> EXPECTED = Set.of("40P01", "40001", "55P03", "42P01");

    private final Connection connection;
    private final Random random;
    private final Random housekeeping;
    private final RandomValues values;
    private final RandomDdl ddl;
    private final int transactions;

    /** @param housekeeping when it vacuums, so that a seed says the same changes as before it did */
    RandomSession(Connection connection, Random random, Random housekeeping, RandomValues values, int transactions) {
        this.connection = connection;
        this.random = random;
        this.housekeeping = housekeeping;
        this.values = values;
        this.ddl = new RandomDdl(connection, random, values);
        this.transactions = transactions;
    }

    @Override
    public Void call() throws SQLException {
        try (connection) {
            connection.setAutoCommit(false);
            for (int i = 0; i < transactions; i++) {
                transaction();
                if (housekeeping.nextInt(10) == 0) {
                    vacuum();
                }
            }
        }
        return null;
    }

    private void transaction() throws SQLException {
        try {
            for (int steps = 1 + random.nextInt(5); steps > 0; steps--) {
                boolean withSavepoint = random.nextInt(4) == 0;
                Savepoint savepoint = withSavepoint ? connection.setSavepoint() : null;
                step();
                if (savepoint != null && random.nextBoolean()) {
                    connection.rollback(savepoint);
                }
            }
            if (random.nextInt(7) == 0) {
                connection.rollback();
            } else {
                connection.commit();
            }
        } catch (SQLException e) {
            connection.rollback();
            if (!EXPECTED.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
        }
    }

    private void vacuum() throws SQLException {
        connection.setAutoCommit(true);
        try {
            String tables = SourceTable.all(connection).stream()
                    .map(SourceTable::quoted)
                    .collect(Collectors.joining(", "));
            execute("vacuum (analyze, skip_locked) " + tables);
        } catch (SQLException e) {
            if (!EXPECTED.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
        } finally {
            connection.setAutoCommit(false);
        }
    }

    private void step() throws SQLException {
        List<SourceTable> tables = SourceTable.all(connection);
        SourceTable any = values.pick(tables);
        if (random.nextInt(6) == 0) {
            Optional<SourceTable> table = any.locked(connection, "access exclusive");
            if (table.isPresent()) {
                ddl.change(table.get(), tables.size());
            }
            return;
        }
        Optional<SourceTable> table = any.locked(connection, "row exclusive");
        if (table.isPresent()) {
            write(table.get());
        }
    }

    private void write(SourceTable table) throws SQLException {
        int kind = table.identified() ? random.nextInt(10) : 0;
        if (kind < 4) {
            execute(insert(table, values, 1 + random.nextInt(4)));
        } else if (kind < 8 && !table.ordinary().isEmpty()) {
            execute("update " + table.quoted() + " set " + someOf(table) + some(table, 1 + random.nextInt(3)));
        } else if (kind == 8) {
            execute("update " + table.quoted() + " set " + allUniquesOf(table) + some(table, 1));
        } else {
            execute("delete from " + table.quoted() + some(table, 1 + random.nextInt(2)));
        }
    }

    /** New rows with values for all columns. */
    static String insert(SourceTable table, RandomValues values, int rows) {
        String tuples = IntStream.range(0, rows)
                .mapToObj(row -> table.columns().stream()
                        .map(column -> column.unique() ? values.unique(column.type()) : values.value(column.type()))
                        .collect(Collectors.joining(", ", "(", ")")))
                .collect(Collectors.joining(", "));
        return "insert into " + table.quoted() + " (" + SourceTable.list(table.columns()) + ") values " + tuples;
    }

    private String someOf(SourceTable table) {
        List<SourceTable.Column> ordinary = table.ordinary();
        int first = random.nextInt(ordinary.size());
        return ordinary.subList(first, Math.min(ordinary.size(), first + 1 + random.nextInt(2))).stream()
                .map(column -> column.quoted() + " = " + values.value(column.type()))
                .collect(Collectors.joining(", "));
    }

    private String allUniquesOf(SourceTable table) {
        return table.uniques().stream()
                .map(column -> column.quoted() + " = " + values.unique(column.type()))
                .collect(Collectors.joining(", "));
    }

    private String some(SourceTable table, int rows) {
        String unique = values.pick(table.uniques()).quoted();
        return " where " + unique + " in (select " + unique + " from " + table.quoted() + " order by md5(" + unique
                + "::text || " + random.nextInt() + ") limit " + rows + ")";
    }

    private void execute(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
