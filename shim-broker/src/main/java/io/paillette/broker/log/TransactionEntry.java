package io.paillette.broker.log;

import java.util.concurrent.CompletableFuture;

/** Asks the transaction coordinator whether a producer's open transaction includes a partition, or makes it so (KIP-890). */
@FunctionalInterface
public interface TransactionEntry {

    /** Fails with Kafka's exception when it does not; may complete on any thread. */
    CompletableFuture<Void> verify();
}
