package io.paillette.broker.txn;

import io.paillette.broker.cluster.Duty;
import io.paillette.broker.log.Logs;
import io.paillette.broker.log.PartitionLog;
import io.paillette.broker.log.TransactionMarker;
import io.paillette.broker.topic.Topics;
import io.paillette.broker.txn.TransactionStore.Ending;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Ends transactions in the partitions and coordinator shards of this broker. */
public record LedParticipants(Topics topics, Logs logs, GroupCoordinator groups)
        implements TransactionEnds.Participants {

    private static final int COORDINATOR_EPOCH = 0;

    @Override
    public CompletableFuture<Void> end(Duty participant, Ending ending) {
        if (participant instanceof Duty.Shard shard) {
            return groups.completeTransaction(
                    new TopicPartition(Topic.GROUP_METADATA_TOPIC_NAME, shard.number()),
                    ending.producer().id(),
                    ending.producer().epoch(),
                    COORDINATOR_EPOCH,
                    ending.commit() ? TransactionResult.COMMIT : TransactionResult.ABORT,
                    ending.clientVersion());
        }
        if (participant instanceof Duty.Partition partition) {
            return log(partition)
                    .endTransaction(new TransactionMarker(
                            ending.producer().id(),
                            ending.producer().epoch(),
                            ending.commit(),
                            ending.clientVersion()));
        }
        throw new IllegalArgumentException(participant + " takes part in no transaction");
    }

    private PartitionLog log(Duty.Partition partition) {
        return topics.find(partition.topicId())
                .flatMap(topic -> logs.find(new TopicPartition(topic.name(), partition.index())))
                .filter(log -> log.topicId().equals(partition.topicId()))
                .orElseThrow(() -> new NotLeaderOrFollowerException(partition + " is not led by this broker yet"));
    }
}
