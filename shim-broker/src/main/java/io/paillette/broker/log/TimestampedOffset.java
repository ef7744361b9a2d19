package io.paillette.broker.log;

/** Answer to ListOffsets; {@code offset} and {@code timestamp} are -1 when there is no such record. */
public record TimestampedOffset(long timestamp, long offset, int leaderEpoch) {

    public static final TimestampedOffset NONE = new TimestampedOffset(-1, -1, -1);
}
