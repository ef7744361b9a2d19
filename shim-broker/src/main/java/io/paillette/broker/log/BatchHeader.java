package io.paillette.broker.log;

import org.apache.kafka.common.record.internal.DefaultRecordBatch;

/**
 * What the log keeps beside a batch's bytes; the fields are those of Kafka's record batch header, magic 2.
 *
 * @param maxTimestamp milliseconds, -1 for none
 * @param producerId   -1 for none, then {@code producerEpoch} and {@code baseSequence} are -1 too
 */
public record BatchHeader(
        long baseOffset,
        long lastOffset,
        long maxTimestamp,
        long producerId,
        int leaderEpoch,
        int baseSequence,
        short producerEpoch,
        short attributes) {

    private static final int TRANSACTIONAL = 0x10;
    private static final int CONTROL = 0x20;

    boolean isTransactional() {
        return (attributes & TRANSACTIONAL) != 0;
    }

    /** Of a marker, which ends a transaction. */
    boolean isControl() {
        return (attributes & CONTROL) != 0;
    }

    /** Sequences wrap around after {@link Integer#MAX_VALUE}. */
    int lastSequence() {
        return DefaultRecordBatch.incrementSequence(baseSequence, (int) (lastOffset - baseOffset));
    }
}
