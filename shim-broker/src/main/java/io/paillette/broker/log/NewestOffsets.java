package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.OffsetRange;
import java.security.DigestException;
import java.security.NoSuchAlgorithmException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.OffsetMap;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;

/**
 * The newest offset of each key in the dirty part of a partition, as far as memory goes: Kafka's map of key hashes.
 *
 * @param endOffset the map covers what was asked for up to here, exclusive
 */
record NewestOffsets(OffsetMap map, long endOffset) {

    private static final double LOAD_FACTOR = 0.9; // Kafka's log.cleaner.io.buffer.load.factor
    private static final int ENTRY_BYTES = 16 + Long.BYTES; // MD5 and an offset

    /** @param keyBytes exceeded only by a single batch that does not fit */
    record Memory(int chunkBytes, int keyBytes) {}

    static NewestOffsets of(LogStore store, OffsetRange dirty, Memory memory, CleanedTransactions transactions) {
        try {
            return read(store, dirty, memory, transactions);
        } catch (NoSuchAlgorithmException | DigestException e) {
            throw new IllegalStateException("keys cannot be hashed", e);
        }
    }

    private static NewestOffsets read(
            LogStore store, OffsetRange dirty, Memory memory, CleanedTransactions transactions)
            throws NoSuchAlgorithmException, DigestException {
        OffsetMap map = new SkimpyOffsetMap(memory.keyBytes());
        long end = dirty.from();
        while (end < dirty.below()) {
            MemoryRecords chunk =
                    store.read(new OffsetRange(dirty.partitionId(), end, dirty.below()), memory.chunkBytes(), true);
            if (chunk.sizeInBytes() == 0) {
                return new NewestOffsets(map, dirty.below());
            }
            for (RecordBatch batch : chunk.batches()) {
                int most = (int) (batch.nextOffset() - batch.baseOffset());
                if (map.size() + most > map.slots() * LOAD_FACTOR) {
                    if (map.size() > 0) {
                        return new NewestOffsets(map, end);
                    }
                    int slots = (int) Math.ceil(most / LOAD_FACTOR) + 1;
                    map = new SkimpyOffsetMap(Math.multiplyExact(slots, ENTRY_BYTES));
                }
                if (!batch.isControlBatch() && !transactions.isAborted(batch)) {
                    put(map, batch);
                }
                end = batch.nextOffset();
            }
        }
        return new NewestOffsets(map, end);
    }

    private static void put(OffsetMap map, RecordBatch batch) throws DigestException {
        for (Record record : batch) {
            if (record.hasKey()) {
                map.put(record.key(), record.offset());
            }
        }
    }
}
