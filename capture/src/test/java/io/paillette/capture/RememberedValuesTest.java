package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code unavailable.value.handling=memory}: what an update leaves out is told as it is, or not told. */
final class RememberedValuesTest {

    private static final String BIG = "(select string_agg(md5(i::text), '') from generate_series(1, 200) i)";
    private static final int TRANSACTIONS = 300;

    private final Database database = PostgresServer.shared().newDatabase();

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("runs", 1)).map(run -> Long.getLong("seed", System.nanoTime()));
    }

    /** {@code -Druns=20} for more seeds, {@code -Dseed=} for one. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aValueIsTheOneThatTheRowHadAtItsChangeOrNotTold(long seed) throws Exception {
        var random = new Random(seed);
        List<CaptureEvent> events;
        List<List<String>> made;
        try (var changes = new RandomToast(database, random);
                var running = RunningCapture.start(memory(random.nextInt(4) == 0 ? "1000000" : "150000"))) {
            for (int i = 0; i < TRANSACTIONS; i++) {
                changes.transaction();
            }
            made = changes.made();
            events = running.await(all -> rows(all).size() >= changes.made().size());
        }
        List<List<String>> told = rows(events);
        int left = 0;
        for (int i = 0; i < told.size(); i++) {
            List<String> is = made.get(i);
            assertThat(told.get(i)).hasSameSizeAs(is);
            for (int column = 0; column < is.size(); column++) {
                if (told.get(i).get(column).equals("unchanged")) {
                    left++;
                } else {
                    assertThat(told.get(i).get(column))
                            .as("seed %d, change %d: %s", seed, i, cut(is))
                            .isEqualTo(is.get(column));
                }
            }
        }
        int leftByTheWal = leftByTheWal(events);
        assertThat(left)
                .as("seed %d: not told of %d that the WAL leaves out", seed, leftByTheWal)
                .isBetween(1, leftByTheWal * 9 / 10);
    }

    /** The same stream without a memory. */
    private int leftByTheWal(List<CaptureEvent> events) throws Exception {
        Position before =
                ((CaptureEvent.OfTransaction) events.get(0)).transaction().start();
        var settings = settings(Map.of());
        try (var running = RunningCapture.resume(settings, before)) {
            running.await(all -> rows(all).size() >= rows(events).size());
            return (int) rows(running.events()).stream()
                    .flatMap(List::stream)
                    .filter("unchanged"::equals)
                    .count();
        }
    }

    @Test
    void whatAnEarlierChangeToldIsToldAgainUntilTheRowOrItsTableCanHaveChangedUnseen() throws Exception {
        database.execute("create table docs (id int primary key, n int, doc text)");
        String whole = database.query("select " + BIG);
        try (var running = RunningCapture.start(memory("1000000"))) {
            database.execute(
                    "insert into docs values (1, 0, " + BIG + ")",
                    "update docs set n = 1",
                    "update docs set id = 2, n = 2",
                    "update docs set n = 3",
                    "begin; delete from docs; insert into docs select 2, 4, 'short'; update docs set n = 5; commit",
                    "update docs set doc = " + BIG + " || 'x'",
                    "alter table docs alter doc type text using doc || 'y'",
                    "update docs set n = 6",
                    "update docs set doc = doc || 'z'",
                    "begin; alter publication paillette_test drop table docs; update docs set doc = reverse(doc);"
                            + " alter publication paillette_test add table docs; update docs set n = 7; commit",
                    "update docs set doc = " + BIG,
                    "update docs set n = 8");
            running.await(all -> rows(all).stream().anyMatch(row -> row.contains("8")));
            assertThat(rows(running.events()))
                    .containsExactly(
                            List.of("docs", "1", "0", whole),
                            List.of("docs", "1", "1", whole),
                            List.of("docs", "2", "2", whole),
                            List.of("docs", "2", "3", whole),
                            List.of("docs", "2", "4", "short"),
                            List.of("docs", "2", "5", "short"),
                            List.of("docs", "2", "5", whole + "x"),
                            List.of("docs", "2", "6", "unchanged"),
                            List.of("docs", "2", "6", whole + "xyz"),
                            List.of("docs", "2", "7", "unchanged"),
                            List.of("docs", "2", "7", whole),
                            List.of("docs", "2", "8", whole));
        }
    }

    /** Whoever changes our publication so does it at run time: what it is to be is seen to at each start. */
    @Test
    void whatWasDeletedOrTruncatedIsForgottenThoughWhatIsInsertedAfterItIsNotPublished() throws Exception {
        database.execute("create table docs (id int primary key, n int, doc text)");
        String insert = "insert into docs select i, 0, " + BIG + " || n from generate_series(1, 2) i, ";
        try (var running = RunningCapture.start(memory("1000000"))) {
            database.execute(
                    "alter publication paillette_test set (publish = 'update, delete, truncate')",
                    insert + "(values ('a')) v(n)",
                    "update docs set doc = doc || 'b' where id = 1",
                    "delete from docs where id = 1",
                    insert + "(values ('c')) v(n) where i = 1",
                    "update docs set n = 1 where id = 1",
                    "update docs set doc = doc || 'd'",
                    "truncate docs",
                    insert + "(values ('e')) v(n)",
                    "update docs set n = 2");
            running.await(all -> rows(all).size() == 6);
            assertThat(rows(running.events()).get(1)).contains("unchanged");
            assertThat(rows(running.events()).get(4)).contains("unchanged");
            assertThat(rows(running.events()).get(5)).contains("unchanged");
        }
    }

    @Test
    void aRowIsKnownByItsReplicaIdentityAlone() throws Exception {
        database.execute(
                "create table coded (id int primary key, code int not null unique, n int, doc text)",
                "alter table coded replica identity using index coded_code_key");
        try (var running = RunningCapture.start(memory("1000000"))) {
            database.execute(
                    "insert into coded select i, 10 * i, 0, " + BIG + " || i from generate_series(1, 2) i",
                    "update coded set id = 3 where code = 20",
                    "update coded set id = 2 where code = 10",
                    "update coded set n = 1 where id = 2");
            running.await(all -> rows(all).size() == 5);
            assertThat(rows(running.events()).get(4))
                    .containsExactly("coded", "2", "10", "1", database.query("select " + BIG) + "1");
        }
    }

    @Test
    void aRestartForgetsAndWhatIsDeliveredAgainIsStillSeen() throws Exception {
        database.execute("create table docs (id int primary key, n int, doc text)");
        String whole = database.query("select " + BIG);
        var settings = memory("1000000");
        Position inside;
        try (var running = RunningCapture.start(settings)) {
            database.execute(
                    "insert into docs values (1, 0, " + BIG + ")",
                    "begin; insert into docs values (2, 0, " + BIG + "); update docs set n = 1 where id = 2;"
                            + " update docs set n = 2; commit");
            running.await(all -> rows(all).size() == 5);
            assertThat(rows(running.events()).get(3)).contains(whole);
            inside = running.events().stream()
                    .filter(event -> event instanceof CaptureEvent.Row row && row.ordinal() == 2)
                    .findFirst()
                    .orElseThrow()
                    .position();
            running.capture().stored(inside);
        }
        try (var running = RunningCapture.resume(settings, inside)) {
            running.await(all -> rows(all).size() == 2);
            assertThat(rows(running.events()))
                    .containsExactlyInAnyOrder(
                            List.of("docs", "1", "2", "unchanged"), List.of("docs", "2", "2", whole));
        }
    }

    @Test
    void neitherPartitionsNorLabelsThatAnybodyCanRenameAreRemembered() throws Exception {
        database.execute(
                "create type mood as enum ('sad', 'happy')",
                "create table moods (id int primary key, n int, many mood[], doc text)",
                "alter table moods alter many set storage external",
                "create table labelled (id mood primary key, n int, doc text)",
                "create table parts (id int primary key, n int, doc text) partition by range (id)",
                "create table low partition of parts default");
        String whole = database.query("select " + BIG);
        try (var running = RunningCapture.start(memory("1000000"))) {
            database.execute(
                    "insert into moods select 1, 0, array_agg('sad'::mood), " + BIG + " from generate_series(1, 2000)",
                    "update moods set n = 1",
                    "insert into labelled values ('sad', 0, " + BIG + "), ('happy', 0, 'short')",
                    "alter type mood rename value 'sad' to 'x'",
                    "alter type mood rename value 'happy' to 'sad'",
                    "update labelled set n = 1, doc = " + BIG + " || '2' where id = 'sad'",
                    "update labelled set n = 2 where id = 'x'",
                    "insert into parts values (1, 0, " + BIG + ")",
                    "update parts set n = 1");
            running.await(all -> rows(all).size() == 8);
            List<List<String>> told = rows(running.events());
            assertThat(told.get(1)).containsExactly("moods", "1", "1", "unchanged", whole);
            assertThat(told.get(5).subList(2, 4)).containsExactly("2", "unchanged");
            if (told.get(7)
                    .get(0)
                    .equals("parts")) { // Postgres 12 tells of the partition, which is a table as others are
                assertThat(told.get(7).get(3)).isEqualTo("unchanged");
            }
        }
    }

    private static String cut(List<String> row) {
        return row.stream()
                .map(value -> value.length() > 20 ? value.substring(0, 20) + "..." : value)
                .toList()
                .toString();
    }

    /** Table and new row of all inserts and updates. */
    private static List<List<String>> rows(List<CaptureEvent> events) {
        List<List<String>> rows = new ArrayList<>();
        for (CaptureEvent event : events) {
            if (event instanceof CaptureEvent.Row row
                    && row.after() != null
                    && !row.kind().isRead()) {
                List<String> values =
                        new ArrayList<>(List.of(row.relation().name().table()));
                values.addAll(RunningCapture.values(row));
                rows.add(values);
            }
        }
        return rows;
    }

    private CaptureSettings memory(String bytes) {
        return settings(Map.of(
                CaptureOption.UNAVAILABLE_VALUE_HANDLING,
                "memory",
                CaptureOption.UNAVAILABLE_VALUE_MEMORY_BYTES,
                bytes));
    }

    private CaptureSettings settings(Map<CaptureOption, String> more) {
        var options = new EnumMap<CaptureOption, String>(CaptureOption.class);
        options.putAll(more);
        options.put(CaptureOption.URL, database.url());
        options.put(CaptureOption.SLOT_NAME, "slot_" + database.name());
        options.put(CaptureOption.SNAPSHOT_MODE, "no_data");
        return CaptureSettings.of("test", options);
    }
}
