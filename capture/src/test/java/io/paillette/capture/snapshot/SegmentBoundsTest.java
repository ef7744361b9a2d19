package io.paillette.capture.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.PositionText;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.SnapshotProgress.Segment;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.TableName;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How long segments are, while the source is written all the time. */
final class SegmentBoundsTest {

    private static final int MOST_TABLES = 64;

    /** The key, as text, and the transactions that were open. */
    private static final Segment ONE =
            new Segment(List.of("1234567890"), "123456789:123456799:123456789,123456795", new Lsn(0x1234567890L));

    /** A table that is read, and when its segment ends. */
    private record Reading(int table, long endNanos) {}

    @Test
    void aTableOfTenHoursIsReadInSomeHundredSegments() {
        assertThat(after(Duration.ofHours(10), 1).segments()).isBetween(300, 400);
    }

    @Test
    void aPositionOfManyTablesThatAreReadForHoursStaysWellBelowAMegabyte() {
        System.out.println("tables, hours: segments beside the last, bytes of the position");
        for (int tables : new int[] {1, 4, MOST_TABLES}) {
            for (int hours : new int[] {2, 10}) {
                SnapshotProgress reached = after(Duration.ofHours(hours), tables);
                int bytes = PositionText.write(Position.between(new Lsn(1), reached))
                        .length();
                System.out.println(tables + ", " + hours + ": " + reached.segments() + ", " + bytes);
                assertThat(bytes).isLessThan(600_000);
            }
        }
    }

    @Test
    void whatIsReadAlreadyCountsAsWell() {
        TableSnapshot read = table(1, 250);
        SnapshotProgress progress = SnapshotProgress.NOT_STARTED.read(read).during(table(2, 60));
        assertThat(progress.segments()).isEqualTo(310);
        assertThat(SegmentBounds.STANDARD.nanos(310))
                .isEqualTo(Duration.ofMinutes(4).toNanos());
    }

    private static SnapshotProgress after(Duration time, int tables) {
        int[] segments = new int[tables];
        var running = new PriorityQueue<>(Comparator.comparingLong(Reading::endNanos));
        for (int table = 0; table < tables; table++) {
            running.add(new Reading(table, SegmentBounds.STANDARD.nanos(0)));
        }
        for (Reading next = running.remove(); next.endNanos() < time.toNanos(); next = running.remove()) {
            segments[next.table()]++;
            long nanos = SegmentBounds.STANDARD.nanos(IntStream.of(segments).sum());
            running.add(new Reading(next.table(), next.endNanos() + nanos));
        }
        SnapshotProgress reached = SnapshotProgress.NOT_STARTED;
        for (int table = 0; table < tables; table++) {
            reached = reached.during(table(table, segments[table]));
        }
        return reached;
    }

    private static TableSnapshot table(int oid, int earlier) {
        var key = List.of(new KeyColumn("id", 20, -1, 0, 413));
        return new TableSnapshot(
                oid, new TableName("public", "orders_" + oid), key, Collections.nCopies(earlier, ONE), ONE, 0);
    }
}
