package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Transactions that overlap each other, and the restarts of their reader. */
final class InterleavedTransactionsTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database);

    @BeforeEach
    void table() {
        database.execute("create table t (id int primary key)");
    }

    @Test
    void twoThatCommitInTheOppositeOrderAreReadOnceWhereverTheReaderIsKilled() throws Exception {
        RunningCapture.start(settings).close();
        try (var first = open();
                var second = open()) {
            execute(first, "insert into t values (1)");
            execute(second, "insert into t values (11)");
            execute(first, "insert into t values (2)");
            execute(second, "insert into t values (12)");
            second.commit();
            execute(first, "insert into t values (3)");
            first.commit();
        }
        List<String> inCommitOrder =
                List.of("INSERT t[11]", "INSERT t[12]", "INSERT t[1]", "INSERT t[2]", "INSERT t[3]");
        List<CaptureEvent> whole;
        try (var running = RunningCapture.start(settings)) {
            whole = List.copyOf(running.await(events -> events.size() == 7));
        }
        assertThat(RunningCapture.texts(whole)).isEqualTo(inCommitOrder);
        for (int killed = 1; killed < whole.size(); killed++) {
            List<CaptureEvent> read = new ArrayList<>(whole.subList(0, killed));
            int left = whole.size() - killed;
            try (var running =
                    RunningCapture.resume(settings, whole.get(killed - 1).position())) {
                read.addAll(running.await(events -> events.size() >= left));
            }
            assertThat(RunningCapture.texts(read)).as("killed after %d", killed).isEqualTo(inCommitOrder);
        }
    }

    @Test
    void whatIsLargeAndTakenBackIsNotReadAndDisturbsNothing() throws Exception {
        int version = database.major();
        if (version >= 13) {
            database.execute("alter database " + database.name() + " set logical_decoding_work_mem = '64kB'");
        }
        RunningCapture.start(settings).close();
        try (var large = open()) {
            execute(large, "savepoint small");
            execute(large, "insert into t values (1)");
            execute(large, "release small");
            execute(large, "insert into t select n from generate_series(2, 5000) n");
            large.rollback();
            execute(large, "insert into t values (1)");
            execute(large, "savepoint large");
            execute(large, "insert into t select n from generate_series(2, 5000) n");
            execute(large, "rollback to large");
            large.commit();
        }
        database.execute("insert into t values (0)");
        try (var running = RunningCapture.start(settings)) {
            assertThat(running.awaitText("INSERT t[0]")).containsExactly("INSERT t[1]", "INSERT t[0]");
        }
    }

    @Test
    void oneThatIsOpenOverARestartIsReadWhenItCommitsAndNeverWhenItDoesNot() throws Exception {
        try (var kept = open();
                var undone = open()) {
            Position stored;
            try (var running = RunningCapture.start(settings)) {
                execute(kept, "insert into t values (1)");
                execute(undone, "insert into t values (11)");
                database.execute("insert into t values (21)");
                running.await(events -> events.size() == 2);
                running.storeAll();
                stored = running.events().get(1).position();
            }
            try (var running = RunningCapture.resume(settings, stored)) {
                execute(kept, "insert into t values (2)");
                execute(undone, "insert into t values (12)");
                undone.rollback();
                kept.commit();
                database.execute("insert into t values (22)");
                assertThat(running.awaitText("INSERT t[22]"))
                        .containsExactly("INSERT t[1]", "INSERT t[2]", "INSERT t[22]");
            }
        }
    }

    @Test
    void aCopyCutInTheMiddleGoesOnThoughOtherTablesAreCapturedAfterwards() throws Exception {
        database.execute("create table other (id int primary key)");
        CaptureSettings both = captured("public.t,public.other");
        CaptureSettings one = captured("public.t");
        RunningCapture.start(both).close();
        try (Connection connection = open()) {
            execute(connection, "insert into other values (1)");
            var rows = new StringBuilder();
            for (int id = 1; id <= 20_000; id++) {
                rows.append(id).append('\n');
            }
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("copy t from stdin", new java.io.StringReader(rows.toString()));
            execute(connection, "insert into other values (2)");
            connection.commit();
        }
        List<String> read;
        Position cut;
        try (var running = RunningCapture.start(both)) {
            running.await(events -> events.size() > 7_000);
            read = new ArrayList<>(RunningCapture.texts(running.events().subList(0, 7_000)));
            cut = running.events().get(6_999).position();
        }
        try (var running = RunningCapture.resume(one, cut)) {
            running.await(events -> events.stream().anyMatch(CaptureEvent.Commit.class::isInstance));
            read.addAll(running.texts());
        }
        List<String> expected = new ArrayList<>(List.of("INSERT other[1]"));
        for (int id = 1; id <= 20_000; id++) {
            expected.add("INSERT t[" + id + "]");
        }
        // It was published when it was written, whatever is captured by now.
        expected.add("INSERT other[2]");
        assertThat(read).isEqualTo(expected);
    }

    private CaptureSettings captured(String tables) {
        return CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL,
                        settings.server().jdbcUrl(),
                        CaptureOption.TABLES,
                        tables,
                        CaptureOption.SLOT_NAME,
                        settings.slot(),
                        CaptureOption.SNAPSHOT_MODE,
                        "no_data"));
    }

    private Connection open() throws SQLException {
        Connection connection = database.connect();
        connection.setAutoCommit(false);
        return connection;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
