package io.paillette.broker.log;

/**
 * A transaction that left records in a partition and was aborted there: what Kafka keeps in a segment's transaction index.
 *
 * @param firstOffset  of its first record
 * @param lastOffset   of its marker
 * @param stableOffset the last stable offset once the marker is there
 */
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset, long stableOffset) {

    /** Where another transaction begins at {@code offset}, before its marker. */
    AbortedTransaction notStableBeyond(long offset) {
        return new AbortedTransaction(producerId, firstOffset, lastOffset, Math.min(stableOffset, offset));
    }

    boolean overlaps(long from, long below) {
        return lastOffset >= from && firstOffset < below;
    }
}
