package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A server that is told to stop waits for those who read its WAL. */
final class ServerShutdownTest {

    @Test
    void aFastShutdownIsNotHeldUpByACaptureWhoseLastPositionIsNotStored() throws Exception {
        try (var server = PostgresServer.start(Map.of("wal_sender_timeout", "0"))) {
            Database database = server.newDatabase();
            database.execute("create table t (id int primary key)", "create table uncaptured (id int)");
            CaptureSettings settings = CaptureSettings.of(
                    "test",
                    Map.of(
                            CaptureOption.URL, database.url(),
                            CaptureOption.TABLES, "public.t",
                            CaptureOption.SLOT_NAME, "slot",
                            CaptureOption.SNAPSHOT_MODE, "no_data"));
            try (var running = RunningCapture.start(settings)) {
                database.execute("insert into t values (1)");
                running.awaitText("INSERT t[1]");
                running.await(events -> events.stream().anyMatch(CaptureEvent.Commit.class::isInstance));
                running.storeAll();
                database.execute("insert into uncaptured values (1)");
                ProcessHandle postmaster = postmaster(database);

                signalFastShutdown(postmaster);

                // Nothing is stored from here on, as when the log lies on the same server.
                assertThatThrownBy(() -> running.await(events -> false))
                        .isInstanceOfSatisfying(CaptureException.class, e -> assertThat(e.isTransient())
                                .isTrue());
                postmaster.onExit().get(30, TimeUnit.SECONDS);
            }
        }
    }

    private static ProcessHandle postmaster(Database database) {
        long backend =
                Long.parseLong(database.query("select pid from pg_stat_activity where backend_type = 'checkpointer'"));
        return ProcessHandle.of(backend).flatMap(ProcessHandle::parent).orElseThrow();
    }

    /** SIGINT (docs: Shutting Down the Server). */
    private static void signalFastShutdown(ProcessHandle postmaster) throws Exception {
        assertThat(new ProcessBuilder("kill", "-INT", String.valueOf(postmaster.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
