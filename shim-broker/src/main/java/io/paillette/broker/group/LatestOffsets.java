package io.paillette.broker.group;

import io.paillette.broker.log.Logs;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.server.util.PartitionMetadataClient;

/** Ends of partitions, from this broker's own logs; share groups start from them. */
final class LatestOffsets implements PartitionMetadataClient {

    private final Logs logs;

    LatestOffsets(Logs logs) {
        this.logs = logs;
    }

    @Override
    public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(Set<TopicPartition> partitions) {
        var answers = new HashMap<TopicPartition, CompletableFuture<OffsetResponse>>();
        for (TopicPartition partition : partitions) {
            OffsetResponse answer = logs.find(partition)
                    .map(log -> new OffsetResponse(log.highWatermark(), Errors.NONE))
                    .orElseGet(() -> new OffsetResponse(-1, Errors.UNKNOWN_TOPIC_OR_PARTITION));
            answers.put(partition, CompletableFuture.completedFuture(answer));
        }
        return answers;
    }

    @Override
    public void close() {
        // The logs are not ours.
    }
}
