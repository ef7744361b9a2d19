package io.paillette.capture.snapshot;

import java.time.Duration;

/**
 * How much of a table is read in one transaction.
 *
 * @param chunkRows rows asked for at once
 * @param length    after so long a segment ends with the chunk it is in; after twice as long it ends where it is
 */
public record SegmentBounds(int chunkRows, Duration length) {

    /** Long enough for a position not to grow with every moment, short enough for VACUUM not to notice. */
    public static final SegmentBounds STANDARD = new SegmentBounds(50_000, Duration.ofSeconds(30));

    private static final int SEGMENTS_OF_A_LENGTH = 100;
    private static final int MOST_DOUBLINGS = 5;

    /**
     * How long the next segment takes: each hundred last twice as long as those before, as a position carries them all.
     *
     * @param segmentsBefore of all tables, see {@link io.paillette.capture.SnapshotProgress#segments}
     */
    long nanos(int segmentsBefore) {
        return length.toNanos() << Math.min(segmentsBefore / SEGMENTS_OF_A_LENGTH, MOST_DOUBLINGS);
    }
}
