package io.paillette.broker.replay;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * What a replay has left of one partition: the leader's of that partition to do.
 *
 * @param partitionId   the store's: meanwhile there may be another topic of that name
 * @param partitions    that the topic has
 * @param waiting       whether nobody has begun the replay, or it was resumed
 * @param fromTimestamp where it begins, in milliseconds, as long as nobody has looked which offset that is
 * @param next          the first offset that is not done
 * @param end           the first one that is not to be done
 * @param condition     SQL; empty: every record
 */
public record Share(
        long replay,
        TopicPartition partition,
        long partitionId,
        int partitions,
        boolean waiting,
        Optional<Long> fromTimestamp,
        long next,
        long end,
        String condition,
        Target target) {

    /**
     * Where it publishes to.
     *
     * @param partitionIds the store's, by their numbers
     * @param maxBytes     of a record with all around it
     * @param compacted    it takes no record without a key
     * @param headers      that are added to each record; null is one without a value
     */
    public record Target(
            String topic,
            List<Long> partitionIds,
            long maxBytes,
            boolean compacted,
            Map<String, Optional<String>> headers) {

        public Target {
            partitionIds = List.copyOf(partitionIds);
            headers = Map.copyOf(headers);
        }
    }
}
