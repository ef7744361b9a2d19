package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.nio.charset.StandardCharsets;

/** The table of every measurement: a bigint key and about 250 bytes a row. */
final class Rows {

    static final String TOPIC = "app.public.bench";

    /** Of any table of such rows. */
    static final String COLUMNS =
            "(id bigint primary key, customer bigint not null, name text not null, amount numeric(12,2) not null, "
                    + "paid boolean not null, created timestamptz not null, note text not null)";

    /** For one row as a prepared statement; the parameter is the key. */
    static final String INSERT = insert("values (?, ", ")");

    static final String PUBLISHED = "published";

    /** The same as a record that the transaction publishes itself; the parameter is the key. */
    static final String PUBLISH =
            "select paillette.produce('" + PUBLISHED + "', '{\"id\":' || ? || '}', '{\"customer\":42,"
                    + "\"name\":\"Ada Lovelace, Analytical Engines\",\"amount\":1234.56,\"note\":\"' || repeat('note ', 34) || '\"}')";

    private Rows() {}

    static void create(Database database) {
        database.execute("create table bench " + COLUMNS);
    }

    private static String insert(String before, String after) {
        return insert("bench", before, after);
    }

    static String insert(String table, String before, String after) {
        return "insert into " + table + " (id, customer, name, amount, paid, created, note) " + before
                + "42, 'Ada Lovelace, Analytical Engines', 1234.56, true, '2026-11-23 20:00:00+00', repeat('note ', 34)"
                + after;
    }

    /** A row that shows that changes flow. */
    static void marker(Database database) {
        database.execute(insert("values (0, ", ")"));
    }

    /** Keys 1 to {@code count}, in transactions of {@code perTransaction} rows. */
    static void write(Database database, long count, int perTransaction) {
        // Nobody waits for these commits, so they need not wait for the disk.
        database.execute("do $$ begin set synchronous_commit = off; for i in 0.." + (count - 1) / perTransaction
                + " loop "
                + insert(
                        "select id, ",
                        " from generate_series(i * " + perTransaction + " + 1, least((i + 1) * " + perTransaction + ", "
                                + count + ")) id")
                + "; commit; end loop; end $$");
    }

    /** Key in a record's key: {@code {"id":17}}. @throws IllegalStateException when there is none */
    static long id(byte[] key) {
        long id = 0;
        boolean digits = false;
        for (byte b : key) {
            if (b >= '0' && b <= '9') {
                id = id * 10 + (b - '0');
                digits = true;
            }
        }
        if (!digits) {
            throw new IllegalStateException("no id in the key " + new String(key, StandardCharsets.UTF_8));
        }
        return id;
    }
}
