package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LogicalMessageTest {

    private final Database database = PostgresServer.shared().newDatabase();
    private final CaptureSettings settings = RunningCapture.settings(database);
    private final boolean sent = database.major() >= 14;

    @BeforeEach
    void table() {
        database.execute("create table t (id int primary key)");
    }

    @Test
    void aMessageOfATransactionComesInItsPlaceAndOnlyWhenThatCommits() throws Exception {
        assumeTrue(sent);
        try (var running = RunningCapture.start(settings);
                var session = transaction()) {
            run(session, "insert into t values (1)", message(true, "app", "lost"));
            session.rollback();
            run(session, "insert into t values (2)", message(true, "app", "first"), "insert into t values (3)");
            session.commit();
            run(session, message(true, "app", "alone"));
            session.commit();
            assertThat(running.awaitText("MESSAGE app alone"))
                    .containsExactly("INSERT t[2]", "MESSAGE app first", "INSERT t[3]", "MESSAGE app alone");
            running.await(events -> commits(events) == 2);
            var messages = messages(running.events());
            assertThat(messages.get(0).ordinal()).isEqualTo(2);
            assertThat(messages.get(0).transaction().xid()).isNotZero();
            assertThat(messages.get(0).position().commit())
                    .isEqualTo(messages.get(0).transaction().commit());
        }
    }

    @Test
    void aMessageOfNoTransactionComesAtOnceWhetherItsSessionCommitsOrNot() throws Exception {
        assumeTrue(sent);
        try (var running = RunningCapture.start(settings);
                var session = transaction()) {
            run(session, "insert into t values (1)", message(false, "app", "now"), "insert into t values (2)");
            flush();
            assertThat(running.awaitChanges(1)).containsExactly("NOTICE app now");
            session.commit();
            run(session, message(false, "app", "stays"));
            session.rollback();
            flush();
            assertThat(running.awaitChanges(4))
                    .containsExactly("NOTICE app now", "INSERT t[1]", "INSERT t[2]", "NOTICE app stays");
            var notice = messages(running.events()).get(0);
            assertThat(notice.transaction().xid()).isZero();
            assertThat(notice.position().end()).isEqualTo(notice.lsn());
            assertThat(notice.position().commit()).isEqualTo(Lsn.NONE);
        }
    }

    @Test
    void contentIsBytesAndPrefixesAreOfAnyLetters() throws Exception {
        assumeTrue(sent);
        try (var running = RunningCapture.start(settings)) {
            database.execute("select pg_logical_emit_message(true, 'ünlü, \"x\"', '\\x00ff7f'::bytea)");
            running.awaitChanges(1);
            var message = messages(running.events()).get(0);
            assertThat(message.prefix()).isEqualTo("ünlü, \"x\"");
            assertThat(message.content()).containsExactly(0x00, 0xff, 0x7f);
        }
    }

    @Test
    void aRestartAtAnyEventDeliversEachOnce() throws Exception {
        assumeTrue(sent);
        RunningCapture.start(settings).close();
        List<String> written = mixedWithOpenTransactions();
        List<CaptureEvent> whole;
        try (var running = RunningCapture.start(settings)) {
            whole = List.copyOf(
                    running.await(events -> RunningCapture.texts(events).size() == written.size()
                            && events.get(events.size() - 1) instanceof CaptureEvent.Commit));
        }
        assertThat(RunningCapture.texts(whole)).isEqualTo(written);
        for (int cut = 0; cut < whole.size(); cut++) {
            List<CaptureEvent> delivered = new ArrayList<>(whole.subList(0, cut + 1));
            try (var running = RunningCapture.resume(settings, whole.get(cut).position())) {
                int left = whole.size() - delivered.size();
                if (left > 0) {
                    delivered.addAll(running.await(events -> events.size() >= left));
                }
            }
            assertThat(delivered)
                    .as("cut after %s", whole.get(cut))
                    .extracting(CaptureEvent::position)
                    .containsExactlyElementsOf(
                            whole.stream().map(CaptureEvent::position).toList());
            assertThat(RunningCapture.texts(delivered)).isEqualTo(written);
        }
    }

    /** Each restart loses what was polled and not stored, as a kill does; half of them come with a killed WAL sender. */
    @Test
    void restartsAtRandomMomentsLoseAndRepeatNothing() throws Exception {
        assumeTrue(sent);
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        RunningCapture.start(settings).close();
        var expected = new ArrayList<String>();
        var stored = new ArrayList<CaptureEvent>();
        for (int round = 0; round < 25; round++) {
            expected.addAll(mixedWithOpenTransactions(random, round));
            try (var running = stored.isEmpty()
                    ? RunningCapture.start(settings)
                    : RunningCapture.resume(
                            settings, stored.get(stored.size() - 1).position())) {
                int missing = expected.size() - RunningCapture.texts(stored).size();
                int enough = 1 + random.nextInt(missing);
                running.awaitChanges(enough);
                int kept = 1 + random.nextInt(running.events().size());
                stored.addAll(running.events().subList(0, kept));
                running.capture().stored(stored.get(stored.size() - 1).position());
                if (random.nextBoolean()) {
                    database.query(
                            "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '"
                                    + settings.slot() + "'");
                }
            }
        }
        try (var running =
                RunningCapture.resume(settings, stored.get(stored.size() - 1).position())) {
            running.awaitChanges(expected.size() - RunningCapture.texts(stored).size());
            stored.addAll(running.events());
        }
        assertThat(RunningCapture.texts(stored)).as("seed %d", seed).isEqualTo(expected);
    }

    @Test
    void onlyPrefixesThatAreIncludedComeEachExpressionForAWholePrefix() throws Exception {
        assumeTrue(sent);
        var some = with(CaptureOption.MESSAGE_PREFIX_INCLUDE_LIST, "app.*, OTHER,x\\,y");
        try (var running = RunningCapture.start(some)) {
            database.execute(
                    message(true, "app.orders", "1"),
                    message(false, "another", "2"),
                    message(true, "not app", "3"),
                    message(true, "other", "4"),
                    message(true, "x,y", "5"),
                    message(true, "x", "6"),
                    "insert into t values (1)");
            assertThat(running.awaitText("INSERT t[1]"))
                    .containsExactly("MESSAGE app.orders 1", "MESSAGE other 4", "MESSAGE x,y 5", "INSERT t[1]");
        }
    }

    @Test
    void prefixesThatAreExcludedDoNotComeAndAChangeOfTheListShiftsNothing() throws Exception {
        assumeTrue(sent);
        var none = with(CaptureOption.MESSAGE_PREFIX_EXCLUDE_LIST, ".*");
        RunningCapture.start(none).close();
        database.execute("do $$ begin"
                + " perform pg_logical_emit_message(true, 'a', 'x'), pg_logical_emit_message(true, 'b', 'y');"
                + " insert into t values (1), (2);"
                + " perform pg_logical_emit_message(true, 'c', 'z'); insert into t values (3); end $$");
        Position afterFirst;
        try (var running = RunningCapture.start(none)) {
            assertThat(running.awaitText("INSERT t[3]")).containsExactly("INSERT t[1]", "INSERT t[2]", "INSERT t[3]");
            afterFirst = running.events().get(0).position();
        }
        try (var running = RunningCapture.resume(settings, afterFirst)) {
            assertThat(running.awaitText("INSERT t[3]")).containsExactly("INSERT t[2]", "MESSAGE c z", "INSERT t[3]");
        }
    }

    @Test
    void listsThatCannotBeMeantAreRefused() {
        assertThatThrownBy(() -> with(CaptureOption.MESSAGE_PREFIX_INCLUDE_LIST, "a(b"))
                .hasMessageStartingWith("message.prefix.include.list: \"a(b\" is not a regular expression: ");
        assertThatThrownBy(() -> CaptureSettings.of(
                        "test",
                        Map.of(
                                CaptureOption.URL, database.url(),
                                CaptureOption.MESSAGE_PREFIX_INCLUDE_LIST, "a",
                                CaptureOption.MESSAGE_PREFIX_EXCLUDE_LIST, "b")))
                .hasMessage("message.prefix.exclude.list: may not be given beside message.prefix.include.list");
    }

    @Test
    void aServerThatCannotSendMessagesIsCapturedWithoutThemUnlessTheyAreAskedFor() throws Exception {
        assumeTrue(!sent);
        var asking = with(CaptureOption.MESSAGE_PREFIX_INCLUDE_LIST, "app");
        assertThatThrownBy(() -> RunningCapture.start(asking))
                .isInstanceOfSatisfying(
                        CaptureException.class, e -> assertThat(e.isTransient()).isFalse())
                .hasMessageContaining("message.prefix.include.list asks for logical messages, which Postgres");
        try (var running = RunningCapture.start(settings)) {
            database.execute(message(true, "app", "unheard"), "insert into t values (1)");
            assertThat(running.awaitChanges(1)).containsExactly("INSERT t[1]");
        }
    }

    /** Two transactions that are open while the other, and messages of none, are written; in the order of delivery. */
    private List<String> mixedWithOpenTransactions() throws SQLException {
        try (var early = transaction();
                var late = transaction()) {
            run(late, "insert into t values (1)", message(true, "late", "a"), message(false, "none", "1"));
            run(early, message(true, "early", "b"), "insert into t select generate_series(10, 12)");
            run(late, message(false, "none", "2"), "insert into t values (2)");
            early.commit();
            run(late, message(false, "none", "3"), message(false, "none", "4"), "insert into t values (3)");
            run(late, message(true, "late", "c"));
            late.commit();
        }
        database.execute(message(false, "none", "5"), message(true, "last", "d"));
        return List.of(
                "NOTICE none 1",
                "NOTICE none 2",
                "MESSAGE early b",
                "INSERT t[10]",
                "INSERT t[11]",
                "INSERT t[12]",
                "NOTICE none 3",
                "NOTICE none 4",
                "INSERT t[1]",
                "MESSAGE late a",
                "INSERT t[2]",
                "INSERT t[3]",
                "MESSAGE late c",
                "NOTICE none 5",
                "MESSAGE last d");
    }

    /** Steps of three sessions in random order; what they must deliver, in that order. */
    private List<String> mixedWithOpenTransactions(Random random, int round) throws SQLException {
        var delivered = new ArrayList<String>();
        var open = new ArrayList<List<String>>();
        try (var first = transaction();
                var second = transaction();
                var third = transaction()) {
            List<Connection> sessions = List.of(first, second, third);
            sessions.forEach(session -> open.add(new ArrayList<>()));
            for (int step = 0; step < 30; step++) {
                int which = random.nextInt(sessions.size());
                Connection session = sessions.get(which);
                List<String> inside = open.get(which);
                String text = round + "/" + step;
                int id = round * 1000 + step;
                switch (random.nextInt(5)) {
                    case 0 -> {
                        run(session, message(false, "none", text));
                        delivered.add("NOTICE none " + text);
                    }
                    case 1 -> {
                        run(session, message(true, "some", text));
                        inside.add("MESSAGE some " + text);
                    }
                    case 2, 3 -> {
                        run(session, "insert into t values (" + id + ")");
                        inside.add("INSERT t[" + id + "]");
                    }
                    default -> commit(session, inside, delivered);
                }
            }
            for (int which = 0; which < sessions.size(); which++) {
                commit(sessions.get(which), open.get(which), delivered);
            }
        }
        database.execute("insert into t values (" + (round * 1000 + 999) + ")"); // never without a change, and flushed
        delivered.add("INSERT t[" + (round * 1000 + 999) + "]");
        return delivered;
    }

    private static void commit(Connection session, List<String> inside, List<String> delivered) throws SQLException {
        session.commit();
        delivered.addAll(inside);
        inside.clear();
    }

    private CaptureSettings with(CaptureOption option, String value) {
        var options = new EnumMap<CaptureOption, String>(CaptureOption.class);
        options.put(CaptureOption.URL, database.url());
        options.put(CaptureOption.SLOT_NAME, settings.slot());
        options.put(CaptureOption.SNAPSHOT_MODE, "no_data");
        options.put(option, value);
        return CaptureSettings.of("test", options);
    }

    private Connection transaction() throws SQLException {
        Connection connection = database.connect();
        connection.setAutoCommit(false);
        return connection;
    }

    /** A message of no transaction is in the WAL at once, but not on disk before something is, and sent only then. */
    private void flush() {
        database.execute("comment on table t is 'flushed'");
    }

    private static void run(Connection connection, String... statements) throws SQLException {
        try (var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String message(boolean transactional, String prefix, String content) {
        return "select pg_logical_emit_message(" + transactional + ", '" + prefix + "', '" + content + "')";
    }

    private static List<CaptureEvent.LogicalMessage> messages(List<CaptureEvent> events) {
        return events.stream()
                .filter(CaptureEvent.LogicalMessage.class::isInstance)
                .map(CaptureEvent.LogicalMessage.class::cast)
                .toList();
    }

    private static long commits(List<CaptureEvent> events) {
        return events.stream().filter(CaptureEvent.Commit.class::isInstance).count();
    }
}
