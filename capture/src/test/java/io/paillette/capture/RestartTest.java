package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class RestartTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database);

    @Test
    void aRestartAtAnyRowOfATransactionDeliversEachRowOnce() throws Exception {
        database.execute("create table t (id int primary key)");
        RunningCapture.start(settings).close();
        database.execute(
                "insert into t values (0)", "insert into t select generate_series(1, 12)", "insert into t values (13)");
        List<CaptureEvent> whole;
        try (var running = RunningCapture.start(settings)) {
            whole = List.copyOf(running.await(events -> count(events, CaptureEvent.Commit.class) == 3));
        }
        assertThat(RunningCapture.texts(whole)).hasSize(14);
        for (int cut = 0; cut < whole.size(); cut++) {
            List<CaptureEvent> delivered = new ArrayList<>(whole.subList(0, cut + 1));
            int left = 3 - count(delivered, CaptureEvent.Commit.class);
            try (var running = RunningCapture.resume(settings, whole.get(cut).position())) {
                if (left > 0) {
                    delivered.addAll(running.await(events -> count(events, CaptureEvent.Commit.class) >= left));
                }
            }
            assertThat(delivered)
                    .as("cut after %s", whole.get(cut))
                    .extracting(CaptureEvent::position)
                    .containsExactlyElementsOf(
                            whole.stream().map(CaptureEvent::position).toList());
            assertThat(RunningCapture.texts(delivered)).isEqualTo(RunningCapture.texts(whole));
        }
    }

    @Test
    void aStoredPositionSurvivesItsTextForm() throws Exception {
        database.execute("create table t (id int primary key)");
        Position middle;
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into t values (1), (2)");
            middle = running.await(events -> !events.isEmpty()).get(0).position();
        }
        try (var running = RunningCapture.resume(settings, PositionText.read(PositionText.write(middle)))) {
            assertThat(running.awaitChanges(1)).containsExactly("INSERT t[2]");
        }
    }

    @Test
    void whereNothingWasWrittenMeanwhileTheNextRowAfterARestartIsNotWaitedFor() throws Exception {
        database.execute("create table t (id int primary key)");
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            stored = storeTheFirstRow(running);
        }
        try (var running = RunningCapture.resume(settings, stored)) {
            running.awaitMoment();
            database.execute("insert into t values (2)");
            long begun = System.nanoTime();
            assertThat(running.awaitChanges(1)).containsExactly("INSERT t[2]");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void aKilledWalSenderIsTransientAndARestartLosesNothing() throws Exception {
        database.execute("create table t (id int primary key)");
        Position stored;
        try (var running = RunningCapture.start(settings)) {
            stored = storeTheFirstRow(running);
            database.query("select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                    + settings.slot() + "'");
            database.execute("insert into t values (2)");
            assertThatThrownBy(() -> running.await(events -> events.size() > 4))
                    .isInstanceOfSatisfying(CaptureException.class, e -> assertThat(e.isTransient())
                            .isTrue());
        }
        try (var running = RunningCapture.resume(settings, stored)) {
            assertThat(running.awaitChanges(1)).containsExactly("INSERT t[2]");
        }
    }

    @Test
    void aServerThatHangsOrANetworkThatDropsEverythingIsGivenUpAsTheServerGivesUpUs() throws Exception {
        database.execute(
                "create table t (id int primary key)",
                "alter database " + database.name() + " set wal_sender_timeout = '2s'");
        // Older servers say nothing while they are busy with what they do not send.
        boolean speaks = database.major() >= 16;
        for (String unixSocket : List.of("auto", "off")) {
            CaptureSettings through = CaptureSettings.of(
                    "test",
                    Map.of(
                            CaptureOption.URL,
                            settings.server().jdbcUrl(),
                            CaptureOption.SLOT_NAME,
                            settings.slot(),
                            CaptureOption.UNIX_SOCKET_DIRECTORY,
                            unixSocket));
            try (var running = RunningCapture.start(through)) {
                database.execute("truncate t", "insert into t values (1)");
                running.awaitChanges(1);
                // Quiet for longer than the timeout, but alive.
                Awaitility.await()
                        .during(Duration.ofSeconds(4))
                        .atMost(Duration.ofSeconds(5))
                        .until(() ->
                                running.capture().poll(Duration.ofMillis(100)).isEmpty());
                String pid = database.query(
                        "select active_pid from pg_replication_slots where slot_name = '" + settings.slot() + "'");
                signal("STOP", pid);
                try {
                    assertThatThrownBy(() -> running.await(events -> false))
                            .isInstanceOfSatisfying(CaptureException.class, e -> assertThat(e.isTransient())
                                    .isTrue())
                            .rootCause()
                            .hasMessageContaining("has not answered for " + (speaks ? 2_000 : 20_000) + " ms");
                } finally {
                    signal("CONT", pid);
                }
            }
        }
    }

    private static void signal(String name, String pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor())
                .as("kill -" + name)
                .isZero();
    }

    @Test
    void aSecondCaptureWaitsUntilTheFirstIsGone() throws Exception {
        database.execute("create table t (id int primary key)");
        RunningCapture first = RunningCapture.start(settings);
        database.execute("insert into t values (1)");
        first.awaitChanges(1);
        try (var second = RunningCapture.start(settings)) {
            assertThat(second.capture().poll(Duration.ofMillis(300))).isEmpty();
            first.close();
            assertThat(second.awaitChanges(1)).containsExactly("INSERT t[1]");
        }
    }

    @Test
    void nothingIsConfirmedBeforeItIsStored() throws Exception {
        database.execute("create table t (id int primary key)");
        try (var running = RunningCapture.start(settings)) {
            database.execute("insert into t values (1)", "insert into t values (2)");
            running.await(events -> count(events, CaptureEvent.Commit.class) == 2);
            CaptureEvent middle = running.events().get(1);
            running.capture().stored(middle.position());
            Awaitility.await()
                    .during(Duration.ofSeconds(3))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> confirmed().compareTo(middle.position().end()) <= 0);
            assertThat(confirmed()).isEqualTo(middle.position().end());
        }
    }

    @Test
    void aFullQueueKeepsTheConnectionAliveAndMemoryBounded() throws Exception {
        database.execute(
                "create table t (id int primary key, v text)",
                "alter database " + database.name() + " set wal_sender_timeout = '2s'");
        CaptureSettings narrow = CaptureSettings.of(
                "test",
                Map.of(
                        CaptureOption.URL,
                        settings.server().jdbcUrl(),
                        CaptureOption.SLOT_NAME,
                        settings.slot(),
                        CaptureOption.SNAPSHOT_MODE,
                        "no_data",
                        CaptureOption.MAX_QUEUE_BYTES,
                        "100000"));
        try (var running = RunningCapture.start(narrow)) {
            database.execute("insert into t select i, repeat('x', 1000) from generate_series(1, 5000) i");
            Awaitility.await()
                    .during(Duration.ofSeconds(5))
                    .atMost(Duration.ofSeconds(6))
                    .until(() -> database.query("select active from pg_replication_slots where slot_name = '"
                                    + settings.slot() + "'")
                            .equals("t"));
            List<String> expected =
                    IntStream.rangeClosed(1, 5000).mapToObj(i -> "INSERT " + i).toList();
            running.await(events -> count(events, CaptureEvent.Commit.class) == 1);
            assertThat(running.events().stream()
                            .filter(CaptureEvent.Row.class::isInstance)
                            .map(CaptureEvent.Row.class::cast)
                            .map(row -> row.kind() + " "
                                    + RunningCapture.values(row).get(0)))
                    .containsExactlyElementsOf(expected);
        }
    }

    private Lsn confirmed() {
        return Lsn.parse(database.query(
                "select confirmed_flush_lsn from pg_replication_slots where slot_name = '" + settings.slot() + "'"));
    }

    private Position storeTheFirstRow(RunningCapture running) throws Exception {
        database.execute("insert into t values (1)");
        running.await(events -> count(events, CaptureEvent.Commit.class) == 1);
        running.storeAll();
        return running.events().get(1).position();
    }

    private static int count(List<CaptureEvent> events, Class<?> kind) {
        return (int) events.stream().filter(kind::isInstance).count();
    }
}
