package io.paillette.capture.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a real server sends, read out of a slot with SQL. */
class PgOutputFromPostgresTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final String slot = "decoder_" + database.name();

    @BeforeEach
    void createSlot() {
        database.execute(
                // The functions read up to what was flushed; the test server flushes later by itself.
                "alter database " + database.name() + " set synchronous_commit = on");
        database.execute(
                "create publication p for all tables",
                "select pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    }

    @AfterEach
    void dropSlot() {
        database.execute("select pg_drop_replication_slot('" + slot + "')");
    }

    @Test
    void rowsUnderEveryReplicaIdentityArrive() throws SQLException {
        database.execute(
                "create table d (id int primary key, v text, n numeric(10,2))",
                "create table f (id int, v text)",
                "alter table f replica identity full",
                "insert into d values (1, 'a', 1.5), (2, null, 2)",
                "update d set v = 'b' where id = 1",
                "update d set id = 3 where id = 1",
                "delete from d where id = 3",
                "insert into f values (1, 'ü')",
                "update f set v = null",
                "delete from f",
                "truncate d, f restart identity");
        assertThat(changes())
                .containsExactly(
                        "relation public.d DEFAULT id*:23:-1 v:25:-1 n:1700:655366",
                        "insert [1, a, 1.50]",
                        "insert [2, NULL, 2.00]",
                        "update [1, b, 1.50]",
                        "update key[1, NULL, NULL] -> [3, b, 1.50]",
                        "delete key[3, NULL, NULL]",
                        "relation public.f FULL id*:23:-1 v*:25:-1",
                        "insert [1, ü]",
                        "update [1, ü] -> [1, NULL]",
                        "delete [1, NULL]",
                        "truncate 2 restart");
    }

    @Test
    void anUnchangedToastedValueIsMarkedAndUnderFullTheOldRowHasIt() throws SQLException {
        database.execute(
                "create table d (id int primary key, v text, w int)",
                "alter table d alter v set storage external",
                "insert into d values (1, repeat('x', 9000), 1)",
                "update d set w = 2",
                "alter table d replica identity full",
                "update d set w = 3");
        String wide = "x".repeat(9000);
        assertThat(changes()).contains("update [1, UNCHANGED, 2]", "update [1, " + wide + ", 2] -> [1, UNCHANGED, 3]");
    }

    @Test
    void anEnumIsNamedBeforeItsTable() throws SQLException {
        database.execute(
                "create type mood as enum ('sad', 'happy')",
                "create table m (id int primary key, m mood)",
                "insert into m values (1, 'happy')");
        List<String> changes = changes();
        assertThat(changes).first().isEqualTo("type public.mood");
        assertThat(changes).last().isEqualTo("insert [1, happy]");
    }

    @Test
    void transactionsAreFramedByTheSameCommitLsn() throws SQLException {
        database.execute("create table d (id int primary key)", "insert into d values (1)");
        List<String> lines =
                read().stream().filter(line -> !line.startsWith("relation")).toList();
        int insert = lines.indexOf("insert [1]");
        String lsn = lines.get(insert - 1).split(" ", -1)[1];
        assertThat(lines.get(insert - 1)).startsWith("begin ");
        assertThat(lines.get(insert + 1)).startsWith("commit " + lsn + " ");
    }

    /** Without frames, and each shape once: the server repeats it whenever its caches were reset. */
    private List<String> changes() throws SQLException {
        Set<String> shapes = new HashSet<>();
        return read().stream()
                .filter(line -> !line.startsWith("begin") && !line.startsWith("commit"))
                .filter(line -> !line.startsWith("relation") || shapes.add(line))
                .toList();
    }

    private List<String> read() throws SQLException {
        var recorder = new Recorder();
        var decoder = new PgOutputDecoder(recorder);
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select data from pg_logical_slot_get_binary_changes('" + slot
                        + "', null, null, 'proto_version', '1', 'publication_names', 'p')")) {
            while (rows.next()) {
                byte[] message = rows.getBytes(1);
                decoder.decode(message, 0, message.length);
            }
        }
        return recorder.lines;
    }
}
