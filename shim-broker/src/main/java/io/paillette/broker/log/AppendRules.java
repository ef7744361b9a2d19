package io.paillette.broker.log;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.apache.kafka.common.utils.internals.PrimitiveRef;
import org.apache.kafka.server.record.BrokerCompressionType;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.xerial.snappy.SnappyError;

/** What Kafka asks of records before they may enter a partition, and the stamping of offsets, epoch and timestamps. */
record AppendRules(TopicPartition partition, Time time) {

    /** At least so much may come out of one compressed batch that has to be compressed anew. */
    private static final long UNPACKED_BYTES = 64L << 20;

    private static final LogValidator.MetricsRecorder NO_METRICS = new LogValidator.MetricsRecorder() {
        @Override
        public void recordInvalidMagic() {}

        @Override
        public void recordInvalidOffset() {}

        @Override
        public void recordInvalidSequence() {}

        @Override
        public void recordInvalidChecksums() {}

        @Override
        public void recordNoKeyCompactedTopic() {}
    };

    /** The one batch that a Produce request may carry for a partition (v3 and newer), intact and not too large. */
    MutableRecordBatch onlyBatch(MemoryRecords records, LogConfig config, boolean inTransaction) {
        Iterator<MutableRecordBatch> batches = records.batches().iterator();
        if (!batches.hasNext()) {
            throw new InvalidRecordException("records for " + partition + " hold no whole record batch");
        }
        MutableRecordBatch batch = batches.next();
        if (batches.hasNext()) {
            throw new InvalidRecordException("records for " + partition + " hold more than one record batch");
        }
        if (batch.magic() != RecordBatch.MAGIC_VALUE_V2) {
            throw new UnsupportedForMessageFormatException(
                    "record batch for " + partition + " has magic " + batch.magic() + ", only 2 is accepted");
        }
        requireSize(batch.sizeInBytes(), config);
        if (!batch.isValid()) {
            throw new CorruptRecordException(
                    "record batch for " + partition + " is corrupt (stored crc " + batch.checksum() + ")");
        }
        if (batch.baseOffset() != 0) {
            throw new InvalidRecordException(
                    "record batch for " + partition + " must have base offset 0, not " + batch.baseOffset());
        }
        if (batch.isTransactional() && !inTransaction) {
            throw new InvalidTxnStateException(
                    "record batch for " + partition + " is transactional, but its request names no transactional id");
        }
        return batch;
    }

    /** Checks each record and stamps the batch, in place where nothing has to be compressed anew. */
    Stamped stamp(MemoryRecords records, MutableRecordBatch batch, LogConfig config, int leaderEpoch, long baseOffset) {
        CompressionType codec = readable(batch::compressionType);
        CompressionType target = BrokerCompressionType.targetCompression(config.compression, codec)
                .type();
        if (target != codec && codec != CompressionType.NONE) {
            requireBoundedSize(batch, config);
        }
        var offset = PrimitiveRef.ofLong(baseOffset);
        var validator = new LogValidator(
                records,
                partition,
                time,
                batch.compressionType(),
                BrokerCompressionType.targetCompression(config.compression, batch.compressionType()),
                config.compact,
                RecordBatch.MAGIC_VALUE_V2,
                config.messageTimestampType,
                config.messageTimestampBeforeMaxMs,
                config.messageTimestampAfterMaxMs,
                leaderEpoch,
                AppendOrigin.CLIENT,
                config.maxDecompressedMessageBytes());
        LogValidator.ValidationResult result = readable(
                () -> validator.validateMessagesAndAssignOffsets(offset, NO_METRICS, BufferSupplier.NO_CACHING));
        MutableRecordBatch stamped =
                result.validatedRecords().batches().iterator().next();
        if (result.messageSizeMaybeChanged()) {
            requireSize(stamped.sizeInBytes(), config);
        }
        boolean byBroker = config.messageTimestampType == TimestampType.LOG_APPEND_TIME;
        return new Stamped(stamped, byBroker ? result.logAppendTimeMs() : RecordBatch.NO_TIMESTAMP);
    }

    void requireSizes(List<MemoryRecords> records, LogConfig config) {
        records.forEach(some -> some.batches().forEach(batch -> requireSize(batch.sizeInBytes(), config)));
    }

    /** For batches that this broker made itself: their records are right, only the stamps are missing. */
    List<StoredBatch> stampOwn(List<MemoryRecords> records, LogConfig config, int leaderEpoch, long baseOffset) {
        long offset = baseOffset;
        var stamped = new ArrayList<StoredBatch>();
        for (MemoryRecords some : records) {
            for (MutableRecordBatch batch : some.batches()) {
                StoredBatch stored = stampOwn(batch, config, leaderEpoch, offset);
                stamped.add(stored);
                offset = stored.header().lastOffset() + 1;
            }
        }
        return stamped;
    }

    private StoredBatch stampOwn(MutableRecordBatch batch, LogConfig config, int leaderEpoch, long baseOffset) {
        batch.setLastOffset(baseOffset + (batch.lastOffset() - batch.baseOffset()));
        batch.setPartitionLeaderEpoch(leaderEpoch);
        if (config.messageTimestampType == TimestampType.LOG_APPEND_TIME) {
            batch.setMaxTimestamp(TimestampType.LOG_APPEND_TIME, time.milliseconds());
        }
        return StoredBatch.copyOf(batch);
    }

    /** Compressing anew holds all records of a batch in memory, however little space they took on their way. */
    private void requireBoundedSize(MutableRecordBatch batch, LogConfig config) {
        long limit = Math.max(UNPACKED_BYTES, 4L * config.maxMessageSize());
        boolean bounded = readable(() -> {
            long unpacked = 0;
            try (CloseableIterator<Record> records = batch.skipKeyValueIterator(BufferSupplier.NO_CACHING)) {
                while (records.hasNext() && unpacked <= limit) {
                    unpacked += records.next().sizeInBytes();
                }
            }
            return unpacked <= limit;
        });
        if (!bounded) {
            throw new RecordTooLargeException("record batch for " + partition + " unpacks to more than " + limit
                    + " bytes, too much to compress it anew as compression.type says");
        }
    }

    /** What codecs and parsers throw on bytes that are no records is the client's fault, whatever its name. */
    private <T> T readable(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (RecordValidationException e) {
            throw e.invalidException();
        } catch (ApiException e) {
            throw e;
        } catch (RuntimeException | SnappyError e) { // the library tells bad data by an Error
            throw new InvalidRecordException("record batch for " + partition + " cannot be read: " + e, e);
        }
    }

    private void requireSize(int sizeBytes, LogConfig config) {
        if (sizeBytes > config.maxMessageSize()) {
            throw new RecordTooLargeException("record batch for " + partition + " has " + sizeBytes
                    + " bytes, max.message.bytes is " + config.maxMessageSize());
        }
    }

    /** @param logAppendTime milliseconds, -1 where producers keep their timestamps */
    record Stamped(MutableRecordBatch batch, long logAppendTime) {}
}
