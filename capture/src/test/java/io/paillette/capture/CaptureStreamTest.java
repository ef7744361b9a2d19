package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class CaptureStreamTest {

    private final Database database = PostgresServer.shared().newDatabase();

    @Test
    void changesComeInTheOrderOfTheirStatements() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute(
                    "insert into t values (1, 'a'), (2, null)",
                    "update t set v = 'b' where id = 1",
                    "update t set id = 3 where id = 2",
                    "delete from t where id = 1",
                    "truncate t");
            assertThat(running.awaitChanges(6))
                    .containsExactly(
                            "INSERT t[1, a]",
                            "INSERT t[2, null]",
                            "UPDATE t[1, b]",
                            "UPDATE t[3, null]",
                            "DELETE t[1, null]",
                            "TRUNCATE [t]");
        }
    }

    @Test
    void transactionsComeWholeAndInCommitOrder() throws Exception {
        database.execute("create table t (id int primary key)");
        try (var running = RunningCapture.start(RunningCapture.settings(database));
                var first = database.connect();
                var second = database.connect()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            run(first, "insert into t values (1)");
            run(second, "insert into t values (2)");
            run(first, "insert into t values (3)");
            run(second, "insert into t values (4)");
            second.commit();
            first.commit();
            assertThat(running.awaitChanges(4))
                    .containsExactly("INSERT t[2]", "INSERT t[4]", "INSERT t[1]", "INSERT t[3]");
            running.await(events -> events.stream()
                            .filter(CaptureEvent.Commit.class::isInstance)
                            .count()
                    == 2);
            assertThat(running.events().get(2)).isInstanceOf(CaptureEvent.Commit.class);
        }
    }

    @Test
    void whatIsNotStoredYetIsTheLagOfASource() throws Exception {
        database.execute("create table t (id int primary key, v text)");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute("insert into t select i, repeat('x', 1000) from generate_series(1, 1000) i");
            running.awaitChanges(1000);
            running.await(events -> events.get(events.size() - 1) instanceof CaptureEvent.Commit);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30)) // the source is asked in passing
                    .until(() -> running.capture().lagBytes().orElse(0) > 1_000_000);

            running.storeAll();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> running.capture().lagBytes().orElse(Long.MAX_VALUE) < 100_000);
        }
    }

    private static void run(java.sql.Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
            if (statement.getWarnings() != null) {
                throw statement.getWarnings();
            }
        }
    }
}
