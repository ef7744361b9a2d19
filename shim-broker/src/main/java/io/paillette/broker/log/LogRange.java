package io.paillette.broker.log;

import java.util.OptionalLong;

/**
 * Part of a partition that lies in one segment table.
 *
 * @param endOffset     exclusive
 * @param last          no newer range exists
 * @param measured      {@code maxTimestamp} and {@code bytes} are those of the whole range; otherwise the one is that of the
 *                      newest batch where {@code last}, and the other unknown
 * @param maxTimestamp  milliseconds
 */
public record LogRange(
        long partitionId,
        long firstOffset,
        long endOffset,
        boolean last,
        boolean measured,
        OptionalLong maxTimestamp,
        long bytes) {

    boolean endsBefore(long time) {
        return maxTimestamp.isPresent() && maxTimestamp.getAsLong() < time;
    }
}
