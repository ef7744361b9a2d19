package io.paillette.broker.feed;

import io.paillette.broker.log.Logs.SequenceAppend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Gathers records into Kafka record batches, per partition in the order they come. A batch is closed at {@link
 * #BATCH_BYTES}; a record larger than that gets a batch of its own, whatever its size: a sequence never refuses a row.
 */
final class SequenceBatches {

    /** A batch is what a consumer gets at least: small enough to fetch, large enough to make its header cheap. */
    private static final int BATCH_BYTES = 256 * 1024;

    private static final int FIRST_BUFFER_BYTES = 4 * 1024;

    private final Map<TopicPartition, Open> open = new LinkedHashMap<>();
    private final List<SequenceAppend> closed = new ArrayList<>();
    private long bytes;
    private long records;

    /** @param timestamp milliseconds since the epoch */
    void add(
            TopicPartition partition,
            long timestamp,
            byte @Nullable [] key,
            byte @Nullable [] value,
            Header[] headers) {
        Open batch = open.computeIfAbsent(partition, first -> new Open(first, FIRST_BUFFER_BYTES));
        int before = batch.bytes();
        if (!batch.fits(timestamp, key, value, headers)) {
            closed.add(batch.close());
            batch = new Open(
                    partition, BATCH_BYTES); // another full one is likely: growing step by step would copy it again
            open.put(partition, batch);
            before = 0;
        }
        batch.builder.append(timestamp, key, value, headers);
        bytes += batch.bytes() - before;
        records++;
    }

    boolean isEmpty() {
        return closed.isEmpty() && open.isEmpty();
    }

    long bytes() {
        return bytes;
    }

    long records() {
        return records;
    }

    /** What was gathered; the gatherer is empty afterwards. */
    List<SequenceAppend> drain() {
        open.values().forEach(batch -> closed.add(batch.close()));
        List<SequenceAppend> drained = List.copyOf(closed);
        open.clear();
        closed.clear();
        bytes = 0;
        records = 0;
        return drained;
    }

    private static final class Open {
        final TopicPartition partition;
        final MemoryRecordsBuilder builder;

        Open(TopicPartition partition, int bufferBytes) {
            this.partition = partition;
            this.builder = new MemoryRecordsBuilder(
                    new ByteBufferOutputStream(bufferBytes),
                    RecordBatch.CURRENT_MAGIC_VALUE,
                    Compression.NONE,
                    TimestampType.CREATE_TIME,
                    0,
                    RecordBatch.NO_TIMESTAMP,
                    RecordBatch.NO_PRODUCER_ID,
                    RecordBatch.NO_PRODUCER_EPOCH,
                    RecordBatch.NO_SEQUENCE,
                    false,
                    false,
                    RecordBatch.NO_PARTITION_LEADER_EPOCH,
                    BATCH_BYTES);
        }

        int bytes() {
            return builder.estimatedSizeInBytes();
        }

        boolean fits(long timestamp, byte @Nullable [] key, byte @Nullable [] value, Header[] headers) {
            return builder.numRecords() == 0 || builder.hasRoomFor(timestamp, key, value, headers);
        }

        SequenceAppend close() {
            return new SequenceAppend(partition, builder.build());
        }
    }
}
