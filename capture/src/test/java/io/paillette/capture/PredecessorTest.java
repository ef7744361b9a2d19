package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.Predecessor.Delivered;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Going on with the slot of another reader, here one that nobody reads. */
final class PredecessorTest {

    private static final int CHANGES = 300;

    private final Database database = PostgresServer.shared().newDatabase();
    private final String theirs = "debezium_" + database.name();
    private final Random random = new Random();

    /** Its slot stays, or is ours from then on. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachChangeAfterItsPlaceIsToldOnceWhereverTheCaptureIsCut(boolean sameSlot) throws Exception {
        long seed = random.nextLong();
        random.setSeed(seed);
        CaptureSettings settings = settings(sameSlot ? theirs : "ours_" + database.name());
        prepare();
        List<String> written = new ArrayList<>(write(random, 1, CHANGES));
        // What goes on while ours is made ends before ours begins.
        Connection open = database.connect();
        open.setAutoCommit(false);
        run(open, "insert into t values (0, 'open')");
        Position place = Position.between(Lsn.NONE, SnapshotProgress.DONE)
                .after(new Predecessor(theirs, "dbz", Lsn.NONE, Delivered.NOTHING));
        CompletableFuture<List<String>> beside = CompletableFuture.supplyAsync(() -> {
            List<String> more = write(new Random(seed), CHANGES + 1, 2 * CHANGES);
            commit(open);
            return more;
        });
        List<String> told = new ArrayList<>();
        boolean done = false;
        while (!done) {
            try (var running =
                    RunningCapture.start(settings, place, io.paillette.capture.snapshot.SegmentBounds.STANDARD)) {
                int wanted = 1 + random.nextInt(CHANGES);
                running.await(events -> RunningCapture.texts(events).size() >= wanted || isLast(events));
                done = isLast(running.events());
                List<CaptureEvent> kept =
                        done ? running.events() : running.events().subList(0, wanted);
                told.addAll(RunningCapture.texts(kept));
                place = kept.get(kept.size() - 1).position();
            }
            if (beside.isDone() && !done) {
                database.execute("insert into t values (-1, 'last') on conflict do nothing");
            }
        }
        written.addAll(beside.join());
        assertThat(told).as("seed %d", seed).contains("INSERT t[0, open]").doesNotHaveDuplicates();
        told.removeIf(text -> text.equals("INSERT t[0, open]") || text.equals("INSERT t[-1, last]"));
        assertThat(told).as("seed %d", seed).isEqualTo(written);
        assertThat(place.predecessor()).as("seed %d", seed).isEmpty();
    }

    @Test
    void whatItDeliveredOfATransactionAndTablesThatAreNotCapturedAreLeftOut() throws Exception {
        prepare();
        database.execute(
                "create schema other",
                "create table other.t (id int primary key)",
                "create table u (id int primary key)");
        database.execute("begin; truncate u; insert into t values (1, 'a'); insert into u values (1);"
                + " insert into t select i, 'many' from generate_series(2, 4) i; insert into other.t values (1);"
                + " truncate t, other.t; insert into t values (5, 'b'); commit");
        CaptureSettings settings = settings("ours_" + database.name());
        var whole = new Predecessor(theirs, "dbz", Lsn.NONE, Delivered.NOTHING);
        List<CaptureEvent.Row> rows;
        try (var running = RunningCapture.resume(settings, place(whole))) {
            assertThat(running.awaitText("INSERT t[5, b]"))
                    .containsExactly(
                            "TRUNCATE [u]",
                            "INSERT t[1, a]",
                            "INSERT u[1]",
                            "INSERT t[2, many]",
                            "INSERT t[3, many]",
                            "INSERT t[4, many]",
                            "TRUNCATE [t]",
                            "INSERT t[5, b]");
            rows = running.events().stream()
                    .filter(CaptureEvent.Row.class::isInstance)
                    .map(CaptureEvent.Row.class::cast)
                    .toList();
        }
        CaptureEvent.Row second = rows.get(2);
        var some = new Delivered(second.transaction().xid(), second.lsn(), 1);
        try (var running = RunningCapture.resume(settings, place(new Predecessor(theirs, "dbz", Lsn.NONE, some)))) {
            // Rows of one statement may share a place in the WAL, of which one was delivered, or have one each.
            assertThat(running.awaitText("INSERT t[5, b]"))
                    .containsExactly("INSERT t[3, many]", "INSERT t[4, many]", "TRUNCATE [t]", "INSERT t[5, b]");
        }
    }

    @Test
    void aTableThatItDidNotTellIsReadAndAPartitionThatItToldIsNot() throws Exception {
        database.execute(
                "create table t (id int primary key, v text)",
                "create table untold (id int primary key)",
                "create table root (id int primary key) partition by range (id)",
                "create table leaf partition of root for values from (0) to (100)",
                "insert into t values (1, 'a')",
                "insert into untold values (1)",
                "insert into root values (1)",
                "create publication dbz for table t, leaf",
                "select pg_create_logical_replication_slot('" + theirs + "', 'pgoutput')",
                "insert into t values (2, 'b')",
                "insert into root values (2)",
                "insert into untold values (2)");
        // Before Postgres 13 nothing can be published as a row of its root.
        String afterwards = database.major() >= 13 ? "root" : "leaf";
        var predecessor = new Predecessor(theirs, "dbz", Lsn.NONE, Delivered.NOTHING);
        try (var running = RunningCapture.resume(settings("ours_" + database.name()), place(predecessor))) {
            running.awaitText("READ untold[2]");
            database.execute("insert into root values (3)", "insert into t values (3, 'c')");
            running.awaitText("INSERT t[3, c]");
            assertThat(running.texts())
                    .containsExactlyInAnyOrder(
                            "INSERT t[2, b]",
                            "INSERT leaf[2]",
                            "READ untold[1]",
                            "READ untold[2]",
                            "INSERT " + afterwards + "[3]",
                            "INSERT t[3, c]");
        }
        CaptureSettings rootOnly = CaptureSettings.of(
                "test", Map.of(CaptureOption.URL, database.url(), CaptureOption.TABLES, "public.root"));
        assertThatThrownBy(() -> RunningCapture.resume(rootOnly, place(predecessor)))
                .hasMessageContaining("tells of partitions by their own names")
                .hasMessageContaining("[public.leaf]");
    }

    @Test
    void aSlotOfOursFromBeforeItsLastCommitIsMadeAnew() throws Exception {
        prepare();
        database.execute("select pg_create_logical_replication_slot('ours_" + database.name() + "', 'pgoutput')");
        database.execute("insert into t values (1, 'told by the other')");
        Lsn end = Lsn.parse(database.query("select pg_current_wal_insert_lsn()"));
        database.execute("insert into t values (2, 'a')");
        Position place = Position.between(end, SnapshotProgress.DONE)
                .after(new Predecessor(theirs, "dbz", Lsn.NONE, Delivered.NOTHING));
        try (var running = RunningCapture.resume(settings("ours_" + database.name()), place)) {
            running.awaitText("INSERT t[2, a]");
            database.execute("insert into t values (3, 'b')");
            assertThat(running.awaitText("INSERT t[3, b]")).containsExactly("INSERT t[2, a]", "INSERT t[3, b]");
        }
    }

    @Test
    void whatIsInTheWayIsTold() throws Exception {
        CaptureSettings settings = settings("ours_" + database.name());
        var predecessor = new Predecessor(theirs, "dbz", Lsn.NONE, Delivered.NOTHING);
        assertThatThrownBy(() -> RunningCapture.resume(settings, place(predecessor)))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("Slot " + theirs + ", of which changes are still to be read, is not there");
        prepare();
        assertThatThrownBy(() -> RunningCapture.resume(
                        settings, place(new Predecessor(theirs, "other", Lsn.NONE, Delivered.NOTHING))))
                .hasMessageContaining("There is no publication other");
        CaptureSettings theirPublication = CaptureSettings.of(
                "test", Map.of(CaptureOption.URL, database.url(), CaptureOption.PUBLICATION_NAME, "dbz"));
        assertThatThrownBy(() -> RunningCapture.resume(theirPublication, place(predecessor)))
                .hasMessageContaining("publication.name is that of the predecessor, dbz");
    }

    private void prepare() throws SQLException {
        database.execute(
                "create table t (id int primary key, v text)",
                "create publication dbz for all tables",
                "select pg_create_logical_replication_slot('" + theirs + "', 'pgoutput')");
    }

    private static Position place(Predecessor predecessor) {
        return Position.between(Lsn.NONE, SnapshotProgress.DONE).after(predecessor);
    }

    private CaptureSettings settings(String slot) {
        return CaptureSettings.of(
                database.name(),
                Map.of(
                        CaptureOption.URL,
                        database.url(),
                        CaptureOption.SLOT_NAME,
                        slot,
                        CaptureOption.MAX_QUEUE_BYTES,
                        "1"));
    }

    private static boolean isLast(List<CaptureEvent> events) {
        return RunningCapture.texts(events).contains("INSERT t[-1, last]");
    }

    /** Rows in transactions of one to five. */
    private List<String> write(Random sizes, int from, int to) {
        List<String> texts = new ArrayList<>();
        for (int next = from; next <= to; ) {
            int last = Math.min(to, next + sizes.nextInt(5));
            database.execute("insert into t select i, 'v' from generate_series(" + next + ", " + last + ") i");
            for (; next <= last; next++) {
                texts.add("INSERT t[" + next + ", v]");
            }
        }
        return texts;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void commit(Connection connection) {
        try (connection) {
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
