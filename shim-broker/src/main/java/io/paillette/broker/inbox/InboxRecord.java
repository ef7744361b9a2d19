package io.paillette.broker.inbox;

import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record that is published and not in the log yet.
 *
 * @param id          in the order of the calls
 * @param partitionId the store's: meanwhile there may be another topic of that name
 * @param timestamp   milliseconds since the epoch
 */
@SuppressWarnings("ArrayRecordComponent") // records are never compared
public record InboxRecord(
        long id,
        long partitionId,
        TopicPartition partition,
        long timestamp,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<Header> headers) {

    public InboxRecord {
        headers = List.copyOf(headers);
    }
}
