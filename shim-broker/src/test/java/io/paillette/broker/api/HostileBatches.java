package io.paillette.broker.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.apache.kafka.common.utils.internals.ByteUtils;

/** Record batches (magic 2) with a right length and checksum, around whatever one likes. */
final class HostileBatches {

    private static final int LENGTH = 8;
    private static final int CRC = 17;
    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int COUNT = 57;
    private static final int RECORDS = 61;

    private HostileBatches() {}

    static byte[] honest(CompressionType codec) {
        SimpleRecord[] records = new SimpleRecord[20];
        for (int i = 0; i < records.length; i++) {
            records[i] =
                    new SimpleRecord(1_000 + i, ("key" + i).getBytes(StandardCharsets.UTF_8), new byte[100 + 7 * i]);
        }
        MemoryRecords batch = MemoryRecords.withRecords(Compression.of(codec).build(), records);
        byte[] bytes = new byte[batch.sizeInBytes()];
        batch.buffer().duplicate().get(bytes);
        return bytes;
    }

    static byte[] truncated(CompressionType codec, int cutBytes) {
        byte[] batch = honest(codec);
        return sealed(Arrays.copyOf(batch, Math.max(RECORDS, batch.length - cutBytes)));
    }

    static byte[] counting(CompressionType codec, int records) {
        byte[] batch = honest(codec);
        ByteBuffer.wrap(batch).putInt(COUNT, records).putInt(LAST_OFFSET_DELTA, records - 1);
        return sealed(batch);
    }

    static byte[] ofCodecId(int id) {
        byte[] batch = honest(CompressionType.NONE);
        ByteBuffer.wrap(batch).putShort(ATTRIBUTES, (short) id);
        return sealed(batch);
    }

    /** A single record that says how long it is, over as many zeros as there really are. */
    static byte[] oneRecord(CompressionType codec, int saidBytes, long zeros) throws IOException {
        byte[] head = Arrays.copyOf(honest(codec), RECORDS);
        ByteBuffer.wrap(head).putInt(COUNT, 1).putInt(LAST_OFFSET_DELTA, 0);
        ByteBufferOutputStream body = new ByteBufferOutputStream(1 << 20);
        body.write(head);
        try (OutputStream records = Compression.of(codec).build().wrapForOutput(body, RecordBatch.MAGIC_VALUE_V2)) {
            ByteBuffer start = ByteBuffer.allocate(64);
            // attributes, timestamp delta, offset delta, no key, then the value, then no headers
            ByteBuffer inside = ByteBuffer.allocate(32).put((byte) 0);
            ByteUtils.writeVarlong(0, inside);
            ByteUtils.writeVarint(0, inside);
            ByteUtils.writeVarint(-1, inside);
            ByteUtils.writeVarint(Math.toIntExact(zeros), inside);
            ByteUtils.writeVarint(saidBytes >= 0 ? saidBytes : Math.toIntExact(inside.position() + zeros + 1), start);
            records.write(start.array(), 0, start.position());
            records.write(inside.array(), 0, inside.position());
            byte[] chunk = new byte[1 << 16];
            for (long left = zeros; left > 0; left -= chunk.length) {
                records.write(chunk, 0, (int) Math.min(left, chunk.length));
            }
            records.write(0);
        }
        ByteBuffer all = body.buffer().flip();
        byte[] batch = new byte[all.remaining()];
        all.get(batch);
        return sealed(batch);
    }

    /** Length and checksum as they should be. */
    static byte[] sealed(byte[] batch) {
        ByteBuffer buffer = ByteBuffer.wrap(batch);
        buffer.putInt(LENGTH, batch.length - LENGTH - Integer.BYTES);
        CRC32C crc = new CRC32C();
        crc.update(batch, ATTRIBUTES, batch.length - ATTRIBUTES);
        buffer.putInt(CRC, (int) crc.getValue());
        return batch;
    }

    static int firstOfRecords() {
        return RECORDS;
    }
}
