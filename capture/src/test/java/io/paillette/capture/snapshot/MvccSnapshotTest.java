package io.paillette.capture.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class MvccSnapshotTest {

    private static final long EPOCH = 1L << 32;

    @Test
    void whatRanOrWasStillToComeIsLaterAndNothingElseIs() {
        var first = MvccSnapshot.parse("100:110:100,105");
        var now = MvccSnapshot.parse("115:120:");
        assertThat(LongStream.range(0, 130).filter(xmin -> first.isLater(xmin, now)))
                .containsExactly(100L, 105L, 110L, 111L, 112L, 113L, 114L, 115L, 116L, 117L, 118L, 119L);
        assertThat(first.isLater(100, first)).isTrue();
        assertThat(first.isLater(110, first)).isFalse();
    }

    @Test
    void rowsHaveTheLastBitsOfTheirTransaction() {
        var first = MvccSnapshot.parse((EPOCH - 20) + ":" + (EPOCH - 10) + ":" + (EPOCH - 20));
        var now = MvccSnapshot.parse((EPOCH + 5) + ":" + (EPOCH + 10) + ":");
        assertThat(first.isLater(EPOCH - 20, now)).isTrue();
        assertThat(first.isLater(EPOCH - 15, now)).isFalse();
        assertThat(first.isLater(EPOCH - 1, now)).isTrue();
        assertThat(first.isLater(9, now)).isTrue();
        assertThat(first.isLater(10, now)).isFalse();
    }

    @Test
    void aRowThatWasFrozenLongAgoIsNotTakenForOneOfTheFuture() {
        var first = MvccSnapshot.parse("3000000000:3000000000:");
        var now = MvccSnapshot.parse("3000000100:3000000100:");
        assertThat(first.isLater(3, now)).isFalse();
        assertThat(first.isLater(EPOCH - 3, now)).isFalse();
        assertThat(first.isLater(3_000_000_050L, now)).isTrue();
    }

    @Test
    void afterTooManyTransactionsNothingCanBeSaid() {
        var first = MvccSnapshot.parse("10:10:");
        assertThat(first.isNear(MvccSnapshot.parse("2000000000:2000000000:"))).isTrue();
        assertThat(first.isNear(MvccSnapshot.parse("2200000000:2200000000:"))).isFalse();
        assertThat(MvccSnapshot.parse("20:20:").isNear(first)).isFalse();
    }
}
