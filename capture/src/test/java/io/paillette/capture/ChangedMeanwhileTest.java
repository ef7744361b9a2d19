package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureSettings.SnapshotMode;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The application changes tables while the capture looks at them. */
final class ChangedMeanwhileTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database, SnapshotMode.INITIAL, true);

    @Test
    void aTableRenamedBeforeItsRowsAreReadIsReadByItsNewName() throws Exception {
        database.execute("create table t (id int primary key)", "insert into t values (1)");
        RunningCapture.start(settings).close();
        try (var application = database.connect()) {
            application.setAutoCommit(false);
            execute(application, "alter table t rename to u");
            try (var running = RunningCapture.start(settings)) {
                awaitWaiting("lock table%");
                application.commit();
                assertThat(running.awaitChanges(1)).containsExactly("READ u[1]");
            }
        }
    }

    @Test
    void rowsOfAnotherTableThatTookTheNameAreNotReadAsItsOwn() throws Exception {
        database.execute("create table t (id int primary key)", "insert into t values (1)");
        RunningCapture.start(settings).close();
        try (var application = database.connect()) {
            application.setAutoCommit(false);
            execute(application, "alter table t rename to u");
            execute(application, "create table t (id int primary key)");
            execute(application, "insert into t values (2)");
            try (var running = RunningCapture.start(settings)) {
                awaitWaiting("lock table%");
                application.commit();
                assertThat(running.awaitChanges(2)).containsExactly("READ u[1]", "INSERT t[2]");
            }
        }
    }

    @Test
    void aTableThatTheTriggerPlacesWhileTheCaptureStartsIsNoReasonToFail() throws Exception {
        RunningCapture.start(settings).close();
        // Placed nowhere, as a trigger that failed would leave it.
        database.execute(
                "create table t (id int primary key)",
                "alter publication " + settings.publication() + " drop table t",
                "insert into t values (1)");
        try (var application = database.connect()) {
            application.setAutoCommit(false);
            execute(application, "alter table t add v int");
            var start = CompletableFuture.supplyAsync(this::start);
            awaitWaiting("lock table%");
            application.commit();
            try (var running = start.get()) {
                assertThat(running.awaitText("READ t[1, null]")).containsOnlyOnce("READ t[1, null]");
            }
        }
    }

    private RunningCapture start() {
        try {
            return RunningCapture.start(settings);
        } catch (CaptureException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitWaiting(String statement) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(9)) // the capture's own lock_timeout is 10 s
                .until(() -> database.query("select count(*) from pg_stat_activity where datname = current_database()"
                                + " and wait_event_type = 'Lock' and query ilike '" + statement + "'")
                        .equals("1"));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
