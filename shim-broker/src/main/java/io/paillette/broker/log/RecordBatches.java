package io.paillette.broker.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Gathers records into Kafka record batches, per partition in the order they come. A batch is closed when it is full; a record
 * larger than that gets a batch of its own, whatever its size. For one thread.
 */
public final class RecordBatches {

    /** A batch is what a consumer gets at least: small enough to fetch, large enough to make its header cheap. */
    public static final Shape PLAIN = new Shape(256 * 1024, Compression.NONE);

    private static final int FIRST_BUFFER_BYTES = 4 * 1024;

    /** One that is compressed has buffers of some 130 KB as long as it is open; beyond so many batches are left as they are. */
    private static final int MOST_COMPRESSED = 128;

    private final Function<TopicPartition, Shape> shapes;
    private final Map<TopicPartition, Open> open = new LinkedHashMap<>();
    private final List<Open> full = new ArrayList<>();
    private final Map<TopicPartition, Integer> sequences = new HashMap<>(); // of the transaction's producer
    private long bytes;
    private long records;
    private long producerId = RecordBatch.NO_PRODUCER_ID; // of the last transaction that was drained

    /** @param shapes of the batches of each partition; asked when one is begun */
    public RecordBatches(Function<TopicPartition, Shape> shapes) {
        this.shapes = shapes;
    }

    /** @param timestamp milliseconds since the epoch */
    public void add(
            TopicPartition partition,
            long timestamp,
            byte @Nullable [] key,
            byte @Nullable [] value,
            Header[] headers) {
        Open batch = open.get(partition);
        int before = batch == null ? 0 : batch.bytes();
        if (batch == null) {
            batch = begin(partition, shape(partition, key, value), FIRST_BUFFER_BYTES);
        } else if (!batch.fits(timestamp, key, value, headers)) {
            full.add(batch.filled());
            open.remove(partition);
            Shape shape = shape(partition, key, value);
            // another full one is likely: growing step by step would copy it again
            batch = begin(partition, shape, shape.maxBytes());
            before = 0;
        }
        batch.builder.append(timestamp, key, value, headers);
        bytes += batch.bytes() - before;
        records++;
    }

    private Open begin(TopicPartition partition, Shape shape, int bufferBytes) {
        var batch = new Open(partition, shape, bufferBytes);
        open.put(partition, batch);
        return batch;
    }

    /** A record that fills a batch is always compressed: its topic may not take it otherwise, and its own size says what it costs. */
    private Shape shape(TopicPartition partition, byte @Nullable [] key, byte @Nullable [] value) {
        Shape wanted = shapes.apply(partition);
        long bytes = (key == null ? 0L : key.length) + (value == null ? 0L : value.length);
        return open.size() < MOST_COMPRESSED || bytes >= wanted.maxBytes()
                ? wanted
                : new Shape(wanted.maxBytes(), Compression.NONE);
    }

    public boolean isEmpty() {
        return full.isEmpty() && open.isEmpty();
    }

    public long bytes() {
        return bytes;
    }

    public long records() {
        return records;
    }

    /** What was gathered; the gatherer is empty afterwards. */
    public List<OwnRecords> drain() {
        return drained(Open::close);
    }

    /** What was gathered, as part of a transaction of that producer (KIP-98), which writes in no other way. */
    public List<OwnRecords> drainInTransaction(long ofProducer) {
        if (ofProducer != producerId) {
            sequences.clear();
            producerId = ofProducer;
        }
        return drained(this::closeInTransaction);
    }

    private List<OwnRecords> drained(Function<Open, OwnRecords> close) {
        full.addAll(open.values());
        List<OwnRecords> drained = full.stream().map(close).toList();
        open.clear();
        full.clear();
        bytes = 0;
        records = 0;
        return drained;
    }

    private OwnRecords closeInTransaction(Open batch) {
        int sequence = sequences.getOrDefault(batch.partition, 0);
        sequences.put(batch.partition, DefaultRecordBatch.incrementSequence(sequence, batch.builder.numRecords()));
        batch.builder.setProducerState(producerId, TransactionMarker.ONLY_EPOCH, sequence, true);
        return batch.close();
    }

    /** @param maxBytes of a batch that has more than one record */
    public record Shape(int maxBytes, Compression compression) {}

    private static final class Open {
        final TopicPartition partition;
        final MemoryRecordsBuilder builder;

        Open(TopicPartition partition, Shape shape, int bufferBytes) {
            this.partition = partition;
            this.builder = new MemoryRecordsBuilder(
                    new ByteBufferOutputStream(bufferBytes),
                    RecordBatch.CURRENT_MAGIC_VALUE,
                    shape.compression(),
                    TimestampType.CREATE_TIME,
                    0,
                    RecordBatch.NO_TIMESTAMP,
                    RecordBatch.NO_PRODUCER_ID,
                    RecordBatch.NO_PRODUCER_EPOCH,
                    RecordBatch.NO_SEQUENCE,
                    false,
                    false,
                    RecordBatch.NO_PARTITION_LEADER_EPOCH,
                    shape.maxBytes());
        }

        int bytes() {
            return builder.estimatedSizeInBytes();
        }

        boolean fits(long timestamp, byte @Nullable [] key, byte @Nullable [] value, Header[] headers) {
            return builder.numRecords() == 0 || builder.hasRoomFor(timestamp, key, value, headers);
        }

        /** Nothing more comes: gives back what only appending needs. */
        Open filled() {
            builder.closeForRecordAppends();
            return this;
        }

        OwnRecords close() {
            return new OwnRecords(partition, builder.build());
        }
    }
}
