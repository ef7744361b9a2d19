package io.paillette.capture;

import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Changes rows with large values at random, in one session, and writes down what each insert and update made of its row: that
 * is what the change is to be told as.
 */
final class RandomToast implements AutoCloseable {

    private static final int IDS = 8;

    private final List<String> tables;
    private final Random random;
    private final Connection connection;
    private final Statement statement;
    private final List<List<String>> made = new ArrayList<>();

    RandomToast(Database database, Random random) throws SQLException {
        this.random = random;
        this.connection = database.connect();
        this.statement = connection.createStatement();
        for (String setting : RandomWorkload.TEXT_SETTINGS) {
            statement.execute(setting);
        }
        boolean withRoots = connection.getMetaData().getDatabaseMajorVersion() > 12; // which tells of partitions alone
        this.tables = withRoots ? List.of("plain", "pair", "coded", "parts") : List.of("plain", "pair", "coded");
        for (String table : tables) {
            create(table);
        }
        connection.setAutoCommit(false);
    }

    /** For each insert and update in order: the table, and the whole row then. */
    List<List<String>> made() {
        return made;
    }

    /** One transaction, some of whose changes may be taken back. */
    void transaction() throws SQLException {
        if (random.nextInt(40) == 0) {
            connection.setAutoCommit(true);
            statement.execute("vacuum full " + tables.get(random.nextInt(3)));
            connection.setAutoCommit(false);
        }
        int before = made.size();
        for (int i = random.nextInt(4); i >= 0; i--) {
            Savepoint savepoint = connection.setSavepoint();
            int there = made.size();
            change(tables.get(random.nextInt(tables.size())));
            if (random.nextInt(8) == 0) {
                connection.rollback(savepoint);
                made.subList(there, made.size()).clear();
            }
        }
        if (random.nextInt(12) == 0) {
            connection.rollback();
            made.subList(before, made.size()).clear();
        } else {
            connection.commit();
        }
    }

    private void create(String table) throws SQLException {
        String columns = "n int default 0, doc text, js jsonb, raw bytea, tags text[]";
        switch (table) {
            case "pair" ->
                statement.execute("create table pair (id int, side text, " + columns
                        + ", constraint pair_key primary key (side, id))");
            case "coded" ->
                statement.execute("create table coded (id int primary key, code int not null unique, " + columns
                        + "); alter table coded replica identity using index coded_code_key");
            case "parts" ->
                statement.execute("create table parts (id int primary key, " + columns
                        + ") partition by range (id); create table low partition of parts for values from (0) to (4);"
                        + " create table high partition of parts default");
            default -> statement.execute("create table plain (id int primary key, " + columns + ")");
        }
        statement.execute("alter table " + table + " alter doc set storage external");
    }

    private void change(String table) throws SQLException {
        String id = " where id = " + id();
        switch (random.nextInt(22)) {
            case 0, 1, 2 -> insert(table, "on conflict do nothing");
            case 3 -> make(table, "delete from " + table + id, "update " + table + " set n = n" + id);
            case 4, 5, 6, 7, 8 -> make(table, "update " + table + " set n = n + 1" + id);
            case 9 -> make(table, "update " + table + " set n = n + 1 where id % 2 = " + random.nextInt(2));
            case 10, 11 -> make(table, "update " + table + " set " + column() + id);
            case 12, 13, 14 -> moveKey(table);
            case 15 -> {
                make(table, "delete from " + table + id);
                insert(table, "on conflict do nothing");
            }
            case 16 -> swap(table);
            case 17 -> rareChange(table);
            case 18 -> make(table, "delete from " + table + id);
            case 19 -> make(table, "update " + table + " set n = n + 1, " + column() + id);
            default -> make(table, "update " + table + " set n = n + 1");
        }
    }

    /** Of what changes the table, or many of its rows at once. */
    private void rareChange(String table) throws SQLException {
        switch (random.nextInt(6)) {
            case 0 -> statement.execute("truncate " + table);
            case 1 -> statement.execute("alter table " + table + " alter doc type text using doc || 'y'");
            case 2 -> statement.execute("alter table " + table + " add column if not exists late text default 'l'");
            case 3 -> statement.execute("alter table " + table + " drop column if exists late");
            case 4 ->
                statement.execute("alter table coded replica identity "
                        + (random.nextBoolean() ? "default" : "using index coded_code_key"));
            default -> {
                if (table.equals("plain")) {
                    statement.execute("drop table plain");
                    create(table);
                }
            }
        }
    }

    private int id() {
        return random.nextInt(IDS);
    }

    private void insert(String table, String otherwise) throws SQLException {
        String more =
                switch (table) {
                    case "pair" -> "side, ";
                    case "coded" -> "code, ";
                    default -> "";
                };
        String value =
                switch (table) {
                    case "pair" -> "'" + (random.nextBoolean() ? "left" : "right".repeat(20)) + "', ";
                    case "coded" -> id() + ", ";
                    default -> "";
                };
        make(
                table,
                "insert into " + table + " (id, " + more + "doc, js, raw, tags) values (" + id() + ", " + value + text()
                        + ", " + json() + ", " + bytes() + ", array[" + text() + ", 'b'])" + otherwise);
    }

    private void moveKey(String table) throws SQLException {
        String to = Integer.toString(id());
        switch (table) {
            case "pair" ->
                make(
                        table,
                        "update pair p set side = case side when 'left' then repeat('right', 20) else 'left' end where id = "
                                + to + " and not exists (select from pair o where o.id = p.id and o.side <> p.side)");
            case "coded" -> {
                String column = random.nextBoolean() ? "id" : "code";
                make(
                        table,
                        "update coded set " + column + " = " + to + " where id = " + id()
                                + " and not exists (select from coded where " + column + " = " + to + ")");
            }
            default -> {
                if (!table.equals("parts")) { // whose rows move between partitions, which is a delete and an insert
                    make(
                            table,
                            "update " + table + " set id = " + to + " where id = " + id()
                                    + " and not exists (select from " + table + " where id = " + to + ")");
                }
            }
        }
    }

    private void swap(String table) throws SQLException {
        if (table.equals("plain")) {
            int one = id();
            int other = id();
            make(table, "update plain set id = 100 where id = " + one);
            make(table, "update plain set id = " + one + " where id = " + other);
            make(table, "update plain set id = " + other + " where id = 100");
        } else if (table.equals("coded")) {
            int one = id();
            int other = id();
            make(table, "update coded set code = 100 where code = " + one);
            make(table, "update coded set code = " + one + " where code = " + other);
            make(table, "update coded set code = " + other + " where code = 100");
        }
    }

    private void make(String table, String... changes) throws SQLException {
        for (String change : changes) {
            try (ResultSet row = statement.executeQuery(change + " returning *")) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next() && !change.startsWith("delete")) {
                    List<String> values = new ArrayList<>(List.of(table));
                    for (int i = 1; i <= columns; i++) {
                        values.add(String.valueOf(row.getString(i)));
                    }
                    made.add(values);
                }
            }
        }
    }

    private String column() {
        return switch (random.nextInt(5)) {
            case 0 -> "doc = " + text();
            case 1 -> "js = " + json();
            case 2 -> "raw = " + bytes();
            case 3 -> "tags = array[" + text() + "]";
            default -> "doc = null, js = js || '{\"n\": " + random.nextInt(1000) + "}'";
        };
    }

    private String hex(int length) {
        var text = new StringBuilder();
        while (text.length() < length) {
            text.append(Long.toHexString(random.nextLong()));
        }
        return text.substring(0, length);
    }

    private int length() {
        return List.of(3, 40, 400, 2500, 6000).get(random.nextInt(5));
    }

    private String text() {
        return "'" + hex(length()) + "'";
    }

    private String json() {
        return "'{\"k\": \"" + hex(length()) + "\"}'";
    }

    private String bytes() {
        return "'\\x" + hex(2 * length()) + "'";
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
