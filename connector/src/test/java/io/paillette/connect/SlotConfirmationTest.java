package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TableName;
import io.paillette.connect.RecordBatches.Batch;
import io.paillette.struct.Change;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.junit.jupiter.api.Test;

final class SlotConfirmationTest {

    private final CapturedRecord first = record(1);
    private final CapturedRecord second = record(2);
    private final CapturedRecord third = record(3);

    @Test
    void nothingIsDurableBeforeTheFirstCommit() {
        var confirmation = SlotConfirmation.ofTransactions(Optional.empty());
        assertThat(confirmation.durable()).isEmpty();
        confirmation.returned(batch(at(1), first));
        assertThat(confirmation.durable()).isEmpty();
    }

    @Test
    void theHighestRecordOfACommittedTransactionCountsInWhateverOrderConnectTellsThem() {
        var confirmation = SlotConfirmation.ofTransactions(Optional.of(at(0)));
        confirmation.returned(batch(at(3), first, second, third));
        assertThat(confirmation.durable()).contains(at(0));
        confirmation.committed(second);
        confirmation.committed(first);
        assertThat(confirmation.durable()).contains(at(2));
        confirmation.committed(third);
        assertThat(confirmation.durable()).contains(at(3));
    }

    @Test
    void aPositionWithoutRecordsIsDurableOnceWhatCameBeforeIs() {
        var confirmation = SlotConfirmation.ofTransactions(Optional.of(at(0)));
        confirmation.returned(batch(at(1), first));
        confirmation.returned(batch(at(5)));
        assertThat(confirmation.durable()).contains(at(0));
        confirmation.committed(first);
        assertThat(confirmation.durable()).contains(at(5));
    }

    @Test
    void withoutTransactionsOnlyTheOffsetThatIsStoredCounts() {
        var stored = new AtomicReference<>(Optional.of(at(1)));
        var confirmation = SlotConfirmation.ofStoredOffsets(Optional.of(at(0)), stored::get);
        confirmation.returned(batch(at(3), first, second, third));
        confirmation.committed(third);
        assertThat(confirmation.durable()).contains(at(0));
        confirmation.flushed();
        assertThat(confirmation.durable()).contains(at(1));
        stored.set(Optional.of(at(3)));
        confirmation.returned(batch(at(7)));
        confirmation.flushed();
        assertThat(confirmation.durable()).contains(at(7));
    }

    @Test
    void whatATransformDropsIsLetGoOfOnceWhatWasWrittenBeforeItIsStored() {
        var stored = new AtomicReference<>(Optional.of(at(0)));
        var confirmation = SlotConfirmation.ofStoredOffsets(Optional.of(at(0)), stored::get);
        confirmation.returned(batch(at(3), first, second, third));
        confirmation.committed(first);
        confirmation.committed(second);
        confirmation.flushed();
        confirmation.flushed();
        assertThat(confirmation.durable()).as("the third is on its way").contains(at(0));
        confirmation.committed(third);
        confirmation.flushed();
        assertThat(confirmation.durable()).as("the first may not be stored yet").contains(at(0));
        stored.set(Optional.of(at(1)));
        confirmation.flushed();
        assertThat(confirmation.durable()).contains(at(3));
    }

    @Test
    void theRestOfATransactionThatIsStoredInPartIsKeptThoughItWasDropped() {
        Position inside = at(1).inside(new Lsn(2), 1);
        var half = new CapturedRecord(
                Map.of("server", "app"), new Change("t", null, null, null, null, new ConnectHeaders()), inside, 1);
        var stored = new AtomicReference<>(Optional.of(at(0)));
        var confirmation = SlotConfirmation.ofStoredOffsets(Optional.of(at(0)), stored::get);
        confirmation.returned(batch(at(3), half, second));
        confirmation.committed(half);
        confirmation.committed(second);
        confirmation.flushed();
        stored.set(Optional.of(inside));
        confirmation.flushed();
        confirmation.flushed();
        assertThat(confirmation.durable()).contains(inside);
    }

    /** The slot would not give it again, and no stored offset has it. */
    @Test
    void aSignalThatIsInNoStoredOffsetIsNotLetGoOf() {
        var asked = BackfillProgress.of(new Backfill("s@0/1.1/public.t", new TableName("public", "t"), "", false));
        var confirmation = SlotConfirmation.ofTransactions(Optional.of(at(0)));
        confirmation.returned(batch(asking(5, asked)));
        assertThat(confirmation.durable()).contains(at(0));
        confirmation.returned(batch(asking(6, asked.done())));
        assertThat(confirmation.durable()).contains(asking(6, asked.done()));

        var running = SlotConfirmation.ofTransactions(Optional.of(asking(0, asked)));
        running.returned(batch(asking(
                5, asked.asked(new Backfill(asked.asked().id(), asked.asked().table(), "", true)))));
        assertThat(running.durable()).contains(asking(0, asked));
        running.returned(batch(at(6)));
        assertThat(running.durable()).contains(asking(0, asked));
        running.returned(batch(asking(7, asked.done())));
        assertThat(running.durable()).contains(asking(7, asked.done()));
    }

    private static Position asking(long lsn, BackfillProgress progress) {
        return Position.between(new Lsn(lsn), SnapshotProgress.DONE.backfilling(List.of(progress)));
    }

    private static Batch batch(Position position, CapturedRecord... records) {
        return new Batch(Arrays.asList(records), position, true);
    }

    private static CapturedRecord record(long sequence) {
        return new CapturedRecord(
                Map.of("server", "app"),
                new Change("t", null, null, null, null, new ConnectHeaders()),
                at(sequence),
                sequence);
    }

    private static Position at(long lsn) {
        return Position.between(new Lsn(lsn), SnapshotProgress.DONE);
    }

    @Test
    void anOffsetSurvivesConnect() {
        Position position = at(7).inside(new Lsn(9), 3);
        assertThat(SourceOffset.read(Map.copyOf(new SourceOffset(position)), offset -> position))
                .isEqualTo(position);
        assertThat(List.of(new SourceOffset(position))).containsExactly(new SourceOffset(position));
    }
}
