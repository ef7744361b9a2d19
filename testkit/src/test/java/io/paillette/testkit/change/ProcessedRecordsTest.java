package io.paillette.testkit.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.change.Change.Kind;
import io.paillette.testkit.change.ProcessedRecords.Offsets;
import io.paillette.testkit.change.Verdict.Fault;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ProcessedRecordsTest {

    private final ProcessedRecords processed = new ProcessedRecords(Offsets.DENSE);

    private static Observation record(long offset) {
        return new Observation("topic", 0, offset, "change_a", offset, Kind.INSERT, 1, offset + 1);
    }

    private static List<Change> changes(long count) {
        return LongStream.range(0, count)
                .mapToObj(id -> new Change(0, id + 1, "change_a", id, Kind.INSERT, 1))
                .toList();
    }

    @Test
    void aRedeliveryOfWhatIsNotCommittedIsProcessedOnce() {
        processed.process(record(0));
        processed.process(record(1));
        processed.process(record(0));
        processed.process(record(1));
        processed.process(record(2));
        assertThat(processed.verdict(changes(3)).isClean()).isTrue();
        assertThat(processed.redelivered()).isEqualTo(2);
        assertThat(processed.rows()).isEqualTo(3);
    }

    @Test
    void aRecordBelowACommittedOffsetThatComesAgainIsTold() {
        processed.process(record(0));
        processed.process(record(1));
        processed.committed("topic", 0, 1);
        processed.process(record(1));
        assertThat(processed.verdict(changes(2)).isClean()).isTrue();
        processed.process(record(0));
        assertThat(processed.verdict(changes(2)).faults()).containsOnlyKeys(Fault.COMMIT_LOST);
    }

    @Test
    void anOffsetThatIsGivenAwayTwiceIsTold() {
        processed.process(record(0));
        processed.process(new Observation("topic", 0, 0, "change_a", 5, Kind.INSERT, 1, 6));
        assertThat(processed.verdict(changes(1)).faults()).containsOnlyKeys(Fault.REWRITTEN);
    }

    @Test
    void aHoleInTheOffsetsIsToldWhereThereMustBeNone() {
        var withMarkers = new ProcessedRecords(Offsets.WITH_MARKERS);
        for (var records : List.of(processed, withMarkers)) {
            records.process(record(0));
            records.process(new Observation("topic", 0, 2, "change_a", 1, Kind.INSERT, 1, 2));
        }
        assertThat(processed.verdict(changes(2)).faults()).containsOnlyKeys(Fault.GAP);
        assertThat(withMarkers.verdict(changes(2)).isClean()).isTrue();
    }
}
