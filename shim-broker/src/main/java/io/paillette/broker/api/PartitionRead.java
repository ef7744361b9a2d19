package io.paillette.broker.api;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.requests.FetchRequest;

/** One partition that a fetch wants to read. */
record PartitionRead(TopicIdPartition partition, FetchRequest.PartitionData asked) {

    int clientEpoch() {
        return asked.currentLeaderEpoch.orElse(-1);
    }

    long offset() {
        return asked.fetchOffset;
    }

    int maxBytes() {
        return Math.max(0, asked.maxBytes);
    }
}
