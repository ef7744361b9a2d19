package io.paillette.broker.log;

import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Records for one partition that were published by SQL.
 *
 * @param partitionId the store's: meanwhile there may be another topic of that name
 * @param records     built by this broker; stamped in place
 * @param ids         of all of them, in the inbox
 */
public record Published(TopicPartition partition, long partitionId, List<MemoryRecords> records, List<Long> ids) {

    public Published {
        records = List.copyOf(records);
        ids = List.copyOf(ids);
    }
}
