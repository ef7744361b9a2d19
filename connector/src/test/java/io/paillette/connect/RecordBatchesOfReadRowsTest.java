package io.paillette.connect;

import static io.paillette.connect.NumberedEvents.after;
import static io.paillette.connect.NumberedEvents.change;
import static io.paillette.connect.NumberedEvents.commit;
import static io.paillette.connect.NumberedEvents.events;
import static io.paillette.connect.NumberedEvents.read;
import static io.paillette.connect.NumberedEvents.readAt;
import static io.paillette.connect.NumberedEvents.row;
import static io.paillette.connect.NumberedEvents.table;
import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.SnapshotProgress;
import io.paillette.connect.RecordBatches.Batch;
import io.paillette.struct.Change;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How rows that were there before become batches. */
final class RecordBatchesOfReadRowsTest {

    private long now;

    private final RecordBatches batches = new RecordBatches(
            Map.of("server", "app"),
            event -> event instanceof CaptureEvent.Row row ? changes(row) : List.of(),
            new RecordBatches.Limits(10, Duration.ofSeconds(20)),
            () -> now);

    @Test
    void rowsReadByKeyEndATransactionWhenNoMoreCome() {
        batches.add(events(commit(1), read(true), read(true)));
        Batch batch = batches.take();
        assertThat(batch.records()).hasSize(1);
        assertThat(batch.endsTransaction()).isFalse();
        assertThat(batch.position()).isEqualTo(read(true).position());
        batches.add(List.of());
        assertThat(batches.take().records()).hasSize(1);
        assertThat(batches.take()).isEqualTo(new Batch(List.of(), batch.position(), true));
        assertThat(batches.take().endsTransaction()).isFalse();
    }

    @Test
    void rowsReadByKeyEndATransactionWhenTheyHaveComeForAWhile() {
        batches.add(events(read(true), read(true)));
        assertThat(batches.take().endsTransaction()).isFalse();
        now += Duration.ofMillis(200).toNanos();
        batches.add(events(read(true)));
        assertThat(batches.take().endsTransaction()).isTrue();
    }

    /** A restart would go on with the rows of that table, which may have become many. */
    @Test
    void theLastRowThatIsReadStandsForTheEndOfItsTable() {
        batches.add(events(read(true), read(true)));
        assertThat(batches.take().records()).hasSize(1);
        batches.add(events(new CaptureEvent.SnapshotStep(after(1))));
        Batch last = batches.take();
        assertThat(last.records()).extracting(CapturedRecord::position).containsExactly(after(1));
        assertThat(last.endsTransaction()).isTrue();
    }

    /** They would be in it twice if the capture broke inside it. */
    @Test
    void rowsReadByKeyAreInNoTransactionOfTheStreamThatIsNotWhole() {
        batches.add(events(read(true), read(true)));
        assertThat(batches.take().endsTransaction()).isFalse();
        batches.add(events(row(2, 1), row(2, 2)));
        Batch rows = batches.take();
        assertThat(rows.records()).hasSize(1);
        assertThat(rows.endsTransaction()).isFalse();
        assertThat(batches.take()).isEqualTo(new Batch(List.of(), rows.position(), true));
        assertThat(batches.take().records()).hasSize(1);
        batches.add(events(commit(2)));
        assertThat(batches.take().endsTransaction()).isTrue();
    }

    @Test
    void rowsOfATableWithoutAKeyAreHandedOnWhenItIsReadToItsEnd() {
        batches.add(events(read(false), read(false)));
        assertThat(batches.take().records()).isEmpty();
        batches.add(events(read(false), new CaptureEvent.SnapshotStep(after(1))));
        Batch done = batches.take();
        assertThat(done.records()).hasSize(3);
        assertThat(done.endsTransaction()).isTrue();
    }

    @Test
    void rowsOfATableWithoutAKeyAreForgottenWhenTheCaptureBreaksAsTheyWillAllComeAgain() {
        batches.add(events(row(1, 1), commit(1), read(false), read(false)));
        assertThat(batches.take().records()).hasSize(1);
        batches.captureBroke();
        batches.add(events(read(false), read(false), new CaptureEvent.SnapshotStep(after(1))));
        assertThat(batches.take().records()).hasSize(2);
    }

    @Test
    void rowsOfATableWithoutAKeyThatIsTooLargeAreHandedOnAsTheyCome() {
        for (int i = 0; i < 5; i++) {
            batches.add(events(read(false), read(false)));
        }
        assertThat(batches.take().records()).hasSize(9);
    }

    @Test
    void aTableThatIsReadByPlaceIsHandedOnWholeTooUnlessItIsTooLargeAndThenItGoesOn() {
        batches.add(events(readAt(1), readAt(2)));
        assertThat(batches.take().records()).isEmpty();
        for (int row = 3; row <= 10; row++) {
            batches.add(events(readAt(row)));
        }
        Batch some = batches.take();
        assertThat(some.records()).hasSize(9);
        assertThat(some.position()).isEqualTo(readAt(9).position());
        batches.add(events(readAt(11), new CaptureEvent.SnapshotStep(after(1))));
        assertThat(batches.take().records())
                .extracting(CapturedRecord::position)
                .containsExactly(readAt(10).position(), after(1));
    }

    /** As the task calls: nothing comes, and what there is is taken, before the capture goes on at what is durable. */
    @Test
    void whatWasHeldOfATableThatIsReadByPlaceIsNotPassedOverWhenTheCaptureBreaks() {
        batches.add(events(row(1, 1), commit(1), readAt(1), readAt(2)));
        assertThat(batches.take().records()).hasSize(1);
        assertThat(afterBreak()).isEqualTo(new Batch(List.of(), after(1), false));
        batches.add(events(readAt(1), readAt(2), new CaptureEvent.SnapshotStep(after(2))));
        assertThat(batches.take().records()).hasSize(2);
    }

    @Test
    void whatWasHeldOfTheFirstTableOfAllIsNotPassedOverWhenTheCaptureBreaks() {
        batches.add(events(readAt(1), readAt(2)));
        assertThat(batches.take().records()).isEmpty();
        assertThat(afterBreak()).isEqualTo(new Batch(List.of(), null, false));
        batches.add(events(readAt(1), new CaptureEvent.SnapshotStep(after(1))));
        assertThat(batches.take().records())
                .extracting(CapturedRecord::position)
                .containsExactly(after(1));
    }

    @Test
    void rowsThatWereHeldWithWhatIsCompleteBeforeThemAreForgottenAlone() {
        batches.add(events(row(1, 1), commit(1), readAt(1), readAt(2)));
        Batch before = afterBreak();
        assertThat(before.records()).extracting(CapturedRecord::position).containsExactly(after(1));
        assertThat(before.position()).isEqualTo(after(1));
    }

    /** It would be in the same Kafka transaction twice: the capture goes on at what was durable before. */
    @Test
    void theKafkaTransactionOfATableThatIsTooLargeEndsWhenTheCaptureBreaksBeforeMoreRowsCome() {
        for (int row = 1; row <= 11; row++) {
            batches.add(events(readAt(row)));
        }
        assertThat(batches.take().endsTransaction()).isTrue();
        batches.add(events(readAt(12), readAt(13)));
        assertThat(batches.take().endsTransaction()).isFalse();
        assertThat(afterBreak().records())
                .extracting(CapturedRecord::position)
                .containsExactly(readAt(13).position());
        assertThat(afterBreak()).isEqualTo(new Batch(List.of(), readAt(13).position(), true));
        batches.add(events(readAt(14), readAt(15), new CaptureEvent.SnapshotStep(after(1))));
        Batch rest = batches.take();
        assertThat(rest.records()).hasSize(2);
        assertThat(rest.position()).isEqualTo(after(1));
    }

    @Test
    void aTableAfterOneThatWasTooLargeIsHandedOnWholeAgain() {
        for (int row = 1; row <= 11; row++) {
            batches.add(events(readAt(row)));
        }
        batches.add(events(new CaptureEvent.SnapshotStep(after(1)), readAt(1), readAt(2)));
        assertThat(batches.take().records()).hasSize(11);
        assertThat(batches.take()).isEqualTo(new Batch(List.of(), after(1), false));
    }

    /** A restart goes on with both. */
    @Test
    void rowsOfTablesThatAreReadBesideEachOtherAreHandedOnAsTheyCome() {
        SnapshotProgress large = readAt(1).position().snapshot();
        CaptureEvent.Row other = read(2, large.during(table(2)));
        batches.add(events(readAt(1), other, readAt(3), read(2, large.during(table(2)))));
        Batch both = batches.take();
        assertThat(both.records()).hasSize(3);
        batches.add(events(new CaptureEvent.SnapshotStep(after(1)), readAt(4)));
        assertThat(batches.take().records())
                .extracting(CapturedRecord::position)
                .containsExactly(after(1));
        assertThat(batches.take().records()).isEmpty();
    }

    private Batch afterBreak() {
        batches.captureBroke();
        batches.add(List.of());
        return batches.take();
    }

    private static List<Change> changes(CaptureEvent.Row row) {
        return List.of(change(String.valueOf(row.ordinal())));
    }
}
