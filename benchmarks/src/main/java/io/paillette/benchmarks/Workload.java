package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Inserts to be captured, of one shape; the tables have keys called {@code id}, and one row with the key 0 says that changes flow. */
enum Workload {
    ROWS("inserts of about 250 bytes, 100 per transaction", 1, 1, 100),
    WIDE("inserts of 100 columns, about 1.1 KB, 100 per transaction", 5, 1, 100),
    TINY("inserts of two integers, 100 per transaction", 1, 1, 100),
    SMALL_TRANSACTIONS("inserts of about 250 bytes, each a transaction", 4, 1, 1),
    ONE_TRANSACTION("inserts of about 250 bytes in one transaction", 1, 1, Integer.MAX_VALUE),
    MANY_TABLES("inserts of about 250 bytes into 500 tables in turn, 100 per transaction", 1, 500, 100);

    private static final int WIDE_COLUMNS = 100;

    private final String what;
    private final int weight;
    private final int tables;
    private final int perTransaction;

    /** @param weight how many changes of the plainest shape are about as much work */
    Workload(String what, int weight, int tables, int perTransaction) {
        this.what = what;
        this.weight = weight;
        this.tables = tables;
        this.perTransaction = perTransaction;
    }

    String describe(long changes) {
        return changes(changes) + " " + what;
    }

    /** How many this shape has where the plainest one has {@code plain}. */
    long changes(long plain) {
        return plain / weight;
    }

    List<String> tables() {
        return IntStream.range(0, tables).mapToObj(this::table).toList();
    }

    List<String> topics() {
        return tables().stream().map(table -> "app.public." + table).toList();
    }

    private String table(int number) {
        return tables == 1 ? "bench" : "bench_" + number;
    }

    void create(Database database) {
        String columns =
                switch (this) {
                    case WIDE -> "(id bigint primary key, " + wide(number -> "c" + number + " " + type(number)) + ")";
                    case TINY -> "(id int primary key, n int not null)";
                    default -> Rows.COLUMNS;
                };
        execute(database, table -> "create table " + table + " " + columns);
    }

    /** A row in each table. */
    void marker(Database database) {
        execute(database, table -> insert(table, "values (0, ", ")"));
    }

    private void execute(Database database, UnaryOperator<String> statement) {
        database.execute(tables().stream().map(statement).toArray(String[]::new));
    }

    /** Keys from 1 on. */
    void write(Database database, long changes) {
        int each = Math.toIntExact(Math.min(perTransaction, changes));
        String rows = " from generate_series(i * " + each + " + 1, least((i + 1) * " + each + ", " + changes + ")) id";
        // Each transaction goes to the next table: with so many rows a change of table is what counts, not its place.
        String statement = tables == 1
                ? insert(table(0), "select id, ", rows)
                : "execute format("
                        + quoted(insert(
                                "bench_%s",
                                "select id, ",
                                rows.replace("i *", "%s::bigint *").replace("(i + 1)", "(%s::bigint + 1)")))
                        + ", i % " + tables + ", i, i)";
        // Nobody waits for these commits, so they need not wait for the disk.
        database.execute("do $$ begin set synchronous_commit = off; for i in 0.." + (changes - 1) / each + " loop "
                + statement + "; commit; end loop; end $$");
    }

    private String insert(String table, String before, String after) {
        return switch (this) {
            case WIDE -> "insert into " + table + " " + before + wide(Workload::value) + after;
            case TINY -> "insert into " + table + " " + before + "42" + after;
            default -> Rows.insert(table, before, after);
        };
    }

    private static String quoted(String sql) {
        return "'" + sql.replace("'", "''") + "'";
    }

    private static String wide(IntFunction<String> column) {
        return IntStream.range(1, WIDE_COLUMNS).mapToObj(column).collect(Collectors.joining(", "));
    }

    private static String type(int column) {
        return switch (column % 4) {
            case 0 -> "int not null";
            case 1 -> "text not null";
            case 2 -> "numeric(12,2)";
            default -> "timestamptz";
        };
    }

    private static String value(int column) {
        return switch (column % 4) {
            case 0 -> String.valueOf(column * 1001);
            case 1 -> "'text of column " + column + "'";
            case 2 -> column + ".25";
            default -> "'2026-11-23 20:00:00+00'::timestamptz";
        };
    }
}
