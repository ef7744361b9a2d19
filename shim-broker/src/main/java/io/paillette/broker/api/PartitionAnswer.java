package io.paillette.broker.api;

import io.paillette.broker.log.LogSlice;
import java.util.List;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;

/** What reading one partition gave: a slice, or an error. */
record PartitionAnswer(TopicIdPartition partition, @Nullable LogSlice slice, Errors error) {

    private static final short STORAGE_ERROR_SINCE = 6;

    /** Clients of v5 and before do not know KAFKA_STORAGE_ERROR and would not retry. */
    PartitionData data(short version) {
        PartitionData data = new PartitionData().setPartitionIndex(partition.partition());
        if (slice == null) {
            Errors told = error == Errors.KAFKA_STORAGE_ERROR && version < STORAGE_ERROR_SINCE
                    ? Errors.NOT_LEADER_OR_FOLLOWER
                    : error;
            return data.setErrorCode(told.code())
                    .setHighWatermark(FetchResponse.INVALID_HIGH_WATERMARK)
                    .setRecords(MemoryRecords.EMPTY);
        }
        return data.setHighWatermark(slice.highWatermark())
                .setLastStableOffset(slice.lastStableOffset())
                .setLogStartOffset(slice.logStartOffset())
                .setAbortedTransactions(aborted(slice))
                .setRecords(slice.records());
    }

    private static List<AbortedTransaction> aborted(LogSlice slice) {
        return slice.aborted().stream()
                .map(aborted -> new AbortedTransaction()
                        .setProducerId(aborted.producerId())
                        .setFirstOffset(aborted.firstOffset()))
                .toList();
    }
}
