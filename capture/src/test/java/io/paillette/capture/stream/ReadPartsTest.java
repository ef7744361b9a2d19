package io.paillette.capture.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReadPartsTest {

    private static final long CAPACITY = 100;

    private final ReadParts parts = new ReadParts(CAPACITY);

    @Test
    void rowsThatAreMoreThanThereIsRoomForAreNotPassedByThoseOfOthersForEver() throws Exception {
        assertThat(offer(1, 60)).isTrue();
        assertThat(offer(2, 5 * CAPACITY)).isFalse();
        assertThat(offer(1, 10)).as("beside what waits").isFalse();
        assertThat(polled()).isEqualTo(1);
        assertThat(offer(1, 10)).as("before what waits").isFalse();
        assertThat(offer(2, 5 * CAPACITY)).isTrue();
        assertThat(offer(1, 10)).isFalse();
        assertThat(polled()).isEqualTo(2);
        assertThat(offer(1, 10)).isTrue();
    }

    @Test
    void whoWaitsIsServedInTheOrderInWhichItBeganAndNobodyWaitsForOneThatHasLeft() throws Exception {
        assertThat(offer(1, CAPACITY)).isTrue();
        for (int table : List.of(2, 3, 4)) {
            assertThat(offer(table, 40)).isFalse();
        }
        assertThat(polled()).isEqualTo(1);
        parts.leave(new DueTable(2, 0));
        assertThat(offer(4, 40)).isFalse();
        assertThat(offer(3, 40)).isTrue();
        assertThat(offer(4, 40)).isTrue();
        assertThat(List.of(polled(), polled())).containsExactly(3, 4);
        assertThat(parts.poll(Duration.ZERO)).isEmpty();
    }

    private boolean offer(int table, long bytes) throws InterruptedException {
        return parts.offer(new ReadPart.Rows(new DueTable(table, 0), List.of(), bytes), Duration.ZERO);
    }

    private int polled() throws InterruptedException {
        Optional<ReadPart> part = parts.poll(Duration.ZERO);
        return ((ReadPart.Rows) part.orElseThrow()).table().oid();
    }
}
