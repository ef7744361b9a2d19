package io.paillette.broker.log;

import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

/**
 * One record batch with its offsets and leader epoch stamped.
 *
 * @param body owned by the log: nobody changes it
 */
@SuppressWarnings("ArrayRecordComponent") // batches are never compared
public record StoredBatch(BatchHeader header, byte[] body) {

    // In the batch header: base offset 8, length 4, leader epoch 4, magic 1, crc 4 (KIP-98).
    private static final int ATTRIBUTES_AT = DefaultRecordBatch.CRC_OFFSET + 4;

    static StoredBatch copyOf(MutableRecordBatch batch) {
        byte[] body = new byte[batch.sizeInBytes()];
        var buffer = ByteBuffer.wrap(body);
        batch.writeTo(buffer);
        var header = new BatchHeader(
                batch.baseOffset(),
                batch.lastOffset(),
                batch.maxTimestamp(),
                batch.producerId(),
                batch.partitionLeaderEpoch(),
                batch.baseSequence(),
                batch.producerEpoch(),
                buffer.getShort(ATTRIBUTES_AT));
        return new StoredBatch(header, body);
    }

    int sizeBytes() {
        return body.length;
    }
}
