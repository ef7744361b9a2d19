package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.Relation;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.TableName;
import io.paillette.capture.TransactionInfo;
import io.paillette.connect.RecordBatches.Batch;
import io.paillette.struct.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.junit.jupiter.api.Test;

/** Transactions are numbered; transaction t has commit LSN 100 t and ends at 100 t + 10. */
final class RecordBatchesTest {

    private static final Relation RELATION = new Relation(
            1, new TableName("public", "t"), Relation.ReplicaIdentity.DEFAULT, List.of(), List.of(), List.of());

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

    private static SnapshotProgress.TableSnapshot table(int oid) {
        return new SnapshotProgress.TableSnapshot(oid, RELATION.name(), "1:1:", new Lsn(1));
    }

    private Batch afterBreak() {
        batches.captureBroke();
        batches.add(List.of());
        return batches.take();
    }

    private List<Change> changes(CaptureEvent.Row row) {
        return IntStream.range(0, recordsPerRow)
                .mapToObj(i -> change(row.ordinal() + "/" + i))
                .toList();
    }

    private static Change change(String key) {
        return new Change("t", null, key, null, null, new ConnectHeaders());
    }

    private static CaptureEvent message(boolean transactional, int transaction) {
        return new CaptureEvent.LogicalMessage(
                transactional,
                "p",
                new byte[0],
                info(transaction),
                new Lsn(100L * transaction),
                transactional ? 1 : 0,
                transactional ? inside(transaction, 1) : after(transaction),
                List.of());
    }

    private static List<CaptureEvent> events(CaptureEvent... events) {
        return Arrays.asList(events);
    }

    private static CaptureEvent row(int transaction, long ordinal) {
        return new CaptureEvent.Row(
                CaptureEvent.Kind.INSERT,
                RELATION,
                null,
                false,
                null,
                info(transaction),
                new Lsn(100L * transaction),
                ordinal,
                inside(transaction, ordinal));
    }

    /** What rows that are read by their place have for a key. */
    private static final SnapshotProgress.KeyColumn PLACE = new SnapshotProgress.KeyColumn("ctid", 27, -1, 0, 2800);

    private static CaptureEvent.Row readAt(int offset) {
        var place = new SnapshotProgress.Segment(List.of("1:1:1:(0," + offset + ")"), "1:1:", new Lsn(1));
        var table = new SnapshotProgress.TableSnapshot(1, RELATION.name(), List.of(PLACE), List.of(), place, 0);
        return read(1, SnapshotProgress.NOT_STARTED.during(table));
    }

    private static CaptureEvent read(boolean byKey) {
        SnapshotProgress progress =
                byKey ? SnapshotProgress.NOT_STARTED.during(table(1)) : SnapshotProgress.NOT_STARTED;
        return read(1, progress);
    }

    private static CaptureEvent.Row read(int oid, SnapshotProgress progress) {
        return new CaptureEvent.Row(
                CaptureEvent.Kind.READ,
                oid == 1
                        ? RELATION
                        : new Relation(
                                oid,
                                RELATION.name(),
                                Relation.ReplicaIdentity.DEFAULT,
                                List.of(),
                                List.of(),
                                List.of()),
                null,
                false,
                null,
                info(1),
                new Lsn(1),
                0,
                Position.between(new Lsn(110), progress));
    }

    private static CaptureEvent commit(int transaction) {
        return new CaptureEvent.Commit(info(transaction), List.of(), after(transaction));
    }

    private static TransactionInfo info(int transaction) {
        return new TransactionInfo(transaction, new Lsn(100L * transaction), Instant.EPOCH, before(transaction));
    }

    private static Position before(int transaction) {
        return after(transaction - 1);
    }

    private static Position inside(int transaction, long ordinal) {
        return before(transaction).inside(new Lsn(100L * transaction), ordinal);
    }

    private static Position after(int transaction) {
        return Position.between(new Lsn(100L * transaction + 10), SnapshotProgress.DONE);
    }
}
