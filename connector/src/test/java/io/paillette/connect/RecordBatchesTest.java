package io.paillette.connect;

import static io.paillette.connect.NumberedEvents.after;
import static io.paillette.connect.NumberedEvents.change;
import static io.paillette.connect.NumberedEvents.commit;
import static io.paillette.connect.NumberedEvents.events;
import static io.paillette.connect.NumberedEvents.info;
import static io.paillette.connect.NumberedEvents.inside;
import static io.paillette.connect.NumberedEvents.message;
import static io.paillette.connect.NumberedEvents.row;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureEvent;
import io.paillette.connect.RecordBatches.Batch;
import io.paillette.struct.Change;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How changes become batches. */
final class RecordBatchesTest {

    private long now;
    private int recordsPerRow = 1;

    private final RecordBatches batches = new RecordBatches(
            Map.of("server", "app"),
            event -> event instanceof CaptureEvent.Row row ? changes(row) : List.of(),
            new RecordBatches.Limits(10, Duration.ofSeconds(20)),
            () -> now);

    @Test
    void smallTransactionsShareABatchThatEndsATransaction() {
        batches.add(events(row(1, 1), commit(1), row(2, 1), row(2, 2), commit(2)));
        Batch batch = batches.take();
        assertThat(batch.records()).hasSize(3);
        assertThat(batch.endsTransaction()).isTrue();
        assertThat(batch.position()).isEqualTo(after(2));
    }

    @Test
    void aTransactionIsSplitLongBeforeKafkaWouldAbortIt() {
        assertThat(RecordBatches.Limits.within(Duration.ofSeconds(9)).open()).isEqualTo(Duration.ofSeconds(3));
        assertThat(RecordBatches.Limits.within(Duration.ofMinutes(15)).open()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void theLastRecordOfATransactionStandsForItsEnd() {
        batches.add(events(row(1, 1), row(1, 2), commit(1)));
        assertThat(batches.take().records())
                .extracting(CapturedRecord::position)
                .containsExactly(inside(1, 1), after(1));
    }

    @Test
    void theBeginningOfATransactionWaitsForTheNextBatch() {
        batches.add(events(row(1, 1), commit(1), row(2, 1)));
        assertThat(batches.take().position()).isEqualTo(after(1));
        batches.add(events(commit(2)));
        Batch batch = batches.take();
        assertThat(batch.records()).extracting(CapturedRecord::position).containsExactly(after(2));
        assertThat(batch.endsTransaction()).isTrue();
    }

    @Test
    void aLongTransactionIsHandedOnButForItsLastRecordAndDoesNotEndTheKafkaTransaction() {
        batches.add(events(row(1, 1), row(1, 2), row(1, 3)));
        Batch batch = batches.take();
        assertThat(batch.records()).extracting(CapturedRecord::position).containsExactly(inside(1, 1), inside(1, 2));
        assertThat(batch.endsTransaction()).isFalse();
        assertThat(batch.position()).isEqualTo(inside(1, 2));
    }

    @Test
    void aTransactionBeyondTheCapIsSplitAndCarriesItsOrdinal() {
        batches.add(IntStream.rangeClosed(1, 11)
                .mapToObj(ordinal -> row(1, ordinal))
                .toList());
        Batch batch = batches.take();
        assertThat(batch.endsTransaction()).isTrue();
        assertThat(batch.position()).isEqualTo(inside(1, 10));
    }

    @Test
    void aTransactionThatDoesNotGoOnIsSplitBeforeKafkaGivesItUp() {
        batches.add(events(row(1, 1), row(1, 2)));
        assertThat(batches.take().endsTransaction()).isFalse();
        now = Duration.ofSeconds(21).toNanos();
        Batch batch = batches.take();
        assertThat(batch.records()).isEmpty();
        assertThat(batch.endsTransaction()).isTrue();
        assertThat(batches.take().endsTransaction()).isFalse();
    }

    @Test
    void transactionsWithoutARecordMoveThePositionOnly() {
        batches.add(events(commit(1), commit(2)));
        Batch batch = batches.take();
        assertThat(batch.records()).isEmpty();
        assertThat(batch.endsTransaction()).isFalse();
        assertThat(batch.position()).isEqualTo(after(2));
    }

    @Test
    void aMessageOfNoTransactionIsCompleteByItself() {
        var each = new RecordBatches(
                Map.of("server", "app"),
                event -> List.of(change("m")),
                new RecordBatches.Limits(10, Duration.ofSeconds(20)),
                () -> now);
        each.add(events(message(false, 1)));
        Batch batch = each.take();
        assertThat(batch.records()).extracting(CapturedRecord::position).containsExactly(after(1));
        assertThat(batch.position()).isEqualTo(after(1));
        assertThat(batch.endsTransaction()).isTrue();
    }

    @Test
    void theRecordsOfBeginAndEndCarryTheirOwnPositions() {
        var each = new RecordBatches(
                Map.of("server", "app"),
                event -> List.of(change("x")),
                new RecordBatches.Limits(10, Duration.ofSeconds(20)),
                () -> now);
        each.add(events(new CaptureEvent.Begin(info(1), inside(1, 0)), row(1, 1)));
        assertThat(each.take().records()).extracting(CapturedRecord::position).containsExactly(inside(1, 0));
        each.add(events(commit(1)));
        Batch rest = each.take();
        assertThat(rest.records()).extracting(CapturedRecord::position).containsExactly(inside(1, 1), after(1));
        assertThat(rest.endsTransaction()).isTrue();
    }

    @Test
    void aMessageOfATransactionIsKeptBackAsARowIs() {
        var each = new RecordBatches(
                Map.of("server", "app"),
                event -> List.of(change("m")),
                new RecordBatches.Limits(10, Duration.ofSeconds(20)),
                () -> now);
        each.add(events(message(true, 1)));
        assertThat(each.take().records()).isEmpty();
    }

    @Test
    void onlyTheLastRecordOfAnEventSaysThatTheEventIsDone() {
        recordsPerRow = 2;
        batches.add(events(row(1, 1), row(1, 2), commit(1)));
        assertThat(batches.take().records())
                .extracting(CapturedRecord::position)
                .containsExactly(inside(1, 0), inside(1, 1), inside(1, 1), after(1));
    }

    @Test
    void everyRecordIsHandedOnOnceInOrderHoweverEventsAreCut() {
        List<CaptureEvent> all = new ArrayList<>();
        for (int t = 1; t <= 50; t++) {
            for (int ordinal = 1; ordinal <= t % 7; ordinal++) {
                all.add(row(t, ordinal));
            }
            all.add(commit(t));
        }
        long rows = all.stream().filter(CaptureEvent.Row.class::isInstance).count();
        for (int cut = 1; cut < 20; cut++) {
            var each = new RecordBatches(
                    Map.of("server", "app"),
                    event -> event instanceof CaptureEvent.Row row ? changes(row) : List.of(),
                    new RecordBatches.Limits(10, Duration.ofSeconds(20)),
                    () -> now);
            List<Long> sequences = new ArrayList<>();
            for (int i = 0; i < all.size(); i += cut) {
                each.add(all.subList(i, Math.min(all.size(), i + cut)));
                each.take().records().forEach(record -> sequences.add(record.sequence()));
            }
            assertThat(sequences)
                    .as("events in lists of %d", cut)
                    .isEqualTo(IntStream.rangeClosed(1, (int) rows)
                            .mapToObj(Long::valueOf)
                            .toList());
        }
    }

    private List<Change> changes(CaptureEvent.Row row) {
        return IntStream.range(0, recordsPerRow)
                .mapToObj(i -> change(row.ordinal() + "/" + i))
                .toList();
    }
}
