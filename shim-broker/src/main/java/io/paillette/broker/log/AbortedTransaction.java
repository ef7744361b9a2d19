package io.paillette.broker.log;

/**
 * A transaction that left records in a partition and was aborted there: what Kafka keeps in a segment's transaction index.
 *
 * @param firstOffset  of its first record
 * @param lastOffset   of its marker
 * @param stableOffset the last stable offset once the marker is there
 */
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset, long stableOffset) {

    boolean overlaps(long from, long below) {
        return lastOffset >= from && firstOffset < below;
    }
}
