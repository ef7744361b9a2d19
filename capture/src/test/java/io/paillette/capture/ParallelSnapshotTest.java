package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.snapshot.SegmentBounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several tables are read at the same time, each on a connection of its own. */
final class ParallelSnapshotTest {

    private final SeveralTables tables = new SeveralTables();

    @Test
    void eachPositionSaysOfEachTableHowFarItWasHandedOverAndNotHowFarItWasRead() throws Exception {
        tables.create(SeveralTables.TABLES);
        List<CaptureEvent> events;
        try (var running = tables.startedReading(3)) {
            events = running.await(SeveralTables::isComplete);
        }
        Map<Integer, String> handedOver = new HashMap<>();
        Set<Integer> ended = new HashSet<>();
        int most = 0;
        for (CaptureEvent event : events) {
            SnapshotProgress progress = event.position().snapshot();
            if (event instanceof CaptureEvent.Row row) {
                int oid = row.relation().oid();
                assertThat(ended).as("tables that have ended").doesNotContain(oid);
                assertThat(SeveralTables.before(row.transaction().start(), oid)).isLessThan(SeveralTables.id(row));
                handedOver.put(oid, RunningCapture.values(row).get(0));
            } else {
                progress.tables().forEach(table -> ended.add(table.oid()));
            }
            Map<Integer, String> said = new HashMap<>();
            progress.reading()
                    .forEach(table -> said.put(table.oid(), table.last().upTo().get(0)));
            handedOver.keySet().removeAll(ended);
            assertThat(said).isEqualTo(handedOver);
            most = Math.max(most, said.size());
        }
        assertThat(most).isEqualTo(3);
        assertThat(ended).hasSize(SeveralTables.TABLES.size());
        tables.assertReadOnce(events);
    }

    @Test
    void aPositionIsGoneOnWithByAnyNumberOfThreads() throws Exception {
        tables.create(SeveralTables.TABLES);
        List<CaptureEvent> events = new ArrayList<>();
        for (int threads : List.of(1, 4, 1, 2, 64)) {
            tables.take(events, threads, 1 + tables.random.nextInt(SeveralTables.ROWS / 2));
        }
        Position first = events.get(0).position();
        assertThat(PositionText.write(first)).contains("\"reading\":{");
        tables.takeAll(events, 3);
        tables.assertReadOnce(events);
    }

    @Test
    void withOneThreadOneTableIsReadAfterTheOtherOnOneConnection() throws Exception {
        tables.create(SeveralTables.TABLES);
        List<CaptureEvent> events = new ArrayList<>();
        try (var running = RunningCapture.start(
                RunningCapture.reading(tables.database, 1, SeveralTables.NARROW), null, SeveralTables.TEN_ROWS)) {
            tables.awaitQuiet(0);
            events.addAll(running.await(SeveralTables::isComplete));
        }
        tables.assertReadOnce(events);
        assertThat(SeveralTables.stretches(SeveralTables.tablesOf(events))).hasSize(SeveralTables.TABLES.size());
        assertThat(events)
                .allSatisfy(event ->
                        assertThat(event.position().snapshot().reading()).hasSizeLessThan(2));
    }

    @Test
    void noTransactionStaysOpenWhileNobodyTakesWhatWasRead() throws Exception {
        tables.createLarge();
        try (var running = RunningCapture.start(
                RunningCapture.reading(tables.database, 3, SeveralTables.NARROW),
                null,
                new SegmentBounds(1_000_000, Duration.ofMillis(200)))) {
            running.await(events -> !events.isEmpty());
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> tables.database
                    .query("select count(*) from pg_stat_activity where datname = current_database()"
                            + " and pid <> pg_backend_pid() and backend_xmin is not null")
                    .equals("0"));
            running.await(SeveralTables::isComplete);
            tables.assertReadOnce(running.events(), SeveralTables.LARGE);
        }
    }

    /** Nobody takes what is read, so that a segment ends after twice its length. */
    @Test
    void aSegmentIsLongerWhereThePositionCarriesManyOfOtherTables() throws Exception {
        tables.createLarge();
        Position reached;
        try (var running = tables.startedReading(3)) {
            List<CaptureEvent> events =
                    running.await(some -> SeveralTables.tables(some).size() == 3);
            reached = SeveralTables.last(events).position();
        }
        TableSnapshot a = reached.snapshot().reading().stream()
                .filter(table -> table.name().table().equals("a"))
                .findFirst()
                .orElseThrow();
        var carried =
                new TableSnapshot(a.oid(), a.name(), a.key(), Collections.nCopies(600, a.last()), a.last(), a.mark());
        var from = reached.moved(reached.end(), reached.snapshot().during(carried));
        var bounds = new SegmentBounds(1_000_000, Duration.ofMillis(200));
        try (var running =
                RunningCapture.start(RunningCapture.reading(tables.database, 3, SeveralTables.NARROW), from, bounds)) {
            Awaitility.await().until(() -> tables.database
                    .query("select count(*) from pg_stat_activity"
                            + " where datname = current_database() and query like '%COPY%\"b\"%'"
                            + " and pid <> pg_backend_pid() and now() - xact_start > interval '1.5 s'")
                    .equals("1"));
            running.awaitMoment();
        }
    }

    @Test
    void aSmallTableWithoutAKeyComesAsAWholeAndALargeOneBesideOthersGoesOnByPlace() throws Exception {
        tables.create(List.of("a", "b"));
        tables.database.execute(
                "create table small_1 (v text)",
                "create table small_2 (v text)",
                "create table large (id int, v text)",
                "insert into small_1 select 's' || i from generate_series(1, 50) i",
                "insert into small_2 select 's' || i from generate_series(1, 50) i",
                "insert into large select i, repeat('x', 1900) from generate_series(1, 1500) i");
        List<CaptureEvent> events = new ArrayList<>();
        tables.take(events, 4, 700);
        tables.take(events, 4, 300);
        TableSnapshot large = SeveralTables.last(events).position().snapshot().reading().stream()
                .filter(table -> table.name().table().equals("large"))
                .findFirst()
                .orElseThrow();
        assertThat(large.key().get(0).name()).isEqualTo("ctid");
        tables.takeAll(events, 4);
        List<String> inOrder = SeveralTables.tablesOf(events);
        assertThat(SeveralTables.stretches(inOrder.subList(inOrder.size() - 100, inOrder.size())))
                .containsExactlyInAnyOrder("small_1", "small_2");
        assertThat(inOrder).hasSize(2 * SeveralTables.ROWS + 1500 + 100);
        assertThat(RunningCapture.texts(events)).as("seed %d", tables.seed).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "65", "2.5", "many", "99999999999"})
    void aNumberOfThreadsThatIsNoneIsRefused(String value) {
        var options = Map.of(CaptureOption.URL, "jdbc:postgresql://h/d", CaptureOption.SNAPSHOT_MAX_THREADS, value);
        assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> CaptureSettings.of("test", options)))
                .hasMessageContaining("snapshot.max.threads: ")
                .hasMessageContaining(value)
                .hasMessageContaining("must be a number from 1 to 64");
    }
}
