package io.paillette.broker.group;

import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * One record of the coordinator, serialised by Kafka's {@code GroupCoordinatorRecordSerde}.
 *
 * @param offset        state offset
 * @param producerId    whose transaction it belongs to; {@link RecordBatch#NO_PRODUCER_ID} outside of one
 * @param value         null removes the key
 */
public record StateRecord(
        long offset, long producerId, short producerEpoch, ByteBuffer key, @Nullable ByteBuffer value) {

    public boolean isTransactional() {
        return producerId != RecordBatch.NO_PRODUCER_ID;
    }

    int sizeInBytes() {
        return key.remaining() + (value == null ? 0 : value.remaining());
    }
}
