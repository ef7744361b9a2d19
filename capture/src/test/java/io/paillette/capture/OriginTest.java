package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.TransactionInfo.Origin;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Replication origins belong to the server, so theirs is named after the test's database. */
final class OriginTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final String origin = "of_" + database.name();

    @AfterEach
    void drop() {
        database.query("select pg_replication_origin_drop('" + origin + "')");
    }

    @Test
    void whatWasReplicatedHereTellsWhereItCommittedFirst() throws Exception {
        database.execute("create table t (id int primary key)");
        database.query("select pg_replication_origin_create('" + origin + "')");
        try (var running = RunningCapture.start(RunningCapture.settings(database))) {
            database.execute(
                    "insert into t values (1)",
                    "select pg_replication_origin_session_setup('" + origin + "')",
                    "insert into t values (2)",
                    "begin; select pg_replication_origin_xact_setup('1/2000', now()); insert into t values (3), (4); commit",
                    "select pg_replication_origin_session_reset()",
                    "insert into t values (5)");
            assertThat(running.awaitText("INSERT t[5]")).hasSize(5);
            Optional<Origin> replicated = Optional.of(new Origin(origin, Lsn.parse("1/2000")));
            Optional<Origin> placeless = Optional.of(new Origin(origin, Lsn.NONE));
            assertThat(origins(running.events()))
                    .containsExactly(Optional.empty(), placeless, replicated, replicated, Optional.empty());
        }
    }

    private static List<Optional<Origin>> origins(List<CaptureEvent> events) {
        return events.stream()
                .filter(CaptureEvent.Row.class::isInstance)
                .map(event -> ((CaptureEvent.Row) event).transaction().origin())
                .toList();
    }
}
