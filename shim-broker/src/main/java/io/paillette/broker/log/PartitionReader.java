package io.paillette.broker.log;

import io.paillette.broker.log.LogStore.EpochEnd;
import io.paillette.broker.log.LogStore.OffsetRange;
import io.paillette.broker.log.ReadAhead.Place;
import io.paillette.broker.log.ReadAhead.Visit;
import io.paillette.broker.store.StoreException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/** What a partition must ask the store for: batches below the tail cache, offsets by time and by epoch. */
record PartitionReader(LogStore.Claim claim, LogParts parts) {

    /** @param cached whether the tail cache has the batch that holds an offset; then nothing is read ahead */
    CompletableFuture<MemoryRecords> read(
            long offset, long below, int maxBytes, boolean atLeastOne, LongPredicate cached) {
        Visit visit = parts.readers().ahead().visit(new Place(claim.partitionId(), offset));
        CompletableFuture<MemoryRecords> records = visit.reading().isPresent()
                // What failed is asked for again: who hears of a fault is whoever meets it.
                ? visit.reading()
                        .get()
                        .records()
                        .exceptionally(failure -> MemoryRecords.EMPTY)
                        .thenCompose(read -> fits(read, below, maxBytes, atLeastOne)
                                ? CompletableFuture.completedFuture(read)
                                : readStore(offset, below, maxBytes, atLeastOne))
                : readStore(offset, below, maxBytes, atLeastOne);
        return records.thenApply(read -> {
            long end = end(read, offset);
            if (end > offset && end < below && !cached.test(end)) {
                Place next = new Place(claim.partitionId(), end);
                if (visit.inSequence() && read.sizeInBytes() <= maxBytes) {
                    parts.readers().ahead().begin(next, maxBytes, () -> readStore(end, below, maxBytes, true));
                } else {
                    parts.readers().ahead().remember(next);
                }
            }
            return read;
        });
    }

    private CompletableFuture<MemoryRecords> readStore(long offset, long below, int maxBytes, boolean atLeastOne) {
        return ask(() -> parts.store().read(range(offset, below), maxBytes, atLeastOne));
    }

    /** What was read ahead for one request may be more than the next one has room for, or may see. */
    private static boolean fits(MemoryRecords read, long below, int maxBytes, boolean atLeastOne) {
        return read.sizeInBytes() > 0
                && end(read, below) <= below
                && (read.sizeInBytes() <= maxBytes || (atLeastOne && read.firstBatchSize() == read.sizeInBytes()));
    }

    private static long end(MemoryRecords records, long otherwise) {
        long end = otherwise;
        for (RecordBatch batch : records.batches()) {
            end = batch.nextOffset();
        }
        return end;
    }

    CompletableFuture<TimestampedOffset> firstAtOrAfter(long timestamp, long from, long below) {
        OffsetRange range = range(from, below);
        return ask(() -> find(
                parts.store().firstAtOrAfter(range, timestamp),
                range.from(),
                record -> record.timestamp() >= timestamp));
    }

    CompletableFuture<TimestampedOffset> latestByTimestamp(long from, long below) {
        OffsetRange range = range(from, below);
        return ask(() -> {
            Optional<byte[]> body = parts.store().latestByTimestamp(range);
            long latest = body.map(bytes -> batch(bytes).maxTimestamp()).orElse(RecordBatch.NO_TIMESTAMP);
            return find(body, range.from(), record -> record.timestamp() == latest);
        });
    }

    /** Kafka's rules (LeaderEpochFileCache.endOffsetFor): an epoch ends where the next one that wrote something starts. */
    CompletableFuture<TimestampedOffset> endOfEpoch(int epoch, long highWatermark) {
        if (epoch > claim.leaderEpoch() || epoch < 0) {
            return CompletableFuture.completedFuture(TimestampedOffset.NONE);
        }
        return ask(() -> {
            EpochEnd end = parts.store().endOfEpoch(claim.partitionId(), epoch);
            int known = end.epoch() < 0 ? epoch : end.epoch();
            return new TimestampedOffset(
                    RecordBatch.NO_TIMESTAMP, end.endOffset().orElse(highWatermark), known);
        });
    }

    /** Runs a question to the store on a reader's thread. */
    <T> CompletableFuture<T> ask(Supplier<T> question) {
        return parts.readers().calls().ask(() -> answer(question));
    }

    private static <T> T answer(Supplier<T> question) {
        try {
            return question.get();
        } catch (StoreException e) {
            throw new KafkaStorageException(e.getMessage(), e);
        }
    }

    private OffsetRange range(long from, long below) {
        return new OffsetRange(claim.partitionId(), from, below);
    }

    private static TimestampedOffset find(Optional<byte[]> body, long from, Predicate<Record> wanted) {
        if (body.isPresent()) {
            MutableRecordBatch batch = batch(body.get());
            // Without keys and values: a batch may unpack to a thousand times its size.
            try (CloseableIterator<Record> records = batch.skipKeyValueIterator(BufferSupplier.NO_CACHING)) {
                while (records.hasNext()) {
                    Record record = records.next();
                    if (record.offset() >= from && wanted.test(record)) {
                        return new TimestampedOffset(record.timestamp(), record.offset(), batch.partitionLeaderEpoch());
                    }
                }
            }
        }
        return TimestampedOffset.NONE;
    }

    private static MutableRecordBatch batch(byte[] body) {
        return MemoryRecords.readableRecords(ByteBuffer.wrap(body))
                .batches()
                .iterator()
                .next();
    }
}
