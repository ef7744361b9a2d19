package io.paillette.broker.group;

import io.paillette.broker.group.TransactionCheck.Entry;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.coordinator.common.runtime.PartitionWriter;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/**
 * Gives Kafka's coordinator runtime its log. The runtime calls {@link #append} on the shard's event thread, under the shard's
 * lock, and wants the new end offset at once; {@link GroupCommitter} makes it durable and calls the listener afterwards.
 */
final class ShardWriter implements PartitionWriter {

    /** TxnOffsetCommit from this version on leaves it to the broker (KIP-890). */
    private static final int ADDS_SINCE = 5;

    private final Map<Integer, Shard> shards;
    private final TransactionCheck transactions;
    private final LogConfig config = new LogConfig(Map.of());

    ShardWriter(Map<Integer, Shard> shards, TransactionCheck transactions) {
        this.shards = Map.copyOf(shards);
        this.transactions = transactions;
    }

    @Override
    public void registerListener(TopicPartition partition, Listener listener) {
        shard(partition).listen(listener);
    }

    @Override
    public void deregisterListener(TopicPartition partition, Listener listener) {
        shard(partition).unlisten(listener);
    }

    /** Only the largest batch is asked for: Kafka's default of 1 MiB. */
    @Override
    public LogConfig config(TopicPartition partition) {
        return config;
    }

    @Override
    public long append(
            TopicPartition partition, VerificationGuard guard, MemoryRecords records, short transactionVersion) {
        return shard(partition).append(records, guard, transactionVersion);
    }

    @Override
    public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
            TopicPartition partition, String transactionalId, long producerId, short producerEpoch, int apiVersion) {
        VerificationGuard guard = shard(partition).asked(producerId, producerEpoch);
        return transactions
                .enter(new Entry(
                        transactionalId, producerId, producerEpoch, partition.partition(), apiVersion >= ADDS_SINCE))
                .thenApply(in -> guard);
    }

    /** Nothing to do: rows are always compact. Only the share coordinator asks for it. */
    @Override
    public CompletableFuture<Void> deleteRecords(TopicPartition partition, long deleteUntilOffset) {
        return CompletableFuture.completedFuture(null);
    }

    private Shard shard(TopicPartition partition) {
        Shard shard = shards.get(partition.partition());
        if (shard == null) {
            throw new IllegalArgumentException("no coordinator shard " + partition);
        }
        return shard;
    }
}
