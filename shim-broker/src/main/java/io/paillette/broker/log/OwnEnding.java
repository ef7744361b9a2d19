package io.paillette.broker.log;

import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/**
 * The end of a transaction of this broker's own, which was spread over several appends.
 *
 * @param partitions all where it may have written; each is led here
 */
public record OwnEnding(TransactionMarker marker, Set<TopicPartition> partitions) {

    public OwnEnding {
        partitions = Set.copyOf(partitions);
    }
}
