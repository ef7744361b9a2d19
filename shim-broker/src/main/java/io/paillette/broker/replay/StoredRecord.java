package io.paillette.broker.replay;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * A record of the log, unpacked.
 *
 * @param headers which nobody changes
 */
@SuppressWarnings("ArrayRecordComponent") // records are never compared
public record StoredRecord(
        long offset, long timestamp, byte @Nullable [] key, byte @Nullable [] value, List<Header> headers) {

    private static final long HEADER_BYTES = 64;

    static StoredRecord of(Record record) {
        return new StoredRecord(
                record.offset(),
                record.timestamp(),
                record.hasKey() ? bytes(record.key()) : null,
                record.hasValue() ? bytes(record.value()) : null,
                List.of(record.headers()));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** Of key and value. */
    long bytes() {
        return (key == null ? 0L : key.length) + (value == null ? 0L : value.length);
    }

    /** With its headers, which may be far more than key and value, and what Java takes for each. */
    long heldBytes() {
        long held = bytes();
        for (Header header : headers) {
            held += HEADER_BYTES + header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return held;
    }
}
