package io.paillette.broker.replay;

import io.paillette.broker.log.AbortedTransaction;
import io.paillette.broker.log.LogSlice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * What a consumer with {@code isolation.level=read_committed} gets of a slice, piece by piece: unpacked as they are asked for, since a
 * batch may unpack to a thousand times its size. For one thread.
 */
public final class CommittedRecords implements AutoCloseable {

    private static final CloseableIterator<Record> NONE = CloseableIterator.wrap(Collections.emptyIterator());

    private final BufferSupplier buffers = BufferSupplier.create();
    private final Iterator<MutableRecordBatch> batches;
    private final ArrayDeque<AbortedTransaction> aborted;
    private final Set<Long> abortedProducers = new HashSet<>();
    private final long from;
    private final long below;
    private CloseableIterator<Record> records = NONE;
    private long batchEnd;
    private long next;

    /** @param next offset of what comes after them */
    public record Chunk(List<StoredRecord> records, long next) {

        public Chunk {
            records = List.copyOf(records);
        }
    }

    /** Those from an offset on, below another. */
    public CommittedRecords(LogSlice slice, long from, long below) {
        this.batches = slice.records().batches().iterator();
        this.aborted = new ArrayDeque<>(slice.aborted());
        this.from = from;
        this.below = below;
        this.batchEnd = from;
        this.next = from;
    }

    /** The next ones, and the one with which they are more than the bytes; at the end, none and the same offset as before. */
    public Chunk next(int maxRecords, long maxBytes) {
        var chunk = new ArrayList<StoredRecord>();
        long bytes = 0;
        while (next < below && chunk.size() < maxRecords && bytes < maxBytes) {
            if (records.hasNext()) {
                Record record = records.next();
                if (record.offset() >= below) {
                    next = below;
                } else if (record.offset() >= from) {
                    StoredRecord stored = StoredRecord.of(record);
                    chunk.add(stored);
                    bytes += stored.heldBytes();
                    next = record.offset() + 1;
                }
            } else {
                next = Math.min(Math.max(next, batchEnd), below);
                if (!batches.hasNext()) {
                    break;
                }
                open(batches.next());
            }
        }
        return new Chunk(chunk, next);
    }

    /** As Kafka's consumer does it: markers end what was aborted, and are no records themselves. */
    private void open(MutableRecordBatch batch) {
        records.close();
        records = NONE;
        batchEnd = batch.nextOffset();
        if (batch.isTransactional()) {
            while (!aborted.isEmpty() && aborted.element().firstOffset() <= batch.lastOffset()) {
                abortedProducers.add(aborted.remove().producerId());
            }
        }
        if (batch.isControlBatch()) {
            if (isAbort(batch)) {
                abortedProducers.remove(batch.producerId());
            }
        } else if (!batch.isTransactional() || !abortedProducers.contains(batch.producerId())) {
            records = batch.streamingIterator(buffers);
        }
    }

    private static boolean isAbort(MutableRecordBatch batch) {
        Iterator<Record> marker = batch.iterator();
        return marker.hasNext() && ControlRecordType.parse(marker.next().key()) == ControlRecordType.ABORT;
    }

    @Override
    public void close() {
        records.close();
        buffers.close();
    }
}
