package io.paillette.broker.group;

import java.util.concurrent.CompletableFuture;

/** Asks the transaction coordinator whether a producer's open transaction includes a coordinator shard, or makes it so (KIP-890). */
@FunctionalInterface
public interface TransactionCheck {

    /** Fails with Kafka's exception when it does not. */
    CompletableFuture<Void> enter(Entry entry);

    /** @param adds whether the shard joins by this, or must have been added before */
    record Entry(String transactionalId, long producerId, short producerEpoch, int shard, boolean adds) {}
}
