package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.BackfillProgress.State;
import io.paillette.capture.snapshot.SegmentBounds;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Backfills of table {@code t}, whose row 3 is {@code (3, 'x3')}, and how to wait for them. */
final class Backfilling {

    /** Many chunks. */
    static final SegmentBounds SMALL = new SegmentBounds(4, Duration.ofSeconds(30));

    private Backfilling() {}

    static Backfill backfill(String id, String where) {
        return new Backfill(id, new TableName("public", "t"), where, false);
    }

    static List<String> reads(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> "READ_AGAIN t[" + i + ", x" + i + "]")
                .toList();
    }

    /** Until the last of those that were asked for is done. */
    static BackfillProgress awaitEnd(RunningCapture running) throws Exception {
        BackfillProgress first = await(
                        running,
                        all -> !all.isEmpty() && all.get(all.size() - 1).hasEnded())
                .get(0);
        assertThat(first.fault()).isEmpty();
        assertThat(first.state()).isEqualTo(State.DONE);
        return first;
    }

    /** Stores all that comes until {@code enough} holds of what is stored. */
    static List<BackfillProgress> await(RunningCapture running, Predicate<List<BackfillProgress>> enough)
            throws Exception {
        running.await(all -> {
            running.storeAll();
            return enough.test(running.capture().backfills());
        });
        return running.capture().backfills();
    }
}
