package io.paillette.capture.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.Relation;
import io.paillette.capture.catalog.Catalog;
import io.paillette.capture.catalog.SqlText;
import io.paillette.capture.column.ColumnRules;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KeyOrderTest {

    private final Database database = PostgresServer.shared().newDatabase();

    /** Rows lie in another order than that of the key, so that a planner left alone would rather sort them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "k int; k; 29989 - i; 5",
                "k int, v text collate \"C\", l uuid; v, k, l; i % 3, 'x' || i % 2, md5(i::text)::uuid;"
                        + " x1, 2, 00000000-0000-0000-0000-000000000000",
                "k text; k; md5(i::text); 55",
                "k numeric, l timestamptz; k, l; i % 7, now() + i * interval '1 s'; 3, 2024-02-29",
            })
    void rowsComeFromTheIndexOfTheKeyWithoutBeingSorted(String columns, String key, String values, String last)
            throws Exception {
        database.execute(
                "create table t (" + columns + ", filler text, primary key (" + key + "))",
                "insert into t select " + values
                        + ", repeat('x', 50) from generate_series(1, 30000) i order by md5(i::text)",
                "analyze t");
        List<String> after = List.of(last.split(", ", -1));
        assertThat(plan("ONLY public.t", after))
                .contains("Index Cond: (")
                .contains("Index Scan using t_pkey")
                .doesNotContain("Sort", "Seq Scan");
        assertThat(plan("ONLY public.t", List.of()))
                .contains("Index Scan using t_pkey")
                .doesNotContain("Sort", "Seq Scan");
    }

    @Test
    void rowsOfAPartitionedTableComeFromTheIndexesOfItsPartitions() throws Exception {
        database.execute(
                "create table t (a int, b int, primary key (a, b)) partition by hash (b)",
                "create table t0 partition of t for values with (modulus 2, remainder 0)",
                "create table t1 partition of t for values with (modulus 2, remainder 1)",
                "insert into t select i % 10, i from generate_series(1, 30000) i order by md5(i::text)",
                "analyze t");
        assertThat(plan("public.t", List.of("5", "100")))
                .contains("Merge Append", "t0_pkey", "t1_pkey", "Index Cond: (")
                .doesNotContain("Sort  (", "Seq Scan");
    }

    @Test
    void aTableWhoseChangesDoNotTellItsPrimaryKeyHasNoOrder() throws Exception {
        database.execute(
                "create table nokey (id int)",
                "create table nothing (id int primary key)",
                "alter table nothing replica identity nothing",
                "create table by_index (id int primary key, u int not null unique)",
                "alter table by_index replica identity using index by_index_u_key",
                "create table late (id int primary key deferrable)",
                "create table whole (id int primary key)",
                "alter table whole replica identity full",
                "create table root (id int primary key) partition by range (id)",
                "create table leaf partition of root for values from (0) to (9)",
                "alter table leaf replica identity nothing");
        for (String none : List.of("nokey", "nothing", "by_index", "late", "root")) {
            assertThat(order(none)).as(none).isEmpty();
        }
        assertThat(order("whole")).isPresent();
    }

    @Test
    void theOrderOfATypeOfAnExtensionIsItsOwn() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(
                database.query("select count(*) from pg_available_extensions where name = 'citext'")
                        .equals("1"),
                "the server has no citext");
        database.execute(
                "create extension citext",
                "create table t (k citext primary key)",
                "create table several (k citext, l int, primary key (k, l))");
        KeyOrder order = order("t").orElseThrow();
        try (var connection = connect()) {
            assertThat(isTrue(connection, order.isBeyond(List.of("b"), List.of("A"))))
                    .isTrue();
            assertThat(isTrue(connection, order.isBeyond(List.of("B"), List.of("a"))))
                    .isTrue();
            assertThat(isTrue(connection, order.isBeyond(List.of("A"), List.of("a"))))
                    .isFalse();
        }
        assertThat(order("several")).isEmpty();
    }

    private static boolean isTrue(Connection connection, String condition) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("select " + condition)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private Optional<KeyOrder> order(String table) throws Exception {
        try (var connection = connect()) {
            return KeyOrder.ofTable(connection, relation(connection, table));
        }
    }

    private Relation relation(Connection connection, String table) throws Exception {
        int oid = Integer.parseUnsignedInt(database.query("select '" + table + "'::regclass::oid"));
        return new Catalog(connection, ColumnRules.NONE).relationNow(oid).orElseThrow();
    }

    /** As a source's connections are. */
    private Connection connect() throws Exception {
        Connection connection = database.connect();
        try (var statement = connection.createStatement()) {
            statement.execute(SqlText.load("session"));
        }
        return connection;
    }

    private String plan(String from, List<String> after) throws Exception {
        try (var connection = connect();
                var statement = connection.createStatement()) {
            Relation relation = relation(connection, "t");
            KeyOrder order = KeyOrder.ofTable(connection, relation).orElseThrow();
            String copy = SqlText.fill(
                    SqlText.load("copy_rows_by_key"),
                    Map.of(
                            "columns",
                            TableReader.columns(relation),
                            "table",
                            from,
                            "beyond",
                            after.isEmpty() ? "true" : order.beyond(after),
                            "key",
                            order.list(),
                            "rows",
                            "50000"));
            connection.setAutoCommit(false);
            statement.execute(SqlText.load("read_by_index"));
            var plan = new StringBuilder();
            try (var row =
                    statement.executeQuery("explain " + copy.substring(copy.indexOf('(') + 1, copy.lastIndexOf(')')))) {
                while (row.next()) {
                    plan.append(row.getString(1)).append('\n');
                }
            }
            connection.rollback();
            return plan.toString();
        }
    }
}
