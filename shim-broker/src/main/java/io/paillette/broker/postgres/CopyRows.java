package io.paillette.broker.postgres;

import io.paillette.broker.log.AppendGroup.Advance;
import io.paillette.broker.log.BatchHeader;
import io.paillette.broker.log.StoredBatch;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Rows of table batch in COPY's binary format (Postgres docs, COPY, "Binary Format"): a header, then for each row the
 * number of fields and each field as length and bytes in network order, then -1.
 */
final class CopyRows {

    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int HEADER_BYTES = SIGNATURE.length + 4 + 4;
    private static final short FIELDS = 11;
    private static final int ROW_BYTES_WITHOUT_BODY =
            Short.BYTES + FIELDS * Integer.BYTES + 5 * Long.BYTES + 3 * Integer.BYTES + 2 * Short.BYTES;

    private final ByteBuffer out;

    private CopyRows(int sizeBytes) {
        this.out = ByteBuffer.allocate(sizeBytes);
    }

    static byte[] encode(List<Advance> partitions) {
        int rows = partitions.stream().mapToInt(p -> p.batches().size()).sum();
        long bodies = partitions.stream().mapToLong(Advance::sizeBytes).sum();
        var copy = new CopyRows(
                Math.toIntExact(HEADER_BYTES + (long) rows * ROW_BYTES_WITHOUT_BODY + bodies + Short.BYTES));
        copy.out.put(SIGNATURE).putInt(0).putInt(0);
        for (Advance partition : partitions) {
            partition.batches().forEach(batch -> copy.row(partition.partitionId(), batch));
        }
        copy.out.putShort((short) -1);
        return copy.out.array();
    }

    private void row(long partitionId, StoredBatch batch) {
        BatchHeader header = batch.header();
        out.putShort(FIELDS);
        field(partitionId);
        field(header.baseOffset());
        field(header.lastOffset());
        field(header.maxTimestamp());
        field(header.producerId());
        field(batch.body().length);
        field(header.leaderEpoch());
        field(header.baseSequence());
        field(header.producerEpoch());
        field(header.attributes());
        out.putInt(batch.body().length).put(batch.body());
    }

    private void field(long value) {
        out.putInt(Long.BYTES).putLong(value);
    }

    private void field(int value) {
        out.putInt(Integer.BYTES).putInt(value);
    }

    private void field(short value) {
        out.putInt(Short.BYTES).putShort(value);
    }
}
