package io.paillette.broker.log;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Records for one partition, built by this broker; stamped in place. */
public record OwnRecords(TopicPartition partition, MemoryRecords records) {

    boolean isOf(long producerId) {
        return records.batches().iterator().next().producerId() == producerId;
    }
}
