package io.paillette.broker.group;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/** One append of Kafka's coordinator runtime, with its offsets assigned, waiting for a group commit. */
record ShardAppend(
        ShardPosition from,
        long end,
        Phase phase,
        List<StateRecord> records,
        List<ShardCommit.Marker> markers,
        long bytes) {

    /** Order of work inside one group commit of a shard; {@link CommitQueue} never lets an append overtake an earlier phase. */
    enum Phase {
        PLAIN,
        TRANSACTIONAL,
        MARKER
    }

    /**
     * Copies what is needed out of {@code records}, whose buffer belongs to the runtime and is used again.
     *
     * @throws IllegalArgumentException for what the runtime never sends: mixed batches, or a tombstone inside a transaction
     */
    static ShardAppend of(ShardPosition from, MemoryRecords records) {
        var copies = new ArrayList<StateRecord>();
        var markers = new ArrayList<ShardCommit.Marker>();
        Phase phase = null;
        long next = from.nextOffset();
        long bytes = 0;
        for (RecordBatch batch : records.batches()) {
            Phase own = phaseOf(batch);
            if (phase != null && phase != own) {
                throw new IllegalArgumentException("one append mixes " + phase + " and " + own + " records");
            }
            phase = own;
            for (Record record : batch) {
                if (own == Phase.MARKER) {
                    boolean commit = ControlRecordType.parse(record.key()) == ControlRecordType.COMMIT;
                    markers.add(new ShardCommit.Marker(batch.producerId(), commit));
                } else {
                    StateRecord copy = copy(next, batch, record);
                    bytes += copy.sizeInBytes();
                    copies.add(copy);
                }
                next++;
            }
        }
        if (phase == null) {
            throw new IllegalArgumentException("an append without records");
        }
        return new ShardAppend(from, next, phase, copies, markers, bytes);
    }

    private static Phase phaseOf(RecordBatch batch) {
        if (batch.isControlBatch()) {
            return Phase.MARKER;
        }
        return batch.isTransactional() ? Phase.TRANSACTIONAL : Phase.PLAIN;
    }

    private static StateRecord copy(long offset, RecordBatch batch, Record record) {
        if (batch.isTransactional() && !record.hasValue()) {
            throw new IllegalArgumentException("a tombstone inside a transaction at state offset " + offset);
        }
        long producerId = batch.isTransactional() ? batch.producerId() : RecordBatch.NO_PRODUCER_ID;
        return new StateRecord(
                offset, producerId, batch.producerEpoch(), copy(record.key()), copyValue(record.value()));
    }

    private static @Nullable ByteBuffer copyValue(@Nullable ByteBuffer bytes) {
        return bytes == null ? null : copy(bytes);
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return ByteBuffer.wrap(copy);
    }
}
